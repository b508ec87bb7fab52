/** The part of Handlebars' syntax tree play reads, as types that can be told apart by `type`. */
export interface Position {
  readonly line: number;
  /** From 0. */
  readonly column: number;
}
interface Node {
  readonly loc: { readonly start: Position; readonly end: Position };
}

export interface Program extends Node {
  readonly type: 'Program';
  readonly body: readonly Statement[];
  readonly blockParams?: readonly string[];
}

export type Statement =
  | Mustache
  | Block
  | Partial
  | PartialBlock
  | InlinePartial
  | (Node & { readonly type: 'Decorator' })
  | (Node & {
      readonly type: 'ContentStatement';
      readonly value: string;
      /** Before white space beside blocks was taken away. */ readonly original: string;
    })
  | (Node & { readonly type: 'CommentStatement' });

interface Call extends Node {
  readonly path: Expression;
  readonly params: readonly Expression[];
  readonly hash?: Hash;
}
export interface Mustache extends Call {
  readonly type: 'MustacheStatement';
}
export interface Block extends Call {
  readonly type: 'BlockStatement';
  readonly program?: Program;
  readonly inverse?: Program;
}
interface PartialCall extends Node {
  readonly name: Expression;
  readonly params: readonly Expression[];
  readonly hash?: Hash;
}
export interface Partial extends PartialCall {
  readonly type: 'PartialStatement';
  /** What stands before a partial alone on its line; each line of the partial gets it. */
  readonly indent: string;
}
export interface PartialBlock extends PartialCall {
  readonly type: 'PartialBlockStatement';
  readonly program: Program;
}
export interface InlinePartial extends Call {
  readonly type: 'DecoratorBlock';
  readonly program: Program;
}

export interface Path extends Node {
  readonly type: 'PathExpression';
  /** It begins with `@`. */
  readonly data: boolean;
  /** How many `../` it begins with. */
  readonly depth: number;
  readonly parts: readonly string[];
  readonly original: string;
}
export interface SubExpression extends Call {
  readonly type: 'SubExpression';
}
export type Literal =
  | (Node & { readonly type: 'StringLiteral'; readonly value: string; readonly original: string })
  | (Node & { readonly type: 'NumberLiteral'; readonly value: number; readonly original: number })
  | (Node & { readonly type: 'BooleanLiteral'; readonly value: boolean; readonly original: boolean })
  | (Node & { readonly type: 'UndefinedLiteral' })
  | (Node & { readonly type: 'NullLiteral' });
export type Expression = Path | SubExpression | Literal;

export interface Hash extends Node {
  readonly pairs: readonly (Node & { readonly key: string; readonly value: Expression })[];
}

/**
 * What a mustache, block or sub-expression has in common once a literal in front (`{{"a b"}}`) is seen as the name it
 * is.
 */
export interface Invocation {
  readonly path: Path;
  readonly params: readonly Expression[];
  readonly hash: readonly (readonly [string, Expression])[];
  readonly isBare: boolean;
}

export function invocationOf(node: Mustache | Block | SubExpression | InlinePartial): Invocation {
  const hash = hashOf(node.hash);
  return { path: asPath(node.path), params: node.params, hash, isBare: node.params.length === 0 && hash.length === 0 };
}

export function hashOf(hash: Hash | undefined): (readonly [string, Expression])[] {
  return (hash?.pairs ?? []).map(({ key, value }) => [key, value] as const);
}

function asPath(node: Expression): Path {
  if (node.type === 'PathExpression') return node;
  const name = 'original' in node ? String(node.original) : node.type === 'NullLiteral' ? 'null' : 'undefined';
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc: node.loc };
}

/** `./name` and `this.name`: never a helper or a block parameter. */
export function isScoped(path: Path): boolean {
  return /^(?:\.|this(?![\w-]))/.test(path.original);
}

/** The name, when the path may be that of a helper. */
export function helperName(path: Path): string | undefined {
  return path.parts.length === 1 && path.depth === 0 && !path.data && !isScoped(path) ? path.parts[0] : undefined;
}
