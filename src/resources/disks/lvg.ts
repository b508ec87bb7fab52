import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Options, type Plan, type Step } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { realPath } from '../../probes/index.ts';
import { filePath, flag, list, text } from '../kit/schemas.ts';
import { shownBytes } from '../kit/shown-bytes.ts';
import { filesystemOn } from '../system/filesystem.probe.ts';
import { blockDevice, usualStart } from './block-device.probe.ts';
import { realDevice, requireFree } from './free-device.ts';
import { lvmName, wordsIn } from './lvm-words.ts';
import { bytesOf } from './sizes.ts';
import { clearStep, presumeTools, toolStep } from './tool-step.ts';
import { lvmSubject, volumeGroup, type GroupDevice, type VolumeGroup } from './volume-group.probe.ts';

const member = 'LVM2_member';

const options = {
  vg: lvmName('The group.'),
  pvs: list(
    'Its devices: `/dev/vdb`, `/dev/md0`. Needed where it is to be created; an existing group gets those it lacks.',
    filePath('A device.'),
    [],
  ),
  pesize: v.optional(
    v.pipe(
      text("Size of its extents: `32M`; without a unit, MiB. Default: as it is; LVM's own, 4 MiB, for a new group."),
      v.check((size) => Number.isInteger(Math.log2(bytesOf(size) ?? 0)), 'must be a power of two, such as 32M'),
    ),
  ),
  pvresize: flag('Use all of devices that have grown.', false),
  removeExtraPvs: flag(
    'Take devices out of the group that `pvs` does not name. Only empty ones; one that holds anything is an error.',
    true,
  ),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description("`absent` removes the group; its devices stay marked as LVM's. Default `present`."),
    ),
    'present',
  ),
  force: flag(
    'Use devices that hold something else, or remove a group with its volumes: what is on them is lost. Never what is in use.',
    false,
  ),
  pvOptions: v.optional(text('Additional options for pvcreate. Default: none.'), ''),
  vgOptions: v.optional(text('Additional options for vgcreate. Default: none.'), ''),
};
type Wanted = Options<typeof options>;

export interface LvgResult {
  /** The group. */
  readonly vg: string;
}

/** A volume group of LVM. */
export const lvg = defineResource({
  name: 'lvg',
  summary: 'An LVM volume group and the devices it is made of.',
  options,
  example: `lvg({ vg: 'data', pvs: ['/dev/vdb', '/dev/vdc'] })
lvol({ vg: 'data', lv: 'www', size: '20G' })`,
  validateOptions: ({ pvOptions, vgOptions, state, pvs, pvresize }) =>
    wordsIn(pvOptions) === undefined || wordsIn(vgOptions) === undefined
      ? '`pvOptions` or `vgOptions` cannot be split into words: a quote is left open'
      : state === 'absent' && pvresize
        ? "state 'absent' resizes nothing"
        : new Set(pvs).size < pvs.length
          ? 'a device is listed twice in `pvs`'
          : undefined,
  title: ({ vg }) => vg ?? '',
  prepare: (given): Wanted => given,
  probes: ({ vg, pvs, state }) => [
    volumeGroup(vg),
    ...(state === 'absent' ? [] : pvs.flatMap((device) => [realPath(device), filesystemOn(device)])),
  ],
  plan(wanted, found: Found): Plan<LvgResult> {
    const { vg, state } = wanted;
    presumeTools(['vgs', 'pvs', 'lvs'], 'lvm2', found);
    const group = found.get(volumeGroup(vg));
    if (state === 'absent') return group === null ? settled({ vg }) : planRemoval(wanted, group, found);
    return group === null ? planNew(wanted, found) : planPresent(wanted, group, found);
  },
});

function planRemoval({ vg, force }: Wanted, group: VolumeGroup, found: Found): Plan<LvgResult> {
  const names = group.volumes.map(({ name }) => name).join(', ');
  found.require(force || group.volumes.length === 0, {
    failure: `${vg} has volumes: ${names}`,
    hint: 'With `force: true` they are removed, and everything on them is lost.',
    by: 'changes',
  });
  const open = group.volumes.find(({ isOpen }) => isOpen);
  found.require(open === undefined, {
    failure: `${vg}/${open?.name} is in use`,
    hint: 'Unmount it first.',
    by: 'changes',
  });
  return {
    ...settled({ vg }),
    changes: [{ what: 'volume group', from: names === '' ? 'present' : `present, with ${names}`, to: 'absent' }],
    steps: [toolStep('vgremove', '--yes', vg)],
    after: [
      predict(volumeGroup(vg), null),
      ...group.devices.map(({ path }) => predict(filesystemOn(path), { is: 'device', type: member, isInUse: false })),
    ],
    touches: [lvmSubject, { on: 'path', path: `/dev/${vg}` }, ...paths(group.devices)],
  };
}

const paths = (devices: readonly { readonly path: string }[]): Plan<unknown>['touches'] =>
  devices.map(({ path }) => ({ on: 'path' as const, path }));

function planNew(wanted: Wanted, found: Found): Plan<LvgResult> {
  const { vg, pvs, vgOptions } = wanted;
  found.require(pvs.length > 0, { failure: `there is no volume group ${vg}`, hint: 'Give the `pvs` to make it of.' });
  const extentSize = bytesOf(wanted.pesize ?? '4M') ?? 0;
  const added = addedDevices(wanted, pvs, extentSize, found);
  const size = wanted.pesize === undefined ? [] : ['--physicalextentsize', `${extentSize}b`];
  return {
    ...settled({ vg }),
    changes: [{ what: 'volume group', from: 'absent', to: `on ${pvs.join(', ')}` }],
    steps: [
      ...added.steps,
      toolStep('vgcreate', ...size, ...(wordsIn(vgOptions) ?? []), vg, ...added.devices.map(({ path }) => path)),
    ],
    after: [predict(volumeGroup(vg), { extentSize, volumes: [], devices: added.devices }), ...added.after],
    touches: [lvmSubject, ...paths(added.devices)],
    assumed: vgOptions.trim() !== '' ? [`vgcreate with ${vgOptions} gives the usual result`] : [],
  };
}

