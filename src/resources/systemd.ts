import * as v from 'valibot';
import { defineResource, type Change, type Known, type Plan, type Step } from '../playbook/index.ts';
import { questionKey, unit, unitFolders, unitName, unitsChanged, type Found, type Question, type Unit } from '../probes/index.ts';
import { flag } from './schemas.ts';
import { daemonReload, disable, enablement, operate, unmask } from './systemd-steps.ts';
import { decideEnablement, decideMask, enablementAfter, maskAfter, stateAfter, takenName } from './units/enablement.ts';
import { foreseenUnit, unmaskedUnit } from './units/foreseen-unit.ts';
import { forecastStart, type StartForecast } from './units/start-needs.ts';

/** What later tasks read: the unit as it is after the task. */
export interface SystemdResult {
  /** `active`, `inactive`, `failed` ...; empty without a unit. */
  readonly active: string;
  /** `enabled`, `disabled`, `static` ... */
  readonly enabled: string;
}

interface Wanted {
  readonly unit: string | undefined;
  readonly state: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined;
  readonly enabled: boolean | undefined;
  readonly masked: boolean | undefined;
  readonly daemonReload: boolean;
}

const states = v.picklist(['started', 'stopped', 'restarted', 'reloaded']);
const namePattern = /^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*$/;

/** A unit of systemd: running or not, started at boot or not. */
export const systemd = defineResource({
  name: 'systemd',
  summary: 'Starts, stops, restarts, reloads, enables and masks units of systemd.',
  options: {
    name: v.optional(v.pipe(v.string(), v.regex(namePattern, 'must be the name of one unit, such as nginx or backup.timer'), v.description('The unit; a name without a suffix is a service.'))),
    state: v.optional(
      v.pipe(
        states,
        v.description('`started` and `stopped` act when needed. `restarted` and `reloaded` act every time and belong in handlers; both start what is stopped.'),
      ),
    ),
    enabled: v.optional(v.pipe(v.boolean(), v.description('Whether it starts at boot. Units that systemd itself cannot enable (static, generated) stay as they are.'))),
    masked: v.optional(v.pipe(v.boolean(), v.description('Whether it cannot be started at all, not even by another unit.'))),
    daemonReload: flag('Make systemd read changed unit files. Only needed without a unit: before any other action on a unit it is done by itself.', false),
  },
  example: `systemd({ name: 'nginx', state: 'started', enabled: true })
const reload = handler('reload nginx', () => systemd({ name: 'nginx', state: 'reloaded' }))`,
  refuse({ name, state, enabled, masked, daemonReload }) {
    const asks = state !== undefined || enabled !== undefined || masked !== undefined;
    if (name === undefined) return asks ? 'give the `name` of the unit' : daemonReload ? undefined : 'give the `name` of a unit, or `daemonReload: true`';
    if (!asks && !daemonReload) return 'say what the unit shall be: `state`, `enabled` or `masked`';
    if (masked && state !== undefined && state !== 'stopped') return 'a masked unit cannot be started';
    if (masked && enabled) return 'a masked unit cannot be enabled';
    return undefined;
  },
  title: (options) => options.name ?? 'daemon-reload',
  prepare: ({ name, ...rest }): Wanted => ({ unit: name === undefined ? undefined : unitName(name), state: rest.state, enabled: rest.enabled, masked: rest.masked, daemonReload: rest.daemonReload }),
  probes: (wanted): Question[] => [wanted.unit === undefined ? unitsChanged : unit(wanted.unit)] as Question[],
  plan: (wanted, found): Plan<SystemdResult> => (wanted.unit === undefined ? planReload(found) : planUnit(wanted, wanted.unit, found)),
});

function planReload(found: Found): Plan<SystemdResult> {
  const result = { active: '', enabled: '' };
  if (!found.get(unitsChanged) && !found.outdated(unitsChanged)) return { changes: [], steps: [], after: [], touches: [], result };
  return { changes: [{ what: 'unit files', to: 'read again' }], steps: [daemonReload], after: [allRead], touches: [{ on: 'units' }], result };
}

const allRead: Known = { question: unitsChanged, answer: false };

