import { v } from 'play';

/** A setting of config.xml: a list is an element for each of its values. */
type Setting = string | number | boolean | readonly (string | number)[] | { readonly [name: string]: Setting };

const element = v.pipe(v.string(), v.regex(/^[A-Za-z_][\w.-]*$/, 'must be the name of an element'));
const setting: v.GenericSchema<Setting> = v.union([
  v.string(),
  v.number(),
  v.boolean(),
  v.array(v.union([v.string(), v.number()])),
  v.record(
    element,
    v.lazy(() => setting),
  ),
]);

export const settingsVariable = v.optional(
  v.pipe(
    v.record(element, setting),
    v.description(
      "Further settings, as in config.xml: `{ max_connections: 100 }`. One that the role has too takes the place of the role's.",
    ),
  ),
  {},
);

/** Settings as a file of config.d has them. */
export function toXml(root: string, settings: Readonly<Record<string, Setting>>): string {
  return `<?xml version="1.0"?>\n<!-- What differs from the package's config.xml. -->\n${elementOf(root, settings, '')}`;
}

function elementOf(name: string, value: Setting, indent: string): string {
  if (Array.isArray(value)) return value.map((one: string | number) => elementOf(name, one, indent)).join('');
  if (typeof value !== 'object') return `${indent}<${name}>${escaped(String(value))}</${name}>\n`;
  const inner = Object.entries(value).map(([key, one]: [string, Setting]) => elementOf(key, one, `${indent}  `));
  return `${indent}<${name}>\n${inner.join('')}${indent}</${name}>\n`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
