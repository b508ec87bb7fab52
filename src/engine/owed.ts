import type { LaneRequest } from '../connection/index.ts';
import { type ProbeKind, type Question } from '../probes/index.ts';

/** A handler that was notified by a change and has not run: recorded on the host before the change is made. */
export interface Owed {
  /** `role : handler`. */
  readonly id: string;
  readonly play: string;
  /** ISO 8601, by this machine's clock. */
  readonly since: string;
  /** Who ran play, and where: `bob@laptop`. */
  readonly by: string;
}

// root's records live in /var/lib/play; who has no root keeps them in the state directory of the XDG base directory specification.
const folder = `if [ "$(id -u)" = 0 ]; then d=/var/lib/play; else d=\${XDG_STATE_HOME:-$HOME/.local/state}/play; fi; o=$d/owed`;

const kind: ProbeKind<readonly Owed[]> = {
  kind: 'owed',
  arity: 1,
  sh: `${folder}; for f in "$o"/*; do [ -f "$f" ] && cat -- "$f"; done; exit 0`,
  decode: (stdout) => [stdout.toString('utf8').split('\n').flatMap(parseOwed)],
  depends: () => [{ on: 'named', name: 'owed' }],
};

function parseOwed(line: string): Owed[] {
  try {
    const value: unknown = JSON.parse(line);
    const { id, play, since, by } = value as Record<string, unknown>;
    return [{ id: String(id), play: String(play), since: String(since), by: String(by) }];
  } catch {
    // A line cut short by a full disk: nothing can be learned from it.
    return [];
  }
}

/** The handlers this host is still owed. */
export const owedQuestion: Question<readonly Owed[]> = { kind, args: [''] };

/** Records debts; sent in the same exchange as the changes, before them. stdin: a file name and a JSON line for each. */
export function recordOwed(owed: readonly Owed[]): LaneRequest {
  return {
    script: `set -e; ${folder}; umask 077; mkdir -p "$o"
while IFS= read -r n && IFS= read -r l; do printf '%s\\n' "$l" >"$o/.$n"; sync "$o/.$n" 2>/dev/null || sync; mv -f "$o/.$n" "$o/$n"; done`,
    stdin: Buffer.from(owed.map((one) => `${fileName(one.id)}\n${JSON.stringify(one)}\n`).join('')),
    afterSuccess: true,
  };
}

/** Settles debts; the folders go when they are empty. */
export function settleOwed(ids: readonly string[]): LaneRequest {
  return {
    script: `${folder}; for n; do rm -f "$o/$n" "$o/.$n"; done; rmdir "$o" "$d" 2>/dev/null; exit 0`,
    args: ids.map(fileName),
  };
}

function fileName(id: string): string {
  return Buffer.from(id).toString('base64url').slice(0, 200);
}
