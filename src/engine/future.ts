import { dirname } from 'node:path/posix';
import { questionKey, type Below, type Prediction, type Question, type Stat } from '../contract/index.ts';
import { identityOf, stat, type Bind } from '../probes/index.ts';
import { AddedNames } from './added-names.ts';
import { decides, inOrder, isOfFile, isOfFileItself, isOfOwnName, isPlace, keepsBytes } from './future-rules.ts';
import { resolveLinks, type LinkAt, type Resolved } from './links.ts';
import { PathNames, renamed } from './path-names.ts';
import { PlannedMap } from './planned-map.ts';
import { SharedFiles } from './shared-files.ts';
import { ancestors, askedOf, followedPaths, foldersOf, isBelow, pathOf, wayTo } from './subjects.ts';
import { UnknownBelow } from './unknown-below.ts';

/** What the host itself said about a path, as far as it was asked. */
export interface HostPaths {
  readonly linkAt: LinkAt;
  stat(path: string): Stat | undefined;
  /** Places that are one by mounts. */
  binds(): readonly Bind[];
}

/**
 * Check mode: what planned changes will make of the host. All paths in it are those the kernel resolves to, so that a
 * file is one thing under all its names: through links to its folders, planned or existing, and through hard links.
 */
export class Future {
  readonly #known = new PlannedMap();
  /**
   * Paths that a planned change removes or replaces: what the host has at and below them now will be gone, even where
   * the paths come back.
   */
  readonly #emptied = new Set<string>();
  readonly #unknownBelow = new UnknownBelow();
  readonly #added = new AddedNames();
  readonly #shared = new SharedFiles(this.#known, (path) => this.#identityAt(path));
  readonly #host: HostPaths;
  readonly #names: PathNames;

