import { Unreachable } from '../connection/index.ts';
import {
  HostRun,
  OnceRegistry,
  unreachableEvent,
  type Event,
  type HostRunInput,
  type HostSession,
  type RecapEvent,
} from '../engine/index.ts';
import { ExitCode, PlayError } from '../errors/index.ts';
import type { HostTasks, ListedItem, ListedTask } from '../playbook/index.ts';
import { operatorName } from '../values/index.ts';
import { batchesOf } from './batches.ts';
import { EarlierPlay } from './earlier-play.ts';
import { playbookName, playWith } from './find-play.ts';
import { isLetGo } from './gone.ts';
import { failureOf, faultOf, servicesOf } from './host-failure.ts';
import { HostPool, type PoolHost } from './host-pool.ts';
import { places, throttles, type TakePlace } from './limiter.ts';
import { Lockstep, Place } from './lockstep.ts';
import { Recap } from './recap.ts';
import { Failures, stoppedRollout } from './rollout.ts';
import { quietly, soakCanary, watchingTasks } from './soak.ts';
import type { PreparedPlay, PreparedRun, RunOptions, Stage } from './types.ts';

/** Carries out a prepared run: plays in order, their hosts at once. @returns the recap's figures, exit code included */
export async function execute(prepared: PreparedRun, options: RunOptions): Promise<RecapEvent> {
  const recap = new Recap(options.check);
  const failures = new Failures();
  const lost = new Set<string>();
  const listener: RunOptions['listener'] = (event) => {
    recap.count(event);
    failures.hear(event);
    if (isLoss(event)) lost.add(event.host);
    options.listener(event);
  };
  const pool = new HostPool(prepared.request, { ...options, listener });
  const run: Run = {
    prepared,
    guarded: new Set(),
    options: { ...options, listener },
    pool,
    recap,
    failures,
    take: places(options.forks),
    faults: [],
    lost,
    broken: new Set(),
  };
  try {
    await (options.conduct ?? inOrder(run))(stageOf(run));
  } finally {
    await pool.close((host) => recap.endOf(host, options.signal?.aborted ?? false));
  }
  const event = recap.event(options.signal?.aborted ?? false, run.faults.length > 0);
  options.listener(event);
  return event;
}

interface Run {
  readonly prepared: PreparedRun;
  /** Hosts that are locked for this run. */
  readonly guarded: Set<string>;
  readonly options: RunOptions;
  readonly pool: HostPool;
  readonly recap: Recap;
  readonly failures: Failures;
  /** A place among the hosts that are worked on at once. */
  readonly take: TakePlace;
  /** Failures of this machine rather than of a host: the host that ran into one is out, others go on. */
  readonly faults: unknown[];
  /** Hosts whose connection was lost at some time. */
  readonly lost: Set<string>;
  /** Hosts on which a change failed that could not be put back either: no other host is begun. */
  readonly broken: Set<string>;
}

const isLoss = (event: Event): event is Event & { readonly host: string } =>
  event.event === 'unreachable' || event.event === 'gone' || ('status' in event && event.status === 'unreachable');

const inOrder =
  (run: Run): NonNullable<RunOptions['conduct']> =>
  async ({ plays }) => {
    for (const play of plays) {
      if (run.options.signal?.aborted) break;
      if (!(await runPlay(play, run))) break;
    }
  };

function stageOf(run: Run): Stage {
  const { signal, ...unstoppable } = run.options;
  const isFree = (play: PreparedPlay): boolean => play.hosts.every((host) => !run.pool.of(host).isHeld);
  const hasNoFailure = (play: PreparedPlay): boolean => play.hosts.every((host) => !run.pool.of(host).isOut);
  const isWell = (play: PreparedPlay): boolean => hasNoFailure(play) && isFree(play);
  return {
    plays: run.prepared.plays,
    async run(play) {
      if (!signal?.aborted) await runPlay(play, run);
      return signal?.aborted !== true && isWell(play);
    },
    isHeld: (play) => hasNoFailure(play) && !isFree(play),
    async clean(play) {
      for (const host of play.hosts) await revive(host, run);
      const window = { wait: 0, ignore: 'what is always done does not wait' };
      await runPlay(play, { ...run, options: { ...unstoppable, window } });
      return isWell(play);
    },
  };
}

