import { join } from 'node:path';
import { readCacheFile, writeCacheFile } from '../../../project/cache-file.ts';
import { ownFolder, stateFolder } from '../../../project/cache-folder.ts';
import { warnOf } from '../../../report/warnings.ts';
import type { DriftedTask, DriftStatus, Finding } from './findings.ts';

/** A task that would change its host, and since when. */
export interface KnownTask extends DriftedTask {
  /** ISO 8601: the first of the looks that all saw it. */
  readonly since: string;
}

/** How a host stands to a playbook, as far as is known. */
export interface Standing {
  readonly host: string;
  readonly playbook: string;
  readonly status: DriftStatus;
  /** ISO 8601: since when it differs; null where it does not, or nobody could tell so far. */
  readonly since: string | null;
  readonly tasks: readonly KnownTask[];
  readonly unknown: number;
  readonly reason: string | null;
  /** ISO 8601: the last look. */
  readonly checked: string;
}

interface Kept {
  readonly version: 1;
  readonly standings: readonly Standing[];
}

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  value.version === 1 &&
  'standings' in value &&
  Array.isArray(value.standings);

/**
 * What the last looks found, for who only shows it: nothing is made on disk.
 *
 * @param state the project's `.play/`
 */
export function knownStandings(state: string): readonly Standing[] {
  return readCacheFile(join(state, 'drift', 'standings.json'), isKept)?.standings ?? [];
}

/** What is known of each host and playbook of a project, from look to look: kept in the project's `.play/drift/`. */
export class DriftMemory {
  readonly #file: string | undefined;
  readonly #standings: Map<string, Standing>;

  private constructor(file: string | undefined, standings: readonly Standing[]) {
    this.#file = file;
    this.#standings = new Map(standings.map((one) => [keyOf(one), one]));
  }

  /** @param playbook a file of the project */
  static read(playbook: string): DriftMemory {
    const folder = ownFolder(join(stateFolder(playbook), 'drift'));
    if (folder === undefined)
      warnOf({
        what: `Since when hosts differ cannot be recorded: ${join(stateFolder(playbook), 'drift')} cannot be written`,
      });
    const file = folder === undefined ? undefined : join(folder, 'standings.json');
    const kept = file === undefined ? undefined : readCacheFile(file, isKept);
    return new DriftMemory(file, kept?.standings ?? []);
  }

  /** One that knows nothing and keeps nothing. */
  static blank(): DriftMemory {
    return new DriftMemory(undefined, []);
  }

  /** Takes in what a look found. What could not be looked at this time is as it was known before. */
  take(playbook: string, { host, status, tasks, unknown, reason }: Finding, now: string): Standing {
    const before = this.#standings.get(keyOf({ host, playbook }));
    const sinceOf = (task: DriftedTask): string => before?.tasks.find((one) => isSame(one, task))?.since ?? now;
    const wasSeen = status === 'same' || status === 'differs';
    const known = wasSeen ? tasks.map((task) => ({ ...task, since: sinceOf(task) })) : (before?.tasks ?? []);
    const since = wasSeen ? (status === 'differs' ? (before?.since ?? now) : null) : (before?.since ?? null);
    const standing = { host, playbook, status, since, tasks: known, unknown, reason, checked: now };
    this.#standings.set(keyOf(standing), standing);
    return standing;
  }

  /** Forgets hosts and playbooks that are no more. */
  keepOnly(isThere: (standing: Standing) => boolean): void {
    for (const [key, standing] of this.#standings) if (!isThere(standing)) this.#standings.delete(key);
  }

  all(): readonly Standing[] {
    return [...this.#standings.values()];
  }

  write(): void {
    const kept: Kept = { version: 1, standings: this.all() };
    if (this.#file !== undefined && !writeCacheFile(this.#file, `${JSON.stringify(kept, undefined, 1)}\n`))
      warnOf({ what: `Since when hosts differ cannot be recorded: ${this.#file} cannot be written` });
  }
}

function keyOf({ host, playbook }: Pick<Standing, 'host' | 'playbook'>): string {
  return `${playbook}\0${host}`;
}

function isSame(a: DriftedTask, b: DriftedTask): boolean {
  return a.role === b.role && a.task === b.task && a.resource === b.resource;
}
