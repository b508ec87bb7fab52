import { Secret, secretsIn } from '../../secrets/index.ts';
import { PythonValue, mappingOf } from '../../values/index.ts';
import type { Toolbox } from '../filters/definition.ts';
import { holds, isTrue, keyOf } from '../python/compare.ts';
import { percentFormat } from '../python/format.ts';
import { methodOf, sliceOf } from '../python/methods.ts';
import { calculate, countOf, fromNumber, numberOf } from '../python/numbers.ts';
import { Parameters } from '../python/parameters.ts';
import { JinjaError } from '../python/problem.ts';
import { withSecrets } from '../python/taint.ts';
import { textOf } from '../python/text.ts';
import {
  Callable,
  FixedText,
  Namespace,
  Tuple,
  Undefined,
  isMapping,
  isSequence,
  plain,
  present,
  typeName,
  valueAt,
  wrong,
  type CallArguments,
  type JinjaValue,
} from '../python/value.ts';
import type { ArithmeticOperator, Arguments, Binary, Conditional, Expression, Filter, Test } from '../syntax/ast.ts';
import { filterNamed } from './filters.ts';
import { globalNamed } from './globals.ts';
import type { Scope, World } from './scope.ts';
import { testNamed } from './tests.ts';

/** Works out expressions in a world. */
export class Evaluator {
  readonly #world: World;
  readonly #tools: Toolbox;

