import { ProbeFailure, type ProbeKind, type Question } from '../contract/index.ts';
import { renamed } from './account-table.ts';
import { filesLimit } from './content.ts';
import { plainMountWord } from './mountinfo.ts';

/** Entries of a tree that are alike. */
export interface TreeEntries {
  /** As find(1) names types: `f`, `d`, `l`, `p`, `s`, `b`, `c`. */
  readonly type: string;
  /** Four octal digits. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly owner: string;
  readonly group: string;
  readonly count: number;
}

/** What is below a directory, without crossing into other file systems. Nothing where there is no directory. */
export interface Tree {
  /** Counted on the host: a million files are a few lines. */
  readonly entries: readonly TreeEntries[];
  /** Mount points at or below it, as the kernel writes them (proc(5), mountinfo). */
  readonly mounts: readonly string[];
}

const nothing: Tree = { entries: [], mounts: [] };

/** sh: defines `mounts_below PATH`, which prints the mount points at or below it, one a line. Holds no single quote. */
export const mountsBelow = `${plainMountWord}
mounts_below() {
  r=$(readlink -f -- "$1"; echo .); r=\${r%??}
  while read -r a b c d raw rest; do
    plain "$raw"
    case $m in "$r"|"$r"/*) printf "%s\\n" "$raw";; esac
  done </proc/self/mountinfo
}`;

const kind: ProbeKind<Tree> = {
  kind: 'tree',
  maxOutput: filesLimit,
  arity: 1,
  timeout: 120,
  sh: `xargs -0 sh -c '
${mountsBelow}
for p do
  if [ -d "$p" ] && [ ! -L "$p" ]; then
    find "$p/" -xdev -mindepth 1 -exec stat -c "%f %u %g %U %G" {} + | sort | uniq -c
    mounts_below "$p" | sed "s/^/m /"
    echo d
  fi
  echo .
done' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    let at = 0;
    return questions.map(() => {
      const end = lines.indexOf('.', at);
      if (end < 0) return new ProbeFailure('no answer');
      const tree = parseTree(lines.slice(at, end));
      at = end + 1;
      return tree;
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'below', path }, { on: 'accounts' }],
  amid: (answer, _, accounts) => ({ ...answer, entries: answer.entries.map((one) => renamed(one, accounts)) }),
  absent: nothing,
  ofEmptyDirectory: nothing,
  addsPlanned: true,
  tellsPaths: true,
};

const types: Record<number, string> = { 0o10: 'f', 0o4: 'd', 0o12: 'l', 0o1: 'p', 0o14: 's', 0o6: 'b', 0o2: 'c' };

function parseTree(lines: readonly string[]): Tree {
  const mounts = lines.filter((line) => line.startsWith('m ')).map((line) => line.slice(2));
  const entries = lines.flatMap((line): TreeEntries[] => {
    const [, count, raw = '', uid, gid, owner = '', group = ''] =
      /^ *(\d+) ([0-9a-f]+) (\d+) (\d+) (\S+) (\S+)$/.exec(line) ?? [];
    const bits = Number.parseInt(raw, 16);
    const mode = (bits & 0o7777).toString(8).padStart(4, '0');
    return count === undefined
      ? []
      : [
          {
            type: types[bits >> 12] ?? 'f',
            mode,
            uid: Number(uid),
            gid: Number(gid),
            owner,
            group,
            count: Number(count),
          },
        ];
  });
  return { entries, mounts };
}

/** Owners and modes of all that is below a directory (not of itself), and the mount points there. */
export function tree(path: string): Question<Tree> {
  return { kind, args: [path] };
}
