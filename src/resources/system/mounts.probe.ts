import { posix } from 'node:path';
import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { mountsSubject, readMountinfo, type MountLine } from '../../probes/index.ts';
import { realPathSh } from '../../probes/link.ts';

/** What is mounted at a path: the topmost where several are. */
export interface Mounted extends Omit<MountLine, 'id' | 'parent' | 'point'> {
  /** How many are mounted there, one over the other. */
  readonly depth: number;
}

const kind: ProbeKind<Mounted | null> = {
  kind: 'mounted',
  arity: 1,
  // proc(5), mountinfo. One reading for all questions.
  sh: `xargs -0 sh -c '${realPathSh}
for p do printf "%s\\0" "$(real_path "$p")"; done; cat /proc/self/mountinfo' sh`,
  decode(stdout, questions) {
    const text = stdout.toString('latin1');
    const parts = text.split('\0');
    const mounts = readMountinfo(parts.at(-1) ?? '');
    if (parts.length <= questions.length || mounts.length === 0)
      return questions.map(() => new ProbeFailure('no answer'));
    return questions.map((_, i) => mountedAt(mounts, Buffer.from(parts[i] ?? '', 'latin1').toString('utf8')));
  },
  depends: ([path = '']) => [{ on: 'path', path }, mountsSubject],
};

function mountedAt(mounts: readonly MountLine[], path: string): Mounted | null {
  const { at, depth } = mountOver(mounts, path);
  if (at === undefined || at.point !== path) return null;
  const { fstype, source, options, own, root, device } = at;
  return { fstype, source, options, own, root, device, depth };
}

/**
 * What a walk to the path comes to: a mount may be hidden by a later one over a folder above it, and only the topmost
 * of several at one place is seen.
 */
function mountOver(
  mounts: readonly MountLine[],
  path: string,
): { readonly at: MountLine | undefined; readonly depth: number } {
  const ids = new Set(mounts.map((one) => one.id));
  let at = mounts.find((one) => !ids.has(one.parent) || one.parent === one.id);
  let depth = 0;
  const seen = new Set<string>();
  while (at !== undefined && !seen.has(at.id)) {
    seen.add(at.id);
    if (at.point === path) depth++;
    const { id } = at;
    const next = mounts
      .filter((one) => one.parent === id && one.id !== id && covers(one.point, path))
      .sort((a, b) => a.point.length - b.point.length)[0];
    if (next === undefined) break;
    at = next;
  }
  return { at, depth };
}

function covers(point: string, path: string): boolean {
  return path === point || point === '/' || path.startsWith(`${point}/`);
}

/** What is mounted at a path (a link is followed); null where it is no mount point. */
export function mounted(path: string): Question<Mounted | null> {
  return { kind, args: [path] };
}

/** What a mount's source comes to on this host. */
export interface MountSource {
  /** Nothing of that name, label or number is there. */
  readonly isMissing: boolean;
  readonly isDirectory: boolean;
  /** Every name it goes by: as given, with links resolved, and the loop devices it stands behind. */
  readonly names: readonly string[];
  /** Of a device: its major and minor number, `8:1`. */
  readonly device: string;
  /** What is at the mount point is the very same file or folder. */
  readonly isShown: boolean;
  /** Of a path: its part of a file system, as the kernel will tell of a bind mount of it; null where nothing tells. */
  readonly part: Pick<MountLine, 'root' | 'device' | 'source' | 'fstype'> | null;
}

const sourceKind: ProbeKind<MountSource> = {
  kind: 'mount-source',
  arity: 2,
  sh: `xargs -0 -n 2 sh -c '
src=$1 real= dev= loops= missing= dir= same= there=
case $src in
  *=*) real=$(findfs "$src" 2>/dev/null || blkid -l -o device -t "$src" 2>/dev/null);;
  /*) real=$src;;
esac
if [ -n "$real" ] && [ -e "$real" ] && real=$(readlink -f -- "$real"); then
  [ ! -d "$real" ] || dir=y
  [ ! -b "$real" ] || dev=$(stat -L -c "%t %T" -- "$real")
  [ ! "$real" -ef "$2" ] || same=y
  if [ -f "$real" ]; then
    for f in /sys/block/loop*/loop/backing_file; do
      [ -r "$f" ] && IFS= read -r l <"$f" && [ "$l" = "$real" ] && l=\${f#/sys/block/} && loops="$loops /dev/\${l%%/*}"
    done
  fi
else missing=y; fi
case $src in
  /*)
    at=\${real:-$src} rest=
    while [ -n "$at" ] && [ ! -e "$at" ]; do rest=/\${at##*/}$rest at=\${at%/*}; done
    there=$(readlink -f -- "\${at:-/}")
    there=\${there%/}$rest;;
esac
printf "%s\\0" "$missing" "$dir" "$real" "$dev" "$loops" "$same" "$there"' sh; cat /proc/self/mountinfo`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    const mounts = readMountinfo(stdout.subarray(stdout.lastIndexOf(0) + 1).toString('latin1'));
    return questions.map(([src = ''], i) => {
      const [missing, dir, real = '', dev = '', loops = '', same, there] = parts.slice(i * 7, i * 7 + 7);
      if (same === undefined || there === undefined || mounts.length === 0) return new ProbeFailure('no answer');
      const [major, minor] = dev.split(' ').map((one) => Number.parseInt(one, 16));
      const names = [src, real, ...loops.split(' ')].filter((one) => one !== '');
      return {
        isMissing: missing === 'y' && /^\/|=/.test(src),
        isDirectory: dir === 'y',
        names: [...new Set(names)],
        device: minor === undefined ? '' : `${major}:${minor}`,
        isShown: same === 'y',
        part: there === '' ? null : partOf(mounts, there),
      };
    });
  },
  // A word such as `none`, or a number, is no path.
  depends: ([src = '', path = '']) => [
    ...(src.startsWith('/') ? [{ on: 'path' as const, path: src }] : []),
    { on: 'path', path },
    mountsSubject,
  ],
};

function partOf(mounts: readonly MountLine[], path: string): MountSource['part'] {
  const { at } = mountOver(mounts, path);
  if (at === undefined) return null;
  const { device, source, fstype } = at;
  return { root: posix.join(at.root, posix.relative(at.point, path)), device, source, fstype };
}

/**
 * What `src` of a mount at `path` is: a path, `UUID=...` and the like, or what only the file system's own driver knows.
 */
export function mountSource(src: string, path: string): Question<MountSource> {
  return { kind: sourceKind, args: [src, path] };
}
