import type { Change, Known, Plan } from '../../playbook/index.ts';
import { content, linkTarget, listing, realPath, self, sha256, stat, type Found, type Listed, type Question, type PathState } from '../../probes/index.ts';
import { folderOf } from '../file-content.ts';
import { gone, known } from '../known.ts';
import { planAttributes } from '../ownership.ts';
import { ownerOf, treeStep, type Operation } from './apply.ts';
import { parentsOf, type WantedEntry, type WantedTree } from './wanted.ts';

export interface TreeResult {
  readonly dest: string;
  /** Names below `dest` that are (to be) written, with those whose permissions change. */
  readonly written: readonly string[];
  readonly deleted: readonly string[];
}

type Here = PathState & {
  readonly target: string;
  /** A link where a directory is wanted, which is followed and left as it is. */
  readonly isFollowed?: boolean;
};

/** The questions that are sure to be needed: what is there, and the hashes of what may be right already. */
export function treeQuestions(tree: WantedTree): Question[] {
  const { dest, entries } = tree;
  const hashes = entries.flatMap((entry) => (entry.type === 'file' ? [sha256(below(dest, entry.name))] : []));
  return [stat(dest), stat(folderOf(dest)), self, ...hashes, ...(tree.delete ? [listing(dest)] : singleQuestions(tree))];
}

/** Where nothing is deleted, only what is wanted is asked for: `dest` may be /usr/local, or / itself. */
function singleQuestions({ dest, entries }: WantedTree): Question[] {
  return entries.flatMap((entry) => [stat(below(dest, entry.name)), ...(entry.type === 'link' ? [linkTarget(below(dest, entry.name))] : [])]);
}

/** Plans a whole tree: one stream with the files that differ, and what is to be done around them. */
export function planTree(tree: WantedTree, found: Found): Plan<TreeResult> {
  const nothing: Plan<TreeResult> = { changes: [], steps: [], after: [], touches: [], result: { dest: tree.dest, written: [], deleted: [] } };
  const at = found.get(stat(tree.dest));
  const root = at.type === 'link' ? (found.get(realPath(tree.dest)) ?? tree.dest) : tree.dest;
  const top = root === tree.dest ? at : found.get(stat(root));
  if (top.type !== 'directory' && top.type !== 'absent') return { ...nothing, failure: `${tree.dest} is not a directory` };
  const assumed: string[] = [];
  if (top.type === 'absent') {
    const isParentThere = found.get(stat(folderOf(root))).type !== 'absent';
    const why = !tree.makesDest ? `the directory ${root} does not exist; make it first: file({ path: '${root}', state: 'directory' })` : isParentThere ? undefined : `the directory ${folderOf(root)} does not exist; make it first`;
    if (why !== undefined && found.clouded === undefined) return { ...nothing, failure: why };
    if (why !== undefined) assumed.push(`${root} exists by then (${found.clouded})`);
  }
  const work = new TreeWork(tree, root, found);
  const isNew = top.type === 'absent' && tree.makesDest;
  if (isNew) work.makeRoot();
  for (const entry of tree.entries) if (!tree.isExcluded(entry.name)) work.want(entry);
  if (tree.delete) work.deleteOthers();
  const { changes, operations, after } = work;
  if (changes.length === 0) return { ...nothing, assumed };
  return {
    changes,
    steps: [treeStep(tree, root, isNew, operations)],
    after,
    touches: [{ on: 'path', path: root }],
    assumed,
    result: { dest: tree.dest, written: work.written, deleted: work.deleted },
  };
}

const below = (root: string, name: string): string => `${root === '/' ? '' : root}/${name}`;

/** Collects what is to be done about a tree, entry by entry. */
class TreeWork {
  readonly changes: Change[] = [];
  readonly operations: Operation[] = [];
  readonly after: Known[] = [];
  readonly written: string[] = [];
  readonly deleted: string[] = [];
  readonly #tree: WantedTree;
  readonly #root: string;
  readonly #found: Found;
  readonly #here: Map<string, Here>;