/** A host that failed is in the run again; one that was lost is connected anew, where that can be. */
async function revive(host: string, { pool, lost }: Run): Promise<void> {
  const state = pool.of(host);
  if (!state.isOut && !state.isGone) return;
  state.isOut = false;
  // One that is gone is not waited for: the play tries it once, and lets it go again.
  if (state.isGone) {
    state.isGone = false;
    return pool.forget(host);
  }
  try {
    const session = await pool.session(host);
    if (lost.has(host)) await session.recover(undefined);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    // The play tries once more, and tells what it comes to.
    pool.forget(host);
  }
}

/** @returns false when the run is over: no host is left, or a batch failed */
async function runPlay(play: PreparedPlay, run: Run): Promise<boolean> {
  const hosts = play.hosts.filter((host) => takesPart(host, run));
  const earlier = new EarlierPlay(play, hosts, run.prepared, run.options);
  run.options.listener({ event: 'play', play: play.name, hosts: earlier.leftOf(hosts), check: run.options.check });
  earlier.tell(play, run.options.listener);
  const once = new OnceRegistry(hosts, (host, key) => hasOnce(play, host, key));
  for (const host of earlier.over) once.leave(host);
  const throttled = throttles();
  const batches = batchesOf(play.spec, hosts);
  const begun = new Set<string>(earlier.over);
  const stopped = (): false => {
    if (batches.length > 1 || play.spec.gate !== undefined || run.broken.size > 0) tellStopped(play, hosts, begun, run);
    return false;
  };
  for (const [i, whole] of batches.entries()) {
    if (earlier.isDone(batches, i)) continue;
    const batch = earlier.leftOf(whole);
    const stop = new AbortController();
    const signal = run.options.signal ? AbortSignal.any([run.options.signal, stop.signal]) : stop.signal;
    const step = play.spec.strategy === 'linear' ? new Lockstep(listsOf(play, batch), signal) : undefined;
    await Promise.all(
      batch.map(async (host) => {
        const place = new Place(run.take);
        await place.enter();
        try {
          if (run.broken.size > 0) return;
          if (!signal.aborted) begun.add(host);
          const pace = step?.paceOf(host, place);
          await runHost(host, play, run, { signal, once, throttled, pace }).finally(() => once.leave(host));
          run.options.onThrough?.(host, play);
          if (run.pool.of(host).isHeld) begun.delete(host);
          // Those still running are stopped, as Ansible stops them between two tasks.
          if (isOverLimit(play, batch, run)) stop.abort();
        } finally {
          step?.leave(host);
          place.leave();
        }
      }),
    );
    if (run.options.signal?.aborted || !mayGoOn(play, batch, run, i === 0)) return stopped();
    if (i === 0 && batches.length > 1 && !(await soak(play, whole, run))) return stopped();
  }
  return hosts.length === 0 || hosts.some((host) => !run.pool.of(host).isOut);
}

function listsOf({ selected }: PreparedPlay, hosts: readonly string[]): Map<string, HostTasks> {
  return new Map([...selected].filter(([host]) => hosts.includes(host)));
}

function takesPart(host: string, { pool }: Run): boolean {
  const { isOut, isHeld, isGone } = pool.of(host);
  return !isOut && !isHeld && !isGone;
}

