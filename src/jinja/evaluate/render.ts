import { mappingOf } from '../../values/index.ts';
import { isTrue } from '../python/compare.ts';
import { isEqual } from '../python/compare.ts';
import { JinjaError } from '../python/problem.ts';
import { withSecrets } from '../python/taint.ts';
import { textOf } from '../python/text.ts';
import {
  Callable,
  LazyMapping,
  Namespace,
  Tuple,
  Undefined,
  isPlainMapping,
  isSequence,
  itemsOf,
  plain,
  wrong,
  type CallArguments,
  type JinjaValue,
} from '../python/value.ts';
import type { Expression, Filter, For, If, Macro, Parameter, Statement, Target, Template } from '../syntax/ast.ts';
import { Evaluator } from './expression.ts';
import { Scope, type World } from './scope.ts';

/** What a body printed, piece by piece; or the loop control that ended it. */
type Ended = 'end' | 'break' | 'continue';

/**
 * Prints a template.
 *
 * @returns its pieces, so that one that stands alone can keep its type
 * @throws JinjaError, whose `at` is where it failed; BlockedError
 */
export function renderPieces(template: Template, world: World): readonly JinjaValue[] {
  const printed: JinjaValue[] = [];
  new Renderer(world).body(template.body, new Scope(), printed);
  return printed;
}

/** One text of pieces; secret as soon as one is. */
export function joined(pieces: readonly JinjaValue[]): JinjaValue {
  return withSecrets(pieces, 'text', (texts) => texts.map(textOf).join(''));
}

class Renderer {
  readonly #evaluator: Evaluator;

  constructor(world: World) {
    this.#evaluator = new Evaluator(world);
  }

  body(statements: readonly Statement[], scope: Scope, into: JinjaValue[]): Ended {
    for (const statement of statements) {
      const ended = this.#located(statement, scope, into);
      if (ended !== 'end') return ended;
    }
    return 'end';
  }

