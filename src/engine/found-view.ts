import {
  ProbeFailed,
  ProbeFailure,
  questionKey,
  Unanswered,
  Unknowable,
  type ByThen,
  type Forecast,
  type Found,
  type Need,
  type Plan,
  type PlannedPath,
  type Question,
  type Seen,
} from '../contract/index.ts';
import { PlayError } from '../errors/index.ts';
import { accountTable, self, stat, way, type Way } from '../probes/index.ts';
import { resolveLinks, type Resolved } from './links.ts';
import { NotAsked, Unasked } from './not-asked.ts';
import type { Place, PlacedQuestion } from './place.ts';
import { QuestionMap } from './question-map.ts';
import type { Answer, HostState } from './state.ts';
import { ancestors, pathOf, wayTo } from './subjects.ts';

/** Unanswered, and where to ask. */
export class UnansweredAt extends Unanswered {
  readonly placed: readonly PlacedQuestion[];
  constructor(place: Place, questions: readonly Question[]) {
    super(questions);
    this.placed = questions.map((question) => ({ place, question }));
  }
}

/** A plan needs something that the host lacks. */
export class UnmetNeed extends PlayError {
  override name = 'UnmetNeed';
}

/** What one task took for granted while it was planned, and what it asked for. */
class Notes {
  readonly assumed = new Set<string>();
  readonly needs: Question[] = [];
  readonly read: Question[] = [];
  readonly #isRead = new QuestionMap<true>();
  may: string | undefined;

  noteRead(question: Question): void {
    if (this.#isRead.set(question, true)) this.read.push(question);
  }

  hasRead(question: Question): boolean {
    return this.#isRead.has(question);
  }
}

/** What one task sees of the host while it is planned. */
export class FoundView implements Found {
  readonly check: boolean;
  readonly notified: boolean;
  readonly #place: Place;
  readonly #state: HostState;
  readonly #account: string;
  readonly #notes: Notes;
  /** What parts of the plan before this one make of the host. */
  readonly #overlay: ReadonlyMap<string, unknown> | undefined;

  constructor(
    place: Place,
    mode: { check: boolean; notified: boolean },
    notes = new Notes(),
    overlay?: ReadonlyMap<string, unknown>,
  ) {
    this.#place = place;
    this.#state = place.session.state;
    this.#account = place.account;
    this.check = mode.check;
    this.notified = mode.notified;
    this.#notes = notes;
    this.#overlay = overlay;
  }