/** Hosts that a run never came to are missing from its recap: somebody has to say so. */
function tellStopped(play: PreparedPlay, hosts: readonly string[], begun: ReadonlySet<string>, run: Run): void {
  const { options, pool, failures } = run;
  // Whoever conducts the plays, as a runbook does, says itself how to go on.
  const commandFor = options.conduct
    ? () => null
    : (options.commandFor ?? ((some) => `play ${run.prepared.request.file} -l ${some.join(',')}`));
  const isOut = (host: string): boolean => pool.of(host).isOut;
  const isGone = (host: string): boolean => pool.of(host).isGone;
  const isInterrupted = options.signal?.aborted ?? false;
  options.listener(
    stoppedRollout({ play, hosts, begun, isOut, isGone, failures, isInterrupted, broken: [...run.broken], commandFor }),
  );
}

/** Watches the canary, where the play has one. */
async function soak(play: PreparedPlay, batch: readonly string[], run: Run): Promise<boolean> {
  const { canary } = play.spec;
  if (canary === undefined) return true;
  const { pool } = run;
  const { check, listener, signal } = run.options;
  const watching = {
    ...play,
    selected: new Map([...play.selected].map(([host, list]) => [host, watchingTasks(list)])),
  };
  const { onThrough: _, ...options } = run.options;
  const quiet = { ...run, options: { ...options, listener: quietly(listener), foretells: false } };
  const isWatched = (host: string): boolean => takesPart(host, run);
  const hosts = batch.filter(isWatched);
  // Where the canary is left alone, nobody knows of what comes that it is good.
  if (hosts.length === 0) return false;
  const look = async (): Promise<boolean> => {
    const once = new OnceRegistry(hosts, (host, key) => hasOnce(watching, host, key));
    await Promise.all(
      hosts.map(async (host) => {
        await pool.session(host).then(
          ({ state }) => state.expire([], [{ on: 'everything' }]),
          () => undefined,
        );
        await runHost(host, watching, quiet, {
          signal: signal ?? new AbortController().signal,
          once,
          throttled: throttles(),
        });
        once.leave(host);
      }),
    );
    return hosts.every(isWatched);
  };
  return soakCanary({ canary, hosts, check, listener, signal, look });
}

/**
 * Whether the next batch, or play, may begin. A partly failed batch stops a play in batches, unless `maxFailPercentage`
 * says how much may fail: people who update in batches want to see a failure before it reaches the next one. A gate or a
 * canary that fails stops it in any case: that is what they are for.
 */
function mayGoOn(play: PreparedPlay, batch: readonly string[], run: Run, isFirst: boolean): boolean {
  if (run.broken.size > 0) return false;
  const failed = failedOf(batch, run);
  if (failed === 0) return true;
  if (isOverLimit(play, batch, run)) return false;
  if (play.spec.canary !== undefined && isFirst) return false;
  if (batch.some((host) => run.pool.of(host).isOut && run.failures.of(host)?.gate)) return false;
  return play.spec.maxFailPercentage !== undefined || (play.spec.serial === undefined && failed < batch.length);
}

/** Whether more failed than `anyErrorsFatal` or `maxFailPercentage` allow. */
function isOverLimit({ spec }: PreparedPlay, batch: readonly string[], run: Run): boolean {
  const failed = failedOf(batch, run);
  if (failed === 0) return false;
  return (
    spec.anyErrorsFatal === true ||
    (spec.maxFailPercentage !== undefined && (failed / batch.length) * 100 > spec.maxFailPercentage)
  );
}

function failedOf(batch: readonly string[], { pool }: Run): number {
  return batch.filter((host) => pool.of(host).isOut).length;
}

function hasOnce({ selected }: PreparedPlay, host: string, key: string): boolean {
  const list = selected.get(host);
  return [...(list?.tasks ?? []), ...(list?.handlers.map((one) => one.listed) ?? [])].some(
    (one) => one.key === key && one.inherited.runOnce === true,
  );
}

type HostTurn = Pick<HostRunInput, 'once' | 'throttled'> & {
  readonly signal: AbortSignal;
  readonly pace?: HostRunInput['pace'] | undefined;
};

