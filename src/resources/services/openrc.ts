import * as v from 'valibot';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Plan,
  type Prediction,
  type Step,
} from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { openrcService, openrcSubject, type OpenrcService } from './openrc.probe.ts';

/** What a service shall be; what is left out stays as it is. */
export interface WantedOpenrc {
  readonly name: string;
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined;
  readonly enabled?: boolean | undefined;
  /** Undefined: `default`, and any of them where it is only asked whether it is started at boot. */
  readonly runlevel?: string | undefined;
}

export interface OpenrcResult {
  /** `active`, `inactive` or `failed` (it crashed). */
  readonly active: string;
  /** `enabled` or `disabled`. */
  readonly enabled: string;
}

/** A service of OpenRC: running or not, started at boot or not. */
export const openrc = defineResource({
  name: 'openrc',
  summary:
    'Starts, stops, restarts, reloads and enables OpenRC services (Alpine, Gentoo), with rc-service(8) and rc-update(8). Tested with the OpenRC in Debian; not yet on a real Alpine.',
  options: {
    name: v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9_][\w.:+-]*$/, 'must be the name of one service, such as nginx'),
      v.description('The service: its script in /etc/init.d.'),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['started', 'stopped', 'restarted', 'reloaded']),
        v.description(
          '`started` and `stopped` act when needed; a crashed service is started again. `restarted` and `reloaded` act every time and belong in handlers; both start a stopped service. Default: as it is.',
        ),
      ),
    ),
    enabled: v.optional(v.pipe(v.boolean(), v.description('Whether it starts at boot. Default: as it is.'))),
    runlevel: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9_][\w.-]*$/, 'must be the name of a runlevel'),
        v.description(
          'The runlevel that `enabled` refers to. Default: added to `default` if it is in none; removed from all.',
        ),
      ),
    ),
  },
  example: `openrc({ name: 'nginx', state: 'started', enabled: true })
const reload = handler('reload nginx', () => openrc({ name: 'nginx', state: 'reloaded' }))`,
  validateOptions: ({ state, enabled, runlevel }) =>
    runlevel !== undefined && enabled === undefined
      ? '`runlevel` needs `enabled`'
      : state === undefined && enabled === undefined
        ? 'say how the service should be: `state` or `enabled`'
        : undefined,
  title: ({ name }) => name ?? '',
  prepare: (given): WantedOpenrc => given,
  probes: ({ name }) => [openrcService(name)],
  plan: planOpenrc,
});

/** Plans what a service shall be, also as a part of another resource. */
export function planOpenrc(wanted: WantedOpenrc, found: Found): Plan<OpenrcResult> {
  const { name, state } = wanted;
  const now = serviceNow(name, found);
  const level = wanted.runlevel ?? 'default';
  const isIn = wanted.runlevel === undefined ? now.runlevels.length > 0 : now.runlevels.includes(level);
  const enable = wanted.enabled === undefined || wanted.enabled === isIn ? undefined : wanted.enabled;
  const verb = verbFor(state, now);
  found.require(verb !== 'reload' || now.verbs.includes('reload'), {
    failure: `${name} has no reload`,
    hint: 'Restart it, or give its script `extra_started_commands="reload"`.',
  });
  const others =
    verb === 'start' || verb === 'restart' ? startedWith(name, found) : verb === 'stop' ? stoppedWith(name, found) : [];
  const changes: Change[] = [
    ...(enable === undefined ? [] : [{ what: 'enabled', from: enable ? 'no' : 'yes', to: enable ? 'yes' : 'no' }]),
    ...(verb === undefined ? [] : [{ what: 'state', from: now.state, to: state ?? '' }]),
    ...others.map((one) => ({
      what: `service ${one}, which ${verb === 'stop' ? 'needs it' : 'it needs'}`,
      to: verb === 'stop' ? 'stopped' : 'started',
    })),
  ];
  const after = stateAfter(now, enable, verb, wanted);
  const result = resultOf(after);
  if (changes.length === 0) return settled(result);
  const steps: Step[] = [
    ...(enable === undefined
      ? []
      : [enablement(name, enable, level, wanted.runlevel === undefined ? now.runlevels : [level])]),
    ...(verb === undefined ? [] : [operation(name, verb)]),
  ];
  return {
    changes,
    steps,
    after: [predict(openrcService(name), after), ...othersAfter(others, verb, found)],
    touches: [openrcSubject(name), { on: 'units' }, ...(enable === undefined ? [] : [runlevelsChanged])],
    again: state === 'restarted' || state === 'reloaded',
    always: (state === 'restarted' || state === 'reloaded') && enable === undefined,
    result,
  };
}

