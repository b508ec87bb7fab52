import type { Expression } from '../../jinja/index.ts';
import type { Code } from './code.ts';
import type { Compiler } from './compiling.ts';

/** What a filter is given: its value, and its arguments by place and by name. */
export interface Filtered {
  readonly compiler: Compiler;
  readonly value: Code;
  readonly args: readonly Code[];
  readonly named: Readonly<Record<string, Code>>;
  /** What the arguments were made of. */
  readonly expressions: readonly Expression[];
}

export type Filter = (filtered: Filtered) => Code;
