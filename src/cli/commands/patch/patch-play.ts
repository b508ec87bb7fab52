import { block, definePlaybook, type Playbook, type Task, type TaskItem } from '../../../playbook/index.ts';
import type { PatchSettings } from '../../../project/patch-settings.ts';
import {
  aptUpgrade,
  needrestart,
  reboot,
  unitStates,
  uri,
  type AptUpgradeResult,
  type NeedrestartResult,
  type UnitStatesResult,
} from '../../../resources/index.ts';
import type { PatchChoices } from '../plan/patch-options.ts';

/** What the command line and the project say of an upgrade of hosts. */
export interface PatchWishes extends Omit<PatchChoices, 'gate' | 'serial'> {
  readonly serial: readonly (number | string)[];
  /** Addresses that must answer on each host before the next batch. */
  readonly gates: readonly string[];
  readonly settings: PatchSettings;
  readonly check: boolean;
}

/** The names of the play's own tasks, by which its report knows them. */
export const patchTasks = {
  before: 'the state of units',
  available: 'what can be upgraded',
  running: 'what runs old code',
  upgrade: 'upgrade packages',
  outdated: 'what runs old code now',
  reboot: 'reboot',
  restart: 'restart services',
  rebooted: 'what runs old code after the reboot',
  after: 'units are up as before',
} as const;

/** The play of `play patch`, for all hosts: the limit cuts them down. */
export function patchPlaybook(wishes: PatchWishes): Playbook {
  const { settings, gates, serial } = wishes;
  // A gate's tasks are made after the play's, for the same host.
  const states = new Map<string, Task<UnitStatesResult>>();
  const after = (host: string): TaskItem[] => {
    const before = states.get(host);
    return [
      ...(before === undefined
        ? []
        : [unitStates({ before: ({ results }) => results(before) }, { name: patchTasks.after })]),
      ...gates.map((url) => uri({ url })),
    ];
  };
  return definePlaybook({
    name: 'patch',
    hosts: 'all',
    become: true,
    ...(serial.length === 0 ? {} : { serial }),
    gate: {
      ...(settings.gate?.before === undefined ? {} : { before: settings.gate.before }),
      after: (context) => [...after(context.host.name), ...(settings.gate?.after?.(context) ?? [])],
      retries: settings.gate?.retries ?? 6,
      delay: settings.gate?.delay ?? 5,
    },
    tasks: (context) => {
      const before = unitStates({}, { name: patchTasks.before });
      states.set(context.host.name, before);
      return [before, ...hostTasks(wishes, settings.preTasks?.(context) ?? [], settings.postTasks?.(context) ?? [])];
    },
  });
}

function hostTasks(wishes: PatchWishes, drain: readonly TaskItem[], undrain: readonly TaskItem[]): TaskItem[] {
  const { security, full, only, exclude, restart, rebootIfNeeded, rebootTimeout, check } = wishes;
  const mode: 'full' | 'safe' = full ? 'full' : 'safe';
  const upgrades = { security, only: [...only], exclude: [...exclude], mode };
  const look = { restart: false };
  const available = aptUpgrade({ ...upgrades, apply: false }, { name: patchTasks.available });
  const running = needrestart(look, { name: patchTasks.running });
  const upgrade = aptUpgrade(upgrades, { name: patchTasks.upgrade });
  const outdated = needrestart(look, { name: patchTasks.outdated });
  const needsReboot = ({ reboot: why }: NeedrestartResult): boolean => rebootIfNeeded && why.length > 0;
  const isDue = ({ packages }: AptUpgradeResult, now: NeedrestartResult): boolean =>
    packages.length > 0 || needsReboot(now) || (restart && now.services.length > 0);
  const whereDue = (tasks: readonly TaskItem[]): TaskItem[] =>
    tasks.length === 0 ? [] : [block(tasks, { when: ({ results }) => isDue(results(available), results(running)) })];
  return [
    available,
    running,
    ...whereDue(drain),
    upgrade,
    outdated,
    ...(rebootIfNeeded
      ? [reboot({ rebootTimeout }, { name: patchTasks.reboot, when: ({ results }) => needsReboot(results(outdated)) })]
      : []),
    // What a reboot starts anew needs no restart.
    ...(restart
      ? [needrestart({}, { name: patchTasks.restart, when: ({ results }) => !needsReboot(results(outdated)) })]
      : []),
    // In check mode nothing is known of the host as it will have booted.
    ...(rebootIfNeeded && !check
      ? [needrestart(look, { name: patchTasks.rebooted, when: ({ results }) => needsReboot(results(outdated)) })]
      : []),
    ...whereDue(undrain),
  ];
}