  constructor(world: World) {
    this.#world = world;
    this.#tools = {
      filter: (name, input, args) => this.filter(name, input, args),
      test: (name, input, args) => this.test(name, input, args),
      attribute: (object, path) => attributePath(object, path),
      item: itemOf,
    };
  }

  /** @throws JinjaError, whose `at` is the innermost expression that failed; BlockedError */
  evaluate(expression: Expression, scope: Scope): JinjaValue {
    try {
      return this.#value(expression, scope);
    } catch (error) {
      if (error instanceof JinjaError) error.at ??= expression.at;
      throw error;
    }
  }

  #value(expression: Expression, scope: Scope): JinjaValue {
    const of = (inner: Expression): JinjaValue => this.evaluate(inner, scope);
    switch (expression.kind) {
      case 'text':
      case 'constant':
        return expression.value;
      case 'integer':
        return PythonValue.int(BigInt(expression.value));
      case 'float':
        return PythonValue.float(expression.value);
      case 'name':
        return this.name(expression.name, scope);
      case 'list':
        return expression.items.map(of);
      case 'tuple':
        return Tuple.make(expression.items.map(of));
      case 'dict':
        return mappingOf(
          expression.entries.map(([key, item]): [string, JinjaValue] => [literalKey(of(key)), of(item)]),
        );
      case 'attribute':
        return attributeOf(of(expression.object), expression.name);
      case 'item':
        return expression.key.kind === 'slice'
          ? sliced(
              of(expression.object),
              [expression.key.start, expression.key.stop, expression.key.step].map((part) =>
                part === undefined ? null : of(part),
              ),
            )
          : itemOf(of(expression.object), of(expression.key));
      case 'slice':
        throw wrong('a slice is only allowed in brackets');
      case 'call':
        return called(of(expression.callee), this.arguments(expression.args, scope));
      case 'filter':
        return this.#filtered(expression, scope);
      case 'test':
        return this.#tested(expression, scope);
      case 'unary':
        return unary(expression.operator, of(expression.operand));
      case 'binary':
        return this.#binary(expression, scope);
      case 'logical': {
        const left = of(expression.left);
        return isTrue(left) === (expression.operator === 'or') ? left : of(expression.right);
      }
      case 'concat':
        return withSecrets(expression.parts.map(of), 'text', (parts) => parts.map(textOf).join(''));
      case 'compare':
        return this.#compared(expression.rest, of(expression.first), scope);
      case 'conditional':
        return this.#chosen(expression, scope);
    }
  }

  /** A name of the template, of the world, or a function that is always there. */
  name(name: string, scope: Scope): JinjaValue {
    const found = scope.get(name);
    if (found !== undefined) return found;
    const variable = this.#world.variable(name);
    if (variable !== undefined) return variable;
    return globalNamed(name, this.#world) ?? this.#world.missing?.(name) ?? new Undefined(`there is no "${name}"`);
  }

  arguments({ positional, named, rest, namedRest }: Arguments, scope: Scope): CallArguments {
    const of = (inner: Expression): JinjaValue => this.evaluate(inner, scope);
    const more = rest === undefined ? [] : plain(of(rest));
    const others = namedRest === undefined ? {} : plain(of(namedRest));
    if (!isSequence(more) || !isMapping(others)) throw wrong('* needs a list, and ** a mapping');
    const all = named.map(([name, value]): [string, JinjaValue] => [name, of(value)]);
    return {
      positional: [...positional.map(of), ...more],
      named: new Map([...all, ...Object.entries(others as Readonly<Record<string, JinjaValue>>)]),
    };
  }

  filter(name: string, input: JinjaValue, args: CallArguments): JinjaValue {
    const definition = filterNamed(name);
    if (definition === undefined) throw new JinjaError('hole', `play has no filter "${name}"`, elsewhere);
    const checked = definition.takesUndefined === true ? input : present(input);
    const names = [...args.named.keys()];
    const values = [checked, ...args.positional, ...args.named.values()];
    const call = (opened: readonly JinjaValue[]): JinjaValue => {
      const [first = null, ...rest] = opened;
      const positional = rest.slice(0, args.positional.length);
      const named = new Map(names.map((key, i) => [key, rest[args.positional.length + i] ?? null]));
      return definition.call(first, new Parameters(name, definition.parameters, { positional, named }), this.#tools);
    };
    // Whether all arguments are there is said now, not when a secret is first opened.
    Parameters.check(name, definition.parameters, args);
    return withSecrets(values, definition.secrets, call);
  }

  test(name: string, input: JinjaValue, args: CallArguments): boolean {
    const test = testNamed(name);
    if (test === undefined) throw new JinjaError('hole', `play has no test "${name}"`, elsewhere);
    return test(input, args);
  }

  #filtered({ name, input, args }: Filter, scope: Scope): JinjaValue {
    if (input === undefined) throw wrong('a filter needs something to work on');
    return this.filter(name, this.evaluate(input, scope), this.arguments(args, scope));
  }

  #tested({ name, input, args, negated }: Test, scope: Scope): JinjaValue {
    return this.test(name, this.evaluate(input, scope), this.arguments(args, scope)) !== negated;
  }

  #compared(
    rest: Extract<Expression, { readonly kind: 'compare' }>['rest'],
    first: JinjaValue,
    scope: Scope,
  ): JinjaValue {
    let left = first;
    for (const [operator, operand] of rest) {
      const right = this.evaluate(operand, scope);
      if (!holds(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  #chosen({ test, value, otherwise }: Conditional, scope: Scope): JinjaValue {
    if (isTrue(this.evaluate(test, scope))) return this.evaluate(value, scope);
    if (otherwise !== undefined) return this.evaluate(otherwise, scope);
    return new Undefined('the inline if is false and has no else', true);
  }

  #binary({ operator, left, right }: Binary, scope: Scope): JinjaValue {
    const [a, b] = [present(this.evaluate(left, scope)), present(this.evaluate(right, scope))];
    const isText = (value: JinjaValue): boolean => typeof value === 'string' || value instanceof Secret;
    const use =
      operator === '+' && isText(a) && isText(b)
        ? 'text'
        : secretsIn([a, b]).size > 0 && operator === '+' && isSequence(a)
          ? 'kept'
          : 'opened';
    return withSecrets([a, b], use, ([x = null, y = null]) => arithmetic(operator, x, y));
  }
}

const elsewhere = 'Compute the value in TypeScript (in the playbook or the role), or write it out.';

/** A key of `{...}`: play's mappings have names as keys, and Python would print another one otherwise. */
function literalKey(key: JinjaValue): string {
  const found = plain(key);
  if (typeof found === 'string') return found;
  throw new JinjaError('hole', `play's mappings have texts as keys, not ${typeName(found)}`, elsewhere);
}

/** `object.name`: a method or attribute, else an item. */
function attributeOf(object: JinjaValue, name: string): JinjaValue {
  if (object instanceof Undefined) return object;
  const value = present(object);
  const method = methodOf(value, name);
  if (method !== undefined) return method;
  if (value instanceof Namespace) return found(value.attributes.get(name), value, name);
  const holder = value instanceof Callable ? (value.attributes ?? value) : value;
  return isMapping(holder) ? found(valueAt(holder, name), value, name) : missing(value, name);
}

/** `object[key]`: an item, else a method or attribute. */
function itemOf(object: JinjaValue, key: JinjaValue): JinjaValue {
  if (object instanceof Undefined) return object;
  if (key instanceof Undefined) return key;
  const value = present(object);
  const wanted = plain(key);
  if (isMapping(value)) {
    const item = valueAt(value, keyOf(wanted));
    if (item !== undefined) return item;
  }
  if (value instanceof Secret) return withSecrets([value], 'opened', ([text = '']) => itemOf(text, wanted));
  if ((isSequence(value) || typeof value === 'string') && numberOf(wanted) !== undefined) {
    const items = typeof value === 'string' ? [...value] : value;
    return found(items.at(countOf(wanted, 'an index')), value, textOf(wanted));
  }
  return typeof wanted === 'string'
    ? (methodOf(value, wanted) ?? missing(value, wanted))
    : missing(value, textOf(wanted));
}

/** None is there, too. */
function found(item: JinjaValue | undefined, object: JinjaValue, name: string): JinjaValue {
  return item === undefined ? missing(object, name) : item;
}

function missing(object: JinjaValue, name: string): Undefined {
  if (object instanceof Callable)
    return new Undefined(`"${object.name}" is a method here: a key of that name is written ['${object.name}']`);
  const kind = kindsOfValues[typeName(object)] ?? typeName(object);
  return new Undefined(
    isSequence(object) && /^-?\d+$/.test(name) ? `the ${kind} has no item ${name}` : `the ${kind} has no "${name}"`,
  );
}

/** Python's names in words. */
const kindsOfValues: Readonly<Record<string, string>> = {
  dict: 'mapping',
  str: 'text',
  int: 'number',
  float: 'number',
};

/** `a.b.0` as filters take it in `attribute=`. */
function attributePath(object: JinjaValue, path: JinjaValue): JinjaValue {
  const wanted = plain(path);
  if (typeof wanted !== 'string') return itemOf(object, wanted);
  return wanted
    .split('.')
    .reduce<JinjaValue>((found, part) => itemOf(found, /^\d+$/.test(part) ? Number(part) : part), object);
}

function sliced(object: JinjaValue, parts: readonly JinjaValue[]): JinjaValue {
  const [start = null, stop = null, step = null] = parts;
  return withSecrets([object], object instanceof Secret ? 'opened' : 'kept', ([opened = null]) => {
    const value = present(opened);
    if (typeof value === 'string') return sliceOf([...value], [start, stop, step]).join('');
    if (!isSequence(value)) throw wrong(`${typeName(value)} cannot be sliced`);
    const items = sliceOf(value, [start, stop, step]);
    return value instanceof Tuple ? Tuple.make(items) : items;
  });
}

function called(callee: JinjaValue, args: CallArguments): JinjaValue {
  const value = present(callee);
  if (!(value instanceof Callable)) throw wrong(`${typeName(value)} cannot be called`);
  return value.call(args);
}

function unary(operator: 'not' | '-' | '+', operand: JinjaValue): JinjaValue {
  if (operator === 'not') return !isTrue(operand);
  const number = numberOf(plain(operand));
  if (number === undefined) throw wrong(`"${operator}" needs a number, not ${typeName(operand)}`);
  if (operator === '+') return fromNumber(number);
  return fromNumber('int' in number ? { int: -number.int } : { float: -number.float });
}

function arithmetic(operator: ArithmeticOperator, one: JinjaValue, other: JinjaValue): JinjaValue {
  const [a, b] = [one instanceof FixedText ? one.text : one, other instanceof FixedText ? other.text : other];
  if (operator === '%' && typeof a === 'string') return percentFormat(a, b);
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return calculate(operator, x, y);
  if (operator === '+' && typeof a === 'string' && typeof b === 'string') return a + b;
  if (operator === '+' && isSequence(a) && isSequence(b) && a instanceof Tuple === b instanceof Tuple)
    return a instanceof Tuple ? Tuple.make([...a, ...b]) : [...a, ...b];
  if (operator === '*' && y !== undefined) return repeated(a, b);
  if (operator === '*' && x !== undefined) return repeated(b, a);
  throw wrong(`"${operator}" of ${typeName(a)} and ${typeName(b)} is not possible`);
}

/** More than this is a mistake, or an attack on the memory of this machine. */
const mostRepeated = 10_000_000;

function repeated(value: JinjaValue, times: JinjaValue): JinjaValue {
  const count = Math.max(0, countOf(times, 'a number of times'));
  if (typeof value === 'string') {
    if (value.length * count > mostRepeated) throw wrong('this text gets too long');
    return value.repeat(count);
  }
  if (!isSequence(value)) throw wrong(`"*" of ${typeName(value)} is not possible`);
  if (value.length * count > mostRepeated) throw wrong('this list gets too long');
  return Array.from({ length: count }, () => value).flat();
}
