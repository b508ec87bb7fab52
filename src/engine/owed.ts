import { createHash } from 'node:crypto';
import type { LaneRequest } from '../connection/index.ts';
import { recordsFolderSh } from '../probes/index.ts';

/**
 * A handler that was notified by a change and has not run, or what a block does always and has not done yet: recorded on
 * the host before the change is made.
 */
export interface Owed {
  /** `role : handler`; of a block what `Cleanup` has. */
  readonly id: string;
  readonly play: string;
  /** The inventory's name of the host that the handler belongs to: one machine may have several. */
  readonly host: string;
  /** ISO 8601, by this machine's clock. */
  readonly since: string;
  /** Who ran play, and where: `bob@laptop`. */
  readonly by: string;
  /** Of a block: the names of the tasks that it does always. */
  readonly always?: readonly string[];
  /** Of a block: the file of the playbook that has it, by its folder's name and its own. */
  readonly playbook?: string;
  /** Of a transaction that is not finished: what it is called, and what is kept to put back. */
  readonly transaction?: OwedTransaction;
}

export interface OwedTransaction {
  readonly name: string;
  /** Which changes of which runs, as these keep the files that were there before. */
  readonly restores: readonly { readonly run: string; readonly number: number }[];
}

/** A debt as found on the host, in this file of its records. */
export interface FoundDebt extends Owed {
  readonly file: string;
}

/** Where what root owes is recorded. That it is there anybody may see, so that nobody has to become root to find nothing. */
export const owedFolder = '/var/lib/play/owed';

const folder = `${recordsFolderSh}; o=$d/owed`;

/** sh that prints `FILE JSON` for each debt. */
export const owedSh = `${folder}; for f in "$o"/*; do [ -f "$f" ] && IFS= read -r l <"$f" && printf '%s %s\\n' "\${f##*/}" "$l"; done`;

/** Reads a line of `owedSh`. */
export function parseOwed(line: string): FoundDebt[] {
  const [, file, json] = /^([\w-]{1,255}) (.*)$/.exec(line) ?? [];
  if (file === undefined || json === undefined) return [];
  try {
    const value: unknown = JSON.parse(json);
    const { id, play, host, since, by, always, playbook, transaction } = value as Record<string, unknown>;
    // Older versions did not record which host's it is.
    return [
      {
        file,
        id: String(id),
        play: String(play),
        host: typeof host === 'string' ? host : '',
        since: String(since),
        by: String(by),
        ...(Array.isArray(always) ? { always: always.map(String) } : {}),
        ...(typeof playbook === 'string' ? { playbook } : {}),
        ...(isTransaction(transaction) ? { transaction } : {}),
      },
    ];
  } catch {
    // A line cut short by a full disk: nothing can be learned from it.
    return [];
  }
}

/** What records are called, `20261129T181016.891Z-6e5c75`, and is the name of a folder here: it leads nowhere else. */
const runName = /^\w[\w.-]*$/;

function isTransaction(value: unknown): value is OwedTransaction {
  const { name, restores } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    Array.isArray(restores) &&
    restores.every(({ run, number }) => typeof run === 'string' && runName.test(run) && Number.isInteger(number))
  );
}

/**
 * Records debts; sent in the same exchange as the changes, before them. stdin: a file name and a JSON line for each.
 */
export function recordOwed(owed: readonly Owed[]): LaneRequest {
  return {
    script: `set -e; ${folder}; umask 077
# Another name of this machine may take away the folder that it has emptied.
note() { { [ -d "$o" ] || { (umask 022; mkdir -p "$d") && mkdir -p "$o"; }; } && printf '%s\\n' "$l" >"$o/.$n"; }
while IFS= read -r n && IFS= read -r l; do note || note || note; sync "$o/.$n" 2>/dev/null || sync; mv -f "$o/.$n" "$o/$n"; done`,
    stdin: Buffer.from(owed.map((one) => `${fileOf(one)}\n${JSON.stringify(one)}\n`).join('')),
    afterSuccess: true,
  };
}

/**
 * Records what blocks will owe. A full disk is no reason not to go on: what a block does always may be what frees it.
 */
export function recordEntered(owed: readonly Owed[]): LaneRequest {
  const { script, ...request } = recordOwed(owed);
  return { ...request, script: `( ${script} ) || :` };
}

/** A debt by the few letters that people name it by. @example debtName(found)  // '1f3c09ab' */
export function debtName({ file }: FoundDebt): string {
  return file.slice(0, 8);
}

/**
 * A debt, as it is shown to people.
 *
 * @param host the name by which the host is known here
 * @example debtText(found, 'web1')  // owed since 2026-11-28T02:10:00.000Z by anna@laptop: nginx : reload
 */
export function debtText({ id, always, transaction, play, host: of, since, by }: FoundDebt, host: string): string {
  const whose = of === '' || of === host ? '' : ` of ${of}`;
  const what =
    transaction !== undefined
      ? `the transaction "${transaction.name}" of play "${play}" is not finished`
      : always === undefined
        ? id
        : `what a block of play "${play}" does always (${always.join(', ')})`;
  return `owed since ${since} by ${by}: ${what}${whose}`;
}

/** Settles debts; the folders go when they are empty. */
export function settleOwed(files: readonly string[]): LaneRequest {
  return {
    script: `${folder}; for n; do rm -f "$o/$n" "$o/.$n"; done; rmdir "$o" "$d" 2>/dev/null; exit 0`,
    args: files,
  };
}

/** The file of a debt in the records: one for each handler and host name. */
export function fileOf({ id, host }: Pick<Owed, 'id' | 'host'>): string {
  return createHash('sha256').update(`${host}\0${id}`).digest('hex');
}
