import { parseDocument, type ScalarTag } from 'yaml';
import { PythonValue, mappingOf } from '../../values/index.ts';
import { wrong, type JinjaValue } from './value.ts';

/** YAML 1.1 as PyYAML's safe loader reads it, for `from_yaml`. @throws JinjaError */
export function readYaml(text: string): JinjaValue {
  const document = parseDocument(text, {
    version: '1.1',
    intAsBigInt: true,
    uniqueKeys: false,
    merge: true,
    customTags: (tags) =>
      tags.map((tag) => (typeof tag === 'object' && tag.tag === booleans ? withoutLetters(tag as ScalarTag) : tag)),
  });
  const [problem] = document.errors;
  if (problem !== undefined) throw wrong(`this is no YAML: ${problem.message.split('\n')[0] ?? ''}`);
  return restored(document.toJS({ mapAsMap: true, maxAliasCount: 100 }));
}

const booleans = 'tag:yaml.org,2002:bool';

/** PyYAML takes `y` and `n` for texts. */
function withoutLetters(tag: ScalarTag): ScalarTag {
  return { ...tag, test: new RegExp(`^(?![yYnN]$)${tag.test?.source ?? ''}`) };
}

function restored(data: unknown): JinjaValue {
  if (typeof data === 'bigint') return PythonValue.int(data);
  if (typeof data === 'number') return PythonValue.float(data);
  if (data instanceof Date) {
    const iso = data.toISOString();
    return iso.endsWith('T00:00:00.000Z') ? PythonValue.date(iso.slice(0, 10)) : PythonValue.datetime(iso.slice(0, 19));
  }
  if (Array.isArray(data)) return data.map(restored);
  if (data instanceof Map)
    return mappingOf([...data].map(([key, item]): [string, JinjaValue] => [String(key), restored(item)]));
  if (data instanceof Set) return mappingOf([...data].map((key): [string, JinjaValue] => [String(key), null]));
  return typeof data === 'string' || typeof data === 'boolean' ? data : null;
}
