import { fromBytes } from '../connection/byte-text.ts';
import type { ProbeKind, Question } from '../contract/index.ts';

/** A folder that whoever asks could not empty, by what the kernel allows: modes, lists of access control and mounts. */
export interface ClosedFolder {
  /** Below the folder that was asked about; empty for that itself. */
  readonly name: string;
  /**
   * They may not write in it (`write`: and something is in it; `empty`: nothing is), not see what is in it, or it is
   * sticky and holds what is not theirs.
   */
  readonly why: 'write' | 'empty' | 'unread' | 'sticky';
}

// What find(1) of coreutils has for this, that of busybox lacks. What is in a folder whose entries cannot be looked at
// is told by their names. $1 is the folder that was asked about.
const look = `top=$1; shift
holds() {
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    case $e in "$1/*"|"$1/.[!.]*"|"$1/..?*") [ -e "$e" ] || [ -L "$e" ] || continue;; esac
    return 0
  done
  return 1
}
for d do
  if [ ! -r "$d" ]; then why=unread
  elif [ ! -w "$d" ] || [ ! -x "$d" ]; then why=empty; if holds "$d"; then why=write; fi
  elif [ -k "$d" ] && [ ! -O "$d" ] && [ -n "$(find "$d" -mindepth 1 -maxdepth 1 ! -user "$(id -u)" | head -c 1)" ]; then why=sticky
  else continue
  fi
  printf "%s %s\\0" "$why" "\${d#"$top"}"
done`;

const kind: ProbeKind<readonly ClosedFolder[]> = {
  kind: 'closed-below',
  arity: 1,
  timeout: 900,
  sh: `xargs -0 -n 1 sh -c '[ ! -d "$2" ] || [ -L "$2" ] || find "$2" -xdev -type d -exec sh -c "$1" sh "$2" {} + 2>/dev/null; printf "\\0"' sh '${look}'; exit 0`,
  decode(stdout, questions) {
    const lines = fromBytes(stdout).split('\0');
    let at = 0;
    return questions.map(() => {
      const end = lines.indexOf('', at);
      const own = lines.slice(at, end);
      at = end + 1;
      return own.flatMap((line): ClosedFolder[] => {
        const why = (['write', 'empty', 'unread', 'sticky'] as const).find((one) => line.startsWith(`${one} `));
        return why === undefined ? [] : [{ name: line.slice(why.length + 1).replace(/^\//, ''), why }];
      });
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'below', path }, { on: 'accounts' }],
  absent: [],
  ofEmptyDirectory: [],
  addsPlanned: true,
};

/** The folders at and below a directory that keep whoever asks from removing it with all that is in it. */
export function closedBelow(path: string): Question<readonly ClosedFolder[]> {
  return { kind, args: [path] };
}
