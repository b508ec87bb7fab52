import type { Plan } from './schema.ts';

/** What fits on a line stands on one: a task that is right is one line to read past. */
const width = 120;

/** A plan as JSON that people compare line by line: keys sorted, short things on one line. */
export function planText(plan: Plan): string {
  return `${jsonOf(plan, '')}\n`;
}

function jsonOf(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((one) => jsonOf(one, deeper))
    : Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, one]) => `${JSON.stringify(name)}: ${jsonOf(one, deeper)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const line = `${open}${parts.join(', ')}${close}`;
  if (parts.length === 0 || (line.length + indent.length <= width && !line.includes('\n') && !isLines(value)))
    return line;
  return `${open}\n${parts.map((part) => deeper + part).join(',\n')}\n${indent}${close}`;
}

/** Lines of a diff are read one below the other. */
function isLines(value: unknown): boolean {
  return Array.isArray(value) && value.some((one) => typeof one === 'string' && /^[-+@ (]/.test(one));
}
