import * as v from 'valibot';
import { defineResource, type Change, type Known, type Plan, type Step } from '../playbook/index.ts';
import { content, stat, unit, unitFolders, unitName, unitsChanged, type Found, type Question, type Unit } from '../probes/index.ts';
import { flag } from './schemas.ts';
import { daemonReload, enablement, operate } from './systemd-steps.ts';

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
  const known = found.get(unit(name));
  const planned = known.loaded ? undefined : plannedUnit(name, found);
  const assumed: string[] = [];
  if (!known.loaded && !planned) {
    // Masking, stopping and disabling what is not there is what is wanted already, or works all the same.
    if (wanted.masked !== true || wanted.state !== undefined || wanted.enabled !== undefined) {
      if (found.clouded === undefined) return failure(known, `there is no unit ${name} on this host; install the package that brings it, or write its file below /etc/systemd/system first`);
      assumed.push(`${name} exists by then (${found.clouded})`);
    }
  }
  const now = known.loaded ? known : (planned ?? { ...known, loaded: true });
  const masked = wanted.masked ?? now.masked;
  if (masked && (wanted.state === 'started' || wanted.state === 'restarted' || wanted.state === 'reloaded' || wanted.enabled === true)) {
    return failure(now, `${name} is masked, so it can be neither started nor enabled; add \`masked: false\` to unmask it`);
  }
  const operation = operationFor(wanted.state, now);
  const enable = enableFor(wanted, now);
  const changes: Change[] = [];
  const steps: Step[] = [];
  const changesMask = wanted.masked !== undefined && wanted.masked !== now.masked;
  if (changesMask) changes.push({ what: 'masked', from: yesNo(now.masked), to: yesNo(masked) });
  if (changesMask && !masked) steps.push(enablement('unmask', name));
  const stale = needsReload(name, now, found);
  if (stale && wanted.daemonReload) changes.push({ what: 'unit files', to: 'read again' });
  if (stale && (wanted.daemonReload || operation)) steps.push(daemonReload);
  if (enable !== undefined) {
    changes.push({ what: 'enabled', from: yesNo(!enable), to: yesNo(enable) });
    steps.push(enablement(enable ? 'enable' : 'disable', name));
  }
  if (operation) {
    changes.push({ what: 'state', from: now.active, to: wanted.state ?? '' });
    steps.push(operate(operation, name));
  }
  if (changesMask && masked) steps.push(enablement('mask', name));
  const after = unitAfter(wanted, now, { enable, masked });
  const result = { active: after.active, enabled: after.enabled };
  if (changes.length === 0) return { changes, steps: [], after: [], touches: [], result, assumed };
  const altersFiles = steps.length > (operation ? 1 : 0);
  return {
    changes,
    steps,
    after: [{ question: unit(name), answer: after }, ...(altersFiles ? [allRead] : [])],
    touches: [{ on: 'unit', unit: name }, ...(altersFiles ? [{ on: 'units' as const }] : [])],
    // A service that runs to its end is inactive again: there is nothing left to prove.
    again: operation !== undefined && (wanted.state === 'restarted' || wanted.state === 'reloaded' || (wanted.state === 'started' && now.runsToEnd)),
    assumed,
    result,
  };
}

function failure(now: Unit, text: string): Plan<SystemdResult> {
  return { changes: [], steps: [], after: [], touches: [], result: { active: now.active, enabled: now.enabled }, failure: text };
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

/** The verb of systemctl that is due, if any. */
function operationFor(state: Wanted['state'], now: Unit): 'start' | 'stop' | 'restart' | 'reload' | undefined {
  // A unit between two attempts of Restart= is anything but started; one that is still coming up is.
  const runs = now.active === 'active' || now.active === 'reloading' || (now.active === 'activating' && now.sub !== 'auto-restart');
  switch (state) {
    case 'started':
      return runs ? undefined : 'start';
    case 'stopped':
      return now.active === 'inactive' || now.active === 'failed' ? undefined : 'stop';
    case 'restarted':
      return 'restart';
    case 'reloaded':
      return runs ? 'reload' : 'start';
    case undefined:
      return undefined;
  }
}

/** Whether to enable (true) or disable (false), if either. */
function enableFor(wanted: Wanted, now: Unit): boolean | undefined {
  if (wanted.enabled === undefined) return undefined;
  // Unit file states as systemctl(1), `is-enabled`, tells them: those not named here cannot be changed by enable and disable.
  const isOn = ['enabled', 'enabled-runtime', 'alias'].includes(now.enabled);
  const isOff = ['disabled', 'linked', 'linked-runtime', 'masked', 'masked-runtime'].includes(now.enabled);
  if (wanted.enabled) return isOff ? true : undefined;
  return isOn ? false : undefined;
}

/** Whether systemd has older files of this unit in memory than there are (by then) on disk. */
function needsReload(name: string, now: Unit, found: Found): boolean {
  // What is neither running nor wanted by anything is read from disk whenever it is asked for.
  const inMemory = now.active !== 'inactive' || now.enabled === 'enabled';
  return now.needsReload || (inMemory && found.outdated(unit(name)));
}

function unitAfter(wanted: Wanted, now: Unit, { enable, masked }: { enable: boolean | undefined; masked: boolean }): Unit {
  const enabled = masked ? 'masked' : enable === undefined ? now.enabled : enable ? 'enabled' : 'disabled';
  const state = wanted.state === undefined ? now.active : wanted.state === 'stopped' || now.runsToEnd ? 'inactive' : 'active';
  return { ...now, loaded: true, active: state, sub: state === now.active ? now.sub : state === 'active' ? 'running' : 'dead', enabled, masked, needsReload: false };
}

/** Check mode: the unit as it will be once a file planned by an earlier task is there. */
function plannedUnit(name: string, found: Found): Unit | undefined {
  if (!found.check) return undefined;
  const file = name.replace(/@[^.]+\./, '@.');
  const paths = unitFolders.map((folder) => `${folder}/${file}`);
  found.need(...(paths.map(stat) as Question[]));
  const path = paths.find((one) => found.get(stat(one)).type !== 'absent');
  if (path === undefined) return undefined;
  const bytes = found.get(content(path));
  const text = 'bytes' in bytes ? bytes.bytes.toString('utf8') : '';
  const has = (line: RegExp): boolean => line.test(text);
  return {
    loaded: true,
    active: 'inactive',
    sub: 'dead',
    // Without an [Install] section there is nothing to enable (systemd.unit(5)).
    enabled: has(/^\s*(?:WantedBy|RequiredBy|UpheldBy|Alias|Also)\s*=/m) ? 'disabled' : 'static',
    masked: false,
    needsReload: false,
    runsToEnd: has(/^\s*Type\s*=\s*oneshot\s*$/m) && !has(/^\s*RemainAfterExit\s*=\s*(?:yes|true|on|1)\s*$/m),
    activeSince: 0,
  };
}
