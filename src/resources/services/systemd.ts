import * as v from 'valibot';
import {
  predict,
  questionKey,
  settled,
  type Change,
  type Found,
  type Prediction,
  type Plan,
  type Question,
  type Step,
} from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { linkTarget, unit, unitName, unitsChanged, type Unit } from '../../probes/index.ts';
import { flag } from '../kit/schemas.ts';
import { critical, wantedCritical, withCritical, type WantedCritical } from './critical.ts';
import { daemonReload, disable, enablement, operate, unmask } from './systemd-steps.ts';
import { ifAllowed, mayNot } from './unit-rights.ts';
import { halfWay, realName, whyNot, type Doom } from './units/doom.ts';
import { decideEnablement, decideMask, enablementAfter, maskAfter, maskPath, stateAfter } from './units/enablement.ts';
import { trustMemory } from './units/folder-gone.ts';
import { followersAfter, runs, type Operation } from './units/followers.ts';
import { foreseenUnit, unmaskedUnit } from './units/foreseen-unit.ts';
import { hostManager, type Manager } from './units/manager.ts';
import { managerOfUser, userQuestions } from './units/user-manager.ts';

/** What later tasks read: the unit as it is after the task. */
export interface SystemdResult {
  /** `active`, `inactive`, `failed` ...; empty without a unit. */
  readonly active: string;
  /** `enabled`, `disabled`, `static` ... */
  readonly enabled: string;
}

/** What a unit shall be; what is left out stays as it is. */
export interface WantedUnit {
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined;
  readonly enabled?: boolean | undefined;
  readonly masked?: boolean | undefined;
  readonly daemonReload?: boolean;
}

interface Wanted extends WantedUnit {
  readonly unit: string | undefined;
  readonly record: WantedCritical | undefined;
  readonly scope: 'system' | 'user';
}

const states = v.picklist(['started', 'stopped', 'restarted', 'reloaded']);
const namePattern = /^[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\@-]{0,240}$/;

/** A unit of systemd: running or not, started at boot or not. */
export const systemd = defineResource({
  name: 'systemd',
  summary: 'Starts, stops, restarts, reloads, enables and masks systemd units.',
  options: {
    name: v.optional(
      v.pipe(
        v.string(),
        v.regex(namePattern, 'must be the name of one unit, such as nginx or backup.timer'),
        v.description('The unit; a name without a suffix is a service.'),
      ),
    ),
    state: v.optional(
      v.pipe(
        states,
        v.description(
          '`started` and `stopped` act when needed. `restarted` and `reloaded` act every time and belong in handlers; both start a stopped unit. A service that runs to its end (`Type=oneshot`) is never found running: `started` starts it in every run.',
        ),
      ),
    ),
    enabled: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          'Whether it starts at boot. A unit with nothing but `Also=` is as enabled as the units named there; for a SysV script the links of update-rc.d(8) count; for a template, the instance in `DefaultInstance=`. Units that systemd itself cannot enable (static, generated) are left alone.',
        ),
      ),
    ),
    masked: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          'Whether it is masked: it cannot be started at all, not even by another unit, also after a reboot. A unit whose own file is in /etc/systemd/system cannot be masked, because the mask would take its place.',
        ),
      ),
    ),
    daemonReload: flag(
      'Make systemd read changed unit files. Only needed without a unit: for a unit this happens automatically before any other action.',
      false,
    ),
    scope: v.optional(
      v.pipe(
        v.picklist(['system', 'user']),
        v.description(
          'Whose units: those of the host, or those of the account the task works as (`becomeUser`), whose systemd must run: while somebody is logged in, or always with `loginctl enable-linger`. `XDG_RUNTIME_DIR` need not be set. Such units cannot be held.',
        ),
      ),
      'system',
    ),
    critical,
  },
  example: `systemd({ name: 'nginx', state: 'started', enabled: true })
const reload = handler('reload nginx', () => systemd({ name: 'nginx', state: 'reloaded' }))`,
  validateOptions({ name, state, enabled, masked, daemonReload, scope, critical: isCritical }) {
    if (isCritical !== undefined && scope === 'user') return '`critical` needs a timer of the host';
    if (isCritical !== undefined && !/[^@]\.timer$/.test(name ?? ''))
      return '`critical` needs a timer: the unit that says when';
    const asks = [state, enabled, masked, isCritical].some((one) => one !== undefined);
    if (name === undefined)
      return asks
        ? 'give the `name` of the unit'
        : daemonReload
          ? undefined
          : 'give the `name` of a unit, or `daemonReload: true`';
    if (!asks && !daemonReload) return 'say how the unit should be: `state`, `enabled` or `masked`';
    if (state !== undefined && /@(?:\.[a-z]+)?$/.test(name))
      return `${name} is a template; name an instance of it: ${name.replace('@', '@one')}`;
    if (masked && state !== undefined && state !== 'stopped') return 'a masked unit cannot be started';
    if (masked && enabled) return 'a masked unit cannot be enabled';
    return undefined;
  },
  title: (options) => options.name ?? 'daemon-reload',
  prepare: ({ name, ...rest }): Wanted => ({
    unit: name === undefined ? undefined : unitName(name),
    state: rest.state,
    enabled: rest.enabled,
    masked: rest.masked,
    daemonReload: rest.daemonReload,
    scope: rest.scope,
    record:
      name === undefined ? undefined : wantedCritical(`timer ${name}`, rest.critical, 'present', { name, timer: name }),
  }),
  probes: ({ unit: name, scope, enabled }): Question[] => {
    if (scope === 'user') return userQuestions;
    if (name === undefined) return [unitsChanged];
    return [unit(name), ...(enabled === false ? [linkTarget(`${hostManager.configured}/${name}`)] : [])];
  },
  plan: (wanted, found): Plan<SystemdResult> => {
    const { unit: name, record, scope } = wanted;
    const manager = scope === 'user' ? managerOfUser(found) : hostManager;
    return name === undefined
      ? planReload(found, manager)
      : withCritical(record, found, (now) => planUnit(wanted, name, now, manager));
  },
});

