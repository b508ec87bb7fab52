/** What a time of a file shall be: seconds since 1970, a moment of the host's time zone, the time of the run, or as it is. */
export type Moment = 'now' | 'preserve' | { readonly seconds: number } | { readonly local: string };

/** Ansible's own. */
export const defaultFormat = '%Y%m%d%H%M.%S';

const fields: Readonly<Record<string, readonly [name: string, pattern: string]>> = {
  Y: ['year', String.raw`\d{4}`],
  m: ['month', String.raw`\d{1,2}`],
  d: ['day', String.raw`\d{1,2}`],
  H: ['hour', String.raw`\d{1,2}`],
  M: ['minute', String.raw`\d{1,2}`],
  S: ['second', String.raw`\d{1,2}`],
};
const shorts: Readonly<Record<string, string>> = { T: '%H:%M:%S', F: '%Y-%m-%d', R: '%H:%M' };

/** A format of strptime(3) as a regular expression. Undefined: it has something in it that is no number. */
function patternOf(format: string): RegExp | undefined {
  const seen = new Set<string>();
  let isKnown = true;
  const whole = format.replace(/%([TFR])/g, (_, letter: string) => shorts[letter] ?? '');
  const source = whole.replace(/%(.?)|[^%]+/g, (text: string, letter: string | undefined) => {
    if (letter === undefined) return text.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
    if (letter === '%') return '%';
    const field = fields[letter];
    if (field === undefined || seen.has(letter)) isKnown = false;
    if (field === undefined) return '';
    seen.add(letter);
    return `(?<${field[0]}>${field[1]})`;
  });
  return isKnown && seen.has('Y') ? new RegExp(`^${source}$`) : undefined;
}

/** Why a format cannot be read; undefined where it can. */
export function refuseFormat(format: string): string | undefined {
  return patternOf(format) === undefined
    ? 'must be made of %Y, %m, %d, %H, %M, %S, %F, %T and %R, each once, with the year among them'
    : undefined;
}

/** What a text means; undefined where it means nothing. */
export function momentOf(text: string, format: string): Moment | undefined {
  if (text === 'now' || text === 'preserve') return text;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/.test(text)) {
    const milliseconds = Date.parse(text);
    return Number.isNaN(milliseconds) ? undefined : { seconds: Math.floor(milliseconds / 1000) };
  }
  const given = patternOf(format)?.exec(text)?.groups;
  if (given === undefined) return undefined;
  const { year = '', month = '1', day = '1', hour = '0', minute = '0', second = '0' } = given;
  const two = (part: string): string => part.padStart(2, '0');
  const date = `${year}-${two(month)}-${two(day)}`;
  const time = `${two(hour)}:${two(minute)}:${two(second)}`;
  return isReal(`${date}T${time}`) ? { local: `${date} ${time}` } : undefined;
}

/** Days that no month has are moved by Date, and not taken by date(1). */
function isReal(text: string): boolean {
  const at = new Date(`${text}Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
