import type { ProbeKind, Question } from '../contract/index.ts';
import { readMountinfo, type MountLine } from './mountinfo.ts';
import { mountsSubject } from './writability.ts';

/** A folder or file that is seen at a second place (mount(8), `--bind`). */
export interface Bind {
  /** The mount point. */
  readonly at: string;
  /** Where the same is seen without the mount. */
  readonly of: string;
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
  return mounts.flatMap((mount): Bind[] => {
    const { point: at, root, device } = mount;
    if (root === '/' || seenAt(at) !== mount) return [];
    // The mount that shows most of the file system gives the name.
    const [of] = mounts
      .filter((one) => one !== mount && one.device === device && isIn(root, one.root))
      .sort((a, b) => a.root.length - b.root.length)
      .map((one) => ({ one, path: joined(one.point, root.slice(one.root === '/' ? 0 : one.root.length)) }))
      .filter(({ one, path }) => path !== at && seenAt(path) === one && (one.root !== root || isBefore(one, mount)));
    return of === undefined ? [] : [{ at, of: of.path }];
  });

  function isBefore(one: MountLine, other: MountLine): boolean {
    return mounts.indexOf(one) < mounts.indexOf(other);
  }
}

function joined(point: string, rest: string): string {
  return `${point === '/' ? '' : point}${rest}` || '/';
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