function planUnit(wanted: Wanted, name: string, found: Found): Plan<SystemdResult> {
  const before = foreseenUnit(name, found);
  const assumed: string[] = [];
  const asks = wanted.state !== undefined || wanted.enabled !== undefined;
  // Masking what is not there works, and what still runs can be stopped, what is still linked disabled.
  const isLeftover = (wanted.state === undefined || (wanted.state === 'stopped' && runs(before))) && (wanted.enabled === undefined || (!wanted.enabled && (before.linked || wanted.state !== undefined)));
  if (!before.loaded && asks && !isLeftover) {
    if (found.clouded === undefined) return failure(before, `there is no unit ${name} on this host; install the package that brings it, or write its file below /etc/systemd/system first`);
    assumed.push(`${name} exists by then (${found.clouded})`);
  }
  // What nobody has seen yet is taken for a unit like most.
  const now = assumed.length > 0 ? { ...before, loaded: true, enabled: 'disabled' } : before;
  const mask = wanted.masked === undefined ? { due: false } : decideMask(name, now, wanted.masked, found);
  if (mask.failure !== undefined) return failure(now, mask.failure);
  const masked = wanted.masked ?? now.masked;
  if (masked && (wanted.state === 'started' || wanted.state === 'restarted' || wanted.state === 'reloaded' || wanted.enabled === true)) {
    return failure(now, `${name} is masked, so it can be neither started nor enabled; add \`masked: false\` to unmask it`);
  }
  const bare = found.check && mask.due && !masked ? unmaskedUnit(name, now, found) : now;
  if (!bare.loaded && bare !== now && asks && found.clouded === undefined) return failure(now, `there is no unit ${name} on this host once it is unmasked; write its file first`);
  const operation = operationFor(wanted.state, now);
  const enable = wanted.enabled === undefined ? {} : decideEnablement(name, now, wanted.enabled, found);
  if (enable.failure !== undefined && found.clouded === undefined) return failure(now, enable.failure);
  const taken = enable.due && found.check && bare.loaded ? takenName(realName(name, bare), bare, found) : undefined;
  if (taken !== undefined) return failure(now, taken);
  if (operation !== undefined && found.check && assumed.length === 0) {
    const forecast = forecastOperation(operation, name, bare, found);
    if (forecast.failure !== undefined) return failure(now, forecast.failure);
    assumed.push(...forecast.assumed);
  }
  const changes: Change[] = [];
  const steps: Step[] = [];
  if (mask.due) changes.push({ what: 'masked', from: yesNo(now.masked), to: yesNo(masked) });
  if (mask.due && !masked) steps.push(unmask(name));
  const stale = needsReload(name, now, found);
  if (stale && wanted.daemonReload) changes.push({ what: 'unit files', to: 'read again' });
  if (stale && (wanted.daemonReload || operation)) steps.push(daemonReload);
  if (enable.due !== undefined) {
    changes.push({ what: 'enabled', from: yesNo(!enable.due), to: yesNo(enable.due) });
    steps.push(enable.due ? enablement('enable', realName(name, now)) : disable(realName(name, now), now.enabled === 'enabled-runtime'));
  }
  if (operation) {
    changes.push({ what: 'state', from: now.active, to: wanted.state ?? '' });
    steps.push(operate(operation, name));
  }
  if (mask.due && masked) steps.push(enablement('mask', name));
  const after = unitAfter(wanted, bare, { enable: enable.due, masked });
  const result = { active: after.active, enabled: after.enabled };
  if (changes.length === 0) return { changes, steps: [], after: [], touches: [], result, assumed };
  const altersLinks = enable.due !== undefined || mask.due;
  const others = found.check ? [...(mask.due ? maskAfter(name, masked) : []), ...(enable.due === undefined ? [] : enablementAfter(name, bare, after, enable.due, found)), ...(operation ? followersAfter(operation, now, found) : [])] : [];
  const told = new Set(others.map((one) => questionKey(one.question)));
  const own = [name, ...now.names].map((one): Known => ({ question: unit(one), answer: after })).filter((one) => one.question.args[0] === name || !told.has(questionKey(one.question)));
  const altersFiles = steps.length > (operation ? 1 : 0);
  return {
    changes,
    steps,
    after: [...others, ...own, ...(altersFiles ? [allRead] : [])],
    // What is started or stopped takes others with it.
    touches: [{ on: 'units' }, ...(altersLinks ? [{ on: 'path' as const, path: '/etc/systemd/system' }] : [])],
    // A service that runs to its end is inactive again, and what has lost its file is gone: there is nothing left to prove.
    again: (operation !== undefined && (wanted.state === 'restarted' || wanted.state === 'reloaded' || (wanted.state === 'started' && now.runsToEnd))) || !now.loaded || (enable.due === false && vanishes(name, now)),
    assumed,
    result,
  };
}