function planReload(found: Found, manager: Manager): Plan<SystemdResult> {
  const result = { active: '', enabled: '' };
  trustMemory(found, manager);
  if (!found.get(manager.changed) && !found.outdated(manager.changed)) return settled(result);
  const rights = mayNot(found, manager);
  return {
    changes: [{ what: 'unit files', to: 'read again' }],
    steps: [manager.sends(daemonReload)],
    assumed: rights,
    after: ifAllowed([allRead(manager)], rights),
    touches: [manager.units],
    result,
  };
}

const allRead = (manager: Manager): Prediction => predict(manager.changed, false);

/** What is to be done to a unit. */
interface Decision {
  readonly now: Unit;
  /** Check mode: as it will be without the mask that is taken away. */
  readonly bare: Unit;
  /** Undefined: the mask stays as it is. */
  readonly mask: boolean | undefined;
  readonly enable: boolean | undefined;
  readonly operation: Operation | undefined;
  /** Check mode: why what is to be done is sure to fail half way. */
  readonly doom: Doom | undefined;
}

/** Plans what a unit shall be, also as a part of another resource. @param name with its suffix */
export function planUnit(
  wanted: WantedUnit,
  name: string,
  found: Found,
  manager: Manager = hostManager,
): Plan<SystemdResult> {
  const decision = decide(wanted, name, found, manager);
  if ('failure' in decision)
    return { ...settled({ active: decision.now.active, enabled: decision.now.enabled }), failure: decision.failure };
  const { now, bare, mask, enable, operation, doom } = decision;
  const stale = needsReload(name, now, found, manager);
  const changes: Change[] = [
    ...(mask === undefined
      ? []
      : [{ what: 'masked', from: mask && now.masked ? 'until the next boot' : yesNo(now.masked), to: yesNo(mask) }]),
    ...(stale && wanted.daemonReload ? [{ what: 'unit files', to: 'read again' }] : []),
    ...(enable === undefined ? [] : [{ what: 'enabled', from: yesNo(!enable), to: yesNo(enable) }]),
    ...(operation === undefined
      ? []
      : [
          { what: 'state', from: now.active, to: `${wanted.state ?? ''}${isDueEachTime(wanted, now) ? eachTime : ''}` },
        ]),
  ];
  const set = unitAfter(wanted, bare, { enable, masked: mask ?? now.masked });
  // A mask lies under the very name, also under that of an instance whose file is that of its template.
  const after = mask === true ? { ...set, file: maskPath(name, manager) } : set;
  const result = { active: after.active, enabled: after.enabled };
  const names = [...new Set([name, ...now.names])];
  // What is held are units of the host.
  const units = manager.isOfHost ? names : [];
  const readsAnew = stale && (wanted.daemonReload || operation !== undefined);
  if (changes.length === 0) return settled(result);
  const rights = mayNot(found, manager);
  if (doom !== undefined) {
    const isRead = mask === false || readsAnew || (enable !== undefined && doom.at === 'operation');
    return {
      ...settled({ active: now.active, enabled: now.enabled }),
      changes,
      units,
      assumed: rights,
      after: ifAllowed([...halfWay(name, now, manager), ...(isRead ? [allRead(manager)] : [])], rights),
      failure: doom.why,
    };
  }
  const steps: Step[] = [
    ...(mask === false ? [unmask(name)] : []),
    ...(readsAnew ? [daemonReload] : []),
    ...(enable === undefined
      ? []
      : [
          enable
            ? enablement('enable', realName(name, now))
            : disable(realName(name, now), now.enabled === 'enabled-runtime'),
        ]),
    ...(operation === undefined ? [] : [operate(operation, name)]),
    ...(mask === true ? [enablement('mask', name)] : []),
  ];
  const altersFiles = steps.length > (operation === undefined ? 0 : 1);
  const altersLinks = enable !== undefined || mask !== undefined;
  const read = altersFiles ? [allRead(manager)] : [];
  return {
    changes,
    steps: steps.map(manager.sends),
    assumed: rights,
    ...closing(units, changes),
    after: ifAllowed([...names.map((one) => predict(manager.unit(one), after)), ...read], rights),
    // What is made of links below comes before they are read.
    foreseen: () => ifAllowed([...othersAfter(name, decision, after, found, manager), ...read], rights),
    units,
    // What is started or stopped takes others with it.
    touches: [manager.units, ...(altersLinks ? [{ on: 'path' as const, path: manager.configured }] : [])],
    // A service that runs to its end is inactive again, and what has lost its file is gone: there is nothing left to
    // prove.
    always:
      (wanted.state === 'restarted' || wanted.state === 'reloaded') && changes.every(({ what }) => what === 'state'),
    again:
      (operation !== undefined &&
        (wanted.state === 'restarted' || wanted.state === 'reloaded' || isDueEachTime(wanted, now))) ||
      !now.loaded ||
      (enable === false && vanishes(name, now, found, manager)),
    result,
  };
}

