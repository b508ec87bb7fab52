import { dirname } from 'node:path/posix';
import {
  ProbeFailure,
  questionKey,
  type AccountTable,
  type Prediction,
  type PlannedPath,
  type Question,
  type Stat,
  type Subject,
} from '../contract/index.ts';
import { accountTable, amongFormer, binds, content, self, stat, userIn, way } from '../probes/index.ts';
import { doubtOf, type Doubt } from './doubt.ts';
import { Future } from './future.ts';
import { hidesFiles, isStaged, stageOf } from './planned-stage.ts';
import { baseName, QuestionIndex } from './question-index.ts';
import { QuestionMap } from './question-map.ts';
import { SeenPaths } from './seen-paths.ts';
import type { Stage } from './staging.ts';
import { ancestors, followedPaths, foldersOf, isBelow, pathOf } from './subjects.ts';

/** What the host answered. */
export interface Answer {
  readonly answer: unknown;
  /** Check mode: why it is a guess. */
  readonly assumed: string | undefined;
}

/** An answer in its place. */
interface Kept {
  readonly account: string;
  readonly question: Question;
  now: Answer;
}

/**
 * What is known of one host: its own answers, and in check mode what planned changes will make of them. An answer is
 * kept until something it depends on is touched.
 */
export class HostState {
  readonly #answers = new Map<string, QuestionMap<Kept>>();
  readonly #index = new QuestionIndex<Kept>();
  /** Those that a tool reads out of files: few among thousands. */
  readonly #fromFiles = new Set<Kept>();
  readonly #seen: SeenPaths;
  readonly #future: Future;
  /** Who asked about paths. */
  readonly #lookers = new Set<string>();
  /** The accounts as they were seen where planned files are in place: the host does not have all of them. */
  #accountsInView: unknown;
  /** Answers taken right behind a change, before those sent with it; they hold while its proof is read. */
  #proof: ReadonlyMap<string, unknown> | undefined;
  /** Check mode: why answers from user code (`unless`) may change by then. */
  changedBefore: string | undefined;
  mayAppearBecause: string | undefined;
  mayAddSources: string | undefined;
  #version = 0;

  /** Another one whenever what is known may be another: what was planned before is as good as long as it stays. */
  get version(): number {
    return this.#version;
  }

  constructor(seen = new SeenPaths()) {
    this.#seen = seen;
    this.#future = new Future(seen);
  }

