import type { Change } from '../contract/index.ts';
import { whatOf } from './change-log.ts';
import type { ForetoldEvent, Miss, TaskEvent } from './events.ts';
import { notAskedWhy } from './not-asked.ts';

/**
 * What check mode would have said of a play on a host, beside what then came. It is worked out of what the run itself has
 * asked, before its first change; a host that is right already is planned as in check mode anyway, and costs nothing.
 */
export class Forecast {
  readonly #of: { readonly host: string; readonly play: string };
  readonly #prepare: () => () => Promise<readonly TaskEvent[]>;
  /** What was said and has not come yet, by the key of its task: those with one name in their order. */
  #said: Map<string, TaskEvent[]> | undefined;
  /** Settled once it is worked out. */
  #made: Promise<void> | undefined;
  #problem: string | null = null;
  /** Behind the first task that only check mode could have told: it may have brought what these are about. */
  #behind: ReadonlySet<TaskEvent> = new Set();
  /** The forecast ends in a failure: what lies behind it, it does not know. */
  #isCut = false;
  readonly #early: TaskEvent[] = [];
  readonly #counts = { tasks: 0, right: 0, assumed: 0, unasked: 0, changes: 0, rightChanges: 0 };
  readonly #misses: Miss[] = [];

  /**
   * @param prepare notes what is known of the host; what it gives plays the play through in check mode, on a host that is
   *   not spoken to
   */
  constructor(
    of: { readonly host: string; readonly play: string },
    prepare: () => () => Promise<readonly TaskEvent[]>,
  ) {
    this.#of = of;
    this.#prepare = prepare;
  }

  /** Before a change is sent; only the first one matters. It is worked out while the host is at work. */
  make(): void {
    if (this.#made !== undefined) return;
    const foretell = this.#prepare();
    this.#made = new Promise((next) => setImmediate(next)).then(() => this.#work(foretell));
  }

  async #work(foretell: () => Promise<readonly TaskEvent[]>): Promise<void> {
    try {
      const events = await foretell();
      const said = new Map<string, TaskEvent[]>();
      for (const event of events) said.set(keyOf(event), [...(said.get(keyOf(event)) ?? []), event]);
      this.#said = said;
      const first = events.findIndex(isUnasked);
      this.#behind = new Set(first < 0 ? [] : events.slice(first));
      this.#isCut = events.some(({ status, ignored, rescued }) => status === 'failed' && !ignored && !rescued);
      for (const event of this.#early.splice(0)) this.#compare(event);
    } catch (error) {
      // A forecast is not part of the run, which must not fail because of it; the record mentions it.
      this.#problem = error instanceof Error ? error.message : String(error);
    }
  }

  /** What came. */
  hear(event: TaskEvent): void {
    if (this.#said === undefined) this.#early.push(event);
    else this.#compare(event);
  }

  /** @param isWhole the play came to its end: what was foretold and did not come will not come any more */
  async end(isWhole: boolean): Promise<ForetoldEvent> {
    await this.#made;
    if (isWhole) for (const said of [...(this.#said?.values() ?? [])].flat()) this.#missed(said);
    // Nothing was due: each task was found as it was foretold.
    const found = this.#problem === null ? this.#early.length : 0;
    const { tasks, right, ...counts } = this.#counts;
    return {
      event: 'foretold',
      ...this.#of,
      ...counts,
      tasks: tasks + found,
      right: right + found,
      misses: this.#misses,
      problem: this.#problem,
    };
  }

  #compare(did: TaskEvent): void {
    if (this.#problem !== null) return;
    const said = this.#said?.get(keyOf(did))?.shift();
    if (said === undefined) return this.#unexpected(did);
    const isRight = isSame(said, did);
    const isOpen = isUnasked(said) || (this.#behind.has(said) && !isRight);
    const isAssumed = said.may !== null || said.assumed.length > 0;
    this.#counts.tasks++;
    if (isOpen && !(isRight && said.may === null)) {
      this.#counts.unasked++;
      return;
    }
    const isChange = did.status === 'changed' || said.status === 'changed';
    if (isChange) this.#counts.changes++;
    if (isRight && isChange && said.may === null) this.#counts.rightChanges++;
    if (isAssumed && !isOpen) this.#counts.assumed++;
    else if (isRight) this.#counts.right++;
    if (isRight || said.may !== null) return;
    this.#miss(said, outcomeText(said), did, said.assumed[0] ?? null);
  }

  /** It came and was not foretold: a handler, mostly. */
  #unexpected(did: TaskEvent): void {
    this.#counts.tasks++;
    if (this.#isCut || this.#behind.size > 0) this.#counts.unasked++;
    else if (did.status === 'changed' || did.status === 'failed') {
      this.#counts.changes++;
      this.#miss(did, 'not run', did, null);
    } else this.#counts.right++;
  }

  /** It was foretold and did not come. What may run has not been promised. */
  #missed(said: TaskEvent): void {
    if (said.status !== 'changed' || said.may !== null || this.#behind.has(said)) return;
    this.#counts.tasks++;
    this.#counts.changes++;
    if (said.assumed.length > 0) this.#counts.assumed++;
    this.#miss(said, outcomeText(said), undefined, said.assumed[0] ?? null);
  }

  #miss(of: TaskEvent, said: string, did: TaskEvent | undefined, assumed: string | null): void {
    this.#misses.push({
      kind: of.event,
      role: of.role,
      task: of.task,
      said,
      did: did === undefined ? 'not run' : outcomeText(did),
      why: did?.error?.what ?? null,
      assumed,
    });
  }
}

function isUnasked({ may, assumed }: TaskEvent): boolean {
  return [may ?? '', ...assumed].some((why) => why.includes(notAskedWhy));
}

function keyOf({ event, role, task }: TaskEvent): string {
  return `${event}\0${role ?? ''}\0${task}`;
}

/** @example outcomeText(event)  // 'changed (mode 0600 -> 0644)' */
function outcomeText({ status, changes, hidden }: TaskEvent): string {
  return hidden || changes.length === 0 ? status : `${status} (${whatOf(changes)})`;
}

function isSame(said: TaskEvent, did: TaskEvent): boolean {
  if (said.status !== did.status) return false;
  // Of a failure, only that it fails is foretold: what was made before it is in the changes of the run alone.
  if (did.status === 'failed') return true;
  return (
    said.changes.length === did.changes.length &&
    said.changes.every((change, i) => did.changes[i] !== undefined && isSameChange(change, did.changes[i]))
  );
}

function isSameChange(a: Change, b: Change): boolean {
  return (
    a.what === b.what &&
    a.from === b.from &&
    a.to === b.to &&
    a.text?.path === b.text?.path &&
    isSameSide(a.text?.before, b.text?.before) &&
    isSameSide(a.text?.after, b.text?.after)
  );
}

type Side = NonNullable<Change['text']>['before' | 'after'] | undefined;

function isSameSide(a: Side, b: Side): boolean {
  if (Buffer.isBuffer(a) && Buffer.isBuffer(b)) return a.equals(b);
  if (a && b && 'sha256' in a && 'sha256' in b) return a.sha256 === b.sha256;
  return Buffer.isBuffer(a) === Buffer.isBuffer(b) && (a === null) === (b === null);
}
