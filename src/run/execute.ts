import { hostname, userInfo } from 'node:os';
import { HostRun, OnceRegistry, type HostSession, type RecapEvent, type TaskFailure } from '../engine/index.ts';
import { ExitCode, locationText, PlayError } from '../errors/index.ts';
import { batchesOf } from './batches.ts';
import { HostPool, type PoolHost } from './host-pool.ts';
import { limiter } from './limiter.ts';
import { Recap } from './recap.ts';
import type { PreparedPlay, PreparedRun, RunOptions } from './types.ts';

/** Carries out a prepared run: plays in order, their hosts at once. @returns what the recap says, exit code included */
export async function execute(prepared: PreparedRun, options: RunOptions): Promise<RecapEvent> {
  const recap = new Recap(options.check);
  const listener: RunOptions['listener'] = (event) => {
    recap.count(event);
    options.listener(event);
  };
  const pool = new HostPool(prepared.request, { ...options, listener });
  const run: Run = { prepared, guarded: new Set(), options: { ...options, listener }, pool, recap, once: new OnceRegistry(), slots: limiter(options.forks) };
  try {
    for (const play of prepared.plays) {
      if (options.signal?.aborted) break;
      if (!(await runPlay(play, run))) break;
    }
  } finally {
    await pool.close();
  }
  const event = recap.event(options.signal?.aborted ?? false);
  options.listener(event);
  return event;
}

interface Run {
  readonly prepared: PreparedRun;
  /** Hosts that are kept for this run. */
  readonly guarded: Set<string>;
  readonly options: RunOptions;
  readonly pool: HostPool;
  readonly recap: Recap;
  readonly once: OnceRegistry;
  readonly slots: ReturnType<typeof limiter>;
}

/** @returns false when the run is over: no host is left, or a batch failed */
async function runPlay(play: PreparedPlay, run: Run): Promise<boolean> {
  const hosts = play.hosts.filter((host) => !run.pool.of(host).isOut);
  run.options.listener({ event: 'play', play: play.name, hosts });
  for (const batch of batchesOf(play.spec, hosts)) {
    const stop = new AbortController();
    const signal = run.options.signal ? AbortSignal.any([run.options.signal, stop.signal]) : stop.signal;
    await Promise.all(
      batch.map((host) =>
        run.slots(async () => {
          const ok = await runHost(host, play, run, signal);
          if (!ok && play.spec.anyErrorsFatal) stop.abort();
        }),
      ),
    );
    if (run.options.signal?.aborted || !mayGoOn(play, batch, run)) return false;
  }
  return hosts.length === 0 || hosts.some((host) => !run.pool.of(host).isOut);
}

/**
 * Whether the next batch, or play, may begin. A partly failed batch stops a play in batches, unless `maxFailPercentage` says
 * how much may fail: who updates in batches wants to see a failure before it has reached the next ones.
 */
function mayGoOn({ spec }: PreparedPlay, batch: readonly string[], { pool }: Run): boolean {
  const failed = batch.filter((host) => pool.of(host).isOut).length;
  if (failed === 0) return true;
  if (spec.anyErrorsFatal) return false;
  if (spec.maxFailPercentage !== undefined) return (failed / batch.length) * 100 <= spec.maxFailPercentage;
  return spec.serial === undefined && failed < batch.length;
}

/** @returns false when the host failed or was lost */
async function runHost(host: string, play: PreparedPlay, run: Run, signal: AbortSignal): Promise<boolean> {
  const { options, pool } = run;
  if (signal.aborted) return true;
  run.recap.seen(host);
  const tasks = play.selected.get(host);
  if (!tasks) return true;
  const state: PoolHost = pool.of(host);
  try {
    const session = await pool.session(host);
    guard(session, run);
    const verdict = await new HostRun({
      session,
      play: play.name,
      tasks,
      check: options.check,
      results: state.results,
      listener: options.listener,
      signal,
      by: `${userInfo().username}@${hostname()}`,
      sessionOf: (name) => pool.session(name),
      once: run.once,
      forceHandlers: options.forceHandlers ?? false,
      ...(options.confirm ? { confirm: options.confirm } : {}),
    }).run();
    state.isOut = verdict !== 'ok';
  } catch (error) {
    state.isOut = true;
    if (!(error instanceof PlayError) || error.exitCode === ExitCode.internal) throw error;
    const failed = error.exitCode === ExitCode.unreachable ? 'unreachable' : 'host-failed';
    options.listener({ event: failed, host, play: play.name, error: failureOf(error) });
  }
  return !state.isOut;
}

/** From its first play on a host is this run's alone. A host that tasks are only delegated to is not: many runs use one load balancer. */
function guard(session: HostSession, { options, prepared, guarded }: Run): void {
  const { host } = session;
  if (options.check || !options.lock || guarded.has(host)) return;
  guarded.add(host);
  const tasks = prepared.plays.flatMap((play) => play.selected.get(host)?.tasks ?? []);
  const account = tasks.some((one) => one.become && one.becomeUser === 'root') ? 'root' : '';
  session.guard(options.lock.gate({ host, account, listener: options.listener, signal: options.signal }));
}

function failureOf(error: PlayError): TaskFailure {
  return { what: error.message, hint: error.hint ?? null, code: null, stdout: '', stderr: error.detail ?? '', at: error.where ? locationText(error.where) : null };
}