/** Runs a play on one host; a failure is reported, and the host is out. */
async function runHost(
  host: string,
  play: PreparedPlay,
  run: Run,
  { signal, once, throttled, pace }: HostTurn,
): Promise<void> {
  const { options, pool } = run;
  if (signal.aborted) return;
  run.recap.seen(host);
  const tasks = play.selected.get(host);
  if (!tasks) return;
  const state: PoolHost = pool.of(host);
  try {
    const session = await reach(host, play, run);
    if (!session) return;
    guard(session, run);
    const { part } = new EarlierPlay(play, [], run.prepared, options);
    const verdict = await new HostRun({
      session,
      play: play.name,
      playbook: playbookName(run.prepared.request.file),
      playOf: (cleanup) => playWith(cleanup, host, run.prepared),
      tasks,
      ...(part === undefined ? {} : { part }),
      ...(options.earlier ? { earlier: options.earlier } : {}),
      check: options.check,
      results: state.results,
      listener: options.listener,
      signal,
      by: operatorName(),
      foretells: options.foretells === true && !options.check && options.confirm === undefined,
      ...(options.log ? { log: options.log } : {}),
      isKnown: (name) => run.prepared.request.inventory.hosts.has(name),
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
      ...partialHint(play, host, run),
    }).run();
    state.isHeld = verdict === 'held';
    state.isOut = verdict === 'failed' || verdict === 'interrupted' || verdict === 'broken';
    if (verdict === 'broken') run.broken.add(host);
    if (verdict === 'ok' && part !== undefined && !options.check)
      options.listener({ event: 'mark', is: 'over', host, part });
  } catch (error) {
    if (error instanceof Unreachable && (await isLetGo(host, error, play, pool))) {
      state.isGone = true;
      return options.listener({ event: 'gone', host, play: play.name, error: failureOf(error) });
    }
    state.isOut = true;
    if (!(error instanceof PlayError) || error.exitCode === ExitCode.internal) {
      run.faults.push(error);
      options.listener({
        event: 'host-failed',
        host,
        play: play.name,
        error: { ...faultOf(error), ...servicesOf(tasks) },
      });
      return;
    }
    const failed = error.exitCode === ExitCode.unreachable ? 'unreachable' : 'host-failed';
    options.listener({ event: failed, host, play: play.name, error: { ...failureOf(error), ...servicesOf(tasks) } });
  }
}

/** A part of a play relies on the rest of it: on a host where the rest never ran, this is the reason. */
function partialHint(
  { all, selected }: PreparedPlay,
  host: string,
  { prepared: { request } }: Run,
): { hintWhenPartial?: string } {
  const left = (all.get(host)?.tasks.length ?? 0) - (selected.get(host)?.tasks.length ?? 0);
  const chosen = [
    ...(request.tags.only.length > 0 ? [`-t ${request.tags.only.join(',')}`] : []),
    ...(request.startAtTask === undefined ? [] : ['--start-at-task']),
  ].join(' and ');
  if (left === 0 || chosen === '') return {};
  return {
    hintWhenPartial: `${chosen} left out ${left} tasks of this play. Where the host never had them, run the playbook without ${chosen} first.`,
  };
}

/**
 * The host's session. An unreachable host is ignored as long as its tasks say so: where all do, it stays in the run,
 * and the next play tries it again.
 */
async function reach(host: string, play: PreparedPlay, { pool, options }: Run): Promise<HostSession | undefined> {
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
function guard(session: HostSession, { options, prepared, guarded }: Run): void {
  const { host } = session;
  if (options.check || !options.lock || guarded.has(host)) return;
  guarded.add(host);
  const tasks = prepared.plays.flatMap((play) => play.selected.get(host)?.tasks ?? []);
  const account = tasks.some((one) => one.become && one.becomeUser === 'root') ? 'root' : '';
  session.guard(options.lock.hostLock({ host, account, listener: options.listener, signal: options.signal }));
}