function failure(now: Unit, text: string): Plan<SystemdResult> {
  return { changes: [], steps: [], after: [], touches: [], result: { active: now.active, enabled: now.enabled }, failure: text };
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

/** systemctl takes no other name of a unit to enable it by. */
function realName(name: string, now: Unit): string {
  return now.names[0] ?? name;
}

/** Whether disabling takes away the very link that the unit is known by: that of another name, or one to a file elsewhere. */
function vanishes(name: string, now: Unit): boolean {
  return realName(name, now) !== name || now.enabled.startsWith('linked') || (now.enabled === 'enabled' && !unitFolders.some((folder) => now.file.startsWith(`${folder}/`)));
}

function runs(now: Unit): boolean {
  // A unit between two attempts of Restart= is anything but started; one that is still coming up is.
  return now.active === 'active' || now.active === 'reloading' || (now.active === 'activating' && now.sub !== 'auto-restart');
}

type Operation = 'start' | 'stop' | 'restart' | 'reload';

/** The verb of systemctl that is due, if any. */
function operationFor(state: Wanted['state'], now: Unit): Operation | undefined {
  switch (state) {
    case 'started':
      return runs(now) ? undefined : 'start';
    case 'stopped':
      return now.active === 'inactive' || now.active === 'failed' ? undefined : 'stop';
    case 'restarted':
      return 'restart';
    case 'reloaded':
      return runs(now) ? 'reload' : 'start';
    case undefined:
      return undefined;
  }
}

/** Check mode: whether the operation is sure to fail, for all that the unit's files say. */
function forecastOperation(operation: Operation, name: string, now: Unit, found: Found): StartForecast {
  const could = (why: string): StartForecast => ({ failure: `Could not ${operation} ${name}: ${why}`, assumed: [] });
  switch (operation) {
    case 'stop':
      return now.canStop ? { assumed: [] } : could('its unit file says RefuseManualStop=yes');
    case 'reload':
      return now.canReload ? { assumed: [] } : could('it knows no reload; give it ExecReload=, or restart it');
    case 'start':
    case 'restart': {
      const { failure: why, assumed } = forecastStart(name, now, found);
      return why === undefined ? { assumed } : could(why);
    }
  }
}

/** Check mode: the units that start or stop with this one. */
function followersAfter(operation: Operation, now: Unit, found: Found): Known[] {
  if (operation === 'stop') {
    return now.stopsWith.flatMap((name): Known[] => {
      const other = foreseenUnit(name, found);
      return runs(other) ? [{ question: unit(name), answer: { ...other, active: 'inactive', sub: 'dead' }, assumed: `${name} stops with ${now.names[0] ?? ''}` }] : [];
    });
  }
  if (operation === 'reload') return [];
  return now.pulls.flatMap((name): Known[] => {
    const other = foreseenUnit(name, found);
    const starts = other.loaded && other.valid && !other.masked && !runs(other) && !other.runsToEnd;
    return starts ? [{ question: unit(name), answer: { ...other, active: 'active', sub: 'running' }, assumed: `${name} is started with ${now.names[0] ?? ''}` }] : [];
  });
}

/** Whether systemd has older files of this unit in memory than there are (by then) on disk. */
function needsReload(name: string, now: Unit, found: Found): boolean {
  // What is neither running nor wanted by anything is read from disk whenever it is asked for.
  const inMemory = now.active !== 'inactive' || now.enabled === 'enabled' || now.held;
  return now.needsReload || (inMemory && found.outdated(unit(name)));
}

function unitAfter(wanted: Wanted, now: Unit, { enable, masked }: { enable: boolean | undefined; masked: boolean }): Unit {
  const set = enable === undefined ? now : stateAfter(now, enable);
  const active = wanted.state === undefined ? now.active : wanted.state === 'stopped' || now.runsToEnd ? 'inactive' : 'active';
  const sub = active === now.active ? now.sub : active === 'active' ? 'running' : 'dead';
  const isGone = !now.loaded || (enable === false && now.enabled.startsWith('linked'));
  return { ...set, loaded: masked || !isGone, active, sub, enabled: masked ? 'masked' : set.enabled, masked, needsReload: false };
}
