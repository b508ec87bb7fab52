import {
  predict,
  settled,
  type Change,
  type Found,
  type Prediction,
  type PathState,
  type Plan,
  type Question,
  type Stat,
} from '../../../contract/index.ts';
import { PlayError } from '../../../errors/index.ts';
import {
  content,
  linkTarget,
  realPath,
  self,
  sha256,
  stat,
  tree,
  writability,
  type Self,
} from '../../../probes/index.ts';
import { listing } from '../../../probes/listing.ts';
import { behindLinks, folderOf, presumeFolder } from '../folder.ts';
import { requireNoObstacle, type Doing } from '../obstacle.ts';
import { hasAttributes, planAttributes } from '../ownership.ts';
import { directoryAt, gone, replaced } from '../predictions.ts';
import { ownerOf, treeStep, type Operation } from './apply.ts';
import { allThatIsThere, below, isOurs, questionsOf, singleQuestions, whatIsThere, type Here } from './here.ts';
import { parentsOf, type WantedEntry, type WantedTree } from './wanted.ts';

export interface TreeResult {
  /** The directory on the host. */
  readonly dest: string;
  /** Paths relative to `dest` that were written or got new permissions; in check mode, those that would be. */
  readonly written: readonly string[];
  /** Paths relative to `dest` that were removed; in check mode, those that would be. */
  readonly deleted: readonly string[];
}

/** The questions that are sure to be needed: what is there, and the hashes of what may be right already. */
export function treeQuestions(tree: WantedTree): Question[] {
  const { dest, entries } = tree;
  const asked = questionsOf(tree);
  const hashes = entries.flatMap(({ name, type }) => (type === 'file' ? [asked(name).sha256] : []));
  return [
    stat(dest),
    stat(folderOf(dest)),
    self,
    ...hashes,
    ...(tree.delete ? [listing(dest)] : singleQuestions(tree)),
  ];
}

/** Plans a whole tree: one stream with the files that differ, and what is to be done around them. */
export function planTree(tree: WantedTree, found: Found): Plan<TreeResult> {
  const { root, top } = rootOf(tree, found);
  if (tree.delete) found.trust(`nothing is added below ${root} by then`);
  const isNew = top.type === 'absent' && tree.makesDest;
  const work = new TreeWork(tree, root, top.type === 'absent' ? freshRoot(root, found) : top, found);
  if (isNew) work.makeRoot();
  for (const entry of tree.entries) if (!tree.isExcluded(entry.name)) work.want(entry);
  if (tree.delete) work.deleteOthers();
  const { changes, operations, after } = work;
  if (changes.length === 0) return settled({ dest: tree.dest, written: [], deleted: [] });
  work.requireNoObstacle();
  return {
    changes,
    steps: [treeStep(tree, isNew ? root : undefined, operations)],
    after,
    touches: work.emptied.map((path) => ({ on: 'path', path })),
    result: { dest: tree.dest, written: work.written, deleted: work.deleted },
  };
}

/**
 * Where a tree comes to lie, a link in its place followed, and what is there now.
 * @throws PlayError where no tree can be there
 */
export function rootOf(
  { dest, makesDest }: Pick<WantedTree, 'dest' | 'makesDest'>,
  found: Found,
): { readonly root: string; readonly top: Stat } {
  const at = found.get(stat(dest));
  const root = at.type === 'link' ? (found.get(realPath(dest)) ?? dest) : dest;
  const top = root === dest ? at : found.get(stat(root));
  found.require(top.type === 'directory' || top.type === 'absent', { failure: `${dest} is not a directory`, by: null });
  if (top.type === 'absent') presumeFolder(makesDest ? folderOf(root) : root, found);
  return { root, top };
}

/** The root as mkdir(1) makes it, before it is given to anybody. */
function freshRoot(root: string, found: Found): PathState {
  const above = behindLinks(folderOf(root), found);
  const made = madeIn(above.type === 'absent' ? undefined : above, found.get(self));
  return { type: 'directory', mode: handsOnGroup(above) ? '2755' : '0755', size: 0, ...made };
}

/** A set-group-ID directory gives its group to what is made in it (inode(7)). */
function madeIn(above: PathState | undefined, me: Self): Self {
  return above && handsOnGroup(above) ? { ...me, gid: above.gid, group: above.group } : me;
}

