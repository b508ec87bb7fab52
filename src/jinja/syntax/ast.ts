/**
 * A parsed Jinja template. Every node says where its text begins (`at`) and ends (`end`), as offsets into the source
 * with its line ends made `\n` (`Template.source`); `placeIn` makes line and column of an offset.
 */
export interface Template {
  readonly source: string;
  readonly body: readonly Statement[];
}

export interface Node {
  readonly at: number;
  readonly end: number;
}

export type Expression =
  | Literal
  | Name
  | ListLiteral
  | TupleLiteral
  | DictLiteral
  | Attribute
  | Item
  | Slice
  | Call
  | Filter
  | Test
  | Unary
  | Binary
  | Logical
  | Concat
  | Compare
  | Conditional;

/** A text, number, `true`, `false` or `none`. `1.0` is a `FloatLiteral`, as Python prints it otherwise than `1`. */
export type Literal = TextLiteral | IntegerLiteral | FloatLiteral | ConstantLiteral;
export interface TextLiteral extends Node {
  readonly kind: 'text';
  readonly value: string;
}
export interface IntegerLiteral extends Node {
  readonly kind: 'integer';
  readonly value: number | bigint;
}
export interface FloatLiteral extends Node {
  readonly kind: 'float';
  readonly value: number;
}
export interface ConstantLiteral extends Node {
  readonly kind: 'constant';
  readonly value: boolean | null;
}
export interface Name extends Node {
  readonly kind: 'name';
  readonly name: string;
}
export interface ListLiteral extends Node {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}
export interface TupleLiteral extends Node {
  readonly kind: 'tuple';
  readonly items: readonly Expression[];
}
export interface DictLiteral extends Node {
  readonly kind: 'dict';
  readonly entries: readonly (readonly [key: Expression, value: Expression])[];
}
/** `object.name`: an attribute or method, else an item. */
export interface Attribute extends Node {
  readonly kind: 'attribute';
  readonly object: Expression;
  readonly name: string;
}
/** `object[key]` (and `object.0`): an item, else an attribute. */
export interface Item extends Node {
  readonly kind: 'item';
  readonly object: Expression;
  readonly key: Expression;
}
/** Only as the key of an `Item`. */
export interface Slice extends Node {
  readonly kind: 'slice';
  readonly start: Expression | undefined;
  readonly stop: Expression | undefined;
  readonly step: Expression | undefined;
}
/** What stands between parentheses: `1, x=2, *rest, **named`. */
export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [name: string, value: Expression])[];
  readonly rest: Expression | undefined;
  readonly namedRest: Expression | undefined;
}
export interface Call extends Node {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: Arguments;
}
export interface Filter extends Node {
  readonly kind: 'filter';
  /** Undefined in a filter block, whose input is the block's text. */
  readonly input: Expression | undefined;
  /** With its collection, if it was written: `ansible.builtin.combine`. */
  readonly name: string;
  readonly args: Arguments;
}
export interface Test extends Node {
  readonly kind: 'test';
  readonly input: Expression;
  readonly name: string;
  readonly args: Arguments;
  readonly negated: boolean;
}
export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: 'not' | '-' | '+';
  readonly operand: Expression;
}
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: ArithmeticOperator;
  readonly left: Expression;
  readonly right: Expression;
}
export interface Logical extends Node {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or';
  readonly left: Expression;
  readonly right: Expression;
}
/** `a ~ b ~ c` */
export interface Concat extends Node {
  readonly kind: 'concat';
  readonly parts: readonly Expression[];
}
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';
/** `a < b <= c`: each operand is compared with the next. */
export interface Compare extends Node {
  readonly kind: 'compare';
  readonly first: Expression;
  readonly rest: readonly (readonly [operator: CompareOperator, operand: Expression])[];
}
/** `value if test else otherwise` */
export interface Conditional extends Node {
  readonly kind: 'conditional';
  readonly test: Expression;
  readonly value: Expression;
  readonly otherwise: Expression | undefined;
}

export type Statement =
  | Text
  | Output
  | If
  | For
  | SetStatement
  | SetBlock
  | With
  | Macro
  | CallBlock
  | FilterBlock
  | Include
  | Import
  | FromImport
  | Extends
  | Block
  | Do
  | LoopControl;

/** Text between the tags, after whitespace control; also what stood in `{% raw %}`. */
export interface Text extends Node {
  readonly kind: 'plain';
  readonly text: string;
}
/** `{{ expression }}` */
export interface Output extends Node {
  readonly kind: 'output';
  readonly expression: Expression;
}
export interface If extends Node {
  readonly kind: 'if';
  /** `if` and each `elif`, in their order. */
  readonly branches: readonly { readonly test: Expression; readonly body: readonly Statement[] }[];
  readonly otherwise: readonly Statement[] | undefined;
}
/** What is assigned to: a name, a tuple of them, or an attribute of a `namespace()`. */
export type Target = Name | TargetTuple | NamespaceTarget;
export interface TargetTuple extends Node {
  readonly kind: 'targets';
  readonly targets: readonly Target[];
}
export interface NamespaceTarget extends Node {
  readonly kind: 'namespace';
  readonly name: string;
  readonly attribute: string;
}
export interface For extends Node {
  readonly kind: 'for';
  readonly target: Target;
  readonly iterable: Expression;
  readonly test: Expression | undefined;
  readonly recursive: boolean;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[] | undefined;
}
export interface SetStatement extends Node {
  readonly kind: 'set';
  readonly target: Target;
  readonly value: Expression;
}
export interface SetBlock extends Node {
  readonly kind: 'set block';
  readonly target: Target;
  readonly filter: Expression | undefined;
  readonly body: readonly Statement[];
}
export interface With extends Node {
  readonly kind: 'with';
  readonly assignments: readonly (readonly [target: Target, value: Expression])[];
  readonly body: readonly Statement[];
}
export interface Parameter {
  readonly name: string;
  readonly fallback: Expression | undefined;
}
export interface Macro extends Node {
  readonly kind: 'macro';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
}
export interface CallBlock extends Node {
  readonly kind: 'call block';
  readonly parameters: readonly Parameter[];
  readonly call: Call;
  readonly body: readonly Statement[];
}
export interface FilterBlock extends Node {
  readonly kind: 'filter block';
  readonly filter: Expression;
  readonly body: readonly Statement[];
}
export interface Include extends Node {
  readonly kind: 'include';
  readonly template: Expression;
  readonly ignoreMissing: boolean;
  readonly withContext: boolean;
}
export interface Import extends Node {
  readonly kind: 'import';
  readonly template: Expression;
  readonly name: string;
  readonly withContext: boolean;
}
export interface FromImport extends Node {
  readonly kind: 'from import';
  readonly template: Expression;
  readonly names: readonly { readonly name: string; readonly as: string }[];
  readonly withContext: boolean;
}
export interface Extends extends Node {
  readonly kind: 'extends';
  readonly template: Expression;
}
export interface Block extends Node {
  readonly kind: 'block';
  readonly name: string;
  readonly body: readonly Statement[];
}
/** `{% do expression %}` (an extension) */
export interface Do extends Node {
  readonly kind: 'do';
  readonly expression: Expression;
}
/** `{% break %}`, `{% continue %}` (an extension) */
export interface LoopControl extends Node {
  readonly kind: 'break' | 'continue';
}

/** Line and column, from 1, of an offset. */
export function placeIn(source: string, at: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, at);
  const line = before.split('\n').length;
  return { line, column: at - before.lastIndexOf('\n') };
}
