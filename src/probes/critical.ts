import { createHash } from 'node:crypto';
import { cronSlots } from '../formats/cron-slots.ts';

/** A job whose miss loses data, as it is on record on its host. */
export interface CriticalRecord {
  /** What people call it: the job's name in its table, or the timer. */
  readonly name: string;
  /** When it runs: five fields as in crontab(5), or a name such as `@hourly`. */
  readonly cron?: string;
  /** The unit of systemd that starts it, instead. */
  readonly timer?: string;
  /** What is lost if a run is missed. */
  readonly loses: string;
  /** Seconds behind its slot by which a run must have succeeded, or data is lost. */
  readonly within: number;
  /** Seconds before and behind a slot in which nothing is to be changed on the host. */
  readonly before: number;
  readonly after: number;
  /** The path of what a run leaves, with the time in it as in date(1): `/srv/archive/%Y-%m-%d-%H`. */
  readonly archive?: string;
}

/** A job with its slots, in seconds since the epoch. */
export interface CriticalJob extends CriticalRecord {
  /** Its last slot; undefined where it had none yet. */
  readonly last: number | undefined;
  /** Its next; undefined where the host does not know. */
  readonly next: number | undefined;
  /** How the service of a timer ended last. */
  readonly ended?: { readonly result: string; readonly at: number } | undefined;
}

/** What the records of a host say of such jobs. */
export interface FoundCritical {
  readonly jobs: readonly CriticalJob[];
  /** By how many seconds the host's clock is ahead of ours. */
  readonly ahead: number;
}

/** Where they are on record, one file each: the timer or `-`, then JSON. root alone writes there, anybody may read it. */
const criticalFolder = '/var/lib/play/critical';

/** The file that a job is on record in. @example criticalFile('timer backup.timer') */
export function criticalFile(id: string): string {
  return `${criticalFolder}/${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

/** The content of that file. */
export function criticalText(record: CriticalRecord): string {
  return `${record.timer ?? '-'} ${JSON.stringify(record)}\n`;
}

/**
 * sh that prints `@critical JSON` for each job, the clock, and what systemd knows of timers and what these start; of a
 * host without any no process.
 */
export const criticalSh = `c=${criticalFolder}
if [ -d "$c" ] && [ -n "$(find "$c" -prune -type d -user 0 ! -perm -002 2>/dev/null)" ]; then
  date '+@clock %s %Y %m %d %H %M %S'
  t=
  for f in "$c"/*; do
    [ -f "$f" ] && [ ! -L "$f" ] && IFS=' ' read -r u l <"$f" || continue
    printf '@critical %s %s\\n' "$(stat -c %Y "$f")" "$l"
    case $u in *[!A-Za-z0-9:_.@-]*) ;; *.timer) t="$t $u";; esac
  done
  if [ -n "$t" ]; then
    p=$(LC_ALL=C TZ=UTC systemctl show -p Id -p Names -p LoadState -p LastTriggerUSec -p NextElapseUSecRealtime -p Unit -- $t 2>/dev/null | sed 's/^/@timer /')
    printf '%s\\n' "$p"
    s=$(printf '%s\\n' "$p" | sed -n 's/^@timer Unit=//p')
    [ -z "$s" ] || LC_ALL=C TZ=UTC systemctl show -p Id -p Result -p ActiveState -p ExecMainExitTimestamp -- $s 2>/dev/null | sed 's/^/@service /'
  fi
fi`;

/** Reads what `criticalSh` prints. A line that is damaged is left out. */
export function decodeCritical(lines: readonly string[]): FoundCritical {
  const clock = lines.flatMap((line) => /^@clock (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$/.exec(line) ?? []);
  const [, now = 0, year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = clock.map(Number);
  // The host's local time, taken for UTC: cron goes by it.
  const local = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  const timers = blocksOf(lines, '@timer ');
  const services = blocksOf(lines, '@service ');
  const jobs = lines.flatMap(parseCritical).flatMap(({ since, record }): CriticalJob[] => {
    if (record.timer === undefined) {
      const slots = cronSlots(record.cron ?? '');
      const inEpoch = (slot: number | undefined): number | undefined => slot && slot - local + now;
      const last = inEpoch(slots?.before(local));
      // Before it was on record it was not to run.
      const isOld = last !== undefined && last < since;
      return [{ ...record, last: isOld ? undefined : last, next: inEpoch(slots?.after(local)) }];
    }
    const timer = timers.find((one) =>
      one
        .get('Names')
        ?.split(' ')
        .includes(record.timer ?? ''),
    );
    // Its unit is gone, and with it the job.
    if (timer === undefined || timer.get('LoadState') === 'not-found') return [];
    const service = services.find((one) => one.get('Id') === timer.get('Unit'));
    const at = timeOf(service?.get('ExecMainExitTimestamp'));
    return [
      {
        ...record,
        last: timeOf(timer.get('LastTriggerUSec')),
        next: timeOf(timer.get('NextElapseUSecRealtime')),
        ended: at === undefined ? undefined : { result: service?.get('Result') ?? '', at },
      },
    ];
  });
  return { jobs, ahead: clock.length === 0 ? 0 : now - Date.now() / 1000 };
}

/** What `systemctl show` prints of several units, an empty line between two. */
function blocksOf(lines: readonly string[], mark: string): Map<string, string>[] {
  const own = lines.filter((line) => line.startsWith(mark.trimEnd())).map((line) => line.slice(mark.length));
  return own
    .join('\n')
    .split('\n\n')
    .map(
      (block) =>
        new Map(
          block
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
        ),
    );
}

/** `Sun 2026-11-29 01:05:00 UTC`; empty for never. */
function timeOf(text: string | undefined): number | undefined {
  const [, day, clock] = /^\w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? UTC$/.exec(text ?? '') ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${clock}Z`) / 1000;
}

function parseCritical(line: string): { readonly since: number; readonly record: CriticalRecord }[] {
  const [, since, json] = /^@critical (\d+) (\{.*)$/.exec(line) ?? [];
  if (json === undefined) return [];
  try {
    const { name, cron, timer, loses, within, before, after, archive } = JSON.parse(json) as Record<string, unknown>;
    const seconds = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0);
    const text = (key: string, value: unknown): object => (typeof value === 'string' ? { [key]: value } : {});
    const record = {
      name: String(name),
      loses: String(loses),
      within: seconds(within),
      before: seconds(before),
      after: seconds(after),
      ...text('cron', cron),
      ...text('timer', timer),
      ...text('archive', archive),
    };
    return [{ since: Number(since), record }];
  } catch {
    return [];
  }
}
