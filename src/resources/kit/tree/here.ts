import type { Found, PathState, Question } from '../../../contract/index.ts';
import { linkTarget, realPath, stat } from '../../../probes/index.ts';
import { listing, type Listed } from '../../../probes/listing.ts';
import type { WantedTree } from './wanted.ts';

/** What is at a path of a tree. */
export type Here = PathState & {
  readonly target: string;
  /** A link where a directory is wanted, which is followed and left as it is. */
  readonly isFollowed?: boolean;
  /** Check mode: why it is a guess. */
  readonly assumed?: string;
};

/** A path below a tree's root. */
export const below = (root: string, name: string): string => `${root === '/' ? '' : root}/${name}`;

/** Where nothing is deleted, only what is wanted is asked for: `dest` may be /usr/local, or / itself. */
export function singleQuestions({ dest, entries }: WantedTree): Question[] {
  return entries.flatMap((entry) => [
    stat(below(dest, entry.name)),
    ...(entry.type === 'link' ? [linkTarget(below(dest, entry.name))] : []),
  ]);
}

/** What a run that was killed left: the next one removes it. */
export function isOurs(name: string): boolean {
  return name.startsWith('.play-tree-');
}

/** The wanted paths as they are. */
export function whatIsThere(tree: WantedTree, found: Found): Map<string, Here> {
  found.need(...singleQuestions(tree));
  const here = new Map<string, Here>();
  for (const { name, type } of tree.entries) {
    const path = below(tree.dest, name);
    let now = found.get(stat(path));
    let isFollowed = false;
    if (now.type === 'link' && type === 'directory' && tree.keepsFolderLinks) {
      const target = found.get(realPath(path));
      const led = target === null ? now : found.get(stat(target));
      isFollowed = led.type === 'directory';
      if (isFollowed) now = led;
    }
    if (now.type !== 'absent')
      here.set(name, {
        ...now,
        target: now.type === 'link' ? (found.get(linkTarget(path)) ?? '') : '',
        ...(isFollowed ? { isFollowed } : {}),
      });
  }
  return here;
}

/** All that is below a folder: the host's own list, with what planned changes make of single paths (check mode). */
export function allThatIsThere(dest: string, root: string, found: Found, depth?: number): Map<string, Here> {
  const here = new Map(found.get(listing(dest, depth)).map((one): [string, Here] => [one.name, toHere(one)]));
  for (const { path, after, assumed } of found.plannedBelow(root)) {
    const name = path.slice(root === '/' ? 1 : root.length + 1);
    if (depth !== undefined && name.split('/').length > depth) continue;
    // What takes a directory's place takes away what was in it.
    if (after.type !== 'directory') for (const one of here.keys()) if (one.startsWith(`${name}/`)) here.delete(one);
    if (after.type === 'absent') here.delete(name);
    else
      here.set(name, {
        ...after,
        target: after.type === 'link' ? (found.get(linkTarget(path)) ?? '') : '',
        ...(assumed === undefined ? {} : { assumed }),
      });
  }
  return here;
}

function toHere({ type, mode, uid, gid, owner, group, size, identity, target }: Listed): Here {
  return { type, mode, uid, gid, owner, group, size, target, ...(identity === undefined ? {} : { identity }) };
}