function handsOnGroup(folder: Stat): boolean {
  return folder.type === 'directory' && (Number.parseInt(folder.mode, 8) & 0o2000) !== 0;
}

/** Collects what is to be done about a tree, entry by entry. */
class TreeWork {
  readonly changes: Change[] = [];
  readonly #operations: Operation[] = [];
  /** Permissions that keep their owner from putting anything into a folder: they come last. */
  readonly #late: Operation[] = [];
  readonly after: Prediction[] = [];
  readonly written: string[] = [];
  readonly deleted: string[] = [];
  /** Paths that go with all that is below them. */
  readonly emptied: string[] = [];
  readonly #tree: WantedTree;
  readonly #root: string;
  readonly #found: Found;
  readonly #here: Map<string, Here>;
  /** What is not there as it shall be, permissions aside. */
  readonly #others = new Set<WantedEntry>();
  /** The folders as they will be, by name; the root has none. */
  readonly #folders: Map<string, PathState>;
  /** What a new file is before anybody gives it away: it is unpacked in a folder right below the root. */
  readonly #unpacked: Self;
  /** What is to be done to paths that are there, and to folders that get something new. */
  readonly #doings = new Map<string, Doing>();
  /** Folders that are made, and those that get something new. */
  readonly #made = new Set<string>();
  readonly #filled = new Set<string>();

