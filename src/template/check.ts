import {
  hashOf,
  helperName,
  invocationOf,
  type Block,
  type Expression,
  type Invocation,
  type Partial,
  type PartialBlock,
  type Program,
  type Statement,
} from './ast.ts';
import { builtinHelpers } from './builtin-helpers.ts';
import { unknownHelper, withInline, type Locals, type Setting } from './environment.ts';
import { Scope, readPath, unknown } from './scope.ts';
import type { Source } from './source.ts';

export interface CheckSetting {
  readonly source: Source;
  readonly setting: Setting;
  readonly locals: Locals;
  /** The program would have a context nobody knows: the body of a loop over nothing. */
  readonly isOwnContext: boolean;
}

/**
 * Checks a branch that is not taken: every name, helper and partial in it must exist, so that a misspelt one is found
 * now and not on the day the condition turns. What hangs on data that is not there is left alone.
 */
export function checkProgram(
  program: Program,
  scope: Scope,
  { source, setting, locals, isOwnContext }: CheckSetting,
): void {
  const inner = isOwnContext ? opaque(program, scope, true) : scope;
  new Checker(source, setting, new Set()).program(program, inner, locals);
}

/** A block whose context, block parameters and loop position cannot be known. */
function opaque(program: Program, scope: Scope, isLoop: boolean): Scope {
  const names = program.blockParams ?? [];
  const frame = isLoop ? { index: unknown, key: unknown, first: unknown, last: unknown } : undefined;
  return scope.enter(
    unknown,
    names,
    names.map(() => unknown),
    frame,
  );
}

class Checker {
  readonly #source: Source;
  readonly #setting: Setting;
  /** Partials on the way here: one that calls itself is checked once. */
  readonly #within: ReadonlySet<Program>;

  constructor(source: Source, setting: Setting, within: ReadonlySet<Program>) {
    this.#source = source;
    this.#setting = setting;
    this.#within = within;
  }

  program(program: Program | undefined, scope: Scope, outer: Locals): void {
    if (program === undefined) return;
    const locals = withInline(program, outer, this.#source, (node) => {
      const [name] = node.params;
      return name?.type === 'StringLiteral' ? name.value : '';
    });
    for (const statement of program.body) this.#statement(statement, scope, locals);
  }

  #statement(statement: Statement, scope: Scope, locals: Locals): void {
    switch (statement.type) {
      case 'MustacheStatement':
        this.#invoke(invocationOf(statement), scope);
        return;
      case 'BlockStatement':
        this.#block(statement, scope, locals);
        return;
      case 'PartialStatement':
      case 'PartialBlockStatement':
        this.#partial(statement, scope, locals);
        return;
      case 'ContentStatement':
      case 'CommentStatement':
      case 'Decorator':
      case 'DecoratorBlock':
        return;
    }
  }

  #block(node: Block, scope: Scope, locals: Locals): void {
    const call = invocationOf(node);
    const name = helperName(call.path);
    const isBuiltin = name === 'if' || name === 'unless' || name === 'each' || name === 'with';
    const isRaw = name === 'raw' && call.isBare;
    if (isBuiltin) this.#arguments(call, scope);
    else if (!isRaw) this.#invoke(call, scope);
    const keepsContext = name === 'if' || name === 'unless' || isRaw;
    if (node.program !== undefined)
      this.program(node.program, keepsContext ? scope : opaque(node.program, scope, name !== 'with'), locals);
    this.program(node.inverse, scope, locals);
  }

  #invoke(call: Invocation, scope: Scope): void {
    const name = helperName(call.path);
    const isOwn = name !== undefined && Object.hasOwn(this.#setting.helpers, name);
    if (call.isBare && !isOwn) {
      readPath(call.path, scope, this.#source, true);
      return;
    }
    if (!isOwn && (name === undefined || !Object.hasOwn(builtinHelpers, name)))
      throw unknownHelper(call.path, this.#source, this.#setting.helpers);
    this.#arguments(call, scope);
  }

  #arguments(call: Invocation, scope: Scope): void {
    for (const param of call.params) this.#expression(param, scope);
    for (const [, value] of call.hash) this.#expression(value, scope);
  }

  #expression(node: Expression, scope: Scope): void {
    if (node.type === 'PathExpression') readPath(node, scope, this.#source, true);
    else if (node.type === 'SubExpression') this.#invoke(invocationOf(node), scope);
  }

  #partial(node: Partial | PartialBlock, scope: Scope, locals: Locals): void {
    for (const param of node.params) this.#expression(param, scope);
    for (const [, value] of hashOf(node.hash)) this.#expression(value, scope);
    if (node.type === 'PartialBlockStatement') this.program(node.program, scope, locals);
    if (node.name.type !== 'PathExpression') return this.#expression(node.name, scope);
    const name = node.name.original;
    const local = locals.get(name);
    if (local !== undefined || name === '@partial-block') return;
    const source =
      node.type === 'PartialBlockStatement'
        ? this.#setting.partials.find(name)
        : this.#setting.partials.require(name, this.#source, node.loc.start);
    if (source === undefined || this.#within.has(source.program)) return;
    // With arguments the partial's context is made on the spot; without, it is the one here.
    const isPlain = node.params.length === 0 && hashOf(node.hash).length === 0;
    const inner = new Scope(isPlain ? scope.context : unknown, scope.data);
    new Checker(source, this.#setting, new Set([...this.#within, source.program])).program(
      source.program,
      inner,
      locals,
    );
  }
}
