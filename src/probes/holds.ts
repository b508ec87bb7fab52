import { everyUnit, type ProbeKind, type Question, type Subject } from '../contract/index.ts';

/** What an operator wants left alone for the time being: a host, or a unit of it. */
export interface Hold {
  /** The unit; undefined: the whole host. */
  readonly unit: string | undefined;
  /** All names of the unit, its own first: tasks may know it by an alias. */
  readonly names: readonly string[];
  /** Who asked for it, and where: `anna@laptop`. */
  readonly by: string;
  /** The code that holds it, by the name its task gives (`hold`); undefined for a hold placed by `play hold`. */
  readonly holder: string | undefined;
  /** Why, in their words. */
  readonly reason: string;
  /** Seconds since the epoch, by the host's clock. */
  readonly since: number;
  /** When it expires, in the same form; undefined: when somebody lifts it. */
  readonly until: number | undefined;
}

/** What a host's records say about holds. */
export interface FoundHolds {
  /** Those in force. */
  readonly holds: readonly Hold[];
  /** Whether somebody other than root could have written the records; none of them is trusted then. */
  readonly isDistrusted: boolean;
}

/**
 * Where holds are recorded, one file each: `SINCE UNTIL JSON`. Anybody may read it, so that runs without root leave
 * alone what is held; root alone writes there.
 */
export const holdsFolder = '/var/lib/play/holds';

/** sh that prints `@hold SINCE UNTIL JSON` for each hold, and `@now SECONDS`; of a host without any no process. */
export const holdsSh = `h=${holdsFolder}
if [ -d "$h" ]; then
  if [ -n "$(find "$h" -prune -type d -user 0 ! -perm -002 2>/dev/null)" ]; then
    echo "@now $(date +%s)"
    for f in "$h"/*.hold; do [ -f "$f" ] && [ ! -L "$f" ] && IFS= read -r l <"$f" && printf '@hold %s\\n' "$l"; done
  else echo @distrusted; fi
fi`;

/** Reads what `holdsSh` prints. What has expired by the host's clock is no hold. */
export function decodeHolds(lines: readonly string[]): FoundHolds {
  const now = Number(lines.flatMap((line) => /^@now (\d+)$/.exec(line)?.[1] ?? [])[0] ?? 0);
  const holds = lines.flatMap(parseHold).filter(({ until }) => until === undefined || until > now);
  return {
    holds: holds.toSorted((a, b) => a.since - b.since),
    isDistrusted: lines.includes('@distrusted'),
  };
}

function parseHold(line: string): Hold[] {
  const [, since, until, json] = /^@hold (\d{1,12}) (\d{1,12}) (\{.*)$/.exec(line) ?? [];
  if (json === undefined) return [];
  try {
    const { unit, names, by, holder, reason } = JSON.parse(json) as Record<string, unknown>;
    return [
      {
        unit: typeof unit === 'string' ? unit : undefined,
        names: Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [],
        by: typeof by === 'string' ? by : 'somebody',
        holder: typeof holder === 'string' ? holder : undefined,
        reason: typeof reason === 'string' ? reason : '',
        since: Number(since),
        until: Number(until) === 0 ? undefined : Number(until),
      },
    ];
  } catch {
    // A line that was cut short holds all the same: who wrote it meant to.
    return [
      {
        unit: undefined,
        names: [],
        by: 'somebody',
        holder: undefined,
        reason: 'its record is damaged',
        since: Number(since),
        until: undefined,
      },
    ];
  }
}

/** Whether two are one and the same. */
export function isSameHold(a: Hold, b: Hold): boolean {
  return a.unit === b.unit && a.since === b.since && a.by === b.by;
}

/**
 * The hold on one of these units, by any of its names, or on any unit at all; undefined if none is held. A hold on
 * the host as a whole does not count.
 *
 * @example holdOn(['nginx.service'], holds)
 */
export function holdOn(units: readonly string[], holds: readonly Hold[]): Hold | undefined {
  return holds.find(
    ({ unit, names }) =>
      unit !== undefined && units.some((one) => one === everyUnit || one === unit || names.includes(one)),
  );
}

/**
 * A hold as `play` describes it to people, with times by the clock of this machine.
 *
 * @param now milliseconds since the epoch; times of that day are given without the date
 * @example holdText(hold)  // held by anna@laptop since 02:10 until 06:00: disk being replaced
 */
export function holdText(hold: Hold, now = Date.now()): string {
  const until = hold.until === undefined ? '' : ` until ${timeText(hold.until, now)}`;
  return `${hold.unit === undefined ? '' : `${hold.unit} is `}held by ${hold.by} since ${timeText(hold.since, now)}${until}: ${hold.reason}`;
}

/** A time of today as `02:10`, others with their day: by the clock on the wall of who reads it. */
export function timeText(seconds: number, now = Date.now()): string {
  const time = new Date(seconds * 1000);
  const two = (number: number): string => String(number).padStart(2, '0');
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (time.toDateString() === new Date(now).toDateString()) return clock;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

/** Whatever play keeps on record on a host. */
export const recordsSubject: Subject = { on: 'named', name: 'records' };

const kind: ProbeKind<FoundHolds> = {
  kind: 'holds',
  arity: 1,
  maxOutput: 1024 * 1024,
  sh: `${holdsSh}\nexit 0`,
  decode: (stdout) => [decodeHolds(stdout.toString('utf8').split('\n'))],
  depends: () => [recordsSubject],
};

/**
 * What operators hold on a host with `play hold`, or tasks with `hold`: the host as a whole, or units of it. A run
 * leaves that alone automatically.
 *
 * @example const { holds } = await runner.ask('web1', holdsQuestion);
 */
export const holdsQuestion: Question<FoundHolds> = { kind, args: [''] };
