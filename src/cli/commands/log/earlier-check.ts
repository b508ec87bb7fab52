import type { RecordEntry } from '../../../report/index.ts';

/** How long a check speaks for the run behind it, in milliseconds: hosts change meanwhile. */
const mostAge = 3600 * 1000;

/** A run by its record, in the order in which they began. */
export interface RecordedRun {
  readonly id: string;
  readonly entries: readonly RecordEntry[];
}

/**
 * The check that was made shortly before a run: of the same playbook, options and commit, on all of its hosts, and with no
 * run on them in between.
 *
 * @param before the runs before it, of the same project
 */
export function earlierCheck(run: RecordedRun, before: readonly RecordedRun[]): RecordedRun | undefined {
  const start = startOf(run);
  const oldest = timeOf(start) - mostAge;
  for (const one of before.toReversed()) {
    const other = startOf(one);
    if (timeOf(other) < oldest) return undefined;
    if (other['check'] !== true) {
      if (hostsOf(other).some((host) => hostsOf(start).includes(host))) return undefined;
      continue;
    }
    if (isSameRun(one, run) && one.entries.some(({ event }) => event === 'recap')) return one;
  }
  return undefined;
}

function isSameRun(check: RecordedRun, run: RecordedRun): boolean {
  const [a, b] = [startOf(check), startOf(run)];
  return (
    a['kind'] === b['kind'] &&
    a['cwd'] === b['cwd'] &&
    commitOf(check) === commitOf(run) &&
    argsOf(a).join('\0') === argsOf(b).join('\0') &&
    hostsOf(b).every((host) => hostsOf(a).includes(host))
  );
}

const asksToCheck = new Set(['--check', '--diff', '--verbose', '--exit-code', '--no-typecheck']);

/** What was typed, without what makes it a check or only changes what is shown. */
function argsOf(start: RecordEntry): string[] {
  const args = Array.isArray(start['args']) ? start['args'].map(String) : [];
  const kept: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--output') i++;
    else if (/^-[A-Za-z]+$/.test(arg)) kept.push(...[arg.replace(/[CDv]/g, '')].filter((one) => one !== '-'));
    else if (!asksToCheck.has(arg) && !arg.startsWith('--output=')) kept.push(arg);
  }
  return kept;
}

function startOf({ entries }: RecordedRun): RecordEntry {
  return entries.find(({ event }) => event === 'start') ?? {};
}

function commitOf({ entries }: RecordedRun): unknown {
  return entries.find(({ event }) => event === 'git')?.['commit'];
}

function hostsOf(start: RecordEntry): string[] {
  return Array.isArray(start['hosts']) ? start['hosts'].map(String) : [];
}

function timeOf(start: RecordEntry): number {
  return Date.parse(String(start['started']));
}
