import type { Found } from '../../contract/index.ts';
import { realDevice } from './free-device.ts';
import type { WantedVolume } from './lvol.ts';
import { bytesOf, shareOf } from './sizes.ts';
import type { GroupDevice, LogicalVolume, VolumeGroup } from './volume-group.probe.ts';

/** The devices a volume may lie on. */
export function devicesFor({ vg, pvs }: WantedVolume, group: VolumeGroup, found: Found): readonly GroupDevice[] {
  if (pvs.length === 0) return group.devices;
  return pvs.map((device) => {
    const path = realDevice(device, found);
    const one = group.devices.find((other) => other.path === path);
    found.require(one !== undefined, {
      failure: `${device} does not belong to ${vg}`,
      hint: `Add it first: lvg({ vg: '${vg}', pvs: [..., '${device}'] })`,
    });
    return one;
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((whole, one) => whole + one, 0);

/** How many extents are free on these devices. */
export const freeOn = (devices: readonly GroupDevice[]): number =>
  sum(devices.map(({ extents, used }) => extents - used));

/**
 * How many extents a volume is to have; undefined where nothing is said. What is FREE is what other volumes leave, so
 * that a second run wants the same: lvcreate(8) has it of what is left besides this one as well.
 */
export function wantedExtents(
  wanted: WantedVolume,
  group: VolumeGroup,
  now: LogicalVolume | undefined,
  found: Found,
): number | undefined {
  const { size, lv } = wanted;
  if (size === undefined) return undefined;
  const bytes = bytesOf(size);
  if (bytes !== undefined) return Math.ceil(bytes / group.extentSize);
  const share = shareOf(size);
  if (share === undefined) return undefined;
  const devices = devicesFor(wanted, group, found);
  const whole = {
    VG: () => sum(group.devices.map(({ extents }) => extents)),
    PVS: () => sum(devices.map(({ extents }) => extents)),
    FREE: () => freeOn(devices) + (now?.extents ?? 0),
    ORIGIN: () => group.volumes.find(({ name }) => name === lv)?.extents ?? 0,
  }[share.of]();
  return Math.floor((whole * share.percent) / 100);
}
