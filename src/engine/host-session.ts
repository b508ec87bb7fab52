import { setTimeout as sleep } from 'node:timers/promises';
import {
  BecomeFailed,
  NoSuchAccount,
  Unreachable,
  type Become,
  type Connection,
  type Lane,
  type LaneReply,
  type LaneRequest,
} from '../connection/index.ts';
import { ProbeFailure, type Question } from '../contract/index.ts';
import { holdsQuestion, self, type FoundHolds, type Self } from '../probes/index.ts';
import { apart, together, type Sent } from './ask-together.ts';
import { asRequests, isAskable, readAnswers, type Asked } from './ask.ts';
import type { Listener } from './events.ts';
import { HostLockPassage, type HostLock } from './host-lock.ts';
import type { LoggedEnd } from './host-log.ts';
import { isHolds, recordsQuestion } from './host-records.ts';
import { HostState } from './state.ts';

/** How tasks become other users on this host. */
export interface Accounts {
  /** The account that tasks without `become` use, in the form of `account`: the empty string. */
  readonly become: (user: string) => Become | undefined;
}

/** Makes another connection to a host; `fresh` one that shares nothing with those that are open. */
export type Connect = (how?: 'fresh') => Promise<Connection>;

/** Seconds to wait before each try to reach a lost host again. */
const recoveryPauses = [0, 1, 3, 7];

/** How long a host has to record what a run came to there, in milliseconds. */
const lastWait = 2000;

/** What the hosts of one run share. */
export interface SharedRun {
  /** Check mode: the first change planned on any of them. */
  changed?: string;
  /** The critical jobs of which it was said when they must have succeeded. */
  told?: Set<string>;
  /** How many files were kept before they were changed. */
  kept?: number;
  /** What such files are kept under where the run has no record. */
  id?: string;
}

/** One host for the length of a run: its lanes, and what is known about it. */
export class HostSession {
  readonly host: string;
  readonly state: HostState;
  /** Whether it was told that not all files are kept. */
  hasComplained = false;
  readonly run: SharedRun;
  readonly #accounts: Accounts;
  readonly #listener: Listener;
  readonly #trace: boolean;
  readonly #opened = new Set<string>();
  readonly #refused = new Map<string, BecomeFailed>();
  readonly #connect: Connect;
  #connection: Connection;
  #lock: HostLock | undefined;
  #passage: HostLockPassage | undefined;
  #holds: FoundHolds | undefined;
  /** Lines for the host's log that could not be sent along with the change they describe. */
  #unlogged: LaneRequest[] = [];

