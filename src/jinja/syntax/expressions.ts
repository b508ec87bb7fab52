import type {
  ArithmeticOperator,
  Arguments,
  Call,
  CompareOperator,
  DictLiteral,
  Expression,
  Filter,
  ListLiteral,
  Slice,
  Test,
} from './ast.ts';
import type { TokenStream } from './token-stream.ts';

/** Deeper than this nobody writes, and Python's parser gives up as well. */
const deepest = 200;

/** Reads expressions with the precedence of Jinja2's own parser, from the loosest (`if else`) to the tightest. */
export class ExpressionParser {
  readonly #stream: TokenStream;
  #depth = 0;

  constructor(stream: TokenStream) {
    this.#stream = stream;
  }

  /** One expression; `a, b` is a tuple. */
  tuple(): Expression {
    return this.#tuple(() => this.expression(), false);
  }

  /** Names before `in`. */
  targets(): Expression {
    return this.#tuple(() => this.primary(), false, 'in');
  }

  /** `a if b else c` and all that binds tighter. */
  expression(): Expression {
    if (++this.#depth > deepest) throw this.#stream.fail('this expression is nested too deep');
    const { at } = this.#stream.current;
    let value = this.withoutCondition();
    while (this.#stream.skip('name', 'if')) {
      const test = this.withoutCondition();
      const otherwise = this.#stream.skip('name', 'else') ? this.expression() : undefined;
      value = { kind: 'conditional', test, value, otherwise, ...this.#span(at) };
    }
    this.#depth--;
    return value;
  }

  /** An expression without `if else`: the iterable of a loop, behind which an `if` belongs to the loop. */
  withoutCondition(): Expression {
    return this.#logical('or', () => this.#logical('and', () => this.#not()));
  }

  #logical(operator: 'and' | 'or', operand: () => Expression): Expression {
    const { at } = this.#stream.current;
    let left = operand();
    while (this.#stream.skip('name', operator))
      left = { kind: 'logical', operator, left, right: operand(), ...this.#span(at) };
    return left;
  }

  #not(): Expression {
    const { at } = this.#stream.current;
    if (!this.#stream.skip('name', 'not')) return this.#compare();
    return { kind: 'unary', operator: 'not', operand: this.#nested(() => this.#not()), ...this.#span(at) };
  }

  #compare(): Expression {
    const { at } = this.#stream.current;
    const first = this.#sum();
    const rest: [CompareOperator, Expression][] = [];
    for (;;) {
      const operator = this.#comparison();
      if (operator === undefined) break;
      rest.push([operator, this.#sum()]);
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest, ...this.#span(at) };
  }

  #comparison(): CompareOperator | undefined {
    const stream = this.#stream;
    if (stream.is('operator', '==', '!=', '<', '<=', '>', '>=')) return stream.take().text as CompareOperator;
    if (stream.skip('name', 'in')) return 'in';
    if (!stream.is('name', 'not') || !stream.nextIs('name', 'in')) return undefined;
    stream.take();
    stream.take();
    return 'not in';
  }

  #sum(): Expression {
    return this.#binary(['+', '-'], () => this.#concat());
  }

  #concat(): Expression {
    const { at } = this.#stream.current;
    const parts = [this.#product()];
    while (this.#stream.skip('operator', '~')) parts.push(this.#product());
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: 'concat', parts, ...this.#span(at) };
  }

  #product(): Expression {
    return this.#binary(['*', '/', '//', '%'], () => this.#binary(['**'], () => this.#unary(true)));
  }

  #binary(operators: readonly ArithmeticOperator[], operand: () => Expression): Expression {
    const { at } = this.#stream.current;
    let left = operand();
    while (this.#stream.is('operator', ...operators)) {
      const operator = this.#stream.take().text as ArithmeticOperator;
      left = { kind: 'binary', operator, left, right: operand(), ...this.#span(at) };
    }
    return left;
  }

  #unary(withFilter: boolean): Expression {
    const { at, text } = this.#stream.current;
    let node: Expression;
    if (this.#stream.is('operator', '-', '+')) {
      this.#stream.take();
      const operand = this.#nested(() => this.#unary(false));
      node = { kind: 'unary', operator: text === '-' ? '-' : '+', operand, ...this.#span(at) };
    } else node = this.primary();
    node = this.#postfix(node);
    return withFilter ? this.#filters(node) : node;
  }

  #nested(parse: () => Expression): Expression {
    if (++this.#depth > deepest) throw this.#stream.fail('this expression is nested too deep');
    const node = parse();
    this.#depth--;
    return node;
  }

  /** A literal, a name, or something in brackets. */
  primary(): Expression {
    const { kind, text, number, at, end } = this.#stream.current;
    if (kind === 'name') {
      this.#stream.take();
      return nameOrConstant(text, at, end);
    }
    if (kind === 'text') return this.#text();
    if (kind === 'integer') {
      this.#stream.take();
      return { kind: 'integer', value: number, at, end };
    }
    if (kind === 'float') {
      this.#stream.take();
      return { kind: 'float', value: Number(number), at, end };
    }
    if (this.#stream.skip('operator', '(')) {
      const inner = this.#tuple(() => this.expression(), true);
      this.#stream.expect('operator', ')');
      return inner.kind === 'tuple' ? { ...inner, ...this.#span(at) } : inner;
    }
    if (this.#stream.is('operator', '[')) return this.#list();
    if (this.#stream.is('operator', '{')) return this.#dict();
    throw this.#stream.unexpected();
  }

  /** Neighbouring texts are one. */
  #text(): Expression {
    const { at } = this.#stream.current;
    let value = '';
    while (this.#stream.is('text')) value += this.#stream.take().text;
    return { kind: 'text', value, ...this.#span(at) };
  }

  #tuple(parse: () => Expression, explicit: boolean, end?: string): Expression {
    const { at } = this.#stream.current;
    const items: Expression[] = [];
    let isTuple = false;
    while (!this.#isTupleEnd(end)) {
      items.push(parse());
      if (!this.#stream.skip('operator', ',')) break;
      isTuple = true;
    }
    const [only] = items;
    if (!isTuple && only !== undefined) return only;
    if (!isTuple && !explicit) throw this.#stream.fail('an expression is missing here');
    return { kind: 'tuple', items, ...this.#span(at) };
  }

  #isTupleEnd(end: string | undefined): boolean {
    return (
      this.#stream.is('end') || this.#stream.is('operator', ')') || (end !== undefined && this.#stream.is('name', end))
    );
  }

  #list(): ListLiteral {
    const { at } = this.#stream.expect('operator', '[');
    const items = this.#separated(']', () => this.expression());
    return { kind: 'list', items, ...this.#span(at) };
  }

  #dict(): DictLiteral {
    const { at } = this.#stream.expect('operator', '{');
    const entries = this.#separated('}', (): readonly [Expression, Expression] => {
      const key = this.expression();
      this.#stream.expect('operator', ':');
      return [key, this.expression()];
    });
    return { kind: 'dict', entries, ...this.#span(at) };
  }

  /** Items with commas up to the bracket that closes them; a comma may stand before it. */
  #separated<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.#stream.skip('operator', close)) {
      if (items.length > 0) {
        this.#stream.expect('operator', ',');
        if (this.#stream.skip('operator', close)) break;
      }
      items.push(item());
    }
    return items;
  }

  #postfix(node: Expression): Expression {
    let found = node;
    for (;;) {
      if (this.#stream.is('operator', '.')) found = this.#attribute(found);
      else if (this.#stream.is('operator', '[')) found = this.#subscript(found);
      else if (this.#stream.is('operator', '(')) found = this.call(found);
      else return found;
    }
  }

  #attribute(object: Expression): Expression {
    this.#stream.take();
    const { kind, text, number, at, end } = this.#stream.take();
    const span = this.#span(object.at);
    if (kind === 'name') return { kind: 'attribute', object, name: text, ...span };
    if (kind === 'integer') return { kind: 'item', object, key: { kind: 'integer', value: number, at, end }, ...span };
    throw this.#stream.fail('expected a name or a number after "."', at);
  }

  #subscript(object: Expression): Expression {
    const { at } = this.#stream.take();
    const keys = this.#separated(']', () => this.#key());
    const [only] = keys;
    if (only === undefined) throw this.#stream.fail('an expression is missing between "[" and "]"', at);
    const key: Expression = keys.length === 1 ? only : { kind: 'tuple', items: keys, ...this.#span(at) };
    return { kind: 'item', object, key, ...this.#span(object.at) };
  }

  #key(): Expression {
    const { at } = this.#stream.current;
    const start = this.#stream.is('operator', ':') ? undefined : this.expression();
    if (!this.#stream.skip('operator', ':')) return start ?? this.expression();
    const part = (): Expression | undefined =>
      this.#stream.is('operator', ':', ',', ']') ? undefined : this.expression();
    const stop = part();
    const step = this.#stream.skip('operator', ':') ? part() : undefined;
    const slice: Slice = { kind: 'slice', start, stop, step, ...this.#span(at) };
    return slice;
  }

  call(callee: Expression): Call {
    return { kind: 'call', callee, args: this.#arguments(), ...this.#span(callee.at) };
  }

  #arguments(): Arguments {
    this.#stream.expect('operator', '(');
    const positional: Expression[] = [];
    const named: [string, Expression][] = [];
    let rest: Expression | undefined;
    let namedRest: Expression | undefined;
    this.#separated(')', () => {
      if (this.#stream.skip('operator', '*')) rest = this.expression();
      else if (this.#stream.skip('operator', '**')) namedRest = this.expression();
      else if (this.#stream.is('name') && this.#stream.nextIs('operator', '=')) {
        const name = this.#stream.take().text;
        this.#stream.take();
        named.push([name, this.expression()]);
      } else if (named.length > 0 || rest !== undefined || namedRest !== undefined)
        throw this.#stream.fail('an argument without a name comes after one with a name');
      else positional.push(this.expression());
    });
    return { positional, named, rest, namedRest };
  }

  #filters(node: Expression): Expression {
    let found = node;
    for (;;) {
      if (this.#stream.skip('operator', '|')) found = this.filter(found, found.at);
      else if (this.#stream.is('name', 'is')) found = this.#test(found);
      else if (this.#stream.is('operator', '(')) found = this.call(found);
      else return found;
    }
  }

  /** A filter's name and arguments. @param input undefined in a filter block */
  filter(input: Expression | undefined, at: number): Filter {
    const name = this.#dottedName();
    const args = this.#stream.is('operator', '(') ? this.#arguments() : noArguments;
    return { kind: 'filter', input, name, args, ...this.#span(at) };
  }

  /** `upper | replace('a', 'b')`: the filters of a filter block or of `{% set x | upper %}`. */
  filterChain(): Filter {
    const { at } = this.#stream.current;
    let chain = this.filter(undefined, at);
    while (this.#stream.skip('operator', '|')) chain = this.filter(chain, at);
    return chain;
  }

  #test(input: Expression): Test {
    this.#stream.take();
    const negated = this.#stream.skip('name', 'not');
    const name = this.#dottedName();
    const args = this.#stream.is('operator', '(') ? this.#arguments() : this.#testArgument();
    return { kind: 'test', input, name, args, negated, ...this.#span(input.at) };
  }

  /** A test takes one argument without parentheses: `x is divisibleby 3`. */
  #testArgument(): Arguments {
    const begins =
      this.#stream.is('text') ||
      this.#stream.is('integer') ||
      this.#stream.is('float') ||
      this.#stream.is('operator', '[', '{') ||
      (this.#stream.is('name') && !this.#stream.is('name', 'else', 'or', 'and'));
    if (!begins) return noArguments;
    if (this.#stream.is('name', 'is')) throw this.#stream.fail('tests cannot be chained with "is": use "and"');
    return { ...noArguments, positional: [this.#postfix(this.primary())] };
  }

  #dottedName(): string {
    let name = this.#stream.expect('name').text;
    while (this.#stream.skip('operator', '.')) name += `.${this.#stream.expect('name').text}`;
    return name;
  }

  #span(at: number): { readonly at: number; readonly end: number } {
    return { at, end: this.#stream.endOfLast };
  }
}

const noArguments: Arguments = { positional: [], named: [], rest: undefined, namedRest: undefined };

function nameOrConstant(name: string, at: number, end: number): Expression {
  if (name === 'true' || name === 'True') return { kind: 'constant', value: true, at, end };
  if (name === 'false' || name === 'False') return { kind: 'constant', value: false, at, end };
  if (name === 'none' || name === 'None') return { kind: 'constant', value: null, at, end };
  return { kind: 'name', name, at, end };
}
