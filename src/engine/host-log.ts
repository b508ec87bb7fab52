import type { LaneRequest } from '../connection/index.ts';
import { recordsFolderSh } from '../probes/index.ts';

/** A run as it is written into the log of a host when it begins there. */
export interface LoggedRun {
  /** The id of its record, where it was started: `play log ID` shows the whole of it there. */
  readonly id: string;
  /** What was run: `playbook`, `resource`, `run` ... */
  readonly kind: string;
  /** `bob@laptop`. */
  readonly by: string;
  /** ISO 8601, by the clock of the machine that runs play. */
  readonly at: string;
  /** What was typed, without secrets. */
  readonly command: string;
  /** The project's folder. */
  readonly project: string;
}

/** What a run came to on a host. */
export interface LoggedEnd {
  readonly ended: string;
  readonly changed: number;
  readonly failed: number;
  readonly held: number;
  readonly interrupted: boolean;
}

/** What the log of a host says about one run. */
export interface FoundRun extends LoggedRun {
  /** The name by which the run knew the host. */
  readonly host: string;
  /** Undefined: it changed nothing, was killed, lost the host, or is still at it. */
  readonly end: LoggedEnd | undefined;
}

/** From this size on the older half goes, in bytes. */
const mostLog = 512 * 1024;

/** What lines of things that were changed begin with; those of runs do not (`change-log.ts`). */
const changePrefix = '{"on":"';

/**
 * sh: the function `log_line`, which adds $1 to the log of this account, and once in a while keeps that short. Else
 * processes are started only for the first line of a host. It is no reason not to fix a server that it cannot be written.
 * What was the last to change a thing stays, however old it is.
 */
export const logLineSh = `log_line() { (
  ${recordsFolderSh}; umask 077
  [ -d "$d" ] || (umask 022; mkdir -p "$d")
  [ -L "$d/log" ] || printf '%s\\n' "$1" >>"$d/log"
) 2>/dev/null || :; case $$ in *7) log_short;; esac; }
log_short() { (
  ${recordsFolderSh}; umask 077
  [ ! -L "$d/log" ] && [ -n "$(find "$d/log" -size +${mostLog / 1024}k)" ] || exit 0
  awk '{ line[NR] = $0; if (index($0, "${changePrefix.replaceAll('"', '\\"')}") == 1) { thing[NR] = substr($0, 1, index($0, ",\\"id\\":")); last[thing[NR]] = NR } }
    END {
      for (from = NR; from > 0 && size < ${mostLog / 2}; from--) size += length(line[from]) + 1
      for (n = 1; n <= NR; n++) if (n > from || last[thing[n]] == n) print line[n]
    }' "$d/log" >"$d/.log" && mv -f "$d/.log" "$d/log"
) 2>/dev/null || :; }`;

/** sh: the function `log_end`, which adds the last line of a run, $1, and keeps the log short. */
const logEndSh = `${logLineSh}
log_end() { log_line "$1"; log_short; }`;

/** The first line of a run in the log. */
export function logStart(run: LoggedRun, host: string): string {
  return JSON.stringify({ ...run, host });
}

/** Adds what a run came to, and keeps the log short. */
export function logEnd(id: string, end: LoggedEnd): LaneRequest {
  return {
    script: `${logEndSh}
log_end "$1"`,
    args: [JSON.stringify({ id, ...end })],
  };
}

/** Adds a run that is over, where all of it went before. @param changed how much it changed, and failed to */
export function logWhole(run: LoggedRun, host: string, changed: number, failed = 0): LaneRequest {
  const end: LoggedEnd = { ended: new Date().toISOString(), changed, failed, held: 0, interrupted: false };
  return {
    script: `${logEndSh}
log_line "$1"; log_end "$2"`,
    args: [logStart(run, host), JSON.stringify({ id: run.id, ...end })],
  };
}

/**
 * sh that runs the sh in $c, between a first and a last line in the log; $1 the run's id, $2 the first line, both taken
 * off the arguments.
 */
export const loggedCommandSh = `${logEndSh}
id=$1; log_line "$2"; shift 2
( eval "$c" ); r=$? f=0; [ "$r" = 0 ] || f=1
log_end "{\\"id\\":\\"$id\\",\\"failed\\":$f}"
exit "$r"`;

/** Bytes of a log that are read: it may be longer than `mostLog` by what was the last to change each thing. */
const mostRead = 8 * mostLog;

/** Prints what the reading account's log says about runs. */
export const readLog: LaneRequest = {
  script: `${recordsFolderSh}; [ ! -f "$d/log" ] || [ -L "$d/log" ] || grep -v '^${changePrefix}' "$d/log" || :`,
  timeout: 30,
  maxOutput: mostRead,
};

/**
 * Prints what the reading account's log says about changes of these things, or about a run.
 *
 * @param wanted keys of things (`path /etc/motd`), or the id of a run or how it begins; empty: of all runs
 */
export function readChanges(wanted: { readonly things: readonly string[] } | { readonly run: string }): LaneRequest {
  const parts =
    'run' in wanted
      ? [`,"id":${JSON.stringify(wanted.run).slice(0, -1)}`]
      : wanted.things.map((key) => `{"on":${JSON.stringify(key)},`);
  return {
    script: `${recordsFolderSh}; [ ! -f "$d/log" ] || [ -L "$d/log" ] || grep '^${changePrefix}' "$d/log" | grep -F -e "$1" || :`,
    args: [parts.join('\n')],
    timeout: 30,
    maxOutput: mostRead,
  };
}

/** The runs in a host's log, as they began. What was cut off, or is damaged, is left out. */
export function decodeLog(text: string): FoundRun[] {
  const runs = new Map<string, FoundRun>();
  for (const line of text.split('\n')) {
    const entry = entryOf(line);
    const id = entry['id'];
    if (typeof id !== 'string') continue;
    const known = runs.get(id);
    // A run that connects anew, behind a reboot, begins a second time.
    if ('command' in entry) runs.set(id, { ...startOf(id, entry), end: known?.end });
    else if (known !== undefined) runs.set(id, { ...known, end: endOf(entry) });
  }
  return [...runs.values()];
}

function startOf(id: string, entry: Readonly<Record<string, unknown>>): Omit<FoundRun, 'end'> {
  const text = (key: string): string => (typeof entry[key] === 'string' ? entry[key] : '');
  return {
    id,
    kind: text('kind'),
    by: text('by'),
    at: text('at'),
    command: text('command'),
    project: text('project'),
    host: text('host'),
  };
}

function endOf(entry: Readonly<Record<string, unknown>>): LoggedEnd {
  const count = (key: string): number => (typeof entry[key] === 'number' ? entry[key] : 0);
  return {
    ended: typeof entry['ended'] === 'string' ? entry['ended'] : '',
    changed: count('changed'),
    failed: count('failed'),
    held: count('held'),
    interrupted: entry['interrupted'] === true,
  };
}

/** A line of the log as data; empty for one that is damaged. */
export function entryOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