/** Units by which one comes in, or gets to the host at all. */
const waysIn =
  /^(?:sshd?\.(?:service|socket)|nftables\.service|netfilter-persistent\.service|networking\.service|systemd-networkd\.service|NetworkManager\.service)$/;

function closing(units: readonly string[], changes: readonly Change[]): Pick<Plan<unknown>, 'closes'> {
  return changes.length > 0 && units.some((name) => waysIn.test(name)) ? { closes: [{ by: 'ssh' }] } : {};
}

function decide(
  wanted: WantedUnit,
  name: string,
  found: Found,
  manager: Manager,
): Decision | { readonly failure: string; readonly now: Unit } {
  trustMemory(found, manager);
  const there = foreseenUnit(name, found, manager);
  const asks = wanted.state !== undefined || wanted.enabled !== undefined;
  const isMissing = !there.loaded && asks && !isLeftover(wanted, there);
  found.presume(!isMissing, {
    failure: `there is no unit ${name} ${manager.isOfHost ? 'on this host' : `of ${manager.account.owner}`}`,
    hint: `Install the package that brings it, or write its file below ${manager.configured} first.`,
    assume: `${name} exists`,
  });
  // What nobody has seen yet is taken for a unit like most.
  const now = isMissing ? { ...there, loaded: true, enabled: 'disabled' } : there;
  const mask = wanted.masked === undefined ? { due: false } : decideMask(name, now, wanted.masked, found, manager);
  if (mask.failure !== undefined) return { now, failure: mask.failure };
  const starts = wanted.state !== undefined && wanted.state !== 'stopped';
  if ((wanted.masked ?? now.masked) && (starts || wanted.enabled === true))
    return {
      now,
      failure: `${name} is masked, so it can be neither started nor enabled; add \`masked: false\` to unmask it`,
    };
  const enable = wanted.enabled === undefined ? {} : decideEnablement(name, now, wanted.enabled, found, manager);
  if (enable.failure !== undefined) found.presume(false, { failure: enable.failure, assume: `${name} can be enabled` });
  const decided = {
    now,
    mask: mask.due ? wanted.masked : undefined,
    enable: enable.due,
    operation: operationFor(wanted.state, now),
  };
  if (found.forecast === undefined) return { ...decided, bare: now, doom: undefined };
  const bare = decided.mask === false ? unmaskedUnit(name, now, found, manager) : now;
  return { ...decided, bare, doom: isMissing ? undefined : whyNot(name, bare, decided, found, manager) };
}

