import { parseJsonInOrder } from '../values/index.ts';
import { withoutJinja } from './ini.ts';
import type { Value } from './types.ts';
import { YamlFile, type YamlReading } from './yaml-file.ts';

/** What JSON.parse would lose or not know: floats, long numbers, what is encrypted or no Jinja. */
const special =
  /__ansible_(?:vault|unsafe)|[[:,\s]-?\d+(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+|\d{15,})\s*[\],}\s]|NaN|Infinity/;

/** JSON that a program printed, as Ansible reads it. @returns undefined for what is no JSON */
export function valueOfJson(text: string, file: string, reading: YamlReading): Value | undefined {
  if (special.test(text)) {
    const source = new YamlFile(text, file, { ...reading, yaml: 'ansible' });
    return source.value(source.root);
  }
  try {
    return withoutJinja(parseJsonInOrder(text) as Value, { file });
  } catch {
    return undefined;
  }
}
