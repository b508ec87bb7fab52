import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { filesystemOn } from '../system/filesystem.probe.ts';
import type { BlockDevice } from './block-device.probe.ts';
import { lvg } from './lvg.ts';
import { volumeGroup, type GroupAnswer, type LogicalVolume, type VolumeGroup } from './volume-group.probe.ts';

const program = { type: 'file', mode: '0755', content: '\u007FELF' } as const;
const tools = ['vgs', 'pvs', 'lvs', 'pvcreate', 'vgcreate', 'vgextend'];
const mebibyte = 1024 ** 2;

/** A host with some disks of 101 MiB; `held`: what lies on them, where it is something. */
const host = (
  group: GroupAnswer,
  held: Readonly<Record<string, string>> = {},
  device: Partial<BlockDevice> = {},
  inUse: readonly string[] = [],
): HostDescription => ({
  paths: Object.fromEntries(tools.map((tool) => [`/usr/sbin/${tool}`, program])),
  answers: [predict(volumeGroup('vg0'), group)],
  answersOfKind: {
    'realpath': ([path = '']) => (path.startsWith('/dev/by-name/') ? path.replace('/by-name', '') : path),
    'filesystem': ([path = '']) => ({
      is: path === '/dev/vdz' ? 'absent' : 'device',
      type: held[path] ?? '',
      isInUse: inUse.includes(path),
    }),
    'block-device': () => ({ bytes: 101 * mebibyte, group: '', start: 0, ...device }),
  },
});
const data: LogicalVolume = {
  name: 'data',
  extents: 10,
  isActive: true,
  isOpen: false,
  origin: '',
  pool: '',
  isPool: false,
  stripes: 1,
};
const vg0 = (more: Partial<VolumeGroup> = {}): VolumeGroup => ({
  extentSize: 4 * mebibyte,
  devices: [{ path: '/dev/vdb', extents: 25, used: 10 }],
  volumes: [data],
  ...more,
});
const one = { vg: 'vg0', pvs: ['/dev/vdb'] };
const two = { vg: 'vg0', pvs: ['/dev/vdb', '/dev/vdc'] };

export const cases = planCases(lvg, {
  'made of empty disks, by other names': {
    options: { vg: 'vg0', pvs: ['/dev/by-name/vdb', '/dev/vdc'], pesize: '8' },
    host: host(null),
    changes: ['volume group absent -> on /dev/by-name/vdb, /dev/vdc'],
    args: [
      ['pvcreate', '/dev/vdb'],
      ['pvcreate', '/dev/vdc'],
      ['vgcreate', '--physicalextentsize', '8388608b', 'vg0', '/dev/vdb', '/dev/vdc'],
    ],
    result: { vg: 'vg0' },
  },
  'a disk that was marked by a run that ended there': {
    options: one,
    host: host(null, { '/dev/vdb': 'LVM2_member' }),
    changes: ['volume group absent -> on /dev/vdb'],
    args: [['vgcreate', 'vg0', '/dev/vdb']],
    leaves: [predict(volumeGroup('vg0'), vg0({ devices: [{ path: '/dev/vdb', extents: 25, used: 0 }], volumes: [] }))],
  },
  'there already': { options: one, host: host(vg0()), steps: [] },
  'a disk more': {
    options: two,
    host: host(vg0()),
    changes: ['device /dev/vdc'],
    args: [
      ['pvcreate', '/dev/vdc'],
      ['vgextend', 'vg0', '/dev/vdc'],
    ],
  },
  'something lies on it': {
    options: two,
    host: host(vg0(), { '/dev/vdc': 'ext4' }),
    fails: '/dev/vdc holds ext4',
    hint: 'With `force: true` it is overwritten, and everything in it is lost.',
  },
  'what lies on it is given up': {
    options: { ...two, force: true },
    host: host(vg0(), { '/dev/vdc': 'partitions' }),
    changes: ['device /dev/vdc'],
    args: [
      ['wipefs', '--all', '--quiet', '/dev/vdc'],
      ['pvcreate', '/dev/vdc'],
      ['vgextend', 'vg0', '/dev/vdc'],
    ],
  },
  'a disk in use is never given up': {
    options: { ...two, force: true },
    host: host(vg0(), { '/dev/vdc': 'ext4' }, {}, ['/dev/vdc']),
    fails: '/dev/vdc is in use',
    hint: 'It is mounted, used as swap, or part of another device.',
  },
  'a disk of another group': {
    options: { ...two, force: true },
    host: host(vg0(), { '/dev/vdc': 'LVM2_member' }, { group: 'other' }),
    fails: '/dev/vdc belongs to the volume group other',
    hint: 'Remove it from that group first (vgreduce).',
  },
  'no such disk': {
    options: { vg: 'vg0', pvs: ['/dev/vdz'] },
    host: host(null),
    fails: 'there is no /dev/vdz',
    hint: 'Look for its name: lsblk',
  },
  'an empty disk that is not named goes': {
    options: one,
    host: host(vg0({ devices: [...vg0().devices, { path: '/dev/vdc', extents: 25, used: 0 }] })),
    changes: ['device /dev/vdc -> none'],
    args: [['vgreduce', 'vg0', '/dev/vdc']],
  },
  'one that is not named and holds something': {
    options: one,
    host: host(vg0({ devices: [...vg0().devices, { path: '/dev/vdc', extents: 25, used: 5 }] })),
    fails: '/dev/vdc is not named in `pvs`, and holds 20 MiB of vg0',
    hint: 'Empty it first (pvmove), name it, or write `removeExtraPvs: false`.',
  },
  'a disk that has grown': {
    options: { ...one, pvresize: true },
    host: host(vg0(), {}, { bytes: 201 * mebibyte, group: 'vg0', start: mebibyte }),
    changes: ['/dev/vdb 100 MiB -> 200 MiB'],
    args: [['pvresize', '/dev/vdb']],
  },
  'extents of another size': {
    options: { ...one, pesize: '32M' },
    host: host(vg0()),
    fails: 'the extents of vg0 are 4 MiB in size',
    hint: 'The extent size of an existing group is not changed: give that size as `pesize`, or leave it out. To change it by hand see vgchange(8).',
  },
  'no volume is lost by itself': {
    options: { vg: 'vg0', state: 'absent' },
    host: host(vg0()),
    fails: 'vg0 has volumes: data',
    hint: 'With `force: true` they are removed, and everything on them is lost.',
  },
  'none that is in use by force': {
    options: { vg: 'vg0', state: 'absent', force: true },
    host: host(vg0({ volumes: [{ ...data, isOpen: true }] })),
    fails: 'vg0/data is in use',
    hint: 'Unmount it first.',
  },
  'removed': {
    options: { vg: 'vg0', state: 'absent', force: true },
    host: host(vg0()),
    changes: ['volume group present, with data -> absent'],
    args: [['vgremove', '--yes', 'vg0']],
    leaves: [
      predict(volumeGroup('vg0'), null),
      predict(filesystemOn('/dev/vdb'), { is: 'device', type: 'LVM2_member', isInUse: false }),
    ],
  },
  'gone already': { options: { vg: 'vg0', state: 'absent' }, host: host(null), steps: [] },
  'without LVM': {
    options: one,
    host: { ...host(null), paths: {} },
    fails: 'the program vgs is not installed',
    hint: "Install it first: apt({ name: 'lvm2' })",
  },
  'extents are no power of two': {
    options: { ...one, pesize: '5M' },
    fails: 'lvg: option "pesize" is "5M" (a string), but must be a power of two, such as 32M',
  },
});
