import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { RecapEvent } from '../engine/index.ts';
import { PlayError } from '../errors/index.ts';
import { shortHash } from '../project/cache-file.ts';
import { warnOf } from '../report/warnings.ts';
import { distrust } from '../trust/index.ts';

/** The hosts that the last run of a playbook that failed did not get through with. */
interface FailedRun {
  readonly playbook: string;
  /** When that run ended, ISO 8601. */
  readonly ended: string;
  readonly hosts: readonly string[];
}

/** Where play keeps what outlives a run: the user's own, nobody else's to read. */
export function stateFolder(): string {
  const base = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(base, 'play');
}

function fileOf(playbook: string): string {
  return join(stateFolder(), 'failed', `${shortHash(playbook)}.json`);
}

/** `-l` with `@failed` replaced by those hosts, and word of which run is meant. */
export function withFailedHosts(limit: string | undefined, playbook: string): string | undefined {
  if (limit === undefined || !limit.split(',').includes('@failed')) return limit;
  const run = readRun(playbook);
  if (run === undefined)
    throw new PlayError(`There is no failed run of ${basename(playbook)} on record`, {
      where: '-l @failed',
      hint: 'For a file of hosts called "failed", write -l @./failed.',
    });
  process.stderr.write(`@failed: ${run.hosts.join(', ')} (the run of ${basename(playbook)} that ended ${run.ended})\n`);
  return limit
    .split(',')
    .flatMap((part) => (part === '@failed' ? run.hosts : [part]))
    .join(',');
}

function readRun(playbook: string): FailedRun | undefined {
  try {
    if (distrust(fileOf(playbook))) return undefined;
    const run: unknown = JSON.parse(readFileSync(fileOf(playbook), 'utf8'));
    return isFailedRun(run) ? run : undefined;
  } catch {
    return undefined;
  }
}

function isFailedRun(run: unknown): run is FailedRun {
  return (
    typeof run === 'object' &&
    run !== null &&
    'hosts' in run &&
    Array.isArray(run.hosts) &&
    'ended' in run &&
    'playbook' in run
  );
}

/** Remembers a run's failed hosts, or forgets those that are well again. Not for check mode, which fixes nothing. */
export function keepFailedHosts(playbook: string, { hosts }: RecapEvent): void {
  const failed = Object.entries(hosts).flatMap(([host, counts]) =>
    counts.failed + counts.unreachable > 0 ? [host] : [],
  );
  const before = readRun(playbook);
  const run =
    failed.length > 0
      ? { playbook, ended: new Date().toISOString(), hosts: failed }
      : before && { ...before, hosts: before.hosts.filter((host) => !(host in hosts)) };
  if (run === undefined) return;
  const file = fileOf(playbook);
  try {
    if (run.hosts.length === 0) return rmSync(file, { force: true });
    mkdirSync(join(stateFolder(), 'failed'), { recursive: true, mode: 0o700 });
    const found = distrust(join(stateFolder(), 'failed'));
    if (found) throw new Error(found.why);
    writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(run satisfies FailedRun)}\n`, { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  } catch (thrown) {
    warnOf({
      what: `The failed hosts could not be recorded for -l @failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    });
  }
}