  /**
   * @param connect makes another connection to the same host
   * @param run shared by all hosts of a run
   * @param state what is known of the host already; default nothing
   */
  constructor(
    host: string,
    connection: Connection,
    accounts: Accounts,
    listener: Listener,
    trace: boolean,
    connect: Connect,
    run: SharedRun = {},
    state = new HostState(),
  ) {
    this.host = host;
    this.state = state;
    this.#connection = connection;
    this.#connect = connect;
    this.run = run;
    this.#accounts = accounts;
    this.#listener = listener;
    this.#trace = trace;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** What is held here, as it was last read, in check mode as it will be; undefined: nobody asked yet. */
  get holds(): FoundHolds | undefined {
    const foreseen = this.state.planned(holdsQuestion)?.answer;
    if (isHolds(foreseen)) return foreseen;
    for (const account of this.#opened) {
      for (const question of [recordsQuestion, holdsQuestion]) {
        const answer = this.state.answer(account, question)?.answer;
        if (isHolds(answer)) this.#holds = answer;
      }
    }
    return this.#holds;
  }

  /** Connects anew, for example after a reboot: nothing known about the host holds any more. @throws Unreachable */
  async reconnect(): Promise<void> {
    await this.#connection.close().catch(() => undefined);
    this.#opened.clear();
    this.state.expire([], [{ on: 'everything' }]);
    this.#connection = await this.#connect();
    if (this.#lock) this.guard(this.#lock);
  }

  /**
   * Connects anew if the connection is lost, with several tries: a line that drops is often back after a while.
   * @throws Unreachable
   */
  async recover(signal: AbortSignal | undefined): Promise<void> {
    const isThere = await this.exchange('', [{ script: ':' }], []).then(
      () => true,
      () => false,
    );
    for (const seconds of isThere ? [] : recoveryPauses) {
      await sleep(seconds * 1000, undefined, signal ? { signal } : {}).catch(() => undefined);
      try {
        await this.reconnect();
        if (this.#lock) this.guard(this.#lock.anew());
        return;
      } catch (error) {
        if (!(error instanceof Unreachable) || seconds === recoveryPauses.at(-1) || signal?.aborted) throw error;
      }
    }
  }

  /**
   * Connects anew, whatever became of the connection that is open: a change has cut it off, or might have. The lock is
   * waited for until what this run still has under way there is done. @throws Unreachable
   */
  async regain(): Promise<void> {
    await this.reconnect();
    if (this.#lock) this.guard(this.#lock.anew());
  }

  /**
   * Logs in by the same way as this session did, and shares nothing with it: whether that works, and to work on where
   * this session may be cut off. It passes no lock. @throws Unreachable, BecomeFailed
   */
  async logInAnew(account: string): Promise<{ readonly lane: Lane; readonly close: () => Promise<void> }> {
    const connection = await this.#connect('fresh');
    try {
      const lane = await connection.lane(account === '' ? undefined : this.#accounts.become(account));
      return { lane, close: () => connection.close() };
    } catch (error) {
      await connection.close().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Ends the session. A request that is not answered yet may be lost with the connection, so a last one is waited for.
   *
   * @param end what the run came to here, for the host's own log
   */
  async close(end: LoggedEnd): Promise<void> {
    // What changed nothing has nothing to say: a run that finds all of it right is not to cost an exchange more.
    const isWorthIt = end.changed + end.failed + end.held > 0 || end.interrupted;
    const last = isWorthIt ? (this.#passage?.leave(end) ?? []) : [];
    if (last.length + this.#unlogged.length > 0) {
      const heard = this.exchange(this.#logAccount, [...this.#takeUnlogged(), ...last], []).catch(() => undefined);
      await Promise.race([heard, sleep(lastWait, undefined, { ref: false })]);
    }
    await this.#connection.close();
  }

  /** The account that keeps the log of the host. */
  get #logAccount(): string {
    return this.#lock?.account ?? '';
  }

  /** Whether what an account changes may be logged by itself: others have a log of their own that nobody reads. */
  isLogging(account: string): boolean {
    return account === 'root' || account === this.#logAccount;
  }

  /** Has a line written into the host's log with whatever is sent there next. */
  logLater(request: LaneRequest): void {
    this.#unlogged.push(request);
  }

  #takeUnlogged(): readonly LaneRequest[] {
    const unlogged = this.#unlogged;
    this.#unlogged = [];
    return unlogged;
  }

  /** From now on nothing is changed, and no answer is kept, before the lock has been passed. */
  guard(lock: HostLock): void {
    this.#lock = lock;
    this.#passage = new HostLockPassage(lock);
  }

  /** @throws BecomeFailed, and from then on at once: a wrong password is not tried again and again */
  async lane(account: string): Promise<Lane> {
    if (this.isStoodInFor(account)) return this.lane('root');
    const refused = this.#refused.get(account);
    if (refused !== undefined) throw refused;
    try {
      return await this.connection.lane(account === '' ? undefined : this.#accounts.become(account));
    } catch (error) {
      if (error instanceof BecomeFailed) this.#refused.set(account, error);
      if (this.isStoodInFor(account)) return this.lane('root');
      throw error;
    }
  }

  /** Why we cannot become an account, once that was tried. */
  refusal(account: string): BecomeFailed | undefined {
    return this.isStoodInFor(account) ? undefined : this.#refused.get(account);
  }

  /** One of the accounts in use here that is root's. */
  get rootAccount(): string | undefined {
    return [...this.#opened].find(
      (account) => account === 'root' || (this.state.answer(account, self)?.answer as Self | undefined)?.uid === 0,
    );
  }

  /** Check mode: an account that is only planned. Root looks at the host in its stead. */
  isStoodInFor(account: string): boolean {
    return this.#refused.get(account) instanceof NoSuchAccount && this.state.presence(account) === 'planned';
  }

  /** Before what may bring accounts: those that did not exist are tried again. */
  forgetMissing(): void {
    for (const [account, refused] of this.#refused) if (refused instanceof NoSuchAccount) this.#refused.delete(account);
  }

  /**
   * Before accounts change: closes the lanes of the other accounts, whose groups and limits would be outdated, and
   * which would keep an account from being changed; they reopen when needed. An account that did not exist may exist
   * afterwards.
   */
  async renewLanes(kept: string): Promise<void> {
    this.forgetMissing();
    for (const account of this.#opened) {
      if (account === kept || account === '' || account === 'root') continue;
      this.#opened.delete(account);
      await (await this.lane(account)).close();
    }
  }

  /**
   * Sends requests to an account's lane in one exchange, with questions behind them whose answers are recorded.
   * @param onReply called with each reply as it comes, and its place among `requests`
   * @returns the replies to `requests`
   */
  async exchange(
    account: string,
    requests: readonly LaneRequest[],
    questions: readonly Question[],
    onReply?: (index: number) => void,
  ): Promise<LaneReply[]> {
    const lane = await this.lane(account);
    this.#opened.add(account);
    // The account that holds the host's lock cannot be used, so nothing that needs the lock can be done.
    const isUngated = this.#lock !== undefined && this.#refused.has(this.#lock.account);
    const passage = isUngated ? 'open' : await this.#passage?.kindFor(account, lane, requests.length > 0);
    if (passage === 'pass') await this.#pass();
    for (const question of questions)
      if (!isAskable(question))
        this.state.record(
          account,
          question,
          new ProbeFailure('what the host sent cannot be asked about: it holds a NUL byte'),
        );
    // Behind changes each kind goes by itself: its script is kept there from the exchange before.
    const asked = requests.length === 0 ? together(asRequests(questions)) : apart(asRequests(questions));
    const mark = requests.length > 0 && !isUngated ? [...(this.#passage?.markFor(lane) ?? [])] : [];
    if (requests.length > 0 && account === this.#logAccount) mark.push(...this.#takeUnlogged());
    const all = [...mark, ...requests, ...asked.map((one) => one.request)];
    if (all.length === 0) return [];
    if (this.#trace) this.#listener({ event: 'sent', host: this.host, account, scripts: all.map(traceText) });
    const entered = passage === 'together' ? await this.#passage?.together(lane, all) : undefined;
    if (entered?.waited) return this.#askAnew(account, questions);
    const replies =
      entered?.replies ??
      (await lane.exchange(all, onReply && ((_, i) => onReply(i - mark.length)))).slice(mark.length);
    let open = this.#heard(account, asked, replies.slice(requests.length));
    while (open.length > 0) open = this.#heard(account, open, await lane.exchange(open.map((one) => one.request)));
    return replies.slice(0, requests.length);
  }

  /** @returns what has to be asked again */
  #heard(account: string, sent: readonly Sent[], replies: readonly LaneReply[]): Sent[] {
    return sent.flatMap((one, i) => {
      const told = replies[i] && one.read(replies[i]);
      for (const [asked, reply] of told?.replies ?? []) this.#record(account, asked, reply);
      return apart(told?.again ?? []);
    });
  }

  async #pass(): Promise<void> {
    const entered = await this.#passage?.together(await this.lane(this.#lock?.account ?? ''), []);
    if (entered?.waited) this.#forget();
  }

  /** While we waited for the lock another run was at work: earlier answers no longer hold. */
  async #askAnew(account: string, questions: readonly Question[]): Promise<LaneReply[]> {
    this.#forget();
    return this.exchange(account, [], questions);
  }

  #forget(): void {
    this.state.expire([], [{ on: 'everything' }]);
  }

  #record(account: string, asked: Asked, reply: LaneReply): void {
    const answers = readAnswers(asked, reply);
    asked.questions.forEach((question, i) => this.state.record(account, question, answers[i]));
  }
}

/** The script as it is sent, with its arguments, for `-vvv`. */
function traceText(request: LaneRequest): string {
  const args = (request.args ?? []).map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(' ');
  const stdin = request.stdin ? `  # ${request.stdin.length} bytes on stdin` : '';
  return `${args ? `set -- ${args}\n` : ''}${request.script}${stdin}`;
}
