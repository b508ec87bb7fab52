import type { Expression, If, Node, Parameter, Statement, Target } from './ast.ts';
import { ExpressionParser } from './expressions.ts';
import type { Piece } from './lexer.ts';
import { JinjaSyntaxError } from './problem.ts';
import { TokenStream } from './token-stream.ts';

/** One tag, opened: its tokens and the parser of its expressions. */
interface Tag {
  readonly at: number;
  readonly end: number;
  readonly stream: TokenStream;
  readonly expressions: ExpressionParser;
}

interface Closed {
  readonly body: Statement[];
  /** The tag that ends it, behind its first token. */
  readonly close: Tag;
  /** That token: `endif`, `else`. */
  readonly word: string;
}

/** Statements out of the pieces of a template. */
export class StatementParser {
  readonly #source: string;
  readonly #pieces: readonly Piece[];
  #next = 0;

  constructor(source: string, pieces: readonly Piece[]) {
    this.#source = source;
    this.#pieces = pieces;
  }

  /** @throws JinjaSyntaxError */
  template(): Statement[] {
    const body = this.#until([]);
    const piece = this.#pieces[this.#next];
    if (piece !== undefined) throw this.#tag(piece).stream.unexpected();
    return body;
  }

  /** Statements up to a block tag with one of these names, which stays unread. */
  #until(names: readonly string[]): Statement[] {
    const body: Statement[] = [];
    for (let piece = this.#pieces[this.#next]; piece !== undefined; piece = this.#pieces[this.#next]) {
      const { kind, at, end } = piece;
      if (kind === 'plain') body.push({ kind, text: piece.text, at, end });
      else if (kind === 'block' && isEnd(piece, names)) return body;
      this.#next++;
      if (kind === 'variable') body.push(this.#output(piece));
      if (kind === 'block') body.push(this.#statement(this.#tag(piece)));
    }
    return body;
  }

  #tag(piece: Piece): Tag {
    const stream = new TokenStream(this.#source, piece.kind === 'plain' ? [] : piece.tokens);
    return { at: piece.at, end: piece.end, stream, expressions: new ExpressionParser(stream) };
  }

  #output(piece: Piece): Statement {
    const { stream, expressions, at, end } = this.#tag(piece);
    const expression = expressions.tuple();
    stream.expect('end');
    return { kind: 'output', expression, at, end };
  }

  /** The body of a block and the tag that ends it. */
  #body(of: Tag, name: string, ends: readonly string[]): Closed {
    const body = this.#until(ends);
    const piece = this.#pieces[this.#next];
    if (piece === undefined)
      throw new JinjaSyntaxError(`"${name}" is not closed: ${ends.at(-1) ?? ''} is missing`, this.#source, of.at);
    this.#next++;
    const close = this.#tag(piece);
    return { body, close, word: close.stream.take().text };
  }

  /** The body of a block with one kind of end, and the span of the whole. */
  #block(tag: Tag, name: string): { readonly body: Statement[] } & Node {
    tag.stream.expect('end');
    const { body, close } = this.#body(tag, name, [`end${name}`]);
    if (name === 'block' && close.stream.is('name')) close.stream.take();
    close.stream.expect('end');
    return { body, at: tag.at, end: close.end };
  }

  #statement(tag: Tag): Statement {
    const { stream, expressions, at, end } = tag;
    const word = stream.expect('name').text;
    const done = <T>(statement: T): T & Node => {
      stream.expect('end');
      return { ...statement, at, end };
    };
    switch (word) {
      case 'if':
        return this.#if(tag);
      case 'for':
        return this.#for(tag);
      case 'set':
        return this.#set(tag);
      case 'with':
        return this.#with(tag);
      case 'macro':
        return this.#macro(tag);
      case 'call':
        return this.#call(tag);
      case 'filter': {
        const filter = expressions.filterChain();
        return { kind: 'filter block', filter, ...this.#block(tag, word) };
      }
      case 'include':
        return done(include(tag));
      case 'import': {
        const template = expressions.expression();
        stream.expect('name', 'as');
        const name = stream.expect('name').text;
        return done({ kind: 'import', template, name, withContext: context(tag, false) } as const);
      }
      case 'from':
        return done(fromImport(tag));
      case 'extends':
        return done({ kind: 'extends', template: expressions.expression() } as const);
      case 'block': {
        const name = stream.expect('name').text;
        while (stream.is('name', 'scoped', 'required')) stream.take();
        return { kind: 'block', name, ...this.#block(tag, word) };
      }
      case 'do':
        return done({ kind: 'do', expression: expressions.tuple() } as const);
      case 'break':
      case 'continue':
        return done({ kind: word } as const);
      default:
        throw stream.fail(`there is no statement "${word}"`, at);
    }
  }

  #if(tag: Tag): If {
    const branches: { readonly test: Expression; readonly body: readonly Statement[] }[] = [];
    let open = tag;
    for (;;) {
      const test = open.expressions.tuple();
      open.stream.expect('end');
      const { body, close, word } = this.#body(tag, 'if', ['elif', 'else', 'endif']);
      branches.push({ test, body });
      if (word === 'elif') {
        open = close;
        continue;
      }
      close.stream.expect('end');
      if (word === 'endif') return { kind: 'if', branches, otherwise: undefined, at: tag.at, end: close.end };
      const last = this.#body(tag, 'if', ['endif']);
      last.close.stream.expect('end');
      return { kind: 'if', branches, otherwise: last.body, at: tag.at, end: last.close.end };
    }
  }

  #for(tag: Tag): Statement {
    const { stream, expressions } = tag;
    const target = targetOf(expressions.targets(), tag);
    stream.expect('name', 'in');
    const iterable = tupleWithoutCondition(tag);
    const test = stream.skip('name', 'if') ? expressions.expression() : undefined;
    const recursive = stream.skip('name', 'recursive');
    stream.expect('end');
    const { body, close, word } = this.#body(tag, 'for', ['else', 'endfor']);
    close.stream.expect('end');
    const loop = { kind: 'for', target, iterable, test, recursive, body, at: tag.at } as const;
    if (word === 'endfor') return { ...loop, otherwise: undefined, end: close.end };
    const last = this.#body(tag, 'for', ['endfor']);
    last.close.stream.expect('end');
    return { ...loop, otherwise: last.body, end: last.close.end };
  }

  #set(tag: Tag): Statement {
    const { stream, expressions, at, end } = tag;
    const target = assigned(tag);
    if (stream.skip('operator', '=')) {
      const value = expressions.tuple();
      stream.expect('end');
      return { kind: 'set', target, value, at, end };
    }
    const filter = stream.skip('operator', '|') ? expressions.filterChain() : undefined;
    return { kind: 'set block', target, filter, ...this.#block(tag, 'set') };
  }

  #with(tag: Tag): Statement {
    const { stream, expressions } = tag;
    const assignments: [Target, Expression][] = [];
    while (!stream.is('end')) {
      if (assignments.length > 0) stream.expect('operator', ',');
      const target = targetOf(expressions.primary(), tag);
      stream.expect('operator', '=');
      assignments.push([target, expressions.expression()]);
    }
    return { kind: 'with', assignments, ...this.#block(tag, 'with') };
  }

  #macro(tag: Tag): Statement {
    const name = tag.stream.expect('name').text;
    const parameters = parametersOf(tag);
    return { kind: 'macro', name, parameters, ...this.#block(tag, 'macro') };
  }

  #call(tag: Tag): Statement {
    const parameters = tag.stream.is('operator', '(') ? parametersOf(tag) : [];
    const call = tag.expressions.expression();
    if (call.kind !== 'call') throw tag.stream.fail('a call block calls a macro: {% call name() %}', call.at);
    return { kind: 'call block', parameters, call, ...this.#block(tag, 'call') };
  }
}

