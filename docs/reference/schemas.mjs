// What a valibot schema says of the options it checks: name, type, default and meaning of each, those of objects in it too.

/**
 * @returns a row for each option: `{ name, type, required, standard, text }`; fields of an object are `option.field`, of
 *   objects in a list `option[].field`, of those in a map `option.*.field`
 */
export function optionRows(entries, above = '') {
  return Object.entries(entries).flatMap(([name, schema]) => {
    const row = { name: `${above}${name}`, ...describe(schema) };
    return [row, ...objectsIn(schema).flatMap(({ path, entries: inner }) => optionRows(inner, `${row.name}${path}.`))];
  });
}

function describe(schema) {
  const { required, standard } = demand(schema);
  return { type: typeOf(schema), required, standard, text: meaningOf(schema) ?? '' };
}

/** Whether it can be left out, and what it is then. Defaults that a function gives are said in its description. */
function demand(schema) {
  if (!isOptional(schema)) return schema.pipe ? demand(schema.pipe[0]) : { required: true, standard: undefined };
  const standard = typeof schema.default === 'function' ? undefined : schema.default;
  return { required: false, standard: standard ?? (schema.wrapped && demand(schema.wrapped).standard) };
}

const isOptional = ({ type }) => type === 'optional' || type === 'exact_optional' || type === 'nullish';
const wraps = (schema) => isOptional(schema) || schema.type === 'nullable';

/**
 * The description nearest to the outside: the last one of the pipe, of the pipes it begins with, of what is wrapped, of
 * the alternatives.
 */
function meaningOf(schema) {
  const [first, ...actions] = schema.pipe ?? [];
  return (
    actions.findLast((item) => item.type === 'description')?.description ??
    (first === undefined ? undefined : meaningOf(first)) ??
    (wraps(schema) ? meaningOf(schema.wrapped) : undefined) ??
    (schema.type === 'union' ? schema.options.map(meaningOf).find((one) => one !== undefined) : undefined)
  );
}

/** The objects a value is made of. Of a union only one alternative is an object, as a rule. */
function objectsIn(schema, path = '') {
  const inner = innermost(schema);
  switch (inner.type) {
    case 'strict_object':
    case 'object':
      return [{ path, entries: inner.entries }];
    case 'array':
      return objectsIn(inner.item, `${path}[]`);
    case 'record':
      return objectsIn(inner.value, `${path}.*`);
    case 'union':
      return inner.options.flatMap((one) => objectsIn(one, path));
    default:
      return [];
  }
}

function innermost(schema) {
  if (schema.pipe) return schema.pipe[0] === schema ? schema : innermost(schema.pipe[0]);
  return wraps(schema) ? innermost(schema.wrapped) : schema;
}

function typeOf(schema) {
  const inner = schema.pipe?.[0] ?? schema;
  switch (inner.type) {
    case 'union':
      return [...new Set(inner.options.map(typeOf))].join(' | ');
    case 'picklist':
      return inner.options.map((one) => `\`'${one}'\``).join(' | ');
    case 'literal':
      return code(inner.literal);
    case 'array':
      return `list of ${typeOf(inner.item)}`;
    case 'record':
      return `map to ${typeOf(inner.value)}`;
    case 'instance':
      return inner.class.name;
    case 'strict_object':
    case 'object':
      return `{ ${Object.entries(inner.entries)
        .map(([name, one]) => `${name}${demand(one).required ? '' : '?'}`)
        .join(', ')} }`;
    case 'optional':
    case 'exact_optional':
    case 'nullish':
    case 'nullable':
      return typeOf(inner.wrapped);
    case 'custom':
      return 'unknown';
    default:
      return inner.type;
  }
}

/** A value as a playbook writes it. */
export function code(value) {
  return `\`${JSON.stringify(value).replaceAll('"', "'")}\``;
}
