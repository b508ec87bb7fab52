import { fromBytes } from '../connection/byte-text.ts';
import type { ProbeKind, Question } from '../contract/index.ts';
import { lookedAt } from './sh-texts.ts';

// A target may end in newlines, which $( ) would drop: it is printed followed by NUL.
const linkKind: ProbeKind<string | null> = {
  kind: 'link',
  arity: 1,
  ...lookedAt(`for p do if [ -L "$p" ]; then printf l; readlink -n -- "$p"; fi; printf "\\0"; done`),
  decode(stdout, questions) {
    const parts = fromBytes(stdout).split('\0');
    return questions.map((_, i) => (parts[i]?.startsWith('l') ? parts[i].slice(1) : null));
  },
  depends: ([path = '']) => [{ on: 'path', path }],
  absent: null,
};

/** The target of a symbolic link, as written in it; null if there is no link. */
export function linkTarget(path: string): Question<string | null> {
  return { kind: linkKind, args: [path] };
}

/**
 * sh: defines `real_path PATH`, readlink(1) with `-f` that ends. A link that leads through itself (`l -> l/x`) has
 * readlink make an ever longer path, for ever; whoever owns a folder could hold up play by it. The kernel gives up such
 * paths (ELOOP), and says so to whoever opens them; what is not there can be opened without waiting. A link that points
 * nowhere is resolved in its own folder, as busybox takes its target for one below the folder it is run in. Holds no
 * single quote.
 */
export const realPathSh = `real_path() {
  [ ! -e "$1" ] || { readlink -n -f -- "$1"; return; }
  case $( { : <"$1"; } 2>&1 ) in *": Too many levels of symbolic links" | *": Symbolic link loop") return 1;; esac
  case $1 in
    /*) (cd -P -- "\${1%/*}/" 2>/dev/null && readlink -n -f -- "./\${1##*/}") ;;
    *) readlink -n -f -- "$1" ;;
  esac
}`;

const realKind: ProbeKind<string | null> = {
  kind: 'realpath',
  arity: 1,
  ...lookedAt(`${realPathSh}
for p do real_path "$p"; printf "\\0"; done`),
  decode(stdout, questions) {
    const parts = fromBytes(stdout).split('\0');
    return questions.map((_, i) => parts[i] || null);
  },
  depends: ([path = '']) => [{ on: 'path', path }],
};

/** The path with every link resolved; null if a folder on the way is missing, or links form a loop. */
export function realPath(path: string): Question<string | null> {
  return { kind: realKind, args: [path] };
}

const sameKind: ProbeKind<boolean> = {
  kind: 'same-file',
  arity: 2,
  sh: `xargs -0 -n 2 sh -c 'if [ ! -L "$1" ] && [ "$1" -ef "$2" ]; then echo y; else echo n; fi' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i) => lines[i] === 'y');
  },
  depends: ([one = '', other = '']) => [
    { on: 'path', path: one },
    { on: 'path', path: other },
  ],
};

/** Whether `path` is a hard link to the file `other`. */
export function sameFile(path: string, other: string): Question<boolean> {
  return { kind: sameKind, args: [path, other] };
}
