import type { ProbeKind, Question } from '../contract/index.ts';
import { mountWord, plainMountWord, readMountinfo, type MountLine } from './mountinfo.ts';
import { readsNone } from './sh-texts.ts';
import { mountsSubject } from './writability.ts';

/** A folder that is seen at a second place (mount(8), `--bind`). */
export interface Bind {
  /** The mount point. */
  readonly at: string;
  /** Where the same is seen without the mount. */
  readonly of: string;
  /** Paths below the mount point where it is another: something is mounted there, or at the other place. */
  readonly except: readonly string[];
}

const kind: ProbeKind<readonly Bind[]> = {
  kind: 'binds',
  arity: 1,
  // Mount points that are no folders follow, as the kernel writes them: `\040` for a blank.
  ...readsNone(`${plainMountWord}
cat /proc/self/mountinfo; echo @files
while read -r id parent device root point rest; do
  plain "$point"
  [ -d "$m" ] || printf '%s\\n' "$point"
done </proc/self/mountinfo
exit 0`),
  decode(stdout, questions) {
    const [lines = '', files = ''] = stdout.toString('latin1').split('\n@files\n');
    // A file that is replaced is another one, and its mount goes on to show the old one: the two are not one place.
    const notFolders = new Set(files.split('\n').map(mountWord));
    const binds = bindsIn(readMountinfo(lines).filter(({ point }) => !notFolders.has(point)));
    return questions.map(() => binds);
  },
  depends: () => [mountsSubject],
};

/** Which folders of the host are the same by bind mounts. */
export const binds: Question<readonly Bind[]> = { kind, args: [''] };

/** More exceptions than this no host has: one that says so wants us to be busy with it. */
const mostExceptions = 100_000;

/** A host that is believed to have more mounts, or folders within folders, would keep us busy for long. */
const mostMounts = 20_000;
const deepest = 64;
const longest = 4096;

function bindsIn(all: readonly MountLine[]): Bind[] {
  if (all.length > mostMounts) throw new Error(`more than ${mostMounts} mounts`);
  const isPlain = (path: string): boolean => path.length <= longest && path.split('/').length <= deepest;
  const mounts = all.filter(({ point, root }) => isPlain(point) && isPlain(root));
  // Of several mounts at one place the last is seen, and of nested ones the innermost.
  const last = new Map(mounts.map((one) => [one.point, one]));
  const seenAt = (path: string): MountLine | undefined => {
    for (const folder of withFoldersAbove(path)) {
      const found = last.get(folder);
      if (found) return found;
    }
    return undefined;
  };
  const shown = new Map<string, { readonly one: MountLine; readonly order: number }[]>();
  for (const [order, one] of mounts.entries()) {
    const key = `${one.device} ${one.root}`;
    shown.set(key, [...(shown.get(key) ?? []).slice(0, mostAlike - 1), { one, order }]);
  }
  const below = pathsBelow(mounts.map((one) => one.point));
  let exceptions = 0;
  return mounts.flatMap((mount, i): Bind[] => {
    const { point: at, root, device } = mount;
    if (seenAt(at) !== mount || root.endsWith('//deleted')) return [];
    // The mount that shows most of the file system gives the name; of two that show the same, the first.
    const of = withFoldersAbove(root)
      .reverse()
      .flatMap((folder) => shown.get(`${device} ${folder}`) ?? [])
      .filter(({ one, order }) => one.root !== root || order < i)
      .map(({ one }) => ({ one, path: joined(one.point, root.slice(one.root === '/' ? 0 : one.root.length)) }))
      .find(({ one, path }) => path !== at && seenAt(path) === one)?.path;
    if (of === undefined) return [];
    const except = [...below(at), ...below(of).map((one) => joined(at, one.slice(of === '/' ? 0 : of.length)))];
    exceptions += except.length;
    if (exceptions > mostExceptions) throw new Error('more mounts within mounts than a host has');
    return [{ at, of, except: [...new Set(except)] }];
  });
}

/** How many mounts that show the very same are looked at. */
const mostAlike = 100;

/** A path and the folders above it, the innermost first. @example withFoldersAbove('/a/b')  // ['/a/b', '/a', '/'] */
function withFoldersAbove(path: string): string[] {
  const found = [];
  for (let at = path; at !== '' && at !== '/'; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) found.push(at);
  return [...found, '/'];
}

/** Finds those of some paths that lie below one. */
function pathsBelow(paths: readonly string[]): (folder: string) => string[] {
  // Those below one stand side by side.
  const sorted = paths.filter((one) => one !== '/').toSorted();
  return (folder) => {
    const prefix = folder === '/' ? '/' : `${folder}/`;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? '') < prefix) low = middle + 1;
      else high = middle;
    }
    const found: string[] = [];
    for (const one of sorted.slice(low, low + mostExceptions + 1)) {
      if (!one.startsWith(prefix)) break;
      found.push(one);
    }
    return found;
  };
}

function joined(point: string, rest: string): string {
  return `${point === '/' ? '' : point}${rest === '/' ? '' : rest}` || '/';
}
