import type { Found, PathState, Question, Stat } from '../../../contract/index.ts';
import { linkTarget, realPath, sha256, stat } from '../../../probes/index.ts';
import { listing, type Listed } from '../../../probes/listing.ts';
import type { WantedTree } from './wanted.ts';

/** What is at a path of a tree. */
export type Here = PathState & {
  /** Of a link. */
  readonly target?: string;
  /** A link where a directory is wanted, which is followed and left as it is. */
  readonly isFollowed?: boolean;
  /** Check mode: why it is a guess. */
  readonly assumed?: string;
};

/** A path below a tree's root. */
export const below = (root: string, name: string): string => `${root === '/' ? '' : root}/${name}`;

/** What is asked about a path of a tree. */
export interface EntryQuestions {
  readonly path: string;
  readonly stat: Question<Stat>;
  readonly link: Question<string | null>;
  readonly sha256: Question<string | null>;
}

const known = new WeakMap<WantedTree, Map<string, EntryQuestions>>();

/** By names; each is made once, as a tree of thousands is planned a few times. */
export function questionsOf(tree: WantedTree): (name: string) => EntryQuestions {
  const made = known.get(tree) ?? new Map<string, EntryQuestions>();
  known.set(tree, made);
  return (name) => {
    const before = made.get(name);
    if (before !== undefined) return before;
    const path = below(tree.dest, name);
    const one = { path, stat: stat(path), link: linkTarget(path), sha256: sha256(path) };
    made.set(name, one);
    return one;
  };
}

/** Where nothing is deleted, only what is wanted is asked for: `dest` may be /usr/local, or / itself. */
export function singleQuestions(tree: WantedTree): Question[] {
  const asked = questionsOf(tree);
  return tree.entries.flatMap(({ name, type }) => {
    const { stat: at, link } = asked(name);
    return type === 'link' ? [at, link] : [at];
  });
}

/** What a run that was killed left: the next one removes it. */
export function isOurs(name: string): boolean {
  return name.startsWith('.play-tree-');
}

/** The wanted paths as they are. */
export function whatIsThere(tree: WantedTree, found: Found): Map<string, Here> {
  found.need(...singleQuestions(tree));
  const here = new Map<string, Here>();
  const asked = questionsOf(tree);
  for (const { name, type } of tree.entries) {
    const one = asked(name);
    const { path } = one;
    let now = found.get(one.stat);
    let isFollowed = false;
    if (now.type === 'link' && type === 'directory' && tree.keepsFolderLinks) {
      const target = found.get(realPath(path));
      const led = target === null ? now : found.get(stat(target));
      isFollowed = led.type === 'directory';
      if (isFollowed) now = led;
    }
    if (now.type === 'link') here.set(name, { ...now, target: found.get(one.link) ?? '' });
    else if (now.type !== 'absent') here.set(name, isFollowed ? { ...now, isFollowed } : now);
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
