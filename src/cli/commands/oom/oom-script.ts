import type { LaneRequest } from '../../../connection/index.ts';

/** How a unit of a host ran out of memory. */
export interface OutOfMemory {
  readonly host: string;
  /** `app.service`; empty: what was killed belongs to no unit that is known. */
  readonly unit: string;
  /** Processes that the kernel killed. */
  readonly kills: number;
  /** Errors by which programs say so of themselves. */
  readonly errors: number;
  /** Seconds since the epoch; undefined: only its counter says so, which has no times. */
  readonly last: number | undefined;
  /** What the last one says. */
  readonly text: string;
  /** Which start of the unit the last one is of (systemd.exec(5), $INVOCATION_ID); empty: not known. */
  readonly invocation: string;
  readonly state: UnitState | undefined;
}

export interface UnitState {
  /** `active`, `failed`, `inactive` ... */
  readonly active: string;
  /** Why it ended: `oom-kill`, `success` ... */
  readonly result: string;
  /** When it last came up, in seconds since the epoch. */
  readonly since: number | undefined;
  /** Of the start that it runs by now. */
  readonly invocation: string;
}

/** By which programs say that they have no memory left: Java, Python, Node.js, C++, and what errno gives. */
const errorPattern =
  'OutOfMemoryError|MemoryError|JavaScript heap out of memory|std::bad_alloc|[Cc]annot allocate memory|Out of memory \\(';

/** What systemd says of a unit whose process was killed for want of memory (sd-messages.h). */
const unitMessage = 'fe6faa94e7774663a0da52717891d8ef';

/**
 * sh: what the kernel, systemd and programs have in the journal from $1 on, as JSON behind marks; the kernel's counters,
 * which outlive the journal; $2 a log file that is looked at, too. Then what became of the units.
 */
export function readMemory(since: string, file: string | undefined): LaneRequest {
  return {
    script: `since=$1 file=$2
command -v journalctl >/dev/null || { echo 'has no journalctl' >&2; exit 69; }
j() { journalctl -q --no-pager -o json --since "$since" "$@" 2>/dev/null | tail -n 5000; }
journalctl -q -n 0 --since "$since" >/dev/null || exit 65
echo @kernel; j -k --output-fields=MESSAGE -g 'oom-kill:constraint|[Oo]ut of memory: Killed process'
echo @systemd; j --output-fields=UNIT,MESSAGE MESSAGE_ID=${unitMessage}
echo @program; j --output-fields=_SYSTEMD_UNIT,_SYSTEMD_INVOCATION_ID,MESSAGE -g '${errorPattern}' _TRANSPORT=stdout + _TRANSPORT=journal + _TRANSPORT=syslog
echo @counter
find /sys/fs/cgroup -name memory.events.local -exec grep -H '^oom_kill [1-9]' {} + 2>/dev/null
if [ -n "$file" ]; then
  [ -r "$file" ] || { echo "has no file $file" >&2; exit 66; }
  echo "@file $(systemd-analyze timestamp "$since" 2>/dev/null | sed -n 's/.*UNIX seconds: @\\([0-9]*\\).*/\\1/p') $(date +%z)"; grep -aE '${errorPattern}' -- "$file" | tail -n 1000
fi
exit 0`,
    args: [since, file ?? ''],
    timeout: 300,
  };
}

/** What systemd says of units: of those that it does not know, too. */
export function readUnits(units: readonly string[]): LaneRequest {
  return {
    script: `read -r up rest </proc/uptime; echo "@clock $(date +%s.%N) $up"
[ $# = 0 ] || systemctl show -p Id -p ActiveState -p Result -p ActiveEnterTimestampMonotonic -p InvocationID -- "$@"; exit 0`,
    args: units,
    timeout: 60,
  };
}

interface Sign {
  readonly unit: string;
  readonly kind: 'kernel' | 'systemd' | 'program';
  readonly at: number | undefined;
  readonly text: string;
  readonly invocation?: string;
}

