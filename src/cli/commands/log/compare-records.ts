import type { ForetoldCounts } from '../../../engine/index.ts';
import type { RecordEntry } from '../../../report/index.ts';

/** How a run came out beside what was said of it before. */
export interface Comparison extends ForetoldCounts {
  readonly misses: readonly HostMiss[];
}

/** What came otherwise than it was said. */
export interface HostMiss {
  readonly host: string;
  /** `role : task`, with `(handler)` behind it. */
  readonly task: string;
  readonly said: string;
  readonly did: string;
  readonly why: string;
  /** Why it was a guess; null where it was said for certain. */
  readonly assumed: string | null;
}

const nothing = { tasks: 0, right: 0, assumed: 0, unasked: 0, changes: 0, rightChanges: 0 };

/** The sum of several comparisons. */
export function sumOf(all: readonly Comparison[]): Comparison {
  const sum = (key: keyof typeof nothing): number => all.reduce((total, one) => total + one[key], 0);
  return {
    tasks: sum('tasks'),
    right: sum('right'),
    assumed: sum('assumed'),
    unasked: sum('unasked'),
    changes: sum('changes'),
    rightChanges: sum('rightChanges'),
    misses: all.flatMap(({ misses }) => misses),
  };
}

/** What a run has on record of its own forecast; undefined where it made none. */
export function ownForecast(run: readonly RecordEntry[]): Comparison | undefined {
  const parts = run.filter(({ event, problem }) => event === 'foretold' && problem === null);
  if (parts.length === 0) return undefined;
  return sumOf(
    parts.map((part) => ({
      tasks: number(part['tasks']),
      right: number(part['right']),
      assumed: number(part['assumed']),
      unasked: number(part['unasked']),
      changes: number(part['changes']),
      rightChanges: number(part['rightChanges']),
      misses: entriesIn(part['misses']).map((miss) => ({
        host: text(part['host']),
        task: taskName(miss, miss['kind']),
        said: text(miss['said']),
        did: text(miss['did']),
        why: text(miss['why']),
        assumed: typeof miss['assumed'] === 'string' ? miss['assumed'] : null,
      })),
    })),
  );
}

/** A run beside the check of the same, both by their records. */
export function compareWithCheck(check: readonly RecordEntry[], run: readonly RecordEntry[]): Comparison {
  const said = outcomesOf(check);
  const did = outcomesOf(run);
  const hosts = countsOf(run);
  const own = ownForecast(run)?.misses ?? [];
  const total = [...hosts.values()].reduce((sum, { tasks }) => sum + tasks, 0);
  const result = { ...nothing, tasks: total, right: total };
  const misses: HostMiss[] = [];
  for (const key of new Set([...said.keys(), ...did.keys()])) {
    const [before, after] = [said.get(key), did.get(key)];
    const host = text((after ?? before)?.['host']);
    const counts = hosts.get(host);
    // Behind a failure nothing was tried.
    if (counts === undefined || (after === undefined && !counts.isWhole)) continue;
    const isOpen = typeof before?.['may'] === 'string';
    const guess = isOpen ? before?.['may'] : Array.isArray(before?.['assumed']) ? before['assumed'][0] : undefined;
    const isAssumed = guess !== undefined;
    const isRight = !isOpen && isSame(before, after);
    const isChange = before?.['status'] === 'changed' || after?.['status'] === 'changed';
    if (isChange) result.changes++;
    if (isRight && isChange) result.rightChanges++;
    if (after === undefined && before?.['event'] === 'handler') result.tasks++;
    else if (!isRight || isAssumed) result.right--;
    if (isAssumed) result.assumed++;
    if (isRight || isOpen) continue;
    const task = taskName(after ?? before ?? {}, (after ?? before)?.['event']);
    const isOurs = own.some((one) => one.host === host && one.task === task);
    const failed = errorOf(after);
    misses.push({
      host,
      task,
      said: outcomeText(before),
      did: outcomeText(after),
      why: failed || (isOurs ? '' : 'the host or the code changed between the check and the run'),
      assumed: isAssumed ? text(guess) : null,
    });
  }
  return { ...result, misses };
}

function outcomesOf(entries: readonly RecordEntry[]): Map<string, RecordEntry> {
  const tasks = entries.filter(({ event }) => event === 'task' || event === 'handler');
  return new Map(
    tasks.map((one) => [
      ['event', 'host', 'play', 'role', 'task', 'nth'].map((key) => keyPart(one[key])).join('\0'),
      one,
    ]),
  );
}

/** How many tasks each host came to, and whether it came to the end. */
function countsOf(entries: readonly RecordEntry[]): Map<string, { readonly tasks: number; readonly isWhole: boolean }> {
  const hosts = entries.find(({ event }) => event === 'recap')?.['hosts'];
  if (typeof hosts !== 'object' || hosts === null) return new Map();
  return new Map(
    Object.entries(hosts as Readonly<Record<string, RecordEntry>>).map(([host, counts]) => {
      const [ok, skipped, failed, rescued, unreachable] = ['ok', 'skipped', 'failed', 'rescued', 'unreachable'].map(
        (key) => number(counts[key]),
      );
      const isWhole = failed === 0 && unreachable === 0;
      return [host, { tasks: (ok ?? 0) + (skipped ?? 0) + (failed ?? 0) + (rescued ?? 0), isWhole }];
    }),
  );
}

/** Records leave out what was right. */
function isSame(said: RecordEntry | undefined, did: RecordEntry | undefined): boolean {
  const statuses = [said?.['status'] ?? 'ok', did?.['status'] ?? 'ok'];
  if (statuses[0] !== statuses[1]) return false;
  return statuses[0] === 'failed' || changesText(said) === changesText(did);
}

function changesText(entry: RecordEntry | undefined): string {
  return JSON.stringify(
    entriesIn(entry?.['changes']).map(({ what, from, to, path, diff }) => [what, from, to, path, diff]),
  );
}

function outcomeText(entry: RecordEntry | undefined): string {
  if (entry === undefined) return 'ok, or not run';
  const changes = entriesIn(entry['changes']).map(({ what, from, to }) =>
    [text(what), text(from), ...(to === undefined ? [] : ['->', text(to)])].filter((part) => part !== '').join(' '),
  );
  return `${text(entry['status'])}${changes.length === 0 ? '' : ` (${changes.join(', ')})`}`;
}

function errorOf(entry: RecordEntry | undefined): string {
  const { error } = entry ?? {};
  return typeof error === 'object' && error !== null && 'what' in error ? text(error.what) : '';
}

function taskName({ role, task }: RecordEntry, kind: unknown): string {
  return `${typeof role === 'string' ? `${role} : ` : ''}${text(task)}${kind === 'handler' ? ' (handler)' : ''}`;
}

function entriesIn(value: unknown): RecordEntry[] {
  return Array.isArray(value) ? value.filter((one): one is RecordEntry => typeof one === 'object' && one !== null) : [];
}

const keyPart = (value: unknown): string => (typeof value === 'number' ? String(value) : text(value));
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
