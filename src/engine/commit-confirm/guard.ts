import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { BecomeFailed, NotLetIn, type Lane, type LaneReply, type LaneRequest } from '../../connection/index.ts';
import { PlayError } from '../../errors/index.ts';
import type { CommitConfirmed, ListedTask } from '../../playbook/index.ts';
import { Redactor } from '../../secrets/index.ts';
import type { PendingChange } from '../pack.ts';
import type { Place } from '../place.ts';
import type { FailureSource } from '../task-event.ts';
import { armRequest, confirmRequest, putBack, undoRequest } from './requests.ts';
import { numberOf, savedAlways, savedOf, savedWhole, type Numbered, type Saved } from './saved.ts';
import type { WrittenFile } from './written.ts';

/** Seconds a host waits for the confirmation, where nobody says otherwise. */
export const standardWithin = 120;
/** Seconds between two tries to log in. */
const pause = 1;
/** How often a host may refuse us before that is believed: more would look like somebody who guesses. */
const mostRefusals = 3;
/** Seconds of trying; a service that is restarted is back long before. */
const mostTrying = 30;
/** Seconds before the host acts by itself at which we stop trying, so that what is done is done by one of us. */
const reserve = 1;
/** Seconds that the connection which is open has to put things back; then a new one is tried. */
const patience = 20;
/** Seconds a host that acted by itself has to be reachable again. */
const recovery = 60;

/** Who does it, for the record on the host. */
interface Author {
  readonly play: string;
  readonly playbook: string;
  readonly host: string;
  readonly by: string;
}

/**
 * Changes that stand only once a new login works, on one host. The old state is saved on the host in the exchange of the
 * first change, and put back there by a timer; `confirm` ends that through a login of its own.
 */
export class Guard {
  /** The last task that changed something under it. */
  last: ListedTask | undefined;
  readonly within: number;
  /** Where it is armed, and put back. */
  readonly place: Place;
  readonly #author: Author;
  readonly #undo: string;
  readonly #isWhole: boolean;
  readonly #id = randomBytes(6).toString('hex');
  readonly #known = new Set<string>();
  readonly #tasks: string[] = [];
  /** Files that were changed before for a handler and are not kept as they were. */
  readonly #lacking: string[] = [];
  #generation = 0;
  #deadline = 0;

  /**
   * @param place where records are kept on that host: in root's lane, where there is one
   * @param isWhole save all that leads in, as commands may change anything
   */
  constructor(place: Place, author: Author, { within = standardWithin, undo = '' }: CommitConfirmed, isWhole: boolean) {
    this.place = place;
    this.#author = author;
    this.within = within;
    this.#undo = undo;
    this.#isWhole = isWhole;
  }

  /** Check mode: a task would change something under it. */
  foresee({ name }: ListedTask, { session }: Place): void {
    if (session === this.place.session) this.#tasks.push(new Redactor().redact(name));
  }

  /** Whether anything was changed, or foreseen to be. */
  get isUsed(): boolean {
    return this.#tasks.length > 0;
  }

  /** Whether the host will put something back. */
  get isArmed(): boolean {
    return this.#generation > 0;
  }

