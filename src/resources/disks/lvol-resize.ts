import { predict, settled, type Found, type Plan } from '../../contract/index.ts';
import { realPath } from '../../probes/index.ts';
import { inOrder } from '../kit/in-order.ts';
import { shownBytes } from '../kit/shown-bytes.ts';
import { grows, planGrowth } from '../system/filesystem-grow.ts';
import { planReduction } from '../system/filesystem-shrink.ts';
import { filesystemSize } from '../system/filesystem-size.probe.ts';
import { filesystemOn, type HeldFilesystem } from '../system/filesystem.probe.ts';
import { devicesFor, freeOn } from './lvol-size.ts';
import type { LvolResult, WantedVolume } from './lvol.ts';
import { shareOf } from './sizes.ts';
import { toolStep } from './tool-step.ts';
import type { LogicalVolume, VolumeGroup } from './volume-group.probe.ts';
import { volumeDevice, volumePlan } from './volume-plan.ts';

/** A volume that is there, made as large as it is to be, and what is on it too. */
export function planSize(
  wanted: WantedVolume,
  group: VolumeGroup,
  now: LogicalVolume,
  extents: number,
  found: Found,
): Plan<LvolResult> {
  const result = { dev: volumeDevice(wanted.vg, now.name) };
  if (extents > now.extents) return planExtension(wanted, group, now, extents, found);
  // Sizes are multiples of what lies on each of several devices.
  if (now.extents - extents >= now.stripes && wanted.shrink && shareOf(wanted.size ?? '')?.of !== 'FREE')
    return planShrinking(wanted, group, now, extents, found);
  return wanted.resizefs && now.isActive ? onDevice(wanted, now, planFilesystem, found, result) : settled(result);
}

function planExtension(
  wanted: WantedVolume,
  group: VolumeGroup,
  now: LogicalVolume,
  extents: number,
  found: Found,
): Plan<LvolResult> {
  const { vg, pvs, resizefs } = wanted;
  const devices = devicesFor(wanted, group, found);
  const free = freeOn(devices);
  found.require(extents - now.extents <= free, {
    failure: `${vg} has ${shownBytes(free * group.extentSize)} free, and ${now.name} needs ${shownBytes((extents - now.extents) * group.extentSize)} more`,
    hint: 'Add a device to the group (lvg), or ask for less.',
    by: 'changes',
  });
  const base = volumePlan(wanted, group, now.name, { ...now, extents }, devices);
  const extension: Plan<LvolResult> = {
    ...base,
    changes: [sizeChange(group, now, extents)],
    steps: [
      toolStep(
        'lvextend',
        '--extents',
        `${extents}`,
        `${vg}/${now.name}`,
        ...(pvs.length > 0 ? devices.map(({ path }) => path) : []),
      ),
    ],
  };
  if (!resizefs || !wanted.active) return extension;
  const bytes = extents * group.extentSize;
  return inOrder(
    found,
    base.result,
    () => extension,
    (then) => onDevice(wanted, now, (...told) => planFilesystem(...told, bytes), then, base.result),
  );
}

const sizeChange = (group: VolumeGroup, now: LogicalVolume, extents: number) => ({
  what: 'size',
  from: shownBytes(now.extents * group.extentSize),
  to: shownBytes(extents * group.extentSize),
});

function planShrinking(
  wanted: WantedVolume,
  group: VolumeGroup,
  now: LogicalVolume,
  extents: number,
  found: Found,
): Plan<LvolResult> {
  const { vg, force, resizefs } = wanted;
  const change = sizeChange(group, now, extents);
  found.require(force && extents > 0, {
    failure: `${vg}/${now.name} has ${change.from}, and would become smaller: ${change.to}`,
    hint: 'With `force: true` it does, and what lies behind is lost; with `shrink: false` it stays as it is.',
    by: null,
  });
  const base = volumePlan(wanted, group, now.name, { ...now, extents });
  const reduction: Plan<LvolResult> = {
    ...base,
    changes: [change],
    steps: [toolStep('lvreduce', '--force', '--extents', `${extents}`, `${vg}/${now.name}`)],
  };
  found.require(now.isActive || now.origin !== '', {
    failure: `${vg}/${now.name} is not active, so it is unknown what would be cut off`,
    hint: 'Activate it in an earlier task: `active: true`, without `size`.',
    by: null,
  });
  if (now.origin !== '') return reduction;
  const bytes = extents * group.extentSize;
  return inOrder(
    found,
    base.result,
    (then) =>
      onDevice(
        wanted,
        now,
        (dev, path, held, as) => planReduction({ dev, path, held, bytes, mayResize: resizefs }, as),
        then,
        base.result,
      ),
    () => reduction,
  );
}

type OnDevice<R> = (dev: string, path: string, held: HeldFilesystem, found: Found, result: LvolResult) => Plan<R>;

function onDevice<R>(
  { vg }: WantedVolume,
  now: LogicalVolume,
  plan: OnDevice<R>,
  found: Found,
  result: LvolResult,
): Plan<R> {
  const dev = volumeDevice(vg, now.name);
  const path = found.get(realPath(dev)) ?? dev;
  return plan(dev, path, found.get(filesystemOn(path)), found, result);
}

/** @param bytes how large the device will be; undefined: as it is */
function planFilesystem(
  dev: string,
  path: string,
  held: HeldFilesystem,
  found: Found,
  result: LvolResult,
  bytes?: number,
): Plan<LvolResult> {
  if (held.type === '') return settled(result);
  found.require(grows(held.type), {
    failure: `${dev} holds ${held.type}, which \`resizefs\` cannot grow`,
    by: null,
  });
  // One that is only planned will have the size of its device.
  if (found.planned(filesystemOn(path)) !== undefined) return settled(result);
  const question = filesystemSize(path, held.type);
  const then =
    bytes === undefined ? found : found.with({ after: [predict(question, { ...found.get(question), most: bytes })] });
  const plan = planGrowth(dev, path, held, then, result);
  return { ...plan, changes: plan.changes.map((change) => ({ ...change, what: held.type })) };
}
