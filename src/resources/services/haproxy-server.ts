import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import {
  predict,
  ProbeFailure,
  settled,
  type Found,
  type ImperativeContext,
  type Options,
  type Plan,
} from '../../contract/index.ts';
import { nearest, PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { flag, path } from '../kit/schemas.ts';
import { commandStep, haproxyServers, lookStep, type HaproxyAnswer, type HaproxyServer } from './haproxy.probe.ts';

export interface HaproxyServerResult {
  /** `ready`, `drain` or `maint`. */
  readonly state: string;
  /** As HAProxy's statistics call it: `UP`, `DOWN`, `DRAIN`, `MAINT`, `no check` ... */
  readonly status: string;
  /** How many sessions it had when last checked. */
  readonly sessions: number;
}

const name = (description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9_.:-]+$/, 'must be a name as HAProxy has them: letters, digits and _ . : -'),
    v.description(description),
  );
const options = {
  backend: name("The server's backend."),
  server: name('The server, by its name in the configuration.'),
  state: v.pipe(
    v.picklist(['ready', 'drain', 'maint']),
    v.description(
      '`drain`: it gets no new work except sticky sessions, and finishes what it has. `maint`: it gets nothing at all, and is not checked. `ready`: it takes part again. As in `set server B/S state`.',
    ),
  ),
  wait: flag(
    'With `drain` and `maint`: wait until its sessions have ended. With `ready`: wait until HAProxy considers it up.',
    false,
  ),
  timeout: v.optional(
    v.pipe(v.number(), v.minValue(1), v.description('Seconds `wait` may take until the task fails. Default 300.')),
    300,
  ),
  shutdownSessions: flag(
    'With `wait`: when the timeout expires, end the remaining sessions (`shutdown sessions server`) instead of failing.',
    false,
  ),
  socket: v.optional(
    v.pipe(
      path("HAProxy's admin socket, with level admin. Default `/run/haproxy/admin.sock`."),
      v.check((value) => !value.includes('\n'), 'must be one line, as in the configuration of HAProxy'),
    ),
    '/run/haproxy/admin.sock',
  ),
};
type Wanted = Options<typeof options>;

/** A server of a backend, taken out of the load and put back. */
export const haproxyServer = defineResource({
  name: 'haproxyServer',
  summary:
    'Drains a server of a HAProxy backend, puts it into maintenance, or makes it ready again, through the admin socket; waits until its sessions have ended or it is up. HAProxy forgets the state when it is reloaded.',
  options,
  example: `haproxyServer({ backend: 'web', server: 'web1', state: 'drain', wait: true, timeout: 600 }, { delegateTo: 'balancer' })
haproxyServer({ backend: 'web', server: 'web1', state: 'ready', wait: true }, { delegateTo: 'balancer' })`,
  validateOptions: ({ wait, state, shutdownSessions }) =>
    shutdownSessions && (!wait || state === 'ready')
      ? "`shutdownSessions` goes with `wait: true` and state 'drain' or 'maint'"
      : undefined,
  title: ({ backend, server }) => `${backend ?? ''}/${server ?? ''}`,
  prepare: (given): Wanted => given,
  probes: ({ socket }) => [haproxyServers(socket)],
  plan,
});

function plan(wanted: Wanted, found: Found): Plan<HaproxyServerResult> {
  const { backend, server, socket, state, wait } = wanted;
  const question = haproxyServers(socket);
  const answer = found.get(question);
  found.require(answer.is !== 'no tool', {
    failure: 'the host has neither perl nor socat, one of which is needed to talk to HAProxy',
    hint: "Install one before: apt({ name: 'socat' })",
    by: 'programs',
  });
  found.require(answer.is !== 'refused', {
    failure: `this account may not write to ${socket}`,
    hint: 'Become root, or a member of the group the socket belongs to.',
    by: 'changes',
  });
  found.require(answer.is === 'known', {
    failure: `HAProxy does not answer at ${socket}: ${answer.is === 'down' ? answer.why : ''}`,
    hint: `It listens there with "stats socket ${socket} mode 660 level admin" in its section global.`,
    by: 'changes',
  });
  const now = serverOf(answer, wanted);
  found.require(now !== undefined, {
    failure: `HAProxy has no server ${backend}/${server}`,
    hint: `It has ${knownServers(answer, wanted)}.`,
    by: 'changes',
  });
  if (now.state === state) return wait ? planWait(wanted, now, found) : settled(toResult(now));
  const after = { ...now, state, status: statusAfter(now, state), sessions: state === 'ready' ? now.sessions : 0 };
  const servers = answer.servers.map((one) => (one === now ? after : one));
  const change: Plan<HaproxyServerResult> = {
    ...settled(toResult(after)),
    changes: [{ what: 'state', from: now.state, to: state }],
    after: [predict(question, { is: 'known', servers })],
    touches: [{ on: 'named', name: `haproxy ${socket}` }],
  };
  const command = commandStep(socket, `set server ${backend}/${server} state ${state}`);
  if (!wait) return { ...change, steps: [command] };
  return {
    ...change,
    // Sessions come and go: what the wait has seen is the proof.
    again: true,
    imperative: async (context) => {
      await context.run(command);
      return waitUntilSettled(wanted, context);
    },
  };
}

