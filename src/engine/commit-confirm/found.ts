import { timeText } from '../../probes/index.ts';

/** Whose changes they are, as the host has it on record. */
export interface UnconfirmedChange {
  readonly id: string;
  readonly play: string;
  readonly by: string;
  readonly tasks: readonly string[];
}

/** Changes of a host that no new login has confirmed. */
export interface FoundUnconfirmed {
  /** Those that the host will put back, with the seconds until then. */
  readonly waiting: readonly (UnconfirmedChange & { readonly left: number })[];
  /** Those that were, when (seconds since the epoch, by the host's clock), why, and what could not be. */
  readonly undone: readonly UndoneChange[];
}

/** A change that was put back. */
export interface UndoneChange extends UnconfirmedChange {
  /** Seconds since the epoch, by the host's clock. */
  readonly at: number;
  readonly why: string;
  /** What could not be put back; empty where all was. */
  readonly errors: string;
}

/** What was changed, and by whom. @example changeText(one)  // "open port 22" (play "web", anna@laptop) */
export function changeText({ play, by, tasks }: UnconfirmedChange): string {
  return `${tasks.map((name) => `"${name}"`).join(', ')} (play "${play}", ${by})`;
}

/** That a change was put back, when and why. */
export function undoneText(one: UndoneChange): string {
  const failed = one.errors === '' ? '' : `; NOT RESTORED: ${one.errors}`;
  return `put back at ${timeText(one.at)}, since ${one.why}: ${changeText(one)}${failed}`;
}

/** sh that prints them, one a line; of a host without any no process. `$d` is the folder of the account's records. */
export const unconfirmedSh = `o=$d/commit-confirm
if [ -d "$o" ] && [ -O "$o" ]; then
  read -r up rest </proc/uptime
  for f in "$o"/*/record; do
    [ -f "$f" ] && [ ! -e "\${f%/record}/claim/confirmed" ] && IFS= read -r l <"$f" || continue
    t=0; { read -r t <"\${f%/record}/until"; } 2>/dev/null
    f=\${f%/record}; printf '@unconfirmed %s %s %s\\n' "\${f##*/}" "$((t - \${up%.*}))" "$l"
  done
  for f in "$o"/*.undone; do
    [ -f "$f" ] || continue
    { IFS= read -r l; IFS= read -r w; IFS= read -r e; } <"$f"
    f=\${f##*/}; printf '@undone %s %s\\n@why %s\\n@errors %s\\n' "\${f%.undone}" "$l" "$w" "$e"
  done
fi`;

/** Reads what `unconfirmedSh` prints. */
export function decodeUnconfirmed(lines: readonly string[]): FoundUnconfirmed {
  return {
    waiting: lines.flatMap((line) => {
      const [, id = '', left, json = ''] = /^@unconfirmed ([0-9a-f]{12}) (-?\d+) (\{.*)$/.exec(line) ?? [];
      return left === undefined ? [] : [{ ...changeOf(id, json), left: Math.max(0, Number(left)) }];
    }),
    undone: lines.flatMap((line, i) => {
      const [, id = '', at, json = ''] = /^@undone ([0-9a-f]{12}) (\d+) (\{.*)$/.exec(line) ?? [];
      const after = (word: string, n: number): string => {
        const text = lines[i + n] ?? '';
        return text.startsWith(`${word} `) ? text.slice(word.length + 1) : '';
      };
      if (at === undefined) return [];
      return [{ ...changeOf(id, json), at: Number(at), why: after('@why', 1), errors: after('@errors', 2).trim() }];
    }),
  };
}

function changeOf(id: string, json: string): UnconfirmedChange {
  try {
    const { play, by, tasks } = JSON.parse(json) as Record<string, unknown>;
    return {
      id,
      play: typeof play === 'string' ? play : 'unknown',
      by: typeof by === 'string' ? by : 'somebody',
      tasks: Array.isArray(tasks) ? tasks.filter((one) => typeof one === 'string') : [],
    };
  } catch {
    // Cut short by a full disk.
    return { id, play: 'unknown', by: 'somebody', tasks: [] };
  }
}