function planPresent(wanted: Wanted, group: VolumeGroup, found: Found): Plan<LvgResult> {
  const { vg, pvs, pesize } = wanted;
  const { extentSize } = group;
  found.require(pesize === undefined || bytesOf(pesize) === extentSize, {
    failure: `the extents of ${vg} are ${shownBytes(extentSize)} in size`,
    hint: 'The extent size of an existing group is not changed: give that size as `pesize`, or leave it out. To change it by hand see vgchange(8).',
    by: null,
  });
  if (pvs.length === 0) return settled({ vg });
  const wantedPaths = new Map(pvs.map((device) => [realDevice(device, found), device]));
  const here = new Set(group.devices.map(({ path }) => path));
  const lacking = [...wantedPaths].filter(([path]) => !here.has(path)).map(([, device]) => device);
  const added = addedDevices(wanted, lacking, extentSize, found);
  const extra = wanted.removeExtraPvs ? group.devices.filter(({ path }) => !wantedPaths.has(path)) : [];
  const used = extra.find((device) => device.used > 0);
  found.require(used === undefined, {
    failure: `${used?.path || 'a missing device'} is not named in \`pvs\`, and holds ${shownBytes((used?.used ?? 0) * extentSize)} of ${vg}`,
    hint: 'Empty it first (pvmove), name it, or write `removeExtraPvs: false`.',
    by: 'changes',
  });
  const grown = wanted.pvresize ? grownDevices(vg, group, wantedPaths, found) : [];
  const changes: Change[] = [
    ...lacking.map((device) => ({ what: 'device', to: device })),
    ...extra.map(({ path }) => ({ what: 'device', from: path, to: 'none' })),
    ...grown.map(({ path, from, extents }) => ({
      what: wantedPaths.get(path) ?? path,
      from: shownBytes(from * extentSize),
      to: shownBytes(extents * extentSize),
    })),
  ];
  if (changes.length === 0) return settled({ vg });
  const gone = new Set(extra.map(({ path }) => path));
  const resized = new Map(grown.map((device) => [device.path, device.extents]));
  const devices = group.devices
    .filter(({ path }) => !gone.has(path))
    .map((device) => ({ ...device, extents: resized.get(device.path) ?? device.extents }));
  return {
    ...settled({ vg }),
    changes,
    steps: [
      ...added.steps,
      ...(lacking.length === 0 ? [] : [toolStep('vgextend', vg, ...added.devices.map(({ path }) => path))]),
      ...grown.map(({ path }) => toolStep('pvresize', path)),
      ...extra.map(({ path }) => toolStep('vgreduce', vg, path)),
    ],
    after: [
      predict(volumeGroup(vg), { ...group, devices: [...devices, ...added.devices] }),
      ...added.after,
      ...extra.map(({ path }) => predict(filesystemOn(path), { is: 'device', type: member, isInUse: false })),
    ],
    touches: [lvmSubject, ...paths([...added.devices, ...extra])],
  };
}

interface Added {
  readonly devices: readonly GroupDevice[];
  readonly steps: readonly Step[];
  readonly after: Plan<unknown>['after'];
}

/** Devices that become part of the group: each is marked first, so that a run that ends between goes on from there. */
function addedDevices(
  { vg, force, pvOptions }: Wanted,
  pvs: readonly string[],
  extentSize: number,
  found: Found,
): Added {
  if (pvs.length > 0) presumeTools(['pvcreate', 'vgcreate', 'vgextend'], 'lvm2', found);
  const words = wordsIn(pvOptions) ?? [];
  const free = pvs.map((device) => ({ device, ...requireFree(device, member, force, found) }));
  const sized = free.map(({ device, path, type }) => {
    const { bytes, group, start } = found.get(blockDevice(path));
    found.require(group === '' || group === vg, {
      failure: `${device} belongs to the volume group ${group}`,
      hint: 'Remove it from that group first (vgreduce).',
      by: 'changes',
    });
    return { path, type, bytes, start: start === 0 ? usualStart : start };
  });
  return {
    devices: sized.map(({ path, bytes, start }) => ({
      path,
      extents: Math.max(0, Math.floor((bytes - start) / extentSize)),
      used: 0,
    })),
    steps: sized
      .filter(({ type }) => type !== member)
      .flatMap(({ path, type }) => [...(type === '' ? [] : [clearStep(path)]), toolStep('pvcreate', ...words, path)]),
    after: sized.flatMap(({ path, bytes, start }) => [
      predict(filesystemOn(path), { is: 'device' as const, type: member, isInUse: false }),
      predict(
        blockDevice(path),
        { bytes, group: vg, start },
        words.length === 0 ? undefined : `pvcreate with ${pvOptions} gives the usual result`,
      ),
    ]),
  };
}

/** Devices that have room for more extents than LVM knows of. */
function grownDevices(
  vg: string,
  group: VolumeGroup,
  wanted: ReadonlyMap<string, string>,
  found: Found,
): readonly { readonly path: string; readonly from: number; readonly extents: number }[] {
  const own = group.devices.filter(({ path }) => wanted.has(path));
  found.need(...own.map(({ path }) => blockDevice(path)));
  return own.flatMap(({ path, extents: from }) => {
    const { bytes, start, group: at } = found.get(blockDevice(path));
    const extents = Math.floor((bytes - start) / group.extentSize);
    return at === vg && extents > from ? [{ path, from, extents }] : [];
  });
}