  /** The tasks that changed something, by name, in a line. */
  get what(): string {
    const names = [...new Set(this.#tasks)].map((name) => `"${name}"`);
    return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
  }

  /**
   * What goes ahead of changes: the old state is saved, and the time begins anew.
   *
   * @param written the files that were changed before for these, where they are handlers
   */
  arm(changes: readonly PendingChange[], written: readonly WrittenFile[] = []): LaneRequest[] {
    const due = changes.filter(
      ({ plan, place }) => place.session === this.place.session && !plan.looksOnly && !plan.quiet,
    );
    if (due.length === 0) return [];
    this.last = due.at(-1)?.listed;
    const redactor = new Redactor();
    this.#tasks.push(
      ...[...written.map(({ task }) => task), ...due.map(({ listed }) => listed.name)].map((name) =>
        redactor.redact(name),
      ),
    );
    this.#generation++;
    const saved = [
      ...this.#fresh(this.#keptOf(written), 0),
      ...this.#fresh(
        [
          ...savedAlways(this.place.session.connection.user),
          ...(this.#isWhole ? savedWhole() : []),
          ...due.flatMap(({ plan }) => savedOf(plan)),
        ],
        this.#generation,
      ),
    ];
    this.#deadline = performance.now() + this.within * 1000;
    const tasks = [...new Set(this.#tasks)];
    const record = { ...this.#author, since: new Date().toISOString(), within: this.within, tasks };
    return [
      armRequest({
        id: this.#id,
        within: this.within,
        generation: this.#generation,
        undo: this.#undo,
        record: JSON.stringify(record),
        saved,
      }),
    ];
  }

  /** The last arming failed, so nothing of what was to come behind it was done. What was armed before stays so. */
  disarm(): void {
    this.#generation--;
  }

  /** Waits for an exchange no longer than the host does: an answer that comes later is about what was put back. */
  async bounded<T>(work: Promise<T>): Promise<T> {
    if (!this.isArmed) return work;
    const { session } = this.place;
    const timer = setTimeout(() => void session.connection.close().catch(() => undefined), this.#left * 1000);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Logs in anew, and lets the changes stand by that login. Where that is not to be, the old state is put back.
   *
   * @returns why they do not stand
   */
  async confirm(): Promise<FailureSource | undefined> {
    let why = `nobody could log in within ${this.within} s`;
    // What was told to read its configuration again may still be about to.
    if (this.#isWhole) await sleep(pause * 1000);
    const until = performance.now() + mostTrying * 1000;
    const isOver = (): boolean => this.#left <= reserve || performance.now() > until;
    for (let refusals = 0; refusals < mostRefusals && !isOver(); await sleep(pause * 1000)) {
      try {
        const reply = await this.#byNewLogin(confirmRequest(this.#id), this.#left - reserve);
        if (reply.code === 0) return undefined;
        if (reply.code === putBack) return await this.putBack('the confirmation came too late');
        why = saidBy(reply);
      } catch (error) {
        if (!(error instanceof PlayError)) throw error;
        // Of a try that was cut short for the time it is nothing known.
        if (!(error instanceof TooLate)) why = reasonOf(error);
        if (error instanceof NotLetIn || error instanceof BecomeFailed) refusals++;
      }
    }
    return await this.putBack(why);
  }

  /**
   * Puts the old state back: by what is open, by a new login, or at last by the host itself. Ends once the host can be
   * logged in to again.
   *
   * @throws PlayError where it cannot be reached afterwards
   */
  async putBack(why: string): Promise<FailureSource> {
    const { session, account } = this.place;
    const undo = undoRequest(this.#id, why.replace(/\s+/g, ' ').slice(0, 300));
    const open = await within(
      patience,
      session.lane(account).then((lane) => ask(lane, undo)),
    ).catch(() => undefined);
    const reply = open ?? (await this.#whenReachable(undo));
    // Where the open connection did it, somebody has to see whether one gets in again.
    const isBack = reply.code === 0 && (open === undefined || (await this.#isLetIn()));
    if (open === undefined) await session.regain();
    session.state.expire([], [{ on: 'everything' }]);
    if (isBack)
      return {
        what: `Put back, as no new login confirmed it: ${why}`,
        hint: `${this.#notBefore() || 'The host is as it was before.'} Mend what locks you out, or say that it is meant: commitConfirmed: false.`,
        nothingDone: true,
      };
    return {
      what: `NOT RESTORED: no new login works (${why}), and the old state could not be put back whole`,
      hint: `Mend it while another connection to the host is open. ${this.#notBefore() || 'What tasks before this one changed is not put back: a block with commitConfirmed holds them together.'}`,
      ...(reply.code === 0 ? {} : { reply }),
    };
  }

  /** The files that a handler was to put to use and that stay as they are now. */
  #notBefore(): string {
    return this.#lacking.length === 0
      ? ''
      : `All else is as it was before, but play keeps nothing of ${this.#lacking.join(', ')}: that stays as this run wrote it.`;
  }

  /** Tries until the host has had time to act by itself. @throws what the last try came to */
  async #whenReachable(request: LaneRequest): Promise<LaneReply> {
    const until = performance.now() + (this.#left + recovery) * 1000;
    for (;;) {
      try {
        return await this.#byNewLogin(request, Math.max(patience, this.#left));
      } catch (error) {
        if (!(error instanceof PlayError) || performance.now() > until) throw error;
        await sleep(pause * 1000);
      }
    }
  }

  async #isLetIn(): Promise<boolean> {
    const reply = await this.#byNewLogin({ script: ':' }, patience).catch((error: unknown) => {
      if (error instanceof PlayError) return undefined;
      throw error;
    });
    return reply?.code === 0;
  }

  async #byNewLogin(request: LaneRequest, seconds: number): Promise<LaneReply> {
    const login = this.place.session.logInAnew(this.place.account);
    try {
      return await within(
        seconds,
        login.then(({ lane }) => ask(lane, request)),
      );
    } finally {
      login.then(({ close }) => close()).catch(() => undefined);
    }
  }

  /** Seconds until the host acts by itself. */
  get #left(): number {
    return Math.max(0, (this.#deadline - performance.now()) / 1000);
  }

  /** Of what this saved before the change itself, the older state is there already. */
  #keptOf(written: readonly WrittenFile[]): Saved[] {
    const older = written.filter(({ path: name }) => !this.#known.has(keyOf({ kind: 'path', name })));
    return older.flatMap(({ path: name, kept }): Saved[] => {
      if (kept === undefined) {
        this.#lacking.push(name);
        return [];
      }
      // What it is by now is not to be saved as well.
      this.#known.add(keyOf({ kind: 'path', name }));
      return [{ kind: `kept:${kept.run}:${kept.number}`, name }];
    });
  }

  #fresh(all: readonly Saved[], generation: number): Numbered[] {
    return all.flatMap((one) => {
      const key = keyOf(one);
      if (this.#known.has(key)) return [];
      this.#known.add(key);
      return [{ ...one, number: numberOf(generation, this.#known.size) }];
    });
  }
}

function keyOf({ kind, name }: Saved): string {
  return `${kind}\0${name}`;
}

async function ask(lane: Lane, request: LaneRequest): Promise<LaneReply> {
  const [reply] = await lane.exchange([request]);
  if (!reply) throw new Error('the lane gave no reply');
  return reply;
}

/** It took longer than it may. */
class TooLate extends PlayError {
  override name = 'TooLate';
}

/** With what the host said last: why sudo refused. */
function reasonOf({ message, detail }: PlayError): string {
  const said = detail?.trim().split('\n').at(-1)?.trim() ?? '';
  return said === '' ? message : `${message}: ${said}`;
}

function saidBy({ code, stderr }: LaneReply): string {
  return stderr.toString('utf8').trim() || `the confirmation ended with code ${code}`;
}

/** @throws PlayError when it takes longer */
async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = sleep(seconds * 1000, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw new TooLate(`no answer within ${Math.ceil(seconds)} s`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}