function isEnd(piece: Piece, names: readonly string[]): boolean {
  if (piece.kind !== 'block') return false;
  const [first] = piece.tokens;
  return first !== undefined && first.kind === 'name' && names.includes(first.text);
}

/** `a, b` behind `in`, where an `if` belongs to the loop. */
function tupleWithoutCondition({ stream, expressions }: Tag): Expression {
  const { at } = stream.current;
  const items = [expressions.withoutCondition()];
  while (stream.skip('operator', ',')) items.push(expressions.withoutCondition());
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : { kind: 'tuple', items, at, end: stream.endOfLast };
}

function assigned({ stream, expressions, at }: Tag): Target {
  if (stream.is('name') && stream.nextIs('operator', '.')) {
    const { text: name, at: begin } = stream.take();
    stream.take();
    const { text: attribute, end } = stream.expect('name');
    return { kind: 'namespace', name, attribute, at: begin, end };
  }
  const targets = [targetOf(expressions.primary(), { stream, at })];
  let isTuple = false;
  while (stream.skip('operator', ',')) {
    isTuple = true;
    targets.push(targetOf(expressions.primary(), { stream, at }));
  }
  const [only] = targets;
  return !isTuple && only !== undefined ? only : { kind: 'targets', targets, at, end: stream.endOfLast };
}

function targetOf(expression: Expression, { stream }: Pick<Tag, 'stream' | 'at'>): Target {
  if (expression.kind === 'name') return expression;
  if (expression.kind === 'tuple') {
    const targets = expression.items.map((item) => targetOf(item, { stream, at: item.at }));
    return { kind: 'targets', targets, at: expression.at, end: expression.end };
  }
  throw stream.fail('nothing can be assigned to this', expression.at);
}

function parametersOf({ stream, expressions }: Tag): Parameter[] {
  stream.expect('operator', '(');
  const parameters: Parameter[] = [];
  while (!stream.skip('operator', ')')) {
    if (parameters.length > 0) stream.expect('operator', ',');
    const name = stream.expect('name').text;
    parameters.push({ name, fallback: stream.skip('operator', '=') ? expressions.expression() : undefined });
  }
  return parameters;
}

function include(tag: Tag): { readonly kind: 'include' } & {
  readonly template: Expression;
  readonly ignoreMissing: boolean;
  readonly withContext: boolean;
} {
  const { stream, expressions } = tag;
  const template = expressions.expression();
  const ignoreMissing = stream.is('name', 'ignore') && stream.nextIs('name', 'missing');
  if (ignoreMissing) {
    stream.take();
    stream.take();
  }
  return { kind: 'include', template, ignoreMissing, withContext: context(tag, true) };
}

function fromImport(tag: Tag): {
  readonly kind: 'from import';
  readonly template: Expression;
  readonly names: readonly { readonly name: string; readonly as: string }[];
  readonly withContext: boolean;
} {
  const { stream, expressions } = tag;
  const template = expressions.expression();
  stream.expect('name', 'import');
  const names: { readonly name: string; readonly as: string }[] = [];
  while (stream.is('name') && !isContext(stream)) {
    const name = stream.take().text;
    names.push({ name, as: stream.skip('name', 'as') ? stream.expect('name').text : name });
    if (!stream.skip('operator', ',')) break;
  }
  return { kind: 'from import', template, names, withContext: context(tag, false) };
}

function isContext(stream: TokenStream): boolean {
  return stream.is('name', 'with', 'without') && stream.nextIs('name', 'context');
}

function context({ stream }: Tag, fallback: boolean): boolean {
  if (!isContext(stream)) return fallback;
  const isWith = stream.take().text === 'with';
  stream.take();
  return isWith;
}
