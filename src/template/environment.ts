import type { PlayError } from '../errors/index.ts';
import type { InlinePartial, Path, Program } from './ast.ts';
import { blocks } from './blocks.ts';
import { builtinHelpers, type TemplateHelper } from './builtin-helpers.ts';
import type { Partials } from './partials.ts';
import type { Scope } from './scope.ts';
import { templateError, type Source } from './source.ts';
import type { Used } from './taint.ts';

/** A partial that is part of a template: an `{{#*inline}}` one, or the block handed to `{{#> layout}}`. */
export interface LocalPartial {
  readonly source: Source;
  readonly program: Program;
  /** Set for a block handed over: it reads the names of the place it is written at. */
  readonly scope?: Scope;
  readonly locals?: Locals;
}
export type Locals = ReadonlyMap<string, LocalPartial>;

export interface Setting {
  readonly partials: Partials;
  readonly helpers: Readonly<Record<string, TemplateHelper>>;
  readonly used: Used;
}

/** The inline partials a program defines, over those it already sees. */
export function withInline(
  program: Program | undefined,
  outer: Locals,
  source: Source,
  nameOf: (node: InlinePartial) => string,
): Locals {
  const defined = (program?.body ?? []).filter((statement) => statement.type === 'DecoratorBlock');
  if (defined.length === 0) return outer;
  return new Map([
    ...outer,
    ...defined.map((node): [string, LocalPartial] => [nameOf(node), { source, program: node.program }]),
  ]);
}

export function withoutHanded(locals: Locals): Locals {
  return new Map([...locals].filter(([name]) => name !== '@partial-block'));
}

export function unknownHelper(
  path: Path,
  source: Source,
  helpers: Readonly<Record<string, TemplateHelper>>,
): PlayError {
  const known = [...Object.keys(helpers), ...Object.keys(builtinHelpers)].sort();
  return templateError(source, path.loc.start, `Unknown helper "${path.original}"`, {
    hint: `What takes arguments is a helper. Known: ${known.join(', ')}, and the blocks ${Object.keys(blocks)
      .filter((name) => /^\w+$/.test(name))
      .join(', ')}.`,
  });
}