const runlevelsChanged = { on: 'path', path: '/etc/runlevels' } as const;

/** @throws PlayError, Unknowable where there is no such service */
function serviceNow(name: string, found: Found): OpenrcService {
  const now = found.get(openrcService(name));
  found.require(now !== 'no openrc', {
    failure: 'there is no OpenRC on this host',
    hint: 'If the host runs systemd, use systemd().',
    by: 'changes',
  });
  found.require(now !== 'not booted by openrc', {
    failure: 'OpenRC is installed on this host, but the host was booted by something else',
    hint: 'If that is systemd, use systemd().',
    by: null,
  });
  found.presume(now.isThere, {
    failure: `there is no service ${name} on this host`,
    hint: 'Install the package that brings it, or write its script to /etc/init.d first.',
    by: 'programs',
    assume: `${name} exists`,
  });
  return now;
}

type Verb = 'start' | 'stop' | 'restart' | 'reload';

function verbFor(state: WantedOpenrc['state'], now: OpenrcService): Verb | undefined {
  const runs = now.state === 'started' || now.state === 'starting' || now.state === 'inactive';
  switch (state) {
    case 'started':
      return runs ? undefined : now.state === 'crashed' ? 'restart' : 'start';
    case 'stopped':
      return now.state === 'stopped' ? undefined : 'stop';
    case 'restarted':
      return runs || now.state === 'crashed' ? 'restart' : 'start';
    case 'reloaded':
      return runs ? 'reload' : now.state === 'crashed' ? 'restart' : 'start';
    case undefined:
      return undefined;
  }
}

/** What OpenRC starts before it, all the way down: those that do not run yet. */
function startedWith(name: string, found: Found): string[] {
  return allBehind(name, (one) => one.needs, found).filter((one) => isInState(one, ['stopped', 'crashed'], found));
}

/** What OpenRC stops with it: those that run. */
function stoppedWith(name: string, found: Found): string[] {
  return allBehind(name, (one) => one.neededBy, found).filter((one) => isInState(one, ['started', 'inactive'], found));
}

function allBehind(name: string, next: (one: OpenrcService) => readonly string[], found: Found): string[] {
  const all = new Set([name]);
  // A set is walked in the order of its growth, also while it grows.
  for (const one of all) {
    const now = found.get(openrcService(one));
    for (const other of typeof now === 'string' ? [] : next(now)) all.add(other);
  }
  all.delete(name);
  return [...all];
}

function isInState(name: string, states: readonly OpenrcService['state'][], found: Found): boolean {
  const now = found.get(openrcService(name));
  return typeof now !== 'string' && now.isThere && states.includes(now.state);
}

function stateAfter(
  now: OpenrcService,
  enable: boolean | undefined,
  verb: Verb | undefined,
  { runlevel }: WantedOpenrc,
): OpenrcService {
  const without = runlevel === undefined ? [] : now.runlevels.filter((one) => one !== runlevel);
  return {
    ...now,
    isThere: true,
    state: verb === undefined ? now.state : verb === 'stop' ? 'stopped' : 'started',
    runlevels:
      enable === undefined ? now.runlevels : enable ? [...now.runlevels, runlevel ?? 'default'].toSorted() : without,
  };
}

function othersAfter(others: readonly string[], verb: Verb | undefined, found: Found): Prediction[] {
  return others.flatMap((one) => {
    const now = found.get(openrcService(one));
    return typeof now === 'string'
      ? []
      : [predict(openrcService(one), { ...now, state: verb === 'stop' ? 'stopped' : 'started' })];
  });
}

function resultOf({ state, runlevels }: OpenrcService): OpenrcResult {
  return {
    active: state === 'crashed' ? 'failed' : state === 'started' || state === 'inactive' ? 'active' : 'inactive',
    enabled: runlevels.length > 0 ? 'enabled' : 'disabled',
  };
}

function enablement(name: string, enable: boolean, level: string, taken: readonly string[]): Step {
  return enable
    ? { script: 'rc-update -- add "$1" "$2" >&2', args: [name, level], label: `enable ${name}` }
    : { script: 'rc-update -- delete "$@" >&2', args: [name, ...taken], label: `disable ${name}` };
}

function operation(name: string, verb: Verb): Step {
  return { script: 'rc-service -- "$1" "$2" >&2 </dev/null', args: [name, verb], label: `${verb} ${name}` };
}
