import { hostname, userInfo } from 'node:os';
import type { Connection } from '../connection/index.ts';
import { HostRun, HostSession, type HostVerdict, type Results } from '../engine/index.ts';
import { ExitCode, locationText, PlayError } from '../errors/index.ts';
import type { RecapEvent, TaskFailure } from '../engine/index.ts';
import { limiter } from './limiter.ts';
import { Recap } from './recap.ts';
import type { PreparedPlay, PreparedRun, RunOptions, RunRequest } from './types.ts';

/** A host during the run: connected at its first play, out after its first failure. */
interface HostState {
  session?: HostSession;
  readonly results: Results;
  out: boolean;
}

/** Carries out a prepared run: plays in order, their hosts at once. @returns what the recap says, exit code included */
export async function execute(prepared: PreparedRun, options: RunOptions): Promise<RecapEvent> {
  const recap = new Recap(options.check);
  const hosts = new Map<string, HostState>();
  const listener: RunOptions['listener'] = (event) => {
    recap.count(event);
    options.listener(event);
  };
  const run: Run = { request: prepared.request, options: { ...options, listener }, hosts, recap };
  try {
    for (const play of prepared.plays) {
      if (options.signal?.aborted) break;
      await runPlay(play, run);
      if (play.hosts.length > 0 && [...hosts.values()].every((host) => host.out)) break;
    }
  } finally {
    await Promise.allSettled([...hosts.values()].map((host) => host.session?.connection.close()));
  }
  const event = recap.event(options.signal?.aborted ?? false);
  options.listener(event);
  return event;
}

interface Run {
  readonly request: RunRequest;
  readonly options: RunOptions;
  readonly hosts: Map<string, HostState>;
  readonly recap: Recap;
}

async function runPlay(play: PreparedPlay, run: Run): Promise<void> {
  const { options } = run;
  const hosts = play.hosts.filter((host) => !run.hosts.get(host)?.out);
  options.listener({ event: 'play', play: play.name, hosts });
  const slots = limiter(options.forks);
  await Promise.all(hosts.map((host) => slots(() => runHost(host, play, run))));
}

async function runHost(host: string, play: PreparedPlay, run: Run): Promise<void> {
  const { options } = run;
  if (options.signal?.aborted) return;
  const state: HostState = run.hosts.get(host) ?? { results: new Map(), out: false };
  run.hosts.set(host, state);
  run.recap.seen(host);
  const tasks = play.selected.get(host);
  if (!tasks) return;
  try {
    state.session ??= await openSession(host, run);
    const verdict: HostVerdict = await new HostRun({
      session: state.session, play: play.name, tasks, check: options.check, results: state.results,
      listener: options.listener, signal: options.signal, by: `${userInfo().username}@${hostname()}`,
    }).run();
    if (verdict !== 'ok') state.out = true;
  } catch (error) {
    state.out = true;
    if (!(error instanceof PlayError) || error.exitCode === ExitCode.internal) throw error;
    const failed = error.exitCode === ExitCode.unreachable ? 'unreachable' : 'host-failed';
    options.listener({ event: failed, host, play: play.name, error: failureOf(error) });
  }
}

async function openSession(host: string, { request, options }: Run): Promise<HostSession> {
  const started = Date.now();
  const connection: Connection = await options.connect(options.target(host));
  options.listener({ event: 'connected', host, how: connection.description, seconds: (Date.now() - started) / 1000 });
  const password = request.becomePassword;
  const accounts = { become: (user: string) => ({ user, method: request.becomeMethod, ...(password ? { password } : {}) }) };
  return new HostSession(host, connection, accounts, options.listener, options.trace ?? false);
}

function failureOf(error: PlayError): TaskFailure {
  return { what: error.message, hint: error.hint ?? null, code: null, stdout: '', stderr: error.detail ?? '', at: error.where ? locationText(error.where) : null };
}
