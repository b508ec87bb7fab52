import type { Cursor, LogLine, ReadLine } from './log-line.ts';
import type { LogFlags } from './logs-command.ts';

/** How many of the last lines are shown, where nothing else is said. */
export const defaultLines = 20;
/** As many as our own sudo may write while we come. */
const ownLines = 16;

const fields = '_SYSTEMD_UNIT,UNIT,SYSLOG_IDENTIFIER,_COMM,_PID,SYSLOG_PID,PRIORITY,MESSAGE';

/**
 * sh that prints the journal as JSON, one entry a line (systemd.journal-fields(7)): $1 the units, one word each. A unit
 * that nobody knows may have been removed since, so that is said and no failure. Its first line is `@own PID...`: the
 * processes by which we came.
 */
export const journalScript = `p=$$ own=
while [ "$p" -gt 1 ] && own="$own $p"; do while read -r k v r; do [ "$k" != PPid: ] || break; done <"/proc/$p/status"; p=$v; done 2>/dev/null
echo "@own$own"
command -v journalctl >/dev/null || { echo 'there is no journalctl here: --file reads files' >&2; exit 69; }
for u in $1; do [ "$(systemctl show -p LoadState --value -- "$u" 2>/dev/null)" != not-found ] || echo "there is no unit $u" >&2; done
shift; exec journalctl "$@"`;

/** The arguments of `journalScript`. @param after an entry that was read already */
export function journalArguments(flags: LogFlags, after: Cursor | undefined): string[] {
  const shape = ['--no-pager', '--quiet', '-o', 'json', `--output-fields=${fields}`];
  const all = after === undefined && flags.lines === undefined && flags.since !== undefined;
  // Of its own accord --follow begins with the last ten.
  const amount =
    after !== undefined || all
      ? flags.follow
        ? ['--lines=all']
        : []
      : [`--lines=${(flags.lines ?? defaultLines) + ownLines}`];
  return [
    flags.unit.join(' '),
    ...shape,
    ...amount,
    ...flags.unit.flatMap((unit) => ['-u', unit]),
    ...(after === undefined
      ? flags.since === undefined
        ? []
        : ['--since', timeOf(flags.since)]
      : ['--after-cursor', after]),
    ...(flags.until === undefined ? [] : ['--until', timeOf(flags.until)]),
    ...(flags.grep === undefined ? [] : ['--grep', flags.grep]),
    ...(flags.priority === undefined ? [] : ['--priority', flags.priority]),
    ...(flags.follow ? ['--follow'] : []),
  ];
}

/**
 * A time as systemd reads it, with `10m` for what it calls `10m ago`.
 *
 * @example timeOf('2h')  // '2h ago'
 */
function timeOf(text: string): string {
  return /^\d+\s?(s|m|min|h|d|w)$/.test(text.trim()) ? `${text.trim()} ago` : text;
}

/** Whether an entry is of sudo as we came by it: nobody looks for that. @param own the process ids */
export function isOwn({ source }: LogLine, own: ReadonlySet<string>): boolean {
  const [, pid] = /^sudo\[(\d+)\]$/.exec(source) ?? [];
  return pid !== undefined && own.has(pid);
}

/** An entry as `journalctl -o json` prints it; what is none is shown as it is. */
export function readEntry(host: string, json: string): ReadLine {
  let entry: Readonly<Record<string, unknown>>;
  try {
    const value: unknown = JSON.parse(json);
    entry = typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return { line: { host, time: undefined, source: 'journal', text: json }, cursor: undefined };
  }
  const field = (name: string): string | undefined => textOf(entry[name]);
  const time = Number(field('__REALTIME_TIMESTAMP')) / 1000;
  const pid = field('_PID') ?? field('SYSLOG_PID');
  const program = field('SYSLOG_IDENTIFIER') ?? field('_COMM') ?? 'unknown';
  const priority = Number(field('PRIORITY') ?? Number.NaN);
  return {
    line: {
      host,
      time: Number.isFinite(time) ? time : undefined,
      source: pid === undefined ? program : `${program}[${pid}]`,
      text: field('MESSAGE') ?? '',
      unit: field('UNIT') ?? field('_SYSTEMD_UNIT'),
      priority: Number.isNaN(priority) ? undefined : priority,
    },
    cursor: field('__CURSOR'),
  };
}

/** A field's text: bytes that are not all printable come as numbers, a field that was set twice as a list. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  return value.every((one) => typeof one === 'number') ? Buffer.from(value).toString('utf8') : textOf(value.at(-1));
}
