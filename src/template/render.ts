import { PlayError } from '../errors/index.ts';
import { Secret } from '../secrets/index.ts';
import { PythonValue } from '../values/index.ts';
import {
  hashOf,
  helperName,
  invocationOf,
  type Block,
  type Expression,
  type InlinePartial,
  type Invocation,
  type Mustache,
  type Partial,
  type PartialBlock,
  type Program,
  type Statement,
} from './ast.ts';
import { builtinHelpers, isTruthy, runBuiltin } from './builtin-helpers.ts';
import { checkProgram } from './check.ts';
import {
  unknownHelper,
  withInline,
  withoutHanded,
  type LocalPartial,
  type Locals,
  type Setting,
} from './environment.ts';
import { Scope, describe, readPath } from './scope.ts';
import { templateError, type Source } from './source.ts';
import { throughHelper } from './taint.ts';

/** Deep enough for any tree of data; a partial that calls itself without an end stops here. */
const deepest = 100;

/**
 * Walks Handlebars' syntax tree and gives the text. Handlebars' own compiler is not used: it adds adjacent numbers,
 * renders unknown names as nothing in blocks and helper arguments, and cannot follow secrets. One walk here checks and
 * renders, so the two cannot disagree; branches not taken are checked by check.ts.
 */
export class Renderer {
  readonly #source: Source;
  readonly #setting: Setting;
  readonly #depth: number;

  constructor(source: Source, setting: Setting, depth = 0) {
    this.#source = source;
    this.#setting = setting;
    this.#depth = depth;
  }

  program(program: Program | undefined, scope: Scope, outer: Locals): string {
    if (program === undefined) return '';
    const locals = withInline(program, outer, this.#source, (node) => this.#inlineName(node, scope));
    return program.body.map((statement) => this.#statement(statement, scope, locals)).join('');
  }

  #statement(statement: Statement, scope: Scope, locals: Locals): string {
    switch (statement.type) {
      case 'ContentStatement':
        return statement.value;
      case 'CommentStatement':
      case 'DecoratorBlock':
        return '';
      case 'Decorator':
        throw templateError(this.#source, statement.loc.start, 'Decorators are not supported', {
          hint: 'Only {{#*inline "name"}} is.',
        });
      case 'MustacheStatement':
        return this.#mustache(statement, scope);
      case 'BlockStatement':
        return this.#block(statement, scope, locals);
      case 'PartialStatement':
      case 'PartialBlockStatement':
        return this.#partial(statement, scope, locals);
    }
  }