  constructor(tree: WantedTree, root: string, top: PathState, found: Found) {
    this.#tree = tree;
    this.#root = root;
    this.#found = found;
    this.#folders = new Map([['', top]]);
    this.#unpacked = madeIn(top, found.get(self));
    this.#here = tree.delete ? allThatIsThere(tree.dest, root, found) : whatIsThere(tree, found);
    for (const entry of tree.entries) if (this.#isOther(entry)) this.#others.add(entry);
    // All old sides of diffs in one exchange.
    for (const entry of this.#others) {
      if (entry.type !== 'file' || this.#here.get(entry.name)?.type !== 'file') continue;
      if (entry.content !== undefined) found.need(content(this.#path(entry.name)));
      found.need(writability(this.#path(entry.name)));
    }
  }

  get operations(): readonly Operation[] {
    return [...this.#operations, ...this.#late];
  }

  makeRoot(): void {
    const made = this.#folders.get('');
    if (made === undefined) return;
    this.#doings.set(this.#root, 'make');
    this.#made.add('');
    const { after } = planAttributes(this.#tree, made, this.#found);
    this.changes.push({ what: 'state', from: 'absent', to: 'directory' });
    if (ownerOf(this.#tree) !== '') this.#operations.push(['attributes', '.', '', ownerOf(this.#tree)]);
    this.#folders.set('', after);
    this.after.push(predict(stat(this.#root), after));
  }

  want(entry: WantedEntry): void {
    const now = this.#here.get(entry.name);
    // What was there may go with a folder.
    if (now !== undefined && !this.#others.has(entry)) {
      if (now.type === 'directory') this.#folders.set(entry.name, now);
      return this.#permissions(entry, now);
    }
    this.written.push(entry.name);
    this.#note(entry.name, now === undefined ? 'make' : 'replace');
    if (now && (now.type === 'directory' || entry.type === 'directory')) {
      if (now.type === 'directory') this.#requireReplaceable(entry);
      this.#operations.push(['rm', entry.name]);
      this.emptied.push(this.#path(entry.name));
      this.#forgetBelow(entry.name);
    }
    const path = this.#path(entry.name);
    const keeps = now && now.type === entry.type ? now : undefined;
    const own = keeps ?? this.#fresh(entry);
    const attributes = planAttributes(
      { ...this.#tree, ...(entry.type === 'link' ? {} : { mode: entry.mode }) },
      own,
      this.#found,
    ).after;
    switch (entry.type) {
      case 'directory': {
        this.changes.push({ what: entry.name, from: now?.type ?? 'absent', to: 'directory' });
        const isClosed = (Number.parseInt(entry.mode, 8) & 0o300) !== 0o300;
        this.#operations.push(['mkdir', entry.name, isClosed ? '0700' : entry.mode, ownerOf(this.#tree)]);
        if (isClosed) this.#late.push(['attributes', entry.name, entry.mode, '']);
        this.#folders.set(entry.name, attributes);
        this.#made.add(entry.name);
        this.after.push(...directoryAt(path, attributes));
        return;
      }
      case 'link':
        this.changes.push({
          what: entry.name,
          from: now === undefined ? 'absent' : now.type === 'link' ? `link to ${now.target ?? ''}` : now.type,
          to: `link to ${entry.target}`,
        });
        this.#operations.push([
          'link',
          entry.name,
          entry.target,
          chownText(this.#tree.owner ?? this.#restored(own).owner, this.#tree.group ?? this.#restored(own).group),
        ]);
        this.after.push(...gone(path), predict(stat(path), attributes), predict(linkTarget(path), entry.target));
        return;
      case 'file': {
        this.changes.push(this.#contentChange(entry, now));
        if (keeps && keeps.mode !== entry.mode)
          this.changes.push({ what: `mode of ${entry.name}`, from: keeps.mode, to: entry.mode });
        // All that is unpacked was given to whom the tree belongs, if that is asked for: the rest is what the file had,
        // or has from its folder.
        const { owner, group } = this.#restored(own);
        const chown = chownText(
          this.#tree.owner === undefined ? owner : undefined,
          this.#tree.group === undefined ? group : undefined,
        );
        // Unpacked with its mode already, unless the bytes come from an archive that may have another; chown(1) clears
        // set-user-ID bits.
        const isChowned = chown !== '' || ownerOf(this.#tree) !== '';
        const mode =
          this.#tree.archive || (isChowned && (Number.parseInt(entry.mode, 8) & 0o6000) !== 0)
            ? entry.mode
            : `=${entry.mode}`;
        this.#operations.push(['file', entry.name, entry.from ?? entry.name, chown, mode]);
        this.after.push(
          ...gone(path).slice(1),
          predict(stat(path), { ...replaced(attributes), type: 'file', size: entry.size }),
          predict(sha256(path), entry.sha256),
        );
        this.after.push(
          entry.content === undefined
            ? { question: content(path), answer: null, unknown: `${path} comes from an archive on the host` }
            : predict(content(path), { bytes: entry.content }),
        );
      }
    }
  }

  deleteOthers(): void {
    const wanted = new Set(this.#tree.entries.map((entry) => entry.name));
    // What is told depends on all names that are there.
    for (const [name, { assumed }] of this.#here)
      if (assumed !== undefined && !this.#tree.isExcluded(name)) this.#found.assume(assumed);
    const extra = [...this.#here.keys()].filter(
      (name) => !wanted.has(name) && !this.#tree.isExcluded(name) && !isOurs(name),
    );
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
      this.#operations.push(['rm', name]);
      if (type === 'directory') this.emptied.push(this.#path(name));
      this.#note(name, 'remove');
      this.#requireRemovable(name, type);
    }
  }

  /** @throws PlayError where what is to be done would fail whoever did it */
  requireNoObstacle(): void {
    this.#found.need(...[...this.#doings.keys()].map((path) => writability(path)));
    for (const [path, doing] of this.#doings) requireNoObstacle(path, doing, this.#found);
  }

  /** Nothing stands in the way in a folder that is made first; of those that are there one new path tells for all. */
  #note(name: string, doing: Doing): void {
    const [above = ''] = parentsOf(name);
    if (this.#made.has(above) || (doing === 'make' && this.#filled.has(above))) return;
    if (doing === 'make') this.#filled.add(above);
    this.#doings.set(this.#path(name), doing);
  }

  /** Mounts below go with no folder. */
  #requireRemovable(name: string, type: Here['type']): void {
    const path = this.#path(name);
    const mount = type === 'directory' ? this.#found.get(tree(path)).mounts[0] : undefined;
    if (mount !== undefined) throw new PlayError(`${path} is not removed: ${mount} is a mount point; unmount it first`);
  }

  /**
   * A folder goes with all that is in it only where that is asked for, and not where something in it is to be left
   * alone.
   */
  #requireReplaceable({ name, type }: WantedEntry): void {
    const path = this.#path(name);
    const inside = this.#tree.delete
      ? [...this.#here.keys()].filter((one) => one.startsWith(`${name}/`))
      : [...allThatIsThere(path, path, this.#found, 1).keys()].map((one) => `${name}/${one}`);
    const [kept] = this.#tree.delete ? inside.filter((one) => this.#tree.isExcluded(one)) : inside;
    if (kept !== undefined)
      throw new PlayError(
        `${path} is a directory that holds ${kept.slice(name.length + 1)}, and should be a ${type}; ${this.#tree.delete ? 'what is excluded is not removed' : 'move it away first'}`,
      );
  }

  #permissions(entry: WantedEntry, now: Here): void {
    if (now.isFollowed) return;
    const { owner, group } = this.#tree;
    const wanted = { owner, group, mode: entry.type === 'link' ? undefined : entry.mode };
    if (hasAttributes(wanted, now)) return;
    const { changes, after, chown, mode } = planAttributes(wanted, now, this.#found);
    if (changes.length === 0) return;
    this.written.push(entry.name);
    this.changes.push(...changes.map((change) => ({ ...change, what: `${change.what} of ${entry.name}` })));
    this.#note(entry.name, 'change');
    const isClosed = entry.type === 'directory' && (Number.parseInt(mode, 8) & 0o300) !== 0o300;
    (isClosed ? this.#late : this.#operations).push([
      'attributes',
      entry.name,
      entry.type === 'link' ? '' : mode,
      chown,
    ]);
    if (entry.type === 'directory') this.#folders.set(entry.name, after);
    this.after.push(predict(stat(this.#path(entry.name)), after));
  }

  #isOther(entry: WantedEntry): boolean {
    const now = this.#here.get(entry.name);
    if (now?.type !== entry.type) return true;
    if (entry.type === 'link') return (now.target ?? '') !== entry.target;
    return (
      entry.type === 'file' &&
      (now.size !== entry.size || this.#found.get(questionsOf(this.#tree)(entry.name).sha256) !== entry.sha256)
    );
  }

  #contentChange(entry: WantedEntry & { type: 'file' }, now: Here | undefined): Change {
    if (entry.content === undefined || this.#tree.archive !== undefined)
      return { what: entry.name, from: now?.type ?? 'absent', to: now?.type === 'file' ? 'other content' : 'file' };
    const path = this.#path(entry.name);
    const text = { path, after: entry.content, ...(entry.secrets === undefined ? {} : { secret: entry.secrets }) };
    if (now === undefined) return { what: entry.name, to: 'new file', text: { ...text, before: null } };
    if (now.type !== 'file') return { what: entry.name, from: now.type, to: 'file', text: { ...text, before: null } };
    const old = this.#found.get(content(path));
    if ('bytes' in old) return { what: entry.name, text: { ...text, before: old.bytes } };
    return {
      what: entry.name,
      text: {
        ...text,
        before: { unknown: 'tooLarge' in old ? `the old file has ${old.tooLarge} bytes` : `it is ${old.missing}` },
      },
    };
  }

  #fresh({ name, type, ...entry }: WantedEntry): PathState {
    const [above = ''] = parentsOf(name);
    return {
      type,
      mode: 'mode' in entry ? entry.mode : '0777',
      size: 0,
      ...madeIn(this.#folders.get(above), this.#found.get(self)),
    };
  }

  /** Whom an unpacked file is to be given, to be as `own`: the file it replaces, or a new one in its folder. */
  #restored(own: PathState): { readonly owner: string | undefined; readonly group: string | undefined } {
    const { uid, gid } = this.#unpacked;
    return {
      owner: own.uid === uid ? undefined : String(own.uid),
      group: own.gid === gid ? undefined : String(own.gid),
    };
  }

  #forgetBelow(name: string): void {
    for (const one of this.#here.keys()) if (one.startsWith(`${name}/`)) this.#here.delete(one);
  }

  #path(name: string): string {
    return below(this.#root, name);
  }
}

/** Operand of chown(1); empty where there is nothing to be done. */
function chownText(owner: string | undefined, group: string | undefined): string {
  return `${owner ?? ''}${group === undefined ? '' : `:${group}`}`;
}
