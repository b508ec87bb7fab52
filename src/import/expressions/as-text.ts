import { code, type Code } from './code.ts';
import type { Compiler } from './compiling.ts';

/** A value as text, as Python's `str` has it: null is `None`, which Jinja prints as nothing. */
export function asText(compiler: Compiler, value: Code): Code {
  if (value.kind === 'text' && value.maybe === undefined) return value;
  if (value.kind === 'number') return code(`String(${value.text})`, 'text', { run: value.run });
  return code(compiler.printed({ ...value, kind: 'any' }, 'stringOf'), 'text', { run: value.run });
}