/** Reads what `readMemory` prints, one a unit; what became of it is added by `withStates`. */
export function decodeMemory(host: string, text: string, file: string | undefined): OutOfMemory[] {
  const signs: Sign[] = [];
  const counters = new Map<string, number>();
  let section = '';
  let from = { seconds: 0, zone: '' };
  let victim = '';
  for (const line of text.split('\n')) {
    const [, mark, seconds, zone] = /^@(kernel|systemd|program|counter|file)(?: (\d*) ([+-]\d{4}))?$/.exec(line) ?? [];
    if (mark !== undefined) {
      section = mark;
      from = { seconds: Number(seconds ?? 0), zone: zone ?? '' };
    } else if (section === 'counter') {
      const [, group = '', count] = /^\/sys\/fs\/cgroup(.*)\/memory\.events\.local:oom_kill (\d+)$/.exec(line) ?? [];
      if (count !== undefined && unitIn(group) !== '')
        counters.set(unitIn(group), (counters.get(unitIn(group)) ?? 0) + Number(count));
    } else if (section === 'file') {
      const at = timeIn(line, from.zone);
      if (line !== '' && (at === undefined || at >= from.seconds))
        signs.push({ unit: file ?? '', kind: 'program', at, text: line });
    } else {
      const entry = entryOf(line);
      if (entry === undefined) continue;
      const { at, message } = entry;
      if (section === 'systemd') signs.push({ unit: entry.unit, kind: 'systemd', at, text: message });
      else if (section === 'program') {
        // In sessions, and in what systemd says, are commands that look for such errors.
        if (entry.unit.endsWith('.service'))
          signs.push({ unit: entry.unit, kind: 'program', at, text: message, invocation: entry.invocation });
      } else if (/oom-kill:constraint/.test(message)) victim = unitIn(/task_memcg=([^,]*)/.exec(message)?.[1] ?? '');
      else signs.push({ unit: victim, kind: 'kernel', at, text: message });
    }
  }
  const units = new Set([...signs.map(({ unit }) => unit), ...counters.keys()]);
  return [...units].map((unit) =>
    summed(
      host,
      unit,
      signs.filter((one) => one.unit === unit),
      counters.get(unit) ?? 0,
    ),
  );
}

/**
 * When a line of a log file was written, as most write it; undefined: it does not say.
 *
 * @param zone of the host, where the line names none: `+0100`
 */
function timeIn(line: string, zone: string): number | undefined {
  const [, day, clock, own = zone] =
    /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?/.exec(line) ?? [];
  const time = new Date(`${day}T${clock}${own.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`).getTime();
  return Number.isNaN(time) ? undefined : time / 1000;
}

function summed(host: string, unit: string, signs: readonly Sign[], counted: number): OutOfMemory {
  const of = (kind: Sign['kind']): number => signs.filter((one) => one.kind === kind).length;
  const last = signs.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))[0];
  return {
    host,
    unit,
    // The kernel and systemd tell of the same kill; the journal forgets, the counter begins anew with the unit.
    kills: Math.max(of('kernel'), of('systemd'), counted),
    errors: of('program'),
    last: last?.at,
    text: last?.text.split('\n')[0] ?? '',
    invocation: last?.invocation ?? '',
    state: undefined,
  };
}

/**
 * Adds what became of the units, as `readUnits` prints it.
 *
 * @param unitOf the unit that an entry is about: a log file is of the one that is to be restarted
 */
export function withStates(
  found: readonly OutOfMemory[],
  text: string,
  unitOf: (entry: OutOfMemory) => string | undefined = ({ unit }) => unit,
): OutOfMemory[] {
  const [, now = '0', up = '0'] = /^@clock ([\d.]+) ([\d.]+)$/m.exec(text) ?? [];
  const booted = Number(now) - Number(up);
  const states = new Map<string, UnitState>();
  for (const block of text.split(/\n\n|^@clock .*\n/m)) {
    const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1] ?? '';
    const entered = Number(value('ActiveEnterTimestampMonotonic')) / 1_000_000;
    if (value('Id') !== '')
      states.set(value('Id'), {
        active: value('ActiveState'),
        result: value('Result'),
        since: entered > 0 ? booted + entered : undefined,
        invocation: value('InvocationID'),
      });
  }
  return found.map((one) => ({ ...one, state: states.get(unitOf(one) ?? '') }));
}

/**
 * Whether a unit runs as it did when it ran out of memory, or does not run at all: a restart may help. Times are the
 * second choice: what a program says first may be a moment older than the time at which systemd calls it active.
 */
export function isUnhealed({ last, state, invocation }: OutOfMemory): boolean {
  if (state?.active !== 'active') return true;
  if (invocation !== '' && state.invocation !== '') return invocation === state.invocation;
  return last === undefined || state.since === undefined || state.since <= last;
}

/** The unit in the path of a control group. @example unitIn('/system.slice/app.service')  // 'app.service' */
function unitIn(group: string): string {
  return group.split('/').findLast((part) => /\.(service|scope)$/.test(part)) ?? '';
}

interface Entry {
  readonly at: number;
  readonly unit: string;
  readonly message: string;
  readonly invocation: string;
}

function entryOf(json: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(json);
    const entry: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
    const text = (key: string): string => (typeof entry[key] === 'string' ? entry[key] : '');
    const at = Number(text('__REALTIME_TIMESTAMP')) / 1_000_000;
    return {
      at,
      unit: text('UNIT') || text('_SYSTEMD_UNIT'),
      message: text('MESSAGE'),
      invocation: text('_SYSTEMD_INVOCATION_ID'),
    };
  } catch {
    return undefined;
  }
}