  constructor(host: HostPaths) {
    this.#host = host;
    this.#names = new PathNames(
      (at) => this.linkAt(at),
      () => host.binds(),
    );
  }

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** In the order of planning. */
  get all(): readonly Prediction[] {
    return this.#known.all;
  }

  get emptied(): readonly string[] {
    return [...this.#emptied];
  }

  /** Additional names that existing files get. */
  get linked(): readonly { readonly from: string; readonly to: string }[] {
    return this.#added.all;
  }

  get hasUnknownParts(): boolean {
    return !this.#unknownBelow.isEmpty;
  }

  /** Whether something that is planned is seen at a second place too, by a bind mount. */
  get isSeenTwice(): boolean {
    return this.#names.seenTwice.some((place) => this.#known.hasBelow(place));
  }

  /** The same of these folders: of something in them, or of a folder they are in. */
  hasUnknownBelow(folders: readonly string[]): boolean {
    return this.#unknownBelow.touches(folders);
  }

  /** Whether files with several names are changed in place, so that it matters which file a path is. */
  get changesInPlace(): boolean {
    return !this.#shared.isEmpty;
  }

  /** What becomes of a file that is changed in place. */
  changedTo(identity: string): Stat | undefined {
    return this.#statAt(this.#shared.nameOf(identity) ?? '');
  }

  /** Where a question's paths will lead. */
  resolve(question: Question): Resolved[] {
    return followedPaths(question, true).map(({ path, follows }) => this.#names.resolve(path, follows));
  }

  /** The question as it will be meant once planned links exist: about what they lead to. */
  throughLinks<A>(question: Question<A>): Question<A> {
    return this.isEmpty ? question : this.#withoutLinks(question, false);
  }

  #withoutLinks<A>(question: Question<A>, isOfPath: boolean): Question<A> {
    const by = isOfOwnName(question) ? 'named' : 'real';
    const moved = followedPaths(question)
      .map(({ path, follows }, i) => [path, this.#names[by](path, follows && !(isOfPath && i === 0))] as const)
      .filter(([path, to]) => path !== to);
    const real = new Map(moved);
    return real.size === 0 ? question : { ...question, args: question.args.map((arg) => real.get(arg) ?? arg) };
  }

  /** The question whose answer from the host holds for the one that is asked: of a hard link, that about the name it has now. */
  hostQuestion<A>(asked: Question<A>): Question<A> {
    const question = this.#added.source(this.throughLinks(asked));
    const path = pathOf(asked);
    if (question === asked || path === undefined || asked.kind.tellsPaths !== true) return question;
    const way = resolveLinks(path, asked.kind.follows ?? false, (at) => this.linkAt(at));
    return this.#isWayPlanned(path, way) ? question : asked;
  }

  #isWayPlanned(path: string, { path: real, followed }: Resolved): boolean {
    const touched = [...ancestors(path), path, ...followed, ...ancestors(real), real];
    return touched
      .map((one) => this.#names.unbound(one))
      .some((one) => this.#known.has(`stat\0${one}`) || this.#known.has(`link\0${one}`) || this.#emptied.has(one));
  }

  linkAt(path: string): string | null | undefined {
    if (this.isEmpty && this.#emptied.size === 0) return this.#host.linkAt(path);
    const name = this.#names.unbound(path);
    const at = this.#statAt(name);
    const target = this.#known.get(`link\0${name}`)?.answer;
    if (at !== undefined && at.type !== 'link') return null;
    if (typeof target === 'string') return target;
    return this.#isGone(name) ? null : this.#host.linkAt(path);
  }

  /**
   * What planned changes will make of the answer; undefined where they leave it alone. The question must be free of
   * links.
   */
  planned(question: Question): Prediction | undefined {
    if (this.isEmpty) return undefined;
    const path = pathOf(question);
    const { kind } = question.kind;
    if (path !== undefined && kind === 'realpath') return this.#realPath(question, path);
    if (path !== undefined && kind === 'same-file') return this.#sameFile(question);
    const exact = this.#foretold(question);
    if (exact) return exact;
    if (path !== undefined) {
      const own = this.#atPath(question, path);
      if (own) return own;
      for (const above of ancestors(path).reverse()) {
        const below = this.#unknownBelow.at(above, question, path);
        if (below && !question.kind.ofPlace) return { question, answer: null, unknown: below.unknown };
        if (this.#emptied.has(above) && 'absent' in question.kind) return { question, answer: question.kind.absent };
      }
    }
    const unknown = this.#unknownBelow.in(this.#foldersOf(question), question);
    return unknown === undefined ? undefined : { question, answer: null, unknown };
  }

  /** What is planned for the path itself, applied to a question that was not predicted. */
  #atPath(question: Question, path: string): Prediction | undefined {
    const known = this.#known.get(`stat\0${path}`);
    const at = known?.answer as Stat | undefined;
    if (known?.unknown !== undefined) return { question, answer: null, unknown: known.unknown };
    if (at?.type === 'absent' && 'absent' in question.kind) return { ...known, question, answer: question.kind.absent };
    if (at !== undefined && at.type !== 'link' && question.kind.kind === 'link')
      return { ...known, question, answer: null };
    if (at?.type === 'directory' && 'ofDirectory' in question.kind)
      return { ...known, question, answer: question.kind.ofDirectory };
    if (at?.type === 'directory' && this.#emptied.has(path) && 'ofEmptyDirectory' in question.kind)
      return this.#inNewDirectory(question, path);
    return this.#underOtherName(question, path);
  }

  /** A directory that is made anew holds nothing of what the host has there now. */
  #inNewDirectory(question: Question, path: string): Prediction {
    const isEmpty =
      question.kind.addsPlanned === true || !this.all.some((known) => pathOf(known.question)?.startsWith(`${path}/`));
    return isEmpty
      ? { question, answer: question.kind.ofEmptyDirectory }
      : { question, answer: null, unknown: `${path} is filled anew before` };
  }

  /** A file that is changed in place changes under all its names. */
  #underOtherName(question: Question, path: string): Prediction | undefined {
    const other = this.#shared.nameOf(this.#identityAt(path));
    const known = other === undefined ? undefined : this.#foretold(askedOf(question, path, other));
    return known && { ...known, question };
  }

  #foretold(question: Question): Prediction | undefined {
    const key = questionKey(question.kind.asks?.(question.args) ?? question);
    const known = this.#known.get(key) ?? this.#shared.former(key);
    return known && { ...known, question };
  }

  #realPath(question: Question, path: string): Prediction | undefined {
    const resolved = resolveLinks(path, true, (at) => this.linkAt(at));
    // Whether there are links on the way is asked first, with the question itself.
    if (resolved.unknown.length > 0 || !this.#isWayPlanned(path, resolved)) return undefined;
    const { path: real, isCircle } = resolved;
    const parent = this.#names.unbound(dirname(real));
    const isMissing =
      isCircle ||
      this.#statAt(parent)?.type === 'absent' ||
      (this.#statAt(parent) === undefined && (this.#isGone(parent) || this.#host.stat(parent)?.type === 'absent'));
    return { question, answer: isMissing ? null : real };
  }

  #sameFile(question: Question): Prediction | undefined {
    const [one = '', other = ''] = this.#withoutLinks(question, false).args;
    if (!this.#known.has(`stat\0${one}`) && !this.#known.has(`stat\0${other}`)) return undefined;
    const identity = identityOf(this.#statAt(one) ?? this.#host.stat(one));
    return {
      question,
      answer: identity !== undefined && identity === identityOf(this.#statAt(other) ?? this.#host.stat(other)),
    };
  }

  /** Writes the state after a planned change over what was known. */
  foresee(after: readonly Prediction[]): void {
    for (const { question } of after) if (question.kind.kind === 'mounted') this.#names.turn(pathOf(question) ?? '');
    const isDoubtful = this.rewrites(after);
    for (const [key, { question }] of this.#known.fromFiles()) if (isDoubtful(question)) this.#known.delete(key);
    // If only what stat(1) reports is planned, the path stays and just gets other permissions.
    const made = new Set(
      after
        .filter(({ question: { kind } }) => kind.kind === 'content' || kind.kind === 'link')
        .map(({ question }) => pathOf(question)),
    );
    const placed = new Set(after.filter(isPlace).map(({ question }) => pathOf(question)));
    // Files that get another name stay what they are, also those whose identity is made up for that.
    const named = new Set(
      after
        .filter(({ question: { kind }, answer }) => kind.kind === 'same-file' && answer === true)
        .map(({ question: { args } }) => this.#names.real(args[1] ?? '', false)),
    );
    for (const known of inOrder(after)) {
      // Other predictions for a path whose place is predicted too are about the path itself, even where that is a link.
      const question = this.#withoutLinks(known.question, placed.has(pathOf(known.question)));
      const path = pathOf(question);
      const { kind } = question.kind;
      if (path !== undefined && kind === 'stat' && known.unknown === undefined)
        this.#place(path, known.answer as Stat, { isMade: made.has(pathOf(known.question)), stays: named.has(path) });
      if (path !== undefined && known.below) this.#forgetBelow(path, known.below);
      if (path !== undefined && known.unknown === undefined && isOfFileItself(question))
        this.#shared.change(question, path);
      if (kind === 'same-file') this.#nameAgain(question, known.answer === true);
      if (kind !== 'same-file' && kind !== 'realpath') this.#known.put({ ...known, question });
    }
  }

  /**
   * What a path will be, and what disappears with that.
   *
   * @param isMade more is planned for it than stat(1) reports
   * @param stays it is the file that it was
   */
  #place(path: string, at: Stat, { isMade, stays }: { readonly isMade: boolean; readonly stays: boolean }): void {
    const before = this.#statAt(path) ?? (this.#isGone(path) ? undefined : this.#host.stat(path));
    const identity = identityOf(at);
    this.#shared.setAside(path, identity);
    // The name of another file: what was known under it is not that one's.
    if (!stays && identity !== undefined && before !== undefined && identity !== identityOf(before))
      this.#forgetKnown(path, (other, { kind }) => other === path && kind.kind !== 'stat');
    if (identity === undefined || identity !== identityOf(before)) this.#added.forget((one) => one === path);
    if (identity !== undefined) this.#shared.place(identity, path, at);
    const isReplaced =
      at.type === 'absent' || (before === undefined ? isMade && at.type !== 'directory' : before.type !== at.type);
    if (!isReplaced) return;
    this.#forget(path, (other) => isBelow(other, [path]));
    // Where nothing is known to exist, nothing is removed: what a package brings there must not be taken out of a
    // staged view.
    if (at.type === 'absent' || (before !== undefined && before.type !== 'absent')) this.#emptied.add(path);
  }

  #identityAt(path: string): string | undefined {
    return identityOf(this.#statAt(path) ?? (this.#isGone(path) ? undefined : this.#host.stat(path)));
  }

  /** What it spares, or is not about, stays as it was planned before. */
  #forgetBelow(path: string, below: Below): void {
    const isPart = (other: string): boolean => other.startsWith(`${path}/`);
    if (below.spares === undefined && below.concerns === undefined) {
      this.#forget(path, isPart);
      for (const other of this.#emptied) if (isPart(other)) this.#emptied.delete(other);
      this.#unknownBelow.set(path, below, true);
      return;
    }
    this.#forgetKnown(
      path,
      (other, question) => isPart(other) && decides(below, question, other, foldersOf(question).length > 0),
    );
    this.#unknownBelow.set(path, below, false);
  }

  /** @param top above all that is meant, or that itself */
  #forget(top: string, isMeant: (path: string) => boolean): void {
    this.#forgetKnown(top, isMeant);
    this.#unknownBelow.forget(isMeant);
    this.#added.forget(isMeant);
  }

  #forgetKnown(top: string, isMeant: (path: string, question: Question) => boolean): void {
    for (const [key, { question }] of this.#known.below(top)) {
      const other = pathOf(question);
      if (other !== undefined && isMeant(other, question)) this.#known.delete(key);
    }
  }

  /** A hard link: what is known of the file is known under its new name too. */
  #nameAgain({ args }: Question, isOne: boolean): void {
    const [name = '', of = ''] = args.map((path) => this.#names.real(path, false));
    if (!isOne || name === of) return;
    // What was planned of the file that had this name before is gone with it.
    for (const [key, { question }] of this.#known)
      if (pathOf(question) === name && question.kind.kind !== 'stat') this.#known.delete(key);
    for (const known of this.all) {
      if (pathOf(known.question) !== of || known.question.kind.kind === 'stat') continue;
      this.#known.put({ ...known, question: askedOf(known.question, of, name) });
    }
    this.#added.add(name, of);
  }

  /** Whether an answer is read from files that are planned to be written or removed. */
  isRewritten(question: Question): boolean {
    if (this.isEmpty || question.kind.files === undefined) return false;
    return question.kind.files(question.args).some((file) => {
      const path = this.#names.real(file, true);
      return ['content', 'stat'].some((kind) => {
        const known = this.#known.get(`${kind}\0${path}`);
        return known !== undefined && isOfFile(known);
      });
    });
  }

  /** Which answers are read from files that these changes write or remove. */
  rewrites(after: readonly Prediction[]): (question: Question) => boolean {
    const written = new Set(after.filter(isOfFile).map(({ question }) => pathOf(this.throughLinks(question))));
    if (written.size === 0) return () => false;
    return ({ kind, args }) => kind.files?.(args).some((file) => written.has(this.#names.real(file, true))) === true;
  }

  /** Whether what lies below the paths this question depends on is planned to change after its own planned answer. */
  isOutdatedBelow(question: Question): boolean {
    const own = questionKey(question);
    const keeps = (known: Prediction): boolean =>
      question.kind.ofContent === true && keepsBytes(known, (at) => this.#host.stat(at));
    return this.#foldersOf(question).some(
      (folder) =>
        this.#known.below(folder).some(([key, known]) => this.#known.isLater(key, own) && !keeps(known)) ||
        wayTo(folder).some((path) => this.#isReplacedAfter(own, path)),
    );
  }

  #isReplacedAfter(own: string, path: string): boolean {
    return [`link\0${path}`, `stat\0${path}`].some((key) => {
      const known = this.#known.get(key);
      return known !== undefined && this.#known.isLater(key, own) && this.#isReplaced(known);
    });
  }

  /** Whether what is below a path goes, or is elsewhere by then. */
  #isReplaced({ question: { kind, args }, answer, unknown }: Prediction): boolean {
    if (unknown !== undefined) return false;
    return kind.kind === 'link' ? answer !== null : kind.kind === 'stat' && this.#emptied.has(args[0] ?? '');
  }

  /** What will be at paths below a folder, and where they are once links are resolved. */
  below(
    folder: string,
  ): { readonly path: string; readonly real: string; readonly after: Stat; readonly assumed: string | undefined }[] {
    const named = this.#names.named(folder, true);
    const shown = this.#names.shows(named);
    return this.#known.belowAny(shown.map(({ of }) => of)).flatMap(([, { question, answer, unknown, assumed }]) => {
      const path = pathOf(question);
      if (question.kind.kind !== 'stat' || unknown !== undefined || path === undefined) return [];
      return this.#names.shownBelow(named, path, shown).map((name) => ({
        path: renamed(name, named, folder),
        real: path,
        after: answer as Stat,
        assumed,
      }));
    });
  }

  /** The folders whose whole content an answer depends on: by their own names, as a link may come there, and where links lead. */
  #foldersOf(question: Question): string[] {
    const folders = foldersOf(question);
    return [...new Set(folders.flatMap((one) => [one, ...this.#names.shownIn(this.#names.named(one, true))]))];
  }

  #statAt(path: string): Stat | undefined {
    const known = this.#known.get(questionKey(stat(path))) ?? this.#shared.former(questionKey(stat(path)));
    return known?.unknown === undefined ? (known?.answer as Stat | undefined) : undefined;
  }

  /** Whether what the host has at a path now will be gone. */
  #isGone(path: string): boolean {
    return this.#emptied.size > 0 && [...ancestors(path), path].some((one) => this.#emptied.has(one));
  }
}
