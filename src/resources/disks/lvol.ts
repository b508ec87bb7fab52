import * as v from 'valibot';
import { settled, type Found, type Options, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { filePath, flag, list, text } from '../kit/schemas.ts';
import { lvmName, wordsIn } from './lvm-words.ts';
import { planNewVolume } from './lvol-create.ts';
import { planSize } from './lvol-resize.ts';
import { wantedExtents } from './lvol-size.ts';
import { bytesOf, shareOf } from './sizes.ts';
import { presumeTools, toolStep } from './tool-step.ts';
import { volumeGroup, type LogicalVolume, type VolumeGroup } from './volume-group.probe.ts';
import { volumeDevice, volumePlan } from './volume-plan.ts';

const options = {
  vg: lvmName('The volume group.'),
  lv: lvmName('The volume; with `snapshot`, what the snapshot is of.'),
  size: v.optional(
    v.pipe(
      text(
        '`20G`, `512` (MiB); or a share: `50%VG` of the group, `50%PVS` of the devices in `pvs`, `100%FREE` of what other volumes leave, `20%ORIGIN` of what a snapshot is of. Rounded up to whole extents, shares down. Needed for a new volume; an existing one without it keeps its size.',
      ),
      v.check(
        (size) => (bytesOf(size) ?? shareOf(size)?.percent ?? 0) > 0,
        'must be a size such as 20G, or a share such as 100%FREE; what is added (+5G) would be added by every run',
      ),
    ),
  ),
  snapshot: v.optional(lvmName('The name of a snapshot of `lv`: this is what is created, resized or removed.')),
  pvs: list('Devices of the group it has to lie on. Default: any.', filePath('A device.'), []),
  opts: v.optional(
    text(
      'Additional options for lvcreate: `--type raid1 -m 1`, `-i 2`. They count only when it is created. Default: none.',
    ),
    '',
  ),
  resizefs: flag(
    'Resize the file system with the volume: ext2 to ext4, and XFS and btrfs while mounted, which only grow.',
    false,
  ),
  shrink: flag(
    'Make a volume smaller that is larger than `size`; this needs `force`. A share of what is FREE never shrinks.',
    true,
  ),
  force: flag('Allow to shrink it or to remove it: what is on it is lost. Never what is in use.', false),
  active: flag('Whether it is active: its device exists.', true),
  state: v.optional(
    v.pipe(v.picklist(['present', 'absent']), v.description('`absent` needs `force`. Default `present`.')),
    'present',
  ),
};
export type WantedVolume = Options<typeof options>;

export interface LvolResult {
  /** Its device: `/dev/vg0/data`. */
  readonly dev: string;
}

/** A logical volume of LVM. */
export const lvol = defineResource({
  name: 'lvol',
  summary: 'An LVM logical volume, or a snapshot of one. Thin volumes are not created.',
  options,
  example: `lvol({ vg: 'data', lv: 'www', size: '20G', resizefs: true })
filesystem({ dev: '/dev/data/www', fstype: 'ext4' })
lvol({ vg: 'data', lv: 'logs', size: '100%FREE' })`,
  validateOptions: ({ opts, size, pvs, snapshot, lv, state, resizefs }) =>
    wordsIn(opts) === undefined
      ? '`opts` cannot be split into words: a quote is left open'
      : shareOf(size ?? '')?.of === 'PVS' && pvs.length === 0
        ? "a share of 'PVS' needs `pvs`"
        : shareOf(size ?? '')?.of === 'ORIGIN' && snapshot === undefined
          ? "only a `snapshot` has an 'ORIGIN'"
          : snapshot === lv
            ? 'the `snapshot` needs a name of its own'
            : snapshot !== undefined && resizefs
              ? 'a `snapshot` has the file system of its origin: leave out `resizefs`'
              : state === 'absent' && (size !== undefined || resizefs)
                ? "state 'absent' takes no `size`"
                : undefined,
  title: ({ vg, lv, snapshot }) => [vg, snapshot ?? lv].filter((one) => one !== undefined).join('/'),
  prepare: (given): WantedVolume => given,
  probes: ({ vg }) => [volumeGroup(vg)],
  plan(wanted, found: Found): Plan<LvolResult> {
    const { vg, state } = wanted;
    presumeTools(['vgs', 'pvs', 'lvs'], 'lvm2', found);
    const group = found.get(volumeGroup(vg));
    const name = wanted.snapshot ?? wanted.lv;
    const now = group?.volumes.find((volume) => volume.name === name);
    const result = { dev: volumeDevice(vg, name) };
    if (state === 'absent')
      return group === null || now === undefined ? settled(result) : planRemoval(wanted, group, now, found);
    found.require(group !== null, {
      failure: `there is no volume group ${vg}`,
      hint: `Make it first: lvg({ vg: '${vg}', pvs: ['/dev/...'] })`,
    });
    if (now === undefined) return planNewVolume(wanted, group, found);
    const extents = wantedExtents(wanted, group, now, found) ?? now.extents;
    return planPresent(wanted, group, now, extents, found);
  },
});

function planRemoval(wanted: WantedVolume, group: VolumeGroup, now: LogicalVolume, found: Found): Plan<LvolResult> {
  const { vg, force } = wanted;
  found.require(force, {
    failure: `${vg}/${now.name} would be lost, with everything on it`,
    hint: 'If that is intended, write `force: true`.',
    by: null,
  });
  requireClosed(vg, now, found);
  const lost = group.volumes.filter(({ origin, pool }) => origin === now.name || pool === now.name);
  found.require(lost.length === 0, {
    failure: `${vg}/${now.name} is needed by ${lost.map(({ name }) => name).join(', ')}`,
    hint: 'Remove that first.',
    by: 'changes',
  });
  return {
    ...volumePlan(wanted, group, now.name, null),
    changes: [{ what: 'volume', from: 'present', to: 'absent' }],
    steps: [toolStep('lvremove', '--yes', `${vg}/${now.name}`)],
  };
}

function requireClosed(vg: string, now: LogicalVolume, found: Found): void {
  found.require(!now.isOpen, {
    failure: `${vg}/${now.name} is in use`,
    hint: 'Unmount it first.',
    by: 'changes',
  });
}

function planPresent(
  wanted: WantedVolume,
  group: VolumeGroup,
  now: LogicalVolume,
  extents: number,
  found: Found,
): Plan<LvolResult> {
  const { vg, active, resizefs } = wanted;
  found.require(!resizefs || !active || now.isActive, {
    failure: `${vg}/${now.name} is not active, so it is unknown what is on it`,
    hint: 'Activate it in an earlier task, without `size`.',
    by: null,
  });
  if (!active && now.isActive) requireClosed(vg, now, found);
  const sized = planSize(wanted, group, now, extents, found);
  if (active === now.isActive) return sized;
  // Resized while it is active, as what is on it can be looked at only then.
  const turn = toolStep('lvchange', active ? '-ay' : '-an', `${vg}/${now.name}`);
  const change = { what: 'active', from: now.isActive ? 'yes' : 'no', to: active ? 'yes' : 'no' };
  const after = volumePlan(wanted, group, now.name, { ...now, extents: Math.max(extents, 1), isActive: active }).after;
  return {
    ...sized,
    changes: [...sized.changes, change],
    steps: active ? [turn, ...sized.steps] : [...sized.steps, turn],
    after: [...sized.after, ...after],
    touches: volumePlan(wanted, group, now.name, null).touches,
  };
}
