import * as v from 'valibot';
import { parseJsonInOrder } from '../values/index.ts';

/**
 * Reads a value of the command line as a variable's schema asks for it, where that is a number or a boolean; `-e k=v` gives
 * text whatever was meant. Undefined where it is neither.
 *
 * @example readScalar(v.number(), '2')  // 2
 */
export function readScalar(schema: unknown, text: string): number | boolean | undefined {
  const value = readOption(schema, text);
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/**
 * Reads an option's value as a shell gives it, by what the resource's schema asks for: numbers and booleans are read as
 * such, lists come by commas or as JSON, everything else structured as JSON; so is what may be anything (`2`, `true`,
 * `"2"`). What does not fit is left as text, for the schema itself to refuse with its own words.
 *
 * @example readOption(v.array(v.string()), 'curl,jq')  // ['curl', 'jq']
 */
export function readOption(schema: unknown, text: string): unknown {
  const all = alternatives(schema);
  // Where it may be one or many, a comma decides.
  const looksLikeMany = text.startsWith('[') || text.includes(',');
  const candidates = (looksLikeMany || all.length === 1 ? all : all.filter(({ type }) => type !== 'array')).map((one) =>
    readOne(one, text),
  );
  if (candidates.length <= 1) return candidates[0] ?? text;
  // Where text would do as well, 0644, 1.0 and yes stay what was typed.
  const isTyped = (value: unknown): boolean =>
    (typeof value !== 'number' && typeof value !== 'boolean') ||
    !all.some(({ type }) => type === 'string') ||
    String(value) === text;
  const fitting = candidates.find((value) => isTyped(value) && isSchema(schema) && v.safeParse(schema, value).success);
  return fitting ?? text;
}

/** What Ansible takes for yes and no. */
const truths: ReadonlySet<string> = new Set(['true', 'yes', 'on', 'y', 't', '1']);
const falsehoods: ReadonlySet<string> = new Set(['false', 'no', 'off', 'n', 'f', '0']);

interface Alternative {
  readonly type: string;
  readonly item?: unknown;
  readonly values?: readonly unknown[];
}

/** What an option may be, the choosiest first: everything is text as well. */
function alternatives(schema: unknown): Alternative[] {
  const order = ['literal', 'picklist', 'boolean', 'number', 'record', 'object', 'strict_object', 'array'];
  const rank = ({ type }: Alternative): number => (order.includes(type) ? order.indexOf(type) : order.length);
  return unfold(schema).sort((a, b) => rank(a) - rank(b));
}

function unfold(schema: unknown): Alternative[] {
  if (typeof schema !== 'object' || schema === null || !('type' in schema)) return [];
  if ('wrapped' in schema) return unfold(schema.wrapped);
  if ((schema.type === 'union' || schema.type === 'variant') && 'options' in schema && Array.isArray(schema.options))
    return schema.options.flatMap(unfold);
  if (schema.type === 'picklist' && 'options' in schema && Array.isArray(schema.options))
    return [{ type: 'picklist', values: schema.options }];
  if (schema.type === 'literal' && 'literal' in schema) return [{ type: 'literal', values: [schema.literal] }];
  return [{ type: String(schema.type), ...('item' in schema ? { item: schema.item } : {}) }];
}

function readOne({ type, item, values }: Alternative, text: string): unknown {
  switch (type) {
    case 'boolean':
      return truths.has(text.toLowerCase()) ? true : falsehoods.has(text.toLowerCase()) ? false : text;
    case 'number':
      return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text;
    case 'literal':
    case 'picklist':
      return values?.find((value) => String(value) === text) ?? text;
    case 'array':
    case 'tuple':
      return text.startsWith('[') ? fromJson(text) : text.split(',').map((part) => readOption(item, part.trim()));
    case 'unknown':
    case 'any':
    case 'custom':
    case 'record':
    case 'object':
    case 'strict_object':
    case 'loose_object':
      return fromJson(text);
    default:
      return text;
  }
}

function fromJson(text: string): unknown {
  try {
    return parseJsonInOrder(text);
  } catch {
    return text;
  }
}

function isSchema(schema: unknown): schema is v.GenericSchema {
  return (
    typeof schema === 'object' &&
    schema !== null &&
    'kind' in schema &&
    schema.kind === 'schema' &&
    !('async' in schema && schema.async === true)
  );
}