/** The state is right; what comes of it is looked at in the moment, and not waited for in check mode. */
function planWait(wanted: Wanted, now: HaproxyServer, found: Found): Plan<HaproxyServerResult> {
  const right = settled(toResult(now));
  if (found.forecast !== undefined)
    return isSettled(now, wanted) ? right : { ...right, assumed: [`${awaited(wanted)} within ${wanted.timeout} s`] };
  return {
    ...right,
    changes: [{ what: 'wait', to: awaited(wanted) }],
    quiet: true,
    again: true,
    imperative: (context) => waitUntilSettled(wanted, context),
  };
}

/**
 * Looks once a second, by an exchange each: many hosts wait for one balancer, and none of them may hold its lane.
 *
 * @throws PlayError when the time is over, and when the run is interrupted
 */
async function waitUntilSettled(wanted: Wanted, context: ImperativeContext): Promise<HaproxyServerResult> {
  const { backend, server, socket, state, timeout, shutdownSessions } = wanted;
  const look = lookStep(socket);
  const started = Date.now();
  for (let hasEnded = false; ;) {
    const answer = look.read(await context.run(look));
    const now = answer instanceof ProbeFailure ? undefined : serverOf(answer, wanted);
    if (now === undefined || now.state !== state)
      throw new PlayError(
        now === undefined
          ? `HAProxy no longer reports ${backend}/${server}`
          : `${backend}/${server} is ${now.state} again, not ${state}`,
        { hint: 'HAProxy was reloaded in the meantime, or somebody else set the state of its servers.' },
      );
    if (isSettled(now, wanted)) return toResult(now);
    const seconds = (Date.now() - started) / 1000;
    if (seconds >= timeout) {
      if (!shutdownSessions || hasEnded) throw new PlayError(whyNotSettled(now, wanted), { hint: hintFor(wanted) });
      await context.run(commandStep(socket, `shutdown sessions server ${backend}/${server}`));
      hasEnded = true;
    }
    context.progress(`${told(now, wanted)}, ${Math.round(seconds)} of ${timeout} s`);
    await sleep(1000, undefined, context.signal ? { signal: context.signal } : {}).catch((cause: unknown) => {
      throw new PlayError(`Interrupted: ${backend}/${server} stays in state ${state}, ${told(now, wanted)}`, { cause });
    });
  }
}

/** `no check`: HAProxy takes it for up as nobody told it how to find out. `UP 1/3` is up, and about to go down. */
function isSettled({ status, sessions }: HaproxyServer, { state }: Wanted): boolean {
  return state === 'ready' ? /^(?:UP|no check)/.test(status) : sessions === 0;
}

function awaited({ state, backend, server }: Wanted): string {
  return state === 'ready' ? `${backend}/${server} is up` : `the sessions of ${backend}/${server} have ended`;
}

function told({ status, sessions }: HaproxyServer, { state }: Wanted): string {
  if (state === 'ready') return status;
  return sessions === 1 ? '1 session left' : `${sessions} sessions left`;
}

function whyNotSettled(now: HaproxyServer, wanted: Wanted): string {
  const { backend, server, timeout } = wanted;
  return `${backend}/${server} after ${timeout} s: ${told(now, wanted)}`;
}

function hintFor({ state }: Wanted): string {
  return state === 'ready'
    ? "HAProxy's check of the server fails: `show servers state` and its log say why."
    : 'Give it more time (`timeout`), or end the remaining sessions (`shutdownSessions: true`). The server takes no new work until its state is ready.';
}

function serverOf(answer: HaproxyAnswer, { backend, server }: Wanted): HaproxyServer | undefined {
  return answer.is === 'known'
    ? answer.servers.find((one) => one.backend === backend && one.name === server)
    : undefined;
}

function knownServers(answer: HaproxyAnswer & { readonly is: 'known' }, { backend, server }: Wanted): string {
  const all = answer.servers.map((one) => `${one.backend}/${one.name}`);
  const some = nearest(`${backend}/${server}`, all);
  return [...new Set([...some, ...all])].slice(0, 5).join(', ') || 'no servers';
}

function statusAfter({ status, state: from }: HaproxyServer, state: Wanted['state']): string {
  if (state !== 'ready') return state === 'drain' ? 'DRAIN' : 'MAINT';
  // Out of maintenance it is up until a check says otherwise; drained it was checked all the time.
  return from === 'maint' || status.startsWith('DRAIN') ? 'UP' : status;
}

function toResult({ state, status, sessions }: HaproxyServer): HaproxyServerResult {
  return { state, status, sessions };
}
