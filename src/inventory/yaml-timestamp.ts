import { PythonValue } from '../values/index.ts';

const dateAlone = /^\d{4}-\d\d-\d\d$/;
/** https://yaml.org/type/timestamp.html; of a text without a time PyYAML asks two digits each. */
const written =
  /^(?<year>\d{4})-(?<month>\d\d?)-(?<day>\d\d?)(?:(?:[Tt]|[ \t]+)(?<hour>\d\d?):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<fraction>\d*))?(?:[ \t]*(?:(?<utc>Z)|(?<sign>[-+])(?<hours>\d\d?)(?::(?<minutes>\d\d))?))?)?$/;

/** Whether YAML 1.1 takes the text for a date, or a date with a time. */
export function isTimestamp(source: string): boolean {
  return dateAlone.test(source) || (source.includes(':') && written.test(source));
}

/**
 * The date as Python has it. @returns undefined for a day or a time there is not (`2024-02-30`), which Ansible cannot
 * read either
 */
export function timestampOf(source: string): PythonValue | undefined {
  const parts = written.exec(source)?.groups;
  if (parts === undefined) return undefined;
  const number = (name: string): number => Number(parts[name] ?? 0);
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const [year, month, day] = [number('year'), number('month'), number('day')];
  const lastDay = new Date(Date.UTC(year < 100 ? year + 400 : year, month, 0)).getUTCDate();
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > lastDay) return undefined;
  const date = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
  if (parts['hour'] === undefined) return PythonValue.date(date);
  const [hour, minute, second] = [number('hour'), number('minute'), number('second')];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  // Microseconds, further digits cut off.
  const micro = (parts['fraction'] ?? '').slice(0, 6).padEnd(6, '0');
  const time = `${pad(hour)}:${pad(minute)}:${pad(second)}${micro === '000000' ? '' : `.${micro}`}`;
  const zone = zoneOf(parts);
  return zone === undefined ? undefined : PythonValue.datetime(`${date}T${time}${zone}`);
}

/** @returns undefined for a zone of a day and more */
function zoneOf(parts: Readonly<Record<string, string | undefined>>): string | undefined {
  if (parts['utc'] !== undefined) return '+00:00';
  if (parts['sign'] === undefined) return '';
  const minutes = Number(parts['hours']) * 60 + Number(parts['minutes'] ?? 0);
  if (minutes >= 24 * 60) return undefined;
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${minutes === 0 ? '+' : parts['sign']}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
