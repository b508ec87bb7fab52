import { Unreachable } from '../connection/index.ts';
import { OnceRegistry, type Event, type LoggedEnd, type RecapEvent } from '../engine/index.ts';
import { sharedKeyOf, type HostTasks } from '../playbook/index.ts';
import { batchesOf } from './batches.ts';
import { EarlierPlay } from './earlier-play.ts';
import { mayVanish } from './gone.ts';
import { servicesOf } from './host-failure.ts';
import { runPart, type PartTurn, type Workplace } from './host-part.ts';
import { HostPool, type PoolHost } from './host-pool.ts';
import { places, throttles, type TakePlace } from './limiter.ts';
import { Lockstep, Place } from './lockstep.ts';
import { Recap } from './recap.ts';
import { Failures, stoppedRollout } from './rollout.ts';
import { quietly, soakCanary, watchingPlay } from './soak.ts';
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
    const endOf = (host: string): LoggedEnd => recap.endOf(host, options.signal?.aborted ?? false);
    await pool.close(endOf);
    await options.elsewhere?.close(endOf);
  }
  const event = recap.event(options.signal?.aborted ?? false, run.faults.length > 0);
  options.listener(event);
  return event;
}

interface Run extends Workplace {
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
  const { check, listener, signal } = run.options;
  const watching = watchingPlay(play);
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
        await runHost(host, watching, quiet, {
          signal: signal ?? new AbortController().signal,
          once,
          throttled: throttles(),
          watched: play,
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
    (one) => sharedKeyOf(one) === key && one.inherited.runOnce === true,
  );
}

type HostTurn = Pick<PartTurn, 'once' | 'throttled' | 'signal' | 'pace' | 'watched'>;

/** Runs a play on one host; a failure is reported, and the host is out. */
async function runHost(host: string, play: PreparedPlay, run: Run, turn: HostTurn): Promise<void> {
  const { options, pool } = run;
  if (turn.signal.aborted) return;
  run.recap.seen(host);
  const tasks = play.selected.get(host);
  if (!tasks) return;
  const state: PoolHost = pool.of(host);
  const { part } = new EarlierPlay(play, [], run.prepared, options);
  const isSpare = (): boolean => mayVanish(play, pool);
  const hostPart = { ...turn, host, play, part, isSpare };
  const end = await (options.elsewhere?.run(hostPart, options.listener) ?? runPart(hostPart, run));
  if (end.is === 'passed') return;
  if (end.is !== 'error') {
    state.isHeld = end.is === 'held';
    state.isOut = end.is === 'failed' || end.is === 'interrupted' || end.is === 'broken';
    if (end.is === 'broken') run.broken.add(host);
    if (end.is === 'ok' && part !== undefined && !options.check)
      options.listener({ event: 'mark', is: 'over', host, part });
    return;
  }
  const { how, hasVanished, failure } = end;
  if (hasVanished && isSpare()) {
    state.isGone = true;
    return options.listener({ event: 'gone', host, play: play.name, error: failure });
  }
  state.isOut = true;
  if (how === 'fault') run.faults.push(failure.what);
  const event = how === 'unreachable' ? 'unreachable' : 'host-failed';
  options.listener({ event, host, play: play.name, error: { ...failure, ...servicesOf(tasks) } });
}
