import type { Found, Plan } from '../../contract/index.ts';
import { shownBytes } from '../kit/shown-bytes.ts';
import { wordsIn } from './lvm-words.ts';
import { devicesFor, freeOn, wantedExtents } from './lvol-size.ts';
import type { LvolResult, WantedVolume } from './lvol.ts';
import { presumeTools, toolStep } from './tool-step.ts';
import type { VolumeGroup } from './volume-group.probe.ts';
import { volumePlan } from './volume-plan.ts';

/** A volume that is not there yet. */
export function planNewVolume(wanted: WantedVolume, group: VolumeGroup, found: Found): Plan<LvolResult> {
  const { vg, lv, snapshot, active, opts, pvs } = wanted;
  const name = snapshot ?? lv;
  presumeTools(['lvcreate'], 'lvm2', found);
  const extents = wantedExtents(wanted, group, undefined, found);
  found.require(extents !== undefined, {
    failure: `there is no ${vg}/${name}`,
    hint: 'Give its `size`.',
  });
  const origin = group.volumes.find((volume) => volume.name === lv);
  if (snapshot !== undefined) {
    found.require(origin !== undefined, { failure: `there is no ${vg}/${lv} to take a snapshot of` });
    found.require(origin.pool === '' && !origin.isPool, {
      failure: `${vg}/${lv} is thin, and thin snapshots are not supported`,
      by: null,
    });
  }
  const devices = devicesFor(wanted, group, found);
  const free = freeOn(devices);
  found.require(extents > 0 && extents <= free, {
    failure: `${vg} has ${shownBytes(free * group.extentSize)} free${pvs.length > 0 ? ` on ${pvs.join(', ')}` : ''}, and ${name} needs ${shownBytes(Math.max(1, extents) * group.extentSize)}`,
    hint: 'Add a device to the group (lvg), or ask for less.',
    by: 'changes',
  });
  const words = wordsIn(opts) ?? [];
  const base = volumePlan(
    wanted,
    group,
    name,
    {
      name,
      extents,
      isActive: active,
      isOpen: false,
      origin: snapshot === undefined ? '' : lv,
      pool: '',
      isPool: false,
      stripes: 1,
    },
    devices,
  );
  // lvcreate(8) wipes what a removed volume left at this place; of an inactive one it cannot.
  const turned = snapshot !== undefined ? [] : active ? ['--activate', 'y'] : ['--activate', 'n', '--zero', 'n'];
  return {
    ...base,
    changes: [
      {
        what: snapshot === undefined ? 'volume' : `snapshot of ${vg}/${lv}`,
        from: 'absent',
        to: shownBytes(extents * group.extentSize),
      },
    ],
    steps: [
      toolStep(
        'lvcreate',
        '--yes',
        ...turned,
        '--extents',
        `${extents}`,
        '--name',
        name,
        ...words,
        ...(snapshot === undefined ? [vg] : ['--snapshot', `${vg}/${lv}`]),
        ...(pvs.length > 0 ? devices.map(({ path }) => path) : []),
      ),
    ],
    after:
      words.length === 0
        ? base.after
        : base.after.map((one) => ({ ...one, assumed: `lvcreate with ${opts} gives the usual result` })),
  };
}
