import { createHash } from 'node:crypto';
import type { LaneRequest } from '../connection/index.ts';

/** A handler that was notified by a change and has not run: recorded on the host before the change is made. */
export interface Owed {
  /** `role : handler`. */
  readonly id: string;
  readonly play: string;
  /** The inventory's name of the host that the handler belongs to: one machine may have several. */
  readonly host: string;
  /** ISO 8601, by this machine's clock. */
  readonly since: string;
  /** Who ran play, and where: `bob@laptop`. */
  readonly by: string;
}

/** A debt as found on the host, in this file of its records. */
export interface FoundDebt extends Owed {
  readonly file: string;
}

// root's records live in /var/lib/play; other accounts keep them in the state directory of the XDG base directory
// specification.
/** sh: the folder of an account's records, in $d. */
export const recordsFolderSh = `if [ "$(id -u)" = 0 ]; then d=/var/lib/play; else d=\${XDG_STATE_HOME:-$HOME/.local/state}/play; fi`;
const folder = `${recordsFolderSh}; o=$d/owed`;

/** sh that prints `FILE JSON` for each debt. */
export const owedSh = `${folder}; for f in "$o"/*; do [ -f "$f" ] && IFS= read -r l <"$f" && printf '%s %s\\n' "\${f##*/}" "$l"; done`;

/** Reads a line of `owedSh`. */
export function parseOwed(line: string): FoundDebt[] {
  const [, file, json] = /^([\w-]{1,255}) (.*)$/.exec(line) ?? [];
  if (file === undefined || json === undefined) return [];
  try {
    const value: unknown = JSON.parse(json);
    const { id, play, host, since, by } = value as Record<string, unknown>;
    // Older versions did not record which host's it is.
    return [
      {
        file,
        id: String(id),
        play: String(play),
        host: typeof host === 'string' ? host : '',
        since: String(since),
        by: String(by),
      },
    ];
  } catch {
    // A line cut short by a full disk: nothing can be learned from it.
    return [];
  }
}

/**
 * Records debts; sent in the same exchange as the changes, before them. stdin: a file name and a JSON line for each.
 */
export function recordOwed(owed: readonly Owed[]): LaneRequest {
  return {
    script: `set -e; ${folder}; umask 077
# Another name of this machine may take away the folder that it has emptied.
note() { mkdir -p "$o" && printf '%s\\n' "$l" >"$o/.$n"; }
while IFS= read -r n && IFS= read -r l; do note || note || note; sync "$o/.$n" 2>/dev/null || sync; mv -f "$o/.$n" "$o/$n"; done`,
    stdin: Buffer.from(owed.map((one) => `${fileOf(one)}\n${JSON.stringify(one)}\n`).join('')),
    afterSuccess: true,
  };
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
