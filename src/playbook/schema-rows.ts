import type * as v from 'valibot';

/** What a schema says of one option or variable. */
export interface SchemaRow {
  /** Fields of an object are `option.field`, of objects in a list `option[].field`, of those in a map `option.*.field`. */
  readonly name: string;
  /** For people: `text` is `string`, a list `list of string`. */
  readonly type: string;
  readonly required: boolean;
  /** What it is where it is left out; undefined where it is nothing, or where its description says. */
  readonly standard: unknown;
  /** Its description; empty where it has none. */
  readonly text: string;
}

/** The parts of valibot's schemas that are read here, whichever kind one is of. */
interface Parts {
  readonly type: string;
  readonly pipe?: readonly [Parts, ...Item[]];
  readonly wrapped?: Parts;
  readonly default?: unknown;
  readonly entries?: Readonly<Record<string, Parts>>;
  readonly item?: Parts;
  readonly value?: Parts;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly class?: { readonly name: string };
}
interface Item {
  readonly type: string;
  readonly description?: string;
}

/**
 * What schemas say of the options or variables they check: name, type, default and meaning of each, and of the fields of
 * objects in it.
 */
export function schemaRows(entries: v.ObjectEntries): SchemaRow[] {
  return rowsOf(entries, '');
}

function rowsOf(entries: Readonly<Record<string, Parts>>, above: string): SchemaRow[] {
  return Object.entries(entries).flatMap(([name, schema]) => {
    const row = { name: `${above}${name}`, type: typeOf(schema), ...demand(schema), text: meaningOf(schema) ?? '' };
    return [row, ...objectsIn(schema).flatMap(({ path, entries: inner }) => rowsOf(inner, `${row.name}${path}.`))];
  });
}

/** Whether it can be left out, and what it is then. Defaults that a function gives are said in its description. */
function demand(schema: Parts): Pick<SchemaRow, 'required' | 'standard'> {
  if (!isOptional(schema)) return schema.pipe ? demand(schema.pipe[0]) : { required: true, standard: undefined };
  const standard = typeof schema.default === 'function' ? undefined : schema.default;
  return { required: false, standard: standard ?? (schema.wrapped && demand(schema.wrapped).standard) };
}

const isOptional = ({ type }: Parts): boolean => ['optional', 'exact_optional', 'nullish'].includes(type);
const wraps = (schema: Parts): boolean => isOptional(schema) || schema.type === 'nullable';

/**
 * The description nearest to the outside: the last one of the pipe, of the pipes it begins with, of what is wrapped, of
 * the alternatives.
 */
function meaningOf(schema: Parts): string | undefined {
  const [first, ...actions] = schema.pipe ?? [];
  const own = actions.findLast((item) => item.type === 'description')?.description;
  if (own !== undefined) return own;
  if (first !== undefined && first !== schema) return meaningOf(first);
  if (schema.wrapped !== undefined) return meaningOf(schema.wrapped);
  return alternatives(schema)
    .map(meaningOf)
    .find((one) => one !== undefined);
}

const alternatives = ({ type, options }: Parts): readonly Parts[] =>
  type === 'union' && options ? (options as readonly Parts[]) : [];

/** The objects a value is made of. Of a union only one alternative is an object, as a rule. */
function objectsIn(schema: Parts, path = ''): { path: string; entries: Readonly<Record<string, Parts>> }[] {
  const inner = innermost(schema);
  if (inner.entries !== undefined) return [{ path, entries: inner.entries }];
  if (inner.item !== undefined) return objectsIn(inner.item, `${path}[]`);
  if (inner.type === 'record' && inner.value !== undefined) return objectsIn(inner.value, `${path}.*`);
  return alternatives(inner).flatMap((one) => objectsIn(one, path));
}

function innermost(schema: Parts): Parts {
  if (schema.pipe) return schema.pipe[0] === schema ? schema : innermost(schema.pipe[0]);
  return wraps(schema) && schema.wrapped ? innermost(schema.wrapped) : schema;
}

function typeOf(schema: Parts): string {
  const inner = schema.pipe?.[0] ?? schema;
  if (inner !== schema && inner.pipe !== undefined) return typeOf(inner);
  if (inner.wrapped !== undefined) return typeOf(inner.wrapped);
  if (inner.entries !== undefined)
    return `{ ${Object.entries(inner.entries)
      .map(([name, one]) => `${name}${demand(one).required ? '' : '?'}`)
      .join(', ')} }`;
  switch (inner.type) {
    case 'union':
      return [...new Set(alternatives(inner).map(typeOf))].join(' | ');
    case 'picklist':
      return (inner.options ?? []).map((one) => valueText(one)).join(' | ');
    case 'literal':
      return valueText(inner.literal);
    case 'array':
      return `list of ${inner.item ? typeOf(inner.item) : 'unknown'}`;
    case 'record':
      return `map to ${inner.value ? typeOf(inner.value) : 'unknown'}`;
    case 'instance':
      return inner.class?.name ?? 'unknown';
    case 'custom':
      return 'unknown';
    default:
      return inner.type;
  }
}

/** A value as a playbook writes it. */
export function valueText(value: unknown): string {
  return JSON.stringify(value).replaceAll('"', "'");
}
