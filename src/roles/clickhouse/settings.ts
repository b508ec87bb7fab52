import { option, v } from 'play';

const isElement = (name: string): boolean => /^[A-Za-z_][\w.-]*$/.test(name);

function areSettings(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => typeof one !== 'object');
  if (typeof value !== 'object') return value !== undefined;
  return value !== null && Object.entries(value).every(([name, one]) => isElement(name) && areSettings(one));
}

export const settingsVariable = option.record(
  "Further settings, as in config.xml: `{ max_connections: 100 }`. One that the role also has replaces the role's.",
  v.unknown(),
  {},
  v.check(
    (settings) => areSettings(settings),
    'must be settings by the names of their elements: values, lists of values, or further settings',
  ),
);

/** Settings as a file of config.d has them; a list is an element for each of its values. */
export function toXml(root: string, settings: Readonly<Record<string, unknown>>): string {
  return `<?xml version="1.0"?>\n<!-- What differs from the package's config.xml. -->\n${elementOf(root, settings, '')}`;
}

function elementOf(name: string, value: unknown, indent: string): string {
  if (Array.isArray(value)) return value.map((one) => elementOf(name, one, indent)).join('');
  if (typeof value !== 'object' || value === null) return `${indent}<${name}>${escaped(String(value))}</${name}>\n`;
  const inner = Object.entries(value).map(([key, one]) => elementOf(key, one, `${indent}  `));
  return `${indent}<${name}>\n${inner.join('')}${indent}</${name}>\n`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
