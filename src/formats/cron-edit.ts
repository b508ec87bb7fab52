import { EditRefused } from './text-edit.ts';

/** What `cron` shall make of a table. */
export interface CronEdit {
  readonly name: string;
  /** The line as it shall be; undefined: none. */
  readonly line?: string | undefined;
  readonly env: boolean;
  readonly insertAfter?: string | undefined;
  readonly insertBefore?: string | undefined;
}

/** The mark Ansible puts above a job, so that tables made by it are taken over as they are. */
const mark = '#Ansible: ';

/** Makes a table right, by the rules of ansible-core's cron. */
export function editCron(text: string, edit: CronEdit): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const made = edit.env ? withVariable(lines, edit) : withJob(lines, edit);
  return made.length === lines.length && made.every((line, i) => line === lines[i])
    ? text
    : made.map((line) => `${line}\n`).join('');
}

function withJob(lines: readonly string[], { name, line }: CronEdit): readonly string[] {
  const header = mark + name;
  if (lines.includes(header)) {
    const made: string[] = [];
    for (let i = 0; i < lines.length; i++) {
      if (lines[i] !== header) made.push(lines[i] ?? '');
      else {
        i++;
        if (line !== undefined) made.push(header, line);
      }
    }
    return made;
  }
  if (line === undefined) return lines;
  // The very job, written by hand: it gets its name.
  const same = lines.indexOf(line);
  if (same >= 0 && !lines[same - 1]?.startsWith(mark)) return [...lines.slice(0, same), header, ...lines.slice(same)];
  return [...lines, header, line];
}

function withVariable(
  lines: readonly string[],
  { name, line, insertAfter, insertBefore }: CronEdit,
): readonly string[] {
  const isOf = (variable: string) => (one: string) => variableOf(one) === variable;
  const isOwn = isOf(name);
  if (line === undefined) return lines.filter((one) => !isOwn(one));
  if (lines.some(isOwn)) return lines.map((one) => (isOwn(one) ? line : one));
  const other = insertAfter ?? insertBefore;
  if (other === undefined) return [line, ...lines];
  const place = lines.findIndex(isOf(other));
  if (place < 0)
    throw new EditRefused(
      `there is no variable ${other} to put ${name} ${insertAfter === undefined ? 'before' : 'after'}`,
    );
  const at = insertAfter === undefined ? place : place + 1;
  return [...lines.slice(0, at), line, ...lines.slice(at)];
}

/** The name in a line that sets a variable: blanks may stand around `=`, and quotes around the name (crontab(5)). */
function variableOf(line: string): string | undefined {
  const [, double, single, plain] = /^[ \t]*(?:"([^"]*)"|'([^']*)'|([^\s=#"']+))[ \t]*=/.exec(line) ?? [];
  return double ?? single ?? plain;
}

/**
 * A line that sets a variable. Cron knows no escapes, so that the quotes are those the value does not hold.
 *
 * @returns undefined for a value that cannot be written
 */
export function variableLine(name: string, value: string): string | undefined {
  const quote = !value.includes('"') ? '"' : !value.includes("'") ? "'" : undefined;
  if (quote !== undefined) return `${name}=${quote}${value}${quote}`;
  return /^["'\s]|\s$/.test(value) ? undefined : `${name}=${value}`;
}