  with({ after, foreseen }: Pick<Plan<unknown>, 'after' | 'foreseen'>): FoundView {
    const known = [...after, ...(this.check ? (foreseen?.() ?? []) : [])];
    if (known.length === 0) return this;
    const overlay = new Map(this.#overlay);
    for (const { question, answer } of known) overlay.set(questionKey(question), answer);
    return new FoundView(this.#place, this, this.#notes, overlay);
  }

  get assumed(): ReadonlySet<string> {
    return this.#notes.assumed;
  }

  get may(): string | undefined {
    return this.#notes.may;
  }

  get forecast(): Forecast | undefined {
    if (!this.check) return undefined;
    const state = this.#state;
    const { mayAppearBecause, mayAddSources, changedBefore } = state;
    return {
      mayAppearBecause,
      mayAddSources,
      changedBefore,
      changedAnywhere: changedBefore ?? this.#place.session.run.changed,
      // Few ask for these, and all that is planned is gone through for them.
      get mayBringPrograms() {
        return mayAppearBecause ?? (state.plansPackages ? 'packages come before' : undefined);
      },
      get beyondFiles() {
        return state.beyondFiles;
      },
    };
  }

  plannedBelow(path: string): readonly PlannedPath[] {
    return this.check ? this.#state.plannedBelow(this.#account, path) : [];
  }

  mayChangeBelow(path: string): boolean {
    return this.check && (this.#state.changesInPlace || this.plannedBelow(path).length > 0);
  }

  planned<A>(asked: Question<A>): A | undefined {
    if (!this.check) return undefined;
    const seen = this.#plannedAnswer(this.#state.throughLinks(asked));
    if (seen?.assumed !== undefined) this.assume(seen.assumed);
    return seen?.answer;
  }

  /** Check mode: has the accounts looked at as files that hold them will be, where that is planned. */
  needAccounts(): void {
    const { session, account } = this.#place;
    if (this.check && session.state.lacksAccounts)
      throw new UnansweredAt({ session, account: session.rootAccount ?? account }, [accountTable]);
  }

  /** Check mode: whether a planned change makes something of it. */
  isPlanned(question: Question): boolean {
    return this.check && this.#state.planned(this.#state.throughLinks(question)) !== undefined;
  }

  /** Check mode: whether the account that asks is planned to have a number or groups other than the host knows. */
  get changesAsker(): boolean {
    return (
      this.check &&
      (this.#place.session.isStoodInFor(this.#account) ||
        JSON.stringify(this.get(self)) !== JSON.stringify(this.#state.answer(this.#account, self)?.answer))
    );
  }

  /** The name of the account that asks: more than one may share its number. */
  get asker(): string {
    return this.#account === '' ? this.get(self).owner : this.#account;
  }

  /** Check mode: why the access control list of this path, or of its folder, differs from what the host has. */
  plannedList(path: string): string | undefined {
    return this.check ? this.#state.plannedList(path) : undefined;
  }

  /**
   * Where a link at a path points, planned or existing; null where there is no link, undefined where that is unknown.
   */
  linkAt(path: string): string | null | undefined {
    return this.#state.linkAt(path);
  }

  /** Where a path leads, by links planned or existing, as far as they are known. */
  leadsTo(path: string): Resolved {
    return resolveLinks(path, true, (at) => this.#state.linkAt(at));
  }

  /** Whether a folder above a path is reached through a link, as far as that is known. */
  passesLink(path: string): boolean {
    return ancestors(path).some((above) => typeof this.#state.linkAt(above) === 'string');
  }

  /** Where a path lies once every link on its way is known; a link at the path itself is not followed. */
  wayOf(path: string): Resolved {
    const resolved = resolveLinks(path, false, (at) => this.#state.linkAt(at));
    const open = resolved.unknown.map((one) => way(one)).filter((one) => !this.#state.answer(this.#account, one));
    if (open.length > 0) throw new UnansweredAt(this.#place, open);
    return resolved;
  }

  /** A part of the way to a path as the host has it now. */
  wayAt(path: string): Way {
    const known = this.#state.answer(this.#account, way(path));
    if (known === undefined) throw new UnansweredAt(this.#place, [way(path)]);
    return known.answer instanceof ProbeFailure ? { target: null } : (known.answer as Way);
  }

  outdated(question: Question): boolean {
    return this.check && this.#state.outdated(question);
  }

  need(...questions: readonly Question[]): void {
    const { needs } = this.#notes;
    for (const question of questions) if (!this.#overlay?.has(questionKey(question))) needs.push(question);
  }

  require(isMet: boolean, { failure, hint, by }: Need): asserts isMet {
    if (isMet) return;
    const why = this.#reason(by);
    if (why !== undefined) throw new Unknowable(`${failure} yet (${why})`);
    throw new UnmetNeed(failure, hint === undefined ? {} : { hint });
  }

  presume(isMet: boolean, need: Need & { readonly assume: string }): void {
    if (!isMet && !this.anticipate(need.assume, need.by)) this.require(isMet, need);
  }

  anticipate(what: string, by?: ByThen | null): boolean {
    const why = this.#reason(by);
    if (why !== undefined) this.assume(`${what} by then (${why})`);
    return why !== undefined;
  }

  doubt(what: string, by?: ByThen): void {
    const why = this.#reason(by);
    if (why !== undefined) throw new Unknowable(`${what} (${why})`);
  }

  mayDiffer(by?: ByThen): boolean {
    return this.#reason(by) !== undefined;
  }

  trust(what: string, by?: ByThen): void {
    const why = this.#reason(by);
    if (why !== undefined) this.assume(`${what} (${why})`);
  }

  /** Check mode: which change planned before may make it otherwise. */
  #reason(by: ByThen | null = 'commands'): string | undefined {
    const { forecast } = this;
    if (by === null || forecast === undefined) return undefined;
    return by === 'commands'
      ? forecast.mayAppearBecause
      : by === 'programs'
        ? forecast.mayBringPrograms
        : forecast.changedBefore;
  }

  assume(why: string): void {
    this.#notes.assumed.add(why);
  }

  get<A>(question: Question<A>): A {
    const { answer, assumed } = this.peek(question);
    if (assumed !== undefined) this.assume(assumed);
    return answer;
  }

  peek<A>(asked: Question<A>): Seen<A> {
    if (this.#overlay?.has(questionKey(asked)))
      return { answer: this.#overlay.get(questionKey(asked)) as A, assumed: undefined };
    this.#notes.noteRead(asked);
    if (asked.kind.amid !== undefined) this.needAccounts();
    const question = this.check ? this.#state.throughLinks(asked) : asked;
    const planned = this.check ? this.#plannedAnswer(question) : undefined;
    if (planned) return planned;
    const root = this.#mayBeLetIn(question) ? this.#place.session.rootAccount : undefined;
    const known = this.#answer(asked, root);
    if (!known && root !== undefined)
      throw new UnansweredAt({ ...this.#place, account: root }, [this.#state.hostQuestion(asked)]);
    if (!known) throw new UnansweredAt(this.#place, this.missing([asked, ...this.#notes.needs]));
    // It may have been asked before a link on its way was planned to turn: the links behind that one count now.
    const ways = this.check ? this.#state.wayQuestions(this.#account, [asked], true) : [];
    if (ways.length > 0) throw new UnansweredAt(this.#place, ways);
    if (known.answer instanceof NotAsked) throw new Unasked();
    if (known.answer instanceof ProbeFailure) throw new ProbeFailed(known.answer.message);
    if (question.kind.volatile && !question.kind.staged && this.check && this.#state.changedBefore !== undefined)
      this.#notes.may = this.#state.changedBefore;
    return {
      answer: this.check ? this.#state.amidPlanned(question, known.answer as A, this.#account) : (known.answer as A),
      assumed: known.assumed,
    };
  }

  /** @param question one without links */
  #plannedAnswer<A>(question: Question<A>): Seen<A> | undefined {
    const planned = this.#state.planned(question);
    if (planned?.unknown !== undefined) throw new Unknowable(planned.unknown);
    return (
      planned && {
        answer: this.#state.amidPlanned(question, planned.answer as A, this.#account),
        assumed: planned.assumed,
      }
    );
  }

  /** Check mode: what root sees on the host, where we may become root. */
  asRoot<A>(asked: Question<A>): A | undefined {
    const root = this.#place.session.rootAccount;
    if (root === undefined) return undefined;
    const known = this.#answer(asked, root);
    if (known === undefined)
      throw new UnansweredAt({ ...this.#place, account: root }, [this.#state.hostQuestion(asked)]);
    return known.answer instanceof ProbeFailure || known.answer instanceof NotAsked ? undefined : (known.answer as A);
  }

  /**
   * Those of the questions that neither the host nor a plan has answered yet, and the questions that tell where their
   * paths lead.
   */
  missing(asked: readonly Question[]): Question[] {
    const open = asked.filter((question) => !(this.check && this.isPlanned(question)) && !this.#answer(question));
    return [
      ...(this.check ? open.map((question) => this.#state.hostQuestion(question)) : open),
      ...this.#state.wayQuestions(this.#account, asked, this.check),
    ];
  }

  /**
   * Check mode: whether planned changes may give the asking account the right to look at a path. If so, root looks in
   * its stead.
   */
  #mayBeLetIn(question: Question): boolean {
    const path = pathOf(question);
    if (
      !this.check ||
      path === undefined ||
      this.#account === 'root' ||
      question.kind === self.kind ||
      question.kind.kind === 'access'
    )
      return false;
    return this.changesAsker || wayTo(path).some((one) => this.isPlanned(stat(one)));
  }

  #answer(asked: Question, account = this.#account): Answer | undefined {
    return this.#state.answer(account, this.check ? this.#state.hostQuestion(asked) : asked);
  }

  hasRead(question: Question): boolean {
    return this.#notes.hasRead(question);
  }

  /** Everything that was asked, so that changes which put it in doubt are noticed. */
  get read(): readonly Question[] {
    return this.#notes.read;
  }
}
