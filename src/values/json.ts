import { parse } from 'yaml';
import { mappingOf } from './mapping.ts';

/** JSON as data whose mappings keep the order of the text. @throws SyntaxError */
export function parseJsonInOrder(text: string): unknown {
  // Also tells what is no JSON.
  const value: unknown = JSON.parse(text);
  return /"\d+"\s*:/.test(text)
    ? ordered(parse(text, { schema: 'json', mapAsMap: true, maxAliasCount: 0, uniqueKeys: false }))
    : value;
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  return value instanceof Map
    ? mappingOf([...value].map(([key, item]): [string, unknown] => [String(key), ordered(item)]))
    : value;
}