  constructor(tree: WantedTree, root: string, found: Found) {
    this.#tree = tree;
    this.#root = root;
    this.#found = found;
    this.#here = tree.delete ? allThatIsThere(tree.dest, root, found) : whatIsThere(tree, found);
    // All old sides of diffs in one exchange.
    const old = tree.entries.filter((entry) => this.#differs(entry) && this.#here.get(entry.name)?.type === 'file' && entry.type === 'file' && entry.content !== undefined);
    found.need(...old.map((entry) => content(this.#path(entry.name))));
  }

  makeRoot(): void {
    const attributes = planAttributes(this.#tree, this.#fresh('directory', '0755'), this.#found);
    this.changes.push({ what: 'state', from: 'absent', to: 'directory' });
    if (ownerOf(this.#tree) !== '') this.operations.push(['attributes', '.', '', ownerOf(this.#tree)]);
    this.after.push(known(stat(this.#root), attributes.after));
  }

  want(entry: WantedEntry): void {
    const now = this.#here.get(entry.name);
    if (!this.#differs(entry)) return now && this.#permissions(entry, now);
    this.written.push(entry.name);
    if (now && (now.type === 'directory' || entry.type === 'directory')) this.operations.push(['rm', entry.name]);
    if (now && (now.type === 'directory' || entry.type === 'directory')) this.#forgetBelow(entry.name);
    const path = this.#path(entry.name);
    const keeps = now && now.type === entry.type ? now : undefined;
    const own = keeps ?? this.#fresh(entry.type, entry.type === 'link' ? '0777' : entry.mode);
    const attributes = planAttributes({ ...this.#tree, ...(entry.type === 'link' ? {} : { mode: entry.mode }) }, own, this.#found).after;
    const chown = ownerOf(this.#tree) === '' ? this.#ownerKept(keeps) : ownerOf(this.#tree);
    switch (entry.type) {
      case 'directory':
        this.changes.push({ what: entry.name, from: now?.type ?? 'absent', to: 'directory' });
        this.operations.push(['mkdir', entry.name, entry.mode, chown]);
        this.after.push(...gone(path), known(stat(path), attributes));
        return;
      case 'link':
        this.changes.push({ what: entry.name, from: now === undefined ? 'absent' : now.type === 'link' ? `link to ${now.target}` : now.type, to: `link to ${entry.target}` });
        this.operations.push(['link', entry.name, entry.target, chown]);
        this.after.push(...gone(path), known(stat(path), attributes), known(linkTarget(path), entry.target));
        return;
      case 'file': {
        this.changes.push(this.#contentChange(entry, now));
        if (keeps && keeps.mode !== entry.mode) this.changes.push({ what: `mode of ${entry.name}`, from: keeps.mode, to: entry.mode });
        // Unpacked with its mode already, unless the bytes come from an archive that may have another; chown(1) clears set-user-ID bits.
        const mode = this.#tree.archive || (chown !== '' && (Number.parseInt(entry.mode, 8) & 0o6000) !== 0) ? entry.mode : '';
        this.operations.push(['file', entry.name, entry.from ?? entry.name, ownerOf(this.#tree) === '' ? chown : '', mode]);
        this.after.push(...gone(path).slice(1), known(stat(path), { ...attributes, type: 'file', size: entry.size }), known(sha256(path), entry.sha256));
        this.after.push(entry.content === undefined ? { question: content(path), answer: null, unknown: `${path} comes from an archive on the host` } : known(content(path), { bytes: entry.content }));
      }
    }
  }

  deleteOthers(): void {
    const wanted = new Set(this.#tree.entries.map((entry) => entry.name));
    const extra = [...this.#here.keys()].filter((name) => !wanted.has(name) && !this.#tree.isExcluded(name) && !isOurs(name));
    const kept = [...this.#here.keys()].filter((name) => this.#tree.isExcluded(name));
    // A folder that holds something excluded stays, with just that.
    const doomed = new Set(extra.filter((name) => !kept.some((one) => one.startsWith(`${name}/`))));
    const isInside = (name: string): boolean => [...parentsOf(name)].some((above) => doomed.has(above));
    for (const name of [...doomed].sort()) {
      this.after.push(...gone(this.#path(name)));
      if (isInside(name)) continue;
      const count = [...doomed].filter((one) => one.startsWith(`${name}/`)).length;
      const type = this.#here.get(name)?.type ?? 'file';
      this.changes.push({ what: name, from: count === 0 ? type : `directory (${count} below)`, to: 'absent' });
      this.deleted.push(name);
      this.operations.push(['rm', name]);
    }
  }

  #permissions(entry: WantedEntry, now: Here): void {
    if (now.isFollowed) return;
    const { changes, after, chown, mode } = planAttributes({ ...this.#tree, mode: entry.type === 'link' ? undefined : entry.mode }, now, this.#found);
    if (changes.length === 0) return;
    this.written.push(entry.name);
    this.changes.push(...changes.map((change) => ({ ...change, what: `${change.what} of ${entry.name}` })));
    this.operations.push(['attributes', entry.name, entry.type === 'link' ? '' : mode, chown]);
    this.after.push(known(stat(this.#path(entry.name)), after));
  }

  #differs(entry: WantedEntry): boolean {
    const now = this.#here.get(entry.name);
    if (now?.type !== entry.type) return true;
    if (entry.type === 'link') return now.target !== entry.target;
    return entry.type === 'file' && (now.size !== entry.size || this.#found.get(sha256(below(this.#tree.dest, entry.name))) !== entry.sha256);
  }

  #contentChange(entry: WantedEntry & { type: 'file' }, now: Here | undefined): Change {
    if (entry.content === undefined || this.#tree.archive !== undefined) return { what: entry.name, from: now?.type ?? 'absent', to: now?.type === 'file' ? 'other content' : 'file' };
    const path = this.#path(entry.name);
    const text = { path, after: entry.content, ...(entry.secrets === undefined ? {} : { secret: entry.secrets }) };
    if (now === undefined) return { what: entry.name, to: 'new file', text: { ...text, before: null } };
    if (now.type !== 'file') return { what: entry.name, from: now.type, to: 'file', text: { ...text, before: null } };
    const old = this.#found.get(content(path));
    if ('bytes' in old) return { what: entry.name, text: { ...text, before: old.bytes } };
    return { what: entry.name, text: { ...text, before: { unknown: 'tooLarge' in old ? `the old file has ${old.tooLarge} bytes` : `it is ${old.missing}` } } };
  }

  #fresh(type: 'file' | 'directory' | 'link', mode: string): Here {
    return { type, mode, size: 0, target: '', ...this.#found.get(self) };
  }

  /** A file keeps the owner it had: what replaces it is chowned where that is not who we are. */
  #ownerKept(now: Here | undefined): string {
    const me = this.#found.get(self);
    return now === undefined || (now.uid === me.uid && now.gid === me.gid) ? '' : `${now.uid}:${now.gid}`;
  }

  #forgetBelow(name: string): void {
    for (const one of this.#here.keys()) if (one.startsWith(`${name}/`)) this.#here.delete(one);
  }

  #path(name: string): string {
    return below(this.#root, name);
  }
}

/** What a run that was killed left: the next one removes it. */
function isOurs(name: string): boolean {
  return name.startsWith('.play-tree-');
}

/** The wanted paths as they are. */
function whatIsThere(tree: WantedTree, found: Found): Map<string, Here> {
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
    if (now.type !== 'absent') here.set(name, { ...now, target: now.type === 'link' ? (found.get(linkTarget(path)) ?? '') : '', ...(isFollowed ? { isFollowed } : {}) });
  }
  return here;
}

/** The host's own list, with what planned changes make of single paths (check mode). */
function allThatIsThere(dest: string, root: string, found: Found): Map<string, Here> {
  const here = new Map(found.get(listing(dest)).map((one): [string, Here] => [one.name, toHere(one)]));
  for (const { path, after } of found.plannedBelow(root)) {
    const name = path.slice(root.length + 1);
    if (after.type === 'absent') {
      for (const one of here.keys()) if (one === name || one.startsWith(`${name}/`)) here.delete(one);
    } else here.set(name, { ...after, target: after.type === 'link' ? (found.get(linkTarget(path)) ?? '') : '' });
  }
  return here;
}

function toHere({ type, mode, uid, gid, owner, group, size, target }: Listed): Here {
  return { type, mode, uid, gid, owner, group, size, target };
}
