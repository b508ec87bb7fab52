import { predict, settled, type Plan, type Prediction } from '../../contract/index.ts';
import { realPath, stat } from '../../probes/index.ts';
import { filesystemOn } from '../system/filesystem.probe.ts';
import { blockDevice } from './block-device.probe.ts';
import type { LvolResult, WantedVolume } from './lvol.ts';
import {
  lvmSubject,
  volumeGroup,
  type GroupDevice,
  type LogicalVolume,
  type VolumeGroup,
} from './volume-group.probe.ts';

/** Where a volume's device is. */
export const volumeDevice = (vg: string, name: string): string => `/dev/${vg}/${name}`;

/**
 * What a change of a volume leaves and touches.
 *
 * @param volume null: it is gone
 * @param on the devices that room is taken from
 */
export function volumePlan(
  { vg }: Pick<WantedVolume, 'vg'>,
  group: VolumeGroup,
  name: string,
  volume: LogicalVolume | null,
  on: readonly GroupDevice[] = group.devices,
): Plan<LvolResult> {
  const device = volumeDevice(vg, name);
  const before = group.volumes.find((one) => one.name === name);
  const more = (volume?.extents ?? 0) - (before?.extents ?? 0);
  const volumes = [...group.volumes.filter((one) => one.name !== name), ...(volume === null ? [] : [volume])];
  return {
    ...settled({ dev: device }),
    after: [
      predict(volumeGroup(vg), { ...group, volumes, devices: allotted(group, more, on) }),
      ...deviceAfter(
        device,
        volume?.isActive === true ? volume.extents * group.extentSize : null,
        before === undefined,
      ),
    ],
    touches: [
      lvmSubject,
      { on: 'path', path: device },
      ...group.devices.map(({ path }) => ({ on: 'path' as const, path })),
    ],
  };
}

/** Which devices LVM takes extents of is for it to say; how many are left of all is known. */
function allotted(group: VolumeGroup, more: number, on: readonly GroupDevice[]): readonly GroupDevice[] {
  let left = more;
  return group.devices.map((device) => {
    if (!on.includes(device)) return device;
    const taken = left >= 0 ? Math.min(left, device.extents - device.used) : Math.max(left, -device.used);
    left -= taken;
    return { ...device, used: device.used + taken };
  });
}

/** udev(7) makes the name a link to the device itself, whose number nobody knows before: it is foretold as a device. */
function deviceAfter(device: string, bytes: number | null, isNew: boolean): readonly Prediction[] {
  if (bytes === null)
    return [
      predict(stat(device), { type: 'absent' }),
      predict(realPath(device), null),
      predict(filesystemOn(device), { is: 'absent', type: '', isInUse: false }),
    ];
  if (!isNew) return [];
  const root = { mode: '0660', uid: 0, gid: 6, owner: 'root', group: 'disk', size: 0 };
  return [
    predict(stat(device), { type: 'other', ...root }),
    predict(realPath(device), device),
    predict(filesystemOn(device), { is: 'device', type: '', isInUse: false }),
    predict(blockDevice(device), { bytes, group: '', start: 0 }),
  ];
}
