import { Unreachable } from '../connection/index.ts';
import {
  HostRun,
  unreachableEvent,
  type HostRunInput,
  type HostSession,
  type HostVerdict,
  type TaskFailure,
} from '../engine/index.ts';
import { ExitCode, PlayError } from '../errors/index.ts';
import type { ListedItem, ListedTask } from '../playbook/index.ts';
import { operatorName } from '../values/index.ts';
import { playbookName, playWith } from './find-play.ts';
import { hasVanished } from './gone.ts';
import { failureOf, faultOf } from './host-failure.ts';
import type { HostPool } from './host-pool.ts';
import type { PreparedPlay, PreparedRun, RunOptions } from './types.ts';

/** What a host's part of a play has besides the play: its place among the other hosts. */
export interface PartTurn extends Pick<HostRunInput, 'once' | 'throttled' | 'marksKept'> {
  readonly host: string;
  readonly play: PreparedPlay;
  /** The number of the play in the playbook; undefined: nothing of it is marked. */
  readonly part: number | undefined;
  readonly signal: AbortSignal;
  readonly pace?: HostRunInput['pace'] | undefined;
  /** Of the part that watches a canary: the play it is of. */
  readonly watched?: PreparedPlay | undefined;
  /** Whether the play may do without the host, should it vanish. */
  readonly isSpare: () => boolean;
}

/** What a host's part of a play came to: all of it was told, but for how it ended. */
export type PartEnd =
  | { readonly is: HostVerdict }
  /** The host could not be reached, and all its tasks ignore that: the next play tries it again. */
  | { readonly is: 'passed' }
  | {
      readonly is: 'error';
      readonly how: 'unreachable' | 'failed' | 'fault';
      /** Nobody answers at its address any more. */
      readonly hasVanished: boolean;
      readonly failure: TaskFailure;
    };

/** What the parts of a run share in this process. */
export interface Workplace {
  readonly prepared: PreparedRun;
  readonly options: RunOptions;
  readonly pool: HostPool;
  /** Hosts that are locked for this run. */
  readonly guarded: Set<string>;
}

/** Carries out a host's part of a play from here. Never rejects. */
export async function runPart(turn: PartTurn, place: Workplace): Promise<PartEnd> {
  const { host, play, signal, once, throttled, pace, part, marksKept } = turn;
  const { options, pool, prepared } = place;
  const tasks = play.selected.get(host);
  if (!tasks) return { is: 'passed' };
  try {
    const session = await reach(host, play, place);
    if (!session) return { is: 'passed' };
    // What watches a canary goes by what is, and not by what was found before.
    if (turn.watched !== undefined) session.state.expire([], [{ on: 'everything' }]);
    guard(session, place);
    const verdict = await new HostRun({
      session,
      play: play.name,
      playbook: playbookName(prepared.request.file),
      playOf: (cleanup) => playWith(cleanup, host, prepared),
      tasks,
      ...(part === undefined ? {} : { part }),
      ...(options.earlier ? { earlier: options.earlier } : {}),
      ...(marksKept ? { marksKept } : {}),
      check: options.check,
      results: pool.of(host).results,
      listener: options.listener,
      signal,
      by: options.by ?? operatorName(),
      foretells: options.foretells === true && !options.check && options.confirm === undefined,
      ...(options.log ? { log: options.log } : {}),
      isKnown: (name) => prepared.request.inventory.hosts.has(name),
      sessionOf: (name) => pool.session(name),
      once,
      ignoreHold: options.ignoreHold ?? false,
      window: options.window ?? { wait: 0 },
      throttled,
      ...(pace ? { pace } : {}),
      ...(options.backups ? { backups: options.backups } : {}),
      forceHandlers: play.spec.forceHandlers ?? options.forceHandlers ?? false,
      ...(options.ask ? { ask: options.ask } : {}),
      ...(options.confirm ? { confirm: options.confirm } : {}),
      ...(options.refuse ? { refuse: options.refuse } : {}),
      ...partialHint(play, host, prepared),
    }).run();
    return { is: verdict };
  } catch (error) {
    return await endWith(error, turn, pool);
  }
}

async function endWith(error: unknown, { host, isSpare }: PartTurn, pool: HostPool): Promise<PartEnd> {
  if (!(error instanceof PlayError) || error.exitCode === ExitCode.internal)
    return { is: 'error', how: 'fault', hasVanished: false, failure: faultOf(error) };
  const how = error.exitCode === ExitCode.unreachable ? 'unreachable' : 'failed';
  const isGone = error instanceof Unreachable && isSpare() && (await hasVanished(host, error, pool));
  return { is: 'error', how, hasVanished: isGone, failure: failureOf(error) };
}

/** A part of a play relies on the rest of it: on a host where the rest never ran, this is the reason. */
function partialHint(
  { all, selected }: PreparedPlay,
  host: string,
  { request }: PreparedRun,
): { hintWhenPartial?: string } {
  const left = (all.get(host)?.tasks.length ?? 0) - (selected.get(host)?.tasks.length ?? 0);
  const chosen = [
    ...(request.tags.only.length > 0 ? [`-t ${request.tags.only.join(',')}`] : []),
    ...(request.startAtTask === undefined ? [] : ['--start-at-task']),
  ].join(' and ');
  if (left === 0 || chosen === '') return {};
  return {
    hintWhenPartial: `${chosen} left out ${left} tasks of this play. If they never ran on the host, run the playbook without ${chosen} first.`,
  };
}

/**
 * The host's session. An unreachable host is ignored as long as its tasks say so: where all do, it stays in the run,
 * and the next play tries it again.
 */
async function reach(host: string, play: PreparedPlay, { pool, options }: Workplace): Promise<HostSession | undefined> {
  try {
    return await pool.session(host);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const tasks = (play.selected.get(host)?.items ?? []).flatMap(straight);
    const ignoring = tasks.findIndex((one) => !one.inherited.ignoreUnreachable);
    for (const listed of ignoring < 0 ? tasks : tasks.slice(0, ignoring)) {
      options.listener({
        ...unreachableEvent({ event: 'task', host, play: play.name, listed, seconds: 0 }, error),
        ignored: true,
      });
    }
    if (ignoring >= 0 || tasks.length === 0) throw error;
    pool.forget(host);
    return undefined;
  }
}

/** The tasks that run if nothing fails. */
function straight(item: ListedItem): ListedTask[] {
  if ('flush' in item) return [];
  return 'task' in item ? [item] : [...item.block, ...item.always].flatMap(straight);
}

/**
 * From its first play on, a host belongs to this run alone. A host that tasks are only delegated to does not: many runs
 * use one load balancer.
 */
function guard(session: HostSession, { options, prepared, guarded }: Workplace): void {
  const { host } = session;
  if (options.check || !options.lock || guarded.has(host)) return;
  guarded.add(host);
  const tasks = prepared.plays.flatMap((play) => play.selected.get(host)?.tasks ?? []);
  const account = tasks.some((one) => one.become && one.becomeUser === 'root') ? 'root' : '';
  const { listener, signal, seatOf } = options;
  session.guard(options.lock.hostLock({ host, account, listener, signal, seat: seatOf?.(host) }));
}
