import type { PlaySpec } from '../../src/playbook/index.ts';
import type { DifferenceId } from './differences.ts';

/** One small playbook in both forms, run on the same hosts. */
export interface ParityCase {
  readonly name: string;
  /** Ansible's: a list of plays in YAML. */
  readonly ansible: string;
  /** play's. Made anew for each run. */
  readonly play: () => PlaySpec | readonly PlaySpec[];
  /** Ansible's roles and what else it reads, by path beside the playbook. */
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: CaseOptions;
  /** Where play differs on purpose: which difference, and what play does instead. */
  readonly differs?: { readonly by: DifferenceId; readonly play: Partial<Outcome> };
  /** What check mode cannot foresee in it. Default: it must foresee all. */
  readonly unforeseen?: string;
}

/** Options of the command line, the same for both. */
export interface CaseOptions {
  /** Default h1, h2, h3. */
  readonly hosts?: readonly string[];
  /** Hosts that cannot be reached. */
  readonly gone?: readonly string[];
  readonly limit?: string;
  readonly tags?: string;
  readonly skipTags?: string;
  readonly extraVars?: Readonly<Record<string, unknown>>;
  readonly forceHandlers?: boolean;
  readonly startAtTask?: string;
}

/** What became of a case, in words that hold for both. */
export interface Outcome {
  /** By host, in order: `changed a`, `failed handler b (ignored)`. */
  readonly told: Readonly<Record<string, readonly string[]>>;
  /** By host: `ok=2 changed=1 failed=1`, zeros left out. */
  readonly recap: Readonly<Record<string, string>>;
  /** The lines in each host's file: what was carried out there, wherever it belongs. */
  readonly marks: Readonly<Record<string, readonly string[]>>;
  readonly exit: number;
}

export const caseHosts = ({ options }: Pick<ParityCase, 'options'>): readonly string[] =>
  options?.hosts ?? ['h1', 'h2', 'h3'];

/**
 * What can be compared: play tells that a host is lost, Ansible over which task; a host for which nothing ran has no
 * recap in Ansible.
 */
export function comparable({ told, recap, marks, exit }: Outcome): Outcome {
  const lines = Object.entries(told).map(([host, all]) => [
    host,
    all.map((line) => line.replace(/^unreachable .*(?<!\(ignored\))$/, 'unreachable')),
  ]);
  // What several hosts delegate to one at the same time comes in any order there.
  const left = Object.entries(marks).map(([host, all]) => [host, [...all].sort()]);
  return {
    told: Object.fromEntries(lines),
    recap: Object.fromEntries(Object.entries(recap).filter(([, counts]) => counts !== '')),
    marks: Object.fromEntries(left),
    exit,
  };
}

/** A recap line without its zeros. */
export function countText(counts: Readonly<Record<string, number>>): string {
  const names = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'];
  return names.flatMap((name) => (counts[name] ? [`${name}=${counts[name]}`] : [])).join(' ');
}