  #located(statement: Statement, scope: Scope, into: JinjaValue[]): Ended {
    try {
      return this.#statement(statement, scope, into);
    } catch (error) {
      if (error instanceof JinjaError) error.at ??= statement.at;
      throw error;
    }
  }

  #statement(statement: Statement, scope: Scope, into: JinjaValue[]): Ended {
    switch (statement.kind) {
      case 'plain':
        into.push(statement.text);
        return 'end';
      case 'output':
        into.push(printable(this.#value(statement.expression, scope)));
        return 'end';
      case 'if':
        return this.#if(statement, scope, into);
      case 'for':
        this.#for(statement, scope, into);
        return 'end';
      case 'set':
        this.#assign(statement.target, this.#value(statement.value, scope), scope);
        return 'end';
      case 'set block':
        this.#assign(
          statement.target,
          this.#filtered(statement.filter, this.#text(statement.body, scope), scope),
          scope,
        );
        return 'end';
      case 'filter block':
        into.push(printable(this.#filtered(statement.filter, this.#text(statement.body, scope), scope)));
        return 'end';
      case 'with': {
        const inner = new Scope(scope);
        for (const [target, value] of statement.assignments) this.#assign(target, this.#value(value, scope), inner);
        return this.body(statement.body, inner, into);
      }
      case 'macro':
        scope.set(statement.name, this.#macro(statement, scope));
        return 'end';
      case 'call block': {
        const caller = this.#macro({ ...statement, name: 'caller' }, scope);
        const { callee, args } = statement.call;
        const given = this.#evaluator.arguments(args, scope);
        const macro = plain(this.#value(callee, scope));
        if (!(macro instanceof Callable)) throw wrong('a call block calls a macro');
        into.push(printable(macro.call({ ...given, named: new Map([...given.named, ['caller', caller]]) })));
        return 'end';
      }
      case 'do':
        this.#value(statement.expression, scope);
        return 'end';
      case 'block':
        return this.body(statement.body, new Scope(scope), into);
      case 'break':
      case 'continue':
        return statement.kind;
      case 'include':
      case 'import':
      case 'from import':
      case 'extends':
        throw new JinjaError('hole', `play reads no other templates in variables ("${statement.kind}")`);
    }
  }

  #value(expression: Expression, scope: Scope): JinjaValue {
    return this.#evaluator.evaluate(expression, scope);
  }

  #text(body: readonly Statement[], scope: Scope): JinjaValue {
    const printed: JinjaValue[] = [];
    this.body(body, new Scope(scope), printed);
    return joined(printed);
  }

  /** The filters of a block, the innermost of which has no input of its own. */
  #filtered(filter: Expression | undefined, text: JinjaValue, scope: Scope): JinjaValue {
    if (filter === undefined) return text;
    const { name, args, input } = filter as Filter;
    const inner = input === undefined ? text : this.#filtered(input, text, scope);
    return this.#evaluator.filter(name, inner, this.#evaluator.arguments(args, scope));
  }

  #if({ branches, otherwise }: If, scope: Scope, into: JinjaValue[]): Ended {
    for (const { test, body } of branches) {
      // What is set in a branch stays set behind it.
      if (isTrue(this.#value(test, scope))) return this.body(body, scope, into);
    }
    return otherwise === undefined ? 'end' : this.body(otherwise, scope, into);
  }

  #for(loop: For, scope: Scope, into: JinjaValue[], given?: JinjaValue, depth = 1): void {
    const source = given ?? this.#value(loop.iterable, scope);
    const items = itemsOf(source).filter((item) => {
      if (loop.test === undefined) return true;
      const inner = new Scope(scope);
      this.#assign(loop.target, item, inner);
      return isTrue(this.#value(loop.test, inner));
    });
    if (items.length === 0 && loop.otherwise !== undefined) this.body(loop.otherwise, new Scope(scope), into);
    let last: JinjaValue | undefined;
    for (const [i, item] of items.entries()) {
      const inner = new Scope(scope);
      const again = (nested: JinjaValue): JinjaValue => {
        const printed: JinjaValue[] = [];
        this.#for(loop, scope, printed, nested, depth + 1);
        return joined(printed);
      };
      inner.set(
        'loop',
        loopAt(items, i, depth, loop.recursive ? again : undefined, (value) => {
          const isNew = last === undefined || !isEqual(last, value);
          last = value;
          return isNew;
        }),
      );
      this.#assign(loop.target, item, inner);
      if (this.body(loop.body, inner, into) === 'break') return;
    }
  }

  #assign(target: Target, value: JinjaValue, scope: Scope): void {
    if (target.kind === 'name') scope.set(target.name, value);
    else if (target.kind === 'namespace') {
      const space = scope.get(target.name);
      if (!(space instanceof Namespace)) throw wrong(`"${target.name}" is not a namespace()`);
      space.attributes.set(target.attribute, value);
    } else {
      const items = itemsOf(value);
      if (items.length !== target.targets.length)
        throw wrong(`${items.length} values for ${target.targets.length} names`);
      for (const [i, one] of target.targets.entries()) this.#assign(one, items[i] ?? null, scope);
    }
  }

  #macro({ name, parameters, body }: Pick<Macro, 'name' | 'parameters' | 'body'>, scope: Scope): Callable {
    return new Callable(name, (args) => {
      const inner = new Scope(scope);
      this.#bind(parameters, args, inner);
      const printed: JinjaValue[] = [];
      this.body(body, inner, printed);
      return joined(printed);
    });
  }

  #fallback(name: string, fallback: Expression | undefined, scope: Scope): JinjaValue {
    return fallback === undefined
      ? new Undefined(`parameter '${name}' was not provided`)
      : this.#value(fallback, scope);
  }

  #bind(parameters: readonly Parameter[], { positional, named }: CallArguments, scope: Scope): void {
    for (const [i, { name, fallback }] of parameters.entries()) {
      const value = i < positional.length ? positional[i] : named.get(name);
      scope.set(name, value === undefined ? this.#fallback(name, fallback, scope) : value);
    }
    const known = new Set(parameters.map(({ name }) => name));
    scope.set('varargs', positional.slice(parameters.length));
    scope.set('kwargs', mappingOf([...named].filter(([name]) => !known.has(name) && name !== 'caller')));
    const caller = named.get('caller');
    if (caller !== undefined) scope.set('caller', caller);
  }
}

/** What `loop` gives inside a loop. */
function loopAt(
  items: readonly JinjaValue[],
  i: number,
  depth: number,
  again: ((nested: JinjaValue) => JinjaValue) | undefined,
  isNew: (value: JinjaValue) => boolean,
): JinjaValue {
  const missing = (name: string): Undefined => new Undefined(`there is no ${name} item`);
  const facts: ReadonlyMap<string, JinjaValue> = new Map<string, JinjaValue>([
    ['index', i + 1],
    ['index0', i],
    ['revindex', items.length - i],
    ['revindex0', items.length - i - 1],
    ['first', i === 0],
    ['last', i === items.length - 1],
    ['length', items.length],
    ['depth', depth],
    ['depth0', depth - 1],
    ['previtem', items[i - 1] ?? missing('previous')],
    ['nextitem', items[i + 1] ?? missing('next')],
    [
      'cycle',
      new Callable('cycle', ({ positional }) => positional[i % Math.max(1, positional.length)] ?? missing('such')),
    ],
    ['changed', new Callable('changed', ({ positional }) => isNew(Tuple.make(positional)))],
  ]);
  const loop = new LazyMapping(
    () => facts.keys(),
    (key) => facts.get(key),
  );
  return again === undefined ? loop : new Callable('loop', ({ positional }) => again(positional[0] ?? null), loop);
}

/** What `{{ }}` prints: none prints nothing; what is not there, also within a list, throws. */
function printable(value: JinjaValue): JinjaValue {
  requireAll(value);
  return value ?? '';
}

function requireAll(value: JinjaValue): void {
  if (value instanceof Undefined && !value.isLenient) throw value.error();
  if (isSequence(value)) value.forEach(requireAll);
  else if (isPlainMapping(value)) Object.values(value).forEach(requireAll);
}
