import { PlayError, locationText, nearest } from '../errors/index.ts';
import { Secret, Unreadable } from '../secrets/index.ts';
import { PythonValue } from '../values/index.ts';
import { isScoped, type Path } from './ast.ts';
import { locate, templateError, type Source } from './source.ts';

/** What `@index` and its like read; `parent` is what `@../index` goes to. */
export interface DataFrame {
  readonly values: Readonly<Record<string, unknown>>;
  readonly parent: DataFrame | undefined;
}

/** Stands for a value that cannot be known: inside a loop over nothing, in a branch that is not taken. */
export const unknown = Symbol('unknown');

/** Where a template stands while it is read: the context, those around it, block parameters, data. */
export class Scope {
  readonly context: unknown;
  readonly outer: Scope | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  readonly data: DataFrame;
  /** Elements of the same loop: names only some of them have are still names. */
  readonly siblings: readonly unknown[];

  constructor(
    context: unknown,
    data: DataFrame,
    outer?: Scope,
    params: Readonly<Record<string, unknown>> = {},
    siblings: readonly unknown[] = [],
  ) {
    this.context = context;
    this.data = data;
    this.outer = outer;
    this.params = params;
    this.siblings = siblings;
  }

  static root(context: unknown): Scope {
    return new Scope(context, { values: { root: context }, parent: undefined });
  }

  /** A block with a context of its own. As in Handlebars `../` does not count blocks that keep the context. */
  enter(
    context: unknown,
    names: readonly string[] = [],
    values: readonly unknown[] = [],
    frame?: Readonly<Record<string, unknown>>,
    siblings: readonly unknown[] = [],
  ): Scope {
    const data = frame === undefined ? this.data : { values: { ...this.data.values, ...frame }, parent: this.data };
    const params = { ...this.params, ...Object.fromEntries(names.map((name, i) => [name, values[i]])) };
    const isSame = context === this.context && frame === undefined && context !== unknown;
    return new Scope(context, data, isSame ? this.outer : this, params, isSame ? this.siblings : siblings);
  }

  /** The same place with further `@` values: what a block handed to a partial reads. */
  withData(values: Readonly<Record<string, unknown>>): Scope {
    return new Scope(
      this.context,
      { values: { ...this.data.values, ...values }, parent: this.data.parent },
      this.outer,
      this.params,
      this.siblings,
    );
  }
}

/** What a path begins at, and the parts still to go. */
interface Start {
  readonly value: unknown;
  readonly parts: readonly string[];
  readonly siblings: readonly unknown[];
  readonly described: string;
}

/**
 * The value a path reads; every step must be there, as an own property. A known name may hold null or undefined.
 *
 * @param tolerant for branches not taken: only the first name is checked, what hangs on data that is not there is
 * unknown
 * @throws PlayError at file:line:column with the nearest names
 */
export function readPath(path: Path, scope: Scope, source: Source, tolerant = false): unknown {
  const start = startOf(path, scope, source);
  let { value } = start;
  let read = start.described;
  for (const [i, part] of start.parts.entries()) {
    if (value === unknown) return unknown;
    refuseUnreadable(value, path, source);
    if (!hasProperty(value, part)) {
      if (tolerant && (i > 0 || start.siblings.some((sibling) => hasProperty(sibling, part)))) return unknown;
      throw missing(path, part, value, read, source);
    }
    value = property(value, part);
    read = read === '' ? part : `${read}.${part}`;
  }
  if (!tolerant) refuseUnreadable(value, path, source);
  return value;
}

function startOf(path: Path, scope: Scope, source: Source): Start {
  const [first = '', ...rest] = path.parts;
  if (path.data) return dataStart(path, scope, source);
  if (path.depth === 0 && !isScoped(path) && Object.hasOwn(scope.params, first)) {
    return { value: scope.params[first], parts: rest, siblings: [], described: first };
  }
  let at: Scope | undefined = scope;
  for (let depth = path.depth; depth > 0 && at !== undefined; depth--) at = at.outer;
  if (at === undefined) {
    throw templateError(source, path.loc.start, `${path.original} goes up further than there are blocks`, {
      hint: '{{#if}} and {{#unless}} do not count for ../, and a partial sees only its own context.',
    });
  }
  return { value: at.context, parts: path.parts, siblings: at.siblings, described: '' };
}

function dataStart(path: Path, scope: Scope, source: Source): Start {
  const [name = '', ...parts] = path.parts;
  let frame: DataFrame | undefined = scope.data;
  for (let depth = path.depth; depth > 0 && frame !== undefined; depth--) frame = frame.parent;
  if (frame === undefined || !Object.hasOwn(frame.values, name)) {
    throw templateError(source, path.loc.start, `@${name} is not known here`, {
      hint: '@index, @key, @first and @last are known inside {{#each}}, @root everywhere.',
    });
  }
  return { value: frame.values[name], parts, siblings: [], described: `@${name}` };
}

function hasProperty(value: unknown, name: string): boolean {
  if (typeof value === 'string') return name === 'length';
  return isObject(value) && !isOneValue(value) && Object.hasOwn(value, name);
}

function property(value: unknown, name: string): unknown {
  if (typeof value === 'string') return value.length;
  return isObject(value) ? Reflect.get(value, name) : undefined;
}

/** An object that stands for one value, not for a mapping. */
function isOneValue(value: object): boolean {
  return value instanceof Secret || value instanceof PythonValue;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Throws the value's own error, adding which template asked for it. */
function refuseUnreadable(value: unknown, path: Path, source: Source): void {
  if (!(value instanceof Unreadable)) return;
  const problem = value.problem();
  const place = locationText(locate(source, path.loc.start));
  throw new PlayError(problem.message, {
    where: problem.where ?? place,
    detail: `{{${path.original}}} of ${place} reads it.`,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    cause: problem,
  });
}

function missing(path: Path, part: string, value: unknown, read: string, source: Source): PlayError {
  if (value === null || value === undefined) {
    return templateError(
      source,
      path.loc.start,
      `${path.original} cannot be read: ${read === '' ? 'the context' : read} is ${String(value)}`,
      { hint: `Put it inside {{#if ${read || 'this'}}}, or give ${read || 'it'} a value.` },
    );
  }
  const owner = read === '' ? '' : ` in ${read}`;
  if (!isObject(value) || isOneValue(value)) {
    return templateError(source, path.loc.start, `Unknown name "${part}"${owner}: it is ${describe(value)}`, {
      hint: 'Only lists and mappings have names inside them.',
    });
  }
  const known = Object.keys(value);
  const close = nearest(part, known);
  const listed =
    known.length === 0
      ? 'There are no names here.'
      : `Known here: ${known.slice(0, 12).sort().join(', ')}${known.length > 12 ? ', ...' : ''}.`;
  const hint = close.length > 0 ? `Did you mean ${close.map((name) => `"${name}"`).join(' or ')}?` : listed;
  return templateError(source, path.loc.start, `Unknown name "${part}"${owner}`, {
    hint: `${hint} A name that may be absent must be given as null.`,
  });
}

/** A value's kind in words, for messages; never the value of a secret. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value instanceof Secret) return 'a secret';
  if (value instanceof PythonValue) return `the ${value.isNumber ? 'number' : 'date'} ${value.text}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' || typeof value === 'number'
    ? `the ${typeof value} ${String(value)}`
    : `a ${typeof value}`;
}
