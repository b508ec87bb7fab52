import { toBytes } from '../connection/byte-text.ts';
import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../contract/index.ts';
import { unescaped } from '../formats/mount-table.ts';
import { fewNames } from './few-names.ts';

/** What is mounted where: what mounts touch. */
export const mountsSubject: Subject = { on: 'named', name: 'mounts', ofRoot: 'mounts' };

/** What may stand in the way of writing to a path, whoever writes. */
export interface Writability {
  /** Something is mounted at the path itself, so that nothing can be renamed over it. */
  readonly isMountPoint: boolean;
  /** The mount that the folder is on, and the one of what is at the path itself: two of one file system are two. */
  readonly folderMount: string;
  readonly mount: string;
  /** The mount point of the file system that the folder is on, where that is read-only. */
  readonly folderReadOnlyAt: string | undefined;
  /** That of what is at the path itself. */
  readonly readOnlyAt: string | undefined;
  readonly isSwap: boolean;
  /** Flags of chattr(1), as lsattr(1) prints them. */
  readonly flags: string;
  readonly folderFlags: string;
}

/** Of a path in a folder that is not there yet. */
export const nothingInTheWay: Writability = {
  isMountPoint: false,
  folderMount: '',
  mount: '',
  folderReadOnlyAt: undefined,
  readOnlyAt: undefined,
  isSwap: false,
  flags: '',
  folderFlags: '',
};

// Of a missing folder the nearest one above it counts. No command but lsattr and cat for a run's paths. Where
// there is no lsattr, or a file system has no such flags, none are known.
const kind: ProbeKind<Writability> = {
  kind: 'writability',
  arity: 1,
  sh: `${fewNames} sh -c '
printf "%s\\0" "$#"
for p do
  shift
  set -- "$@" "$p" "\${p%/*}/"
  f=\${p%/*}/ there=y
  until cd -P -- "$f" 2>/dev/null; do f=\${f%/*}; f=\${f%/*}/ there=n; done
  printf "%s%s\\0" "$there" "$PWD"
done
cd /
lsattr -d -- "$@" 2>/dev/null; printf "\\0"
cat /proc/self/mountinfo; printf "\\0"
cat /proc/swaps 2>/dev/null; printf "\\0"' sh; exit 0`,
  decode(stdout, questions) {
    const parts = stdout.toString('latin1').split('\0');
    const answers: Writability[] = [];
    let at = 0;
    // One run of xargs after the other.
    while (answers.length < questions.length && at + 1 < parts.length) {
      const count = Number(parts[at]);
      if (!(count >= 1 && count <= questions.length)) break;
      const folders = parts.slice(at + 1, at + 1 + count);
      const [flags = '', mountinfo = '', swaps = ''] = parts.slice(at + 1 + count, at + 4 + count);
      const mounts = mountsIn(mountinfo);
      const asked = questions
        .slice(answers.length, answers.length + count)
        .map(([path = '']) => toBytes(path).toString('latin1'));
      for (const [i, path] of asked.entries())
        answers.push(writabilityOf(path, folders[i] ?? '', flags, mounts, swaps));
      at += count + 4;
    }
    return questions.map((_, i) => answers[i] ?? new ProbeFailure('no answer'));
  },
  depends: ([path = '']) => [{ on: 'path', path }, mountsSubject],
  ofPlace: true,
};

interface Mount {
  readonly id: string;
  readonly at: string;
  readonly isReadOnly: boolean;
}

/**
 * proc(5), mountinfo: the last line for a place is the topmost there. Read-only may be the mount, or the file system.
 */
function mountsIn(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line): Mount[] => {
    const words = line.split(' ');
    const [id = '', , , , at, options = ''] = words;
    if (at === undefined) return [];
    const ofFileSystem = words[words.indexOf('-', 6) + 3] ?? '';
    return [{ id, at: unescaped(at), isReadOnly: [...options.split(','), ...ofFileSystem.split(',')].includes('ro') }];
  });
}

function writabilityOf(
  path: string,
  there: string,
  flags: string,
  mounts: readonly Mount[],
  swaps: string,
): Writability {
  const folder = there.slice(1);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const real = `${folder === '/' ? '' : folder}/${name}`;
  const own = there.startsWith('y') ? mounts.findLast((mount) => mount.at === real) : undefined;
  const below = mountOf(folder, mounts);
  const readOnlyAt = (mount: Mount | undefined): string | undefined =>
    mount?.isReadOnly ? Buffer.from(mount.at, 'latin1').toString('utf8') : undefined;
  return {
    isMountPoint: own !== undefined,
    folderMount: below?.id ?? '',
    mount: (own ?? below)?.id ?? '',
    folderReadOnlyAt: readOnlyAt(below),
    readOnlyAt: readOnlyAt(own ?? below),
    isSwap: swaps.split('\n').some((line) => unescaped(line.split(/\s/)[0] ?? '') === real),
    flags: flagsOf(path, flags),
    folderFlags: flagsOf(path.slice(0, path.lastIndexOf('/') + 1), flags),
  };
}

function mountOf(folder: string, mounts: readonly Mount[]): Mount | undefined {
  const covers = ({ at }: Mount): boolean => at === '/' || folder === at || folder.startsWith(`${at}/`);
  return mounts
    .filter(covers)
    .reduce<Mount | undefined>(
      (deepest, mount) => (deepest === undefined || mount.at.length >= deepest.at.length ? mount : deepest),
      undefined,
    );
}

/** A line of lsattr(1): flags, a blank, the name as it was given. */
function flagsOf(name: string, text: string): string {
  const end = ` ${name}\n`;
  for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + 1)) {
    const start = text.lastIndexOf('\n', at - 1) + 1;
    const flags = text.slice(start, at);
    if (/^[A-Za-z-]+$/.test(flags)) return flags;
  }
  return '';
}

/** What stands in the way of writing to a path. Links on the way to it are followed, not one in its place. */
export function writability(path: string): Question<Writability> {
  return { kind, args: [path] };
}