/**
 * Whether nothing is asked but what can be done to a unit without a file: what still runs is stopped, what is still
 * linked disabled.
 */
function isLeftover(wanted: WantedUnit, there: Unit): boolean {
  const canStop = wanted.state === undefined || (wanted.state === 'stopped' && runs(there));
  return canStop && (wanted.enabled === undefined || (!wanted.enabled && (there.linked || wanted.state !== undefined)));
}

/** What comes with it: links, other units. */
function othersAfter(
  name: string,
  { now, bare, mask, enable, operation }: Decision,
  after: Unit,
  found: Found,
  manager: Manager,
): Prediction[] {
  const others = [
    ...(mask === undefined ? [] : maskAfter(name, mask, found, manager)),
    ...(enable === undefined ? [] : enablementAfter(name, bare, after, enable, found, manager)),
    ...(operation === undefined ? [] : followersAfter(operation, now, found, manager)),
  ];
  return others.filter(({ question }) => questionKey(question) !== questionKey(manager.unit(name)));
}

/** A service that runs to its end is never found running, so that each run starts it. */
function isDueEachTime({ state }: WantedUnit, now: Unit): boolean {
  return state === 'started' && now.runsToEnd;
}

const eachTime = ', in every run, as it runs to its end';

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

/**
 * Whether disabling takes away the very link that the unit is known by: that of another name, or one to a file
 * elsewhere.
 */
function vanishes(name: string, now: Unit, found: Found, { folders, configured }: Manager): boolean {
  if (realName(name, now) !== name || now.enabled.startsWith('linked')) return true;
  if (now.enabled !== 'enabled') return false;
  const isBelow = (path: string): boolean => folders.some((folder) => path.startsWith(`${folder}/`));
  const link = now.file === `${configured}/${name}` ? found.get(linkTarget(now.file)) : null;
  return !isBelow(now.file) || (link !== null && !isBelow(link));
}

/** The verb of systemctl that is due, if any. */
function operationFor(state: WantedUnit['state'], now: Unit): Operation | undefined {
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

/** Whether systemd has older files of this unit in memory than there are (by then) on disk. */
function needsReload(name: string, now: Unit, found: Found, manager: Manager): boolean {
  // What is neither running nor wanted by anything is read from disk whenever it is asked for.
  const inMemory = now.active !== 'inactive' || now.enabled === 'enabled' || now.held;
  return now.needsReload || (inMemory && found.outdated(manager.unit(name)));
}

function unitAfter(
  wanted: WantedUnit,
  now: Unit,
  { enable, masked }: { enable: boolean | undefined; masked: boolean },
): Unit {
  const set = enable === undefined ? now : stateAfter(now, enable);
  const active =
    wanted.state === undefined ? now.active : wanted.state === 'stopped' || now.runsToEnd ? 'inactive' : 'active';
  const sub = active === now.active ? now.sub : active === 'active' ? 'running' : 'dead';
  const isGone = !now.loaded || (enable === false && now.enabled.startsWith('linked'));
  return {
    ...set,
    loaded: masked || !isGone,
    active,
    sub,
    enabled: masked ? 'masked' : set.enabled,
    masked,
    needsReload: false,
  };
}