  /** What the host has answered so far, to plan against without touching this; what is planned is left out. */
  copy(): HostState {
    const copy = new HostState(this.#seen.copy());
    for (const { account, question, now } of this.#all()) copy.#keep(account, question, now);
    for (const account of this.#lookers) copy.#lookers.add(account);
    return copy;
  }

  /** Whether the host has said that a folder above the path is not there. */
  isBelowNothing(path: string): boolean {
    return ancestors(path).some((above) => this.#seen.stat(above)?.type === 'absent');
  }

  /** The answer as the host gave it to this account. */
  answer(account: string, question: Question): Answer | undefined {
    const key = this.#proof && questionKey(question);
    if (key !== undefined && this.#proof?.has(key)) return { answer: this.#proof.get(key), assumed: undefined };
    return this.#answers.get(account)?.get(question)?.now;
  }

  *#all(): Generator<Kept> {
    for (const ofAccount of this.#answers.values()) yield* ofAccount.values();
  }

  /** @param assumed why the answer is a guess */
  record(account: string, question: Question, answer: unknown, assumed?: string): void {
    if (question.kind === accountTable.kind && this.#future.isRewritten(question)) this.#accountsInView = answer;
    if (pathOf(question)?.startsWith('/')) this.#lookers.add(account);
    this.#keep(account, question, { answer, assumed });
    this.#seen.record(question, answer);
  }

  #keep(account: string, question: Question, now: Answer): void {
    this.#version++;
    const ofAccount = this.#answers.get(account) ?? new QuestionMap<Kept>();
    this.#answers.set(account, ofAccount);
    const before = ofAccount.get(question);
    if (before !== undefined) {
      before.now = now;
      return;
    }
    const kept = { account, question, now };
    ofAccount.set(question, kept);
    this.#index.add(question, kept);
    const { staged, files } = question.kind;
    if (staged !== undefined || files !== undefined) this.#fromFiles.add(kept);
  }

  #forget(kept: Kept): void {
    this.#version++;
    this.#answers.get(kept.account)?.delete(kept.question);
    this.#fromFiles.delete(kept);
    this.#index.delete(kept.question, kept);
  }

  /** Reads with answers taken at another time, by their keys. */
  withProof<T>(proof: ReadonlyMap<string, unknown>, read: () => T): T {
    this.#version++;
    this.#proof = proof;
    try {
      return read();
    } finally {
      this.#version++;
      this.#proof = undefined;
    }
  }

  /** What a planned change will make of the answer. */
  planned(question: Question): Prediction | undefined {
    return this.#future.planned(question);
  }

  /**
   * Check mode: an answer once the planned accounts, which own files by number, exist, and files changed in place have
   * changed.
   */
  amidPlanned<A>(question: Question<A>, answer: A, account = ''): A {
    const { amid, changedInPlace } = question.kind;
    const changed =
      changedInPlace && this.#future.changesInPlace
        ? changedInPlace(answer, (identity) => this.#future.changedTo(identity))
        : answer;
    const table = amid && this.#plannedAccounts;
    return amid && table ? amid(changed, question.args, table, account) : changed;
  }

  /** Check mode: whether an account comes or goes with what is planned. */
  presence(account: string): 'planned' | 'gone' | 'as it was' {
    const table = this.#plannedAccounts;
    const user = table && userIn(table, account);
    return user === undefined ? 'as it was' : user === null ? 'gone' : 'planned';
  }

  /** Check mode: whether files are changed in place, and so under names of theirs that no task gave. */
  get changesInPlace(): boolean {
    return this.#future.changesInPlace;
  }

  /** Check mode: whether earlier tasks change the files that hold accounts, and nobody has looked yet at what that makes. */
  get lacksAccounts(): boolean {
    return this.#future.isRewritten(accountTable) && this.#accountsAnswer === undefined;
  }

  get #plannedAccounts(): AccountTable | undefined {
    const planned = this.#future.planned(accountTable);
    if (planned !== undefined) return planned.unknown === undefined ? (planned.answer as AccountTable) : undefined;
    const seen = this.#future.isRewritten(accountTable) ? this.#accountsAnswer : undefined;
    if (seen === undefined || seen.assumed !== undefined || seen.answer instanceof ProbeFailure) return undefined;
    return amongFormer(seen.answer as AccountTable, (file) => this.#textOf(file));
  }

  /** Answers of before such files change are forgotten as that is planned. */
  get #accountsAnswer(): Answer | undefined {
    for (const ofAccount of this.#answers.values())
      for (const { now } of ofAccount.ofKind(accountTable.kind.kind)) return now;
    return undefined;
  }

  /** What the host has in a file, if it was asked. */
  #textOf(file: string): string {
    const asked = content(file);
    const [known] = [...this.#answers.values()].flatMap((ofAccount) => ofAccount.get(asked)?.now.answer ?? []);
    return known instanceof Object && 'bytes' in known && Buffer.isBuffer(known.bytes)
      ? known.bytes.toString('latin1')
      : '';
  }

  /** Check mode: why the access control list of this path, or of its folder, differs from what the host has. */
  plannedList(path: string): string | undefined {
    const folders = [path, dirname(path)];
    const list = this.#future.all.find(
      ({ question }) => question.kind.kind === 'acl' && folders.some((one) => isBelow(one, foldersOf(question))),
    );
    return list && 'an access control list is planned to change';
  }

  /** The question as it will be meant once planned links exist: about what they lead to. */
  throughLinks<A>(question: Question<A>): Question<A> {
    return this.#future.throughLinks(question);
  }

  /** Check mode: the question whose answer from the host counts for what a task asks. @param asked as it asks */
  hostQuestion<A>(asked: Question<A>): Question<A> {
    return this.#future.hostQuestion(asked);
  }

  /**
   * Where a link at a path points, planned or existing; null where there is no link, undefined where that is unknown.
   */
  linkAt(path: string): string | null | undefined {
    return this.#future.linkAt(path);
  }

  /**
   * What must be known to tell whether two paths are one: the links on the way, and the file's identity where that
   * matters.
   */
  wayQuestions(account: string, questions: readonly Question[], check: boolean): Question[] {
    const wanted = new Map<string, Question>();
    if (check && !this.#seen.knowsBinds && questions.some((question) => pathOf(question)?.startsWith('/')))
      wanted.set('binds', binds);
    const isPlain = !check || this.#future.isEmpty;
    let looked = '';
    const ask = (path: string): void => {
      if (this.answer(account, way(path)) === undefined) wanted.set(path, way(path));
    };
    const askWayTo = (path: string, follows: boolean): void => {
      // Thousands of a tree lie in few folders, one beside the other.
      const end = path.lastIndexOf('/');
      if (end !== looked.length || !path.startsWith(looked)) {
        looked = path.slice(0, end);
        for (const above of ancestors(path)) if (this.#seen.linkAt(above) === undefined) ask(above);
      }
      if (follows && this.#seen.linkAt(path) === undefined) ask(path);
    };
    for (const question of questions) {
      const first = followedPaths(question, true).find(({ path }) => path.startsWith('/'));
      if (first === undefined) continue;
      // Before anything is planned, links of links can wait: nothing depends on them yet.
      if (isPlain) {
        askWayTo(first.path, first.follows);
        continue;
      }
      const resolved = this.#future.resolve(question);
      for (const one of resolved.flatMap(({ unknown }) => unknown)) ask(one);
      const [real] = check && this.#future.changesInPlace ? resolved.map(({ path }) => path) : [];
      if (
        real !== undefined &&
        this.#seen.stat(real) === undefined &&
        this.planned(stat(real)) === undefined &&
        this.answer(account, stat(real)) === undefined
      )
        wanted.set(`stat\0${real}`, stat(real));
    }
    return [...wanted.values()];
  }

  /** What is planned and can be shown to a checker, including what `after` will make. */
  stage(after: readonly Prediction[] = []): Stage {
    const future = new Map([...this.#future.all, ...after].map((one) => [questionKey(one.question), one]));
    const seen = this.#accountsAnswer?.answer;
    const now = seen === this.#accountsInView ? undefined : seen;
    const { emptied, linked } = this.#future;
    const going = after.flatMap(({ question: { kind, args }, answer }) =>
      kind.kind === 'stat' && (answer as Stat).type === 'absent' ? [args[0] ?? ''] : [],
    );
    return stageOf(future, {
      removed: [...new Set([...emptied, ...going])].filter((path) => !linked.some(({ to }) => to === path)),
      linked,
      accounts: now instanceof ProbeFailure ? undefined : (now as AccountTable | undefined),
    });
  }

  /**
   * Whether packages, Debian's or Python's, are planned to come or go: they may bring more than their contents tell.
   */
  get plansPackages(): boolean {
    return this.#future.all.some(({ question }) => ['package', 'pip'].includes(question.kind.kind));
  }

  /** What is planned beyond files, so that no staged view can show it. */
  get beyondFiles(): string | undefined {
    if (this.mayAppearBecause !== undefined) return this.mayAppearBecause;
    const isHidden = ({ question, unknown }: Prediction): boolean =>
      !isStaged(question) && (unknown !== undefined || pathOf(question) === undefined);
    const { all, hasUnknownParts, isSeenTwice } = this.#future;
    const other =
      hasUnknownParts || isSeenTwice || all.some((one) => isHidden(one) || this.#isKeptByTool(one)) || hidesFiles(all);
    return other ? this.changedBefore : undefined;
  }

  /** What a tool keeps in a file of its own form (crontab(1)) is predicted as the tool reports it, and not as bytes. */
  #isKeptByTool({ question: { kind, args } }: Prediction, isMeant: (file: string) => boolean = () => true): boolean {
    const files = kind.files?.(args) ?? [];
    return files.some((file) => isMeant(file) && this.planned(content(file)) === undefined);
  }

  /** Whether some planned file there cannot be shown by a staged view: for who reads these folders and nothing else. */
  unshownBelow(folders: readonly string[]): string | undefined {
    const isUnread = ({ question, unknown, standIn }: Prediction): boolean =>
      question.kind.kind === 'content' &&
      unknown !== undefined &&
      standIn === undefined &&
      isBelow(pathOf(question), folders);
    const all = this.#future.all;
    const isHidden =
      this.#future.hasUnknownBelow(folders) ||
      all.some((one) => isUnread(one) || this.#isKeptByTool(one, (file) => isBelow(file, folders))) ||
      hidesFiles(all);
    return isHidden ? this.changedBefore : undefined;
  }

  /** Why an output rests on a guess though every planned change was shown: it names a path that is one. */
  guessIn(output: string): string | undefined {
    return this.#future.all.find(
      ({ question, assumed }) =>
        assumed !== undefined && question.kind.kind === 'stat' && output.includes(baseName(question.args[0] ?? '')),
    )?.assumed;
  }

  /** Whether no change is planned that could make anything otherwise (check mode). */
  get isAsFound(): boolean {
    const { changedBefore, mayAppearBecause, mayAddSources } = this;
    const { isEmpty, emptied } = this.#future;
    return isEmpty && emptied.length === 0 && (changedBefore ?? mayAppearBecause ?? mayAddSources) === undefined;
  }

  /** Writes the state after a planned change over what was found (check mode). */
  foresee(after: readonly Prediction[]): void {
    if (after.length === 0) return;
    this.#version++;
    this.#future.foresee(after);
    const isDoubtful = this.#future.rewrites(after);
    for (const kept of this.#fromFiles) if (kept.question.kind.staged || isDoubtful(kept.question)) this.#forget(kept);
  }

  /**
   * Whether to ask the question with planned files in place: its answer is read from files that are planned to change.
   */
  needsStage(question: Question): boolean {
    return this.#future.isRewritten(question);
  }

  /** Whether what lies below the paths this question depends on is planned to change after its own planned answer. */
  outdated(question: Question): boolean {
    return this.#future.isOutdatedBelow(this.throughLinks(question));
  }

  plannedBelow(account: string, path: string): PlannedPath[] {
    return this.#future.below(path).map(({ path: below, real, after, assumed }) => {
      const answer = this.answer(account, stat(real))?.answer;
      return {
        path: below,
        before: answer === undefined || answer instanceof ProbeFailure ? undefined : (answer as Stat),
        after: this.amidPlanned(stat(real), after),
        assumed,
      };
    });
  }

  /** Forgets the answers that a change makes doubtful. */
  expire(after: readonly Prediction[], touches: readonly Subject[]): void {
    this.#version++;
    const doubt = this.doubt(after, touches);
    // Known links decide which answers are meant, so all are collected before any is forgotten.
    const doubtful = [...doubt.among(this.#index)].filter((one) =>
      doubt.is(one.question, one.now, this.hasAllRights(one.account)),
    );
    for (const one of doubtful) {
      this.#forget(one);
      this.#seen.forget(one.question);
    }
    // What a change puts in place is no link unless the change says so: no need to ask where such paths lead.
    for (const { question, answer } of after)
      if (question.kind.kind === 'stat' && (answer as Stat | null)?.type !== 'link')
        this.#seen.putNoLink(question.args[0] ?? '');
  }

  /** Whether an account may look everywhere, as far as that is known. */
  hasAllRights(account: string): boolean {
    const me = this.answer(account, self)?.answer;
    return account === 'root' || (me instanceof Object && 'uid' in me && me.uid === 0);
  }

  /** Which answers a change makes doubtful. */
  doubt(after: readonly Prediction[], touches: readonly Subject[]): Doubt {
    const isAmongOthers = [...this.#lookers].some((account) => !this.hasAllRights(account));
    return doubtOf(this.#seen, after, touches, isAmongOthers);
  }
}
