import type { ProbeKind, Question } from '../contract/index.ts';
import { readMountinfo, type MountLine } from './mountinfo.ts';
import { mountsSubject } from './writability.ts';

/** A folder or file that is seen at a second place (mount(8), `--bind`). */
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
  sh: 'cat /proc/self/mountinfo; exit 0',
  decode(stdout, questions) {
    const binds = bindsIn(readMountinfo(stdout.toString('latin1')));
    return questions.map(() => binds);
  },
  depends: () => [mountsSubject],
};

/** Which places of the host are the same by bind mounts. */
export const binds: Question<readonly Bind[]> = { kind, args: [''] };

function bindsIn(mounts: readonly MountLine[]): Bind[] {
  // Of several mounts at one place the last is seen, and of nested ones the innermost.
  const seenAt = (path: string): MountLine | undefined =>
    mounts.reduce<MountLine | undefined>(
      (best, one) => (isIn(path, one.point) && one.point.length >= (best?.point.length ?? 0) ? one : best),
      undefined,
    );
  const points = mounts.map((one) => one.point);
  return mounts.flatMap((mount, i): Bind[] => {
    const { point: at, root, device } = mount;
    if (seenAt(at) !== mount || root.endsWith('//deleted')) return [];
    // The mount that shows most of the file system gives the name; of two that show the same, the first.
    const [of] = mounts
      .filter((one, j) => one.device === device && isIn(root, one.root) && (one.root !== root || j < i))
      .sort((a, b) => a.root.length - b.root.length)
      .map((one) => ({ one, path: joined(one.point, root.slice(one.root === '/' ? 0 : one.root.length)) }))
      .filter(({ one, path }) => path !== at && seenAt(path) === one)
      .map(({ path }) => path);
    if (of === undefined) return [];
    const below = (folder: string): string[] => points.filter((one) => one !== folder && isIn(one, folder));
    const except = [...below(at), ...below(of).map((one) => joined(at, one.slice(of === '/' ? 0 : of.length)))];
    return [{ at, of, except: [...new Set(except)] }];
  });
}

function joined(point: string, rest: string): string {
  return `${point === '/' ? '' : point}${rest === '/' ? '' : rest}` || '/';
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