  #mustache(node: Mustache, scope: Scope): string {
    const value = this.#invoke(invocationOf(node), scope);
    if (value instanceof Secret) {
      this.#setting.used.add(value);
      return value.expose();
    }
    if (typeof value === 'string') return value;
    if ((typeof value === 'number' && Number.isFinite(value)) || value instanceof PythonValue) return String(value);
    const name = invocationOf(node).path.original;
    throw templateError(this.#source, node.path.loc.start, `"${name}" is ${describe(value)} and cannot be printed`, {
      hint: printHint(value, name),
    });
  }

  /** The value of a mustache, a sub-expression or a block's head: a helper's result or a name's value. */
  #invoke(call: Invocation, scope: Scope): unknown {
    const name = helperName(call.path);
    const own =
      name !== undefined && Object.hasOwn(this.#setting.helpers, name) ? this.#setting.helpers[name] : undefined;
    if (call.isBare && own === undefined) return readPath(call.path, scope, this.#source);
    const builtin = name !== undefined && Object.hasOwn(builtinHelpers, name) ? builtinHelpers[name] : undefined;
    if (name === undefined || (own === undefined && builtin === undefined))
      throw unknownHelper(call.path, this.#source, this.#setting.helpers);
    const args = call.params.map((param) => this.#value(param, scope));
    const keys = call.hash.map(([key]) => key);
    const values = call.hash.map(([, value]) => this.#value(value, scope));
    try {
      return throughHelper([...args, ...values], this.#setting.used, (opened) => {
        const hash = Object.fromEntries(keys.map((key, i) => [key, opened[args.length + i]]));
        const given = opened.slice(0, args.length);
        if (own !== undefined) return own(given, { name, hash });
        return builtin === undefined ? undefined : runBuiltin(builtin, given, { name, hash });
      });
    } catch (error) {
      if (error instanceof PlayError) throw error;
      throw templateError(
        this.#source,
        call.path.loc.start,
        `The helper "${name}" failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #value(node: Expression, scope: Scope): unknown {
    switch (node.type) {
      case 'PathExpression':
        return readPath(node, scope, this.#source);
      case 'SubExpression':
        return this.#invoke(invocationOf(node), scope);
      case 'NullLiteral':
        return null;
      case 'UndefinedLiteral':
        return undefined;
      default:
        return node.value;
    }
  }

  #block(node: Block, scope: Scope, locals: Locals): string {
    const call = invocationOf(node);
    const name = helperName(call.path);
    if (name === 'if' || name === 'unless') return this.#conditional(node, call, name, scope, locals);
    if (name === 'each') return this.#each(node, this.#only(call, scope), scope, locals);
    if (name === 'with') return this.#with(node, this.#only(call, scope), scope, locals);
    if (name === 'raw' && call.isBare) return this.program(node.program, scope, locals);
    const value = this.#invoke(call, scope);
    if (Array.isArray(value) && value.length > 0) return this.#each(node, value, scope, locals);
    if (value === true) return this.#branch(node, true, scope, scope, locals);
    if (value === false || value === null || value === undefined || Array.isArray(value))
      return this.#branch(node, false, scope, scope, locals);
    return this.#branch(node, true, scope.enter(value), scope, locals);
  }

  #conditional(node: Block, call: Invocation, name: 'if' | 'unless', scope: Scope, locals: Locals): string {
    const value = this.#only(call, scope, ['includeZero']);
    const includeZero = call.hash.some(([, given]) => this.#value(given, scope) === true);
    const holds = this.#isTruthy(value) || (includeZero && value === 0);
    return this.#branch(node, name === 'if' ? holds : !holds, scope, scope, locals);
  }

  #isTruthy(value: unknown): boolean {
    if (!(value instanceof Secret)) return isTruthy(value);
    this.#setting.used.add(value);
    return value.expose() !== '';
  }

  /** Renders one side of a block and checks the other. */
  #branch(node: Block, isTaken: boolean, inside: Scope, outside: Scope, locals: Locals): string {
    this.#check(isTaken ? node.inverse : node.program, outside, locals);
    return isTaken ? this.program(node.program, inside, locals) : this.program(node.inverse, outside, locals);
  }

  #with(node: Block, value: unknown, scope: Scope, locals: Locals): string {
    const isEmpty = value !== 0 && !this.#isTruthy(value);
    if (!isEmpty)
      return this.#branch(node, true, scope.enter(value, node.program?.blockParams ?? [], [value]), scope, locals);
    this.#check(node.program, scope, locals, true);
    return this.program(node.inverse, scope, locals);
  }

  #each(node: Block, value: unknown, scope: Scope, locals: Locals): string {
    const entries = entriesOf(value);
    if (entries === undefined)
      throw templateError(this.#source, node.loc.start, `{{#each}} cannot go through ${describe(value)}`, {
        hint: 'It takes a list or a mapping, or null for none.',
      });
    if (entries.length === 0) {
      this.#check(node.program, scope, locals, true);
      return this.program(node.inverse, scope, locals);
    }
    this.#check(node.inverse, scope, locals);
    const items = entries.map(([, item]) => item);
    return entries
      .map(([key, item], index) => {
        const frame = { key, index, first: index === 0, last: index === entries.length - 1 };
        return this.program(
          node.program,
          scope.enter(item, node.program?.blockParams ?? [], [item, key], frame, items),
          locals,
        );
      })
      .join('');
  }

  #check(program: Program | undefined, scope: Scope, locals: Locals, isOwnContext = false): void {
    if (program !== undefined)
      checkProgram(program, scope, { source: this.#source, setting: this.#setting, locals, isOwnContext });
  }

  /** The one argument of a built-in block. */
  #only(call: Invocation, scope: Scope, options: readonly string[] = []): unknown {
    const [param] = call.params;
    const strange = call.hash.find(([key]) => !options.includes(key));
    if (param === undefined || call.params.length > 1 || strange !== undefined) {
      throw templateError(
        this.#source,
        call.path.loc.start,
        `{{#${call.path.original}}} takes one argument${strange === undefined ? `, not ${call.params.length}` : ` and no option "${strange[0]}"`}`,
        { hint: 'To combine conditions write {{#if (and a b)}}.' },
      );
    }
    return this.#value(param, scope);
  }

  #partial(node: Partial | PartialBlock, scope: Scope, locals: Locals): string {
    if (this.#depth >= deepest)
      throw templateError(this.#source, node.loc.start, `Partials call each other more than ${deepest} deep`, {
        hint: 'A partial that calls itself needs an {{#if}} or {{#each}} that ends it.',
      });
    const name = this.#partialName(node, scope);
    const local = locals.get(name);
    const source =
      local?.source ??
      (node.type === 'PartialBlockStatement'
        ? this.#setting.partials.find(name)
        : this.#setting.partials.require(name, this.#source, node.loc.start));
    // A block partial that does not exist renders its own block.
    if (source === undefined)
      return node.type === 'PartialBlockStatement' ? this.program(node.program, scope, locals) : '';
    const context = this.#partialContext(node, scope);
    const inner = local === undefined ? new Scope(context, scope.data) : scopeOf(local, context, scope);
    const text = new Renderer(source, this.#setting, this.#depth + 1).program(
      local?.program ?? source.program,
      inner,
      this.#visibleIn(node, local, scope, locals),
    );
    return node.type === 'PartialStatement' ? indentPartial(text, node.indent) : text;
  }

  /**
   * What a partial sees: inline partials, those defined in a block handed to it, and that block as `@partial-block`.
   */
  #visibleIn(node: Partial | PartialBlock, local: LocalPartial | undefined, scope: Scope, locals: Locals): Locals {
    const visible = local?.locals ?? withoutHanded(locals);
    if (node.type === 'PartialStatement') return visible;
    const defined = withInline(node.program, visible, this.#source, (inline) => this.#inlineName(inline, scope));
    return new Map([...defined, ['@partial-block', { source: this.#source, program: node.program, scope, locals }]]);
  }

  #partialName(node: Partial | PartialBlock, scope: Scope): string {
    if (node.name.type === 'PathExpression') return node.name.original;
    const name = this.#value(node.name, scope);
    if (typeof name === 'string' || typeof name === 'number') return String(name);
    throw templateError(this.#source, node.loc.start, `The name of a partial must be text, not ${describe(name)}`);
  }

  #inlineName(node: InlinePartial, scope: Scope): string {
    const { path, params } = invocationOf(node);
    const [param] = params;
    const name = param === undefined ? undefined : this.#value(param, scope);
    if (path.original !== 'inline' || typeof name !== 'string')
      throw templateError(this.#source, node.loc.start, `Decorator "${path.original}" is not supported`, {
        hint: 'Write {{#*inline "name"}}.',
      });
    return name;
  }

  #partialContext(node: Partial | PartialBlock, scope: Scope): unknown {
    const [param] = node.params;
    const context = param === undefined ? scope.context : this.#value(param, scope);
    const hash = hashOf(node.hash).map(([key, value]) => [key, this.#value(value, scope)] as const);
    if (hash.length === 0) return context;
    if (typeof context !== 'object' || context === null) return Object.fromEntries(hash);
    return Object.create(Object.prototype, {
      ...Object.getOwnPropertyDescriptors(context),
      ...Object.getOwnPropertyDescriptors(Object.fromEntries(hash)),
    });
  }
}

/** A block handed to a partial has the partial's context, and around it the place it was written at. */
function scopeOf({ scope: written }: LocalPartial, context: unknown, caller: Scope): Scope {
  if (written === undefined) return new Scope(context, caller.data);
  return new Scope(context, caller.data, context === written.context ? written.outer : written, written.params);
}

/** Undefined for what cannot be gone through; null and undefined are nothing to go through. */
function entriesOf(value: unknown): [string | number, unknown][] | undefined {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.map((item: unknown, index) => [index, item]);
  if (typeof value !== 'object' || [Secret, PythonValue, Map, Set].some((kind) => value instanceof kind))
    return undefined;
  return Object.entries(value);
}

/** As Handlebars: every line, the empty one after a final line ending excepted. */
function indentPartial(text: string, indent: string): string {
  if (indent === '') return text;
  const lines = text.split('\n');
  return lines.map((line, i) => (line === '' && i === lines.length - 1 ? line : indent + line)).join('\n');
}

function printHint(value: unknown, name: string): string {
  if (value === null || value === undefined)
    return `Put it inside {{#if ${name}}}, or write {{default ${name} "..."}}.`;
  if (Array.isArray(value)) return `Write {{join ${name} ", "}}, {{json ${name}}}, or {{#each ${name}}}.`;
  if (typeof value === 'boolean')
    return `Say how: {{#if ${name}}}yes{{else}}no{{/if}}, or {{json ${name}}} for true and false.`;
  if (typeof value === 'object')
    return `Name what is inside it (${name}.NAME), or write {{json ${name}}} or {{yaml ${name}}}.`;
  return 'Only text and numbers can be printed.';
}
