import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { lvol } from './lvol.ts';
import { volumeGroup, type GroupAnswer, type LogicalVolume, type VolumeGroup } from './volume-group.probe.ts';

const program = { type: 'file', mode: '0755', content: '\u007FELF' } as const;
const tools = ['vgs', 'pvs', 'lvs', 'lvcreate', 'resize2fs', 'e2fsck', 'xfs_growfs'];
const mebibyte = 1024 ** 2;

/** @param type what is on the volume, of `size` MiB */
const host = (group: GroupAnswer, type = '', size = 40, isMounted = false): HostDescription => ({
  paths: Object.fromEntries(tools.map((tool) => [`/usr/sbin/${tool}`, program])),
  answers: [predict(volumeGroup('vg0'), group)],
  answersOfKind: {
    'realpath': ([path = '']) => (path === '/dev/vg0/data' ? '/dev/dm-0' : path),
    'filesystem': () => ({ is: 'device', type, isInUse: isMounted }),
    'filesystem-size': () => ({
      now: size * mebibyte,
      most: 40 * mebibyte,
      part: '',
      mountedAt: isMounted ? '/srv' : '',
    }),
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
const vg0 = (volume: Partial<LogicalVolume> = {}): VolumeGroup => ({
  extentSize: 4 * mebibyte,
  devices: [
    { path: '/dev/vdb', extents: 25, used: 10 },
    { path: '/dev/vdc', extents: 25, used: 0 },
  ],
  volumes: [{ ...data, ...volume }],
});
const empty = { ...vg0(), volumes: [], devices: [{ path: '/dev/vdb', extents: 25, used: 0 }] };
const volume = { vg: 'vg0', lv: 'data' };

export const cases = planCases(lvol, {
  'made, in whole extents': {
    options: { ...volume, size: '30M' },
    host: host(empty),
    changes: ['volume absent -> 32 MiB'],
    args: [['lvcreate', '--yes', '--activate', 'y', '--extents', '8', '--name', 'data', 'vg0']],
    result: { dev: '/dev/vg0/data' },
  },
  'a share of what is free, on some devices': {
    options: { vg: 'vg0', lv: 'logs', size: '50%FREE', pvs: ['/dev/vdc'], opts: '-C y' },
    host: host(vg0()),
    changes: ['volume absent -> 48 MiB'],
    args: [['lvcreate', '--yes', '--activate', 'y', '--extents', '12', '--name', 'logs', '-C', 'y', 'vg0', '/dev/vdc']],
  },
  'all that is free, the second time': {
    options: { ...volume, size: '100%FREE' },
    host: host({
      ...empty,
      volumes: [{ ...data, extents: 25 }],
      devices: [{ path: '/dev/vdb', extents: 25, used: 25 }],
    }),
    steps: [],
  },
  'as large already, but for a rest': { options: { ...volume, size: '39' }, host: host(vg0()), steps: [] },
  'larger': {
    options: { ...volume, size: '50%VG' },
    host: host(vg0(), 'ext4'),
    changes: ['size 40 MiB -> 100 MiB'],
    args: [['lvextend', '--extents', '25', 'vg0/data']],
  },
  'larger, with what is on it': {
    options: { ...volume, size: '80M', resizefs: true },
    host: host(vg0(), 'ext4'),
    changes: ['size 40 MiB -> 80 MiB', 'ext4 40 MiB -> 80 MiB'],
    args: [
      ['lvextend', '--extents', '20', 'vg0/data'],
      ['/dev', 'dm-0', 'ext4', '', ''],
    ],
  },
  'what was left behind when a run ended there': {
    options: { ...volume, size: '40M', resizefs: true },
    host: host(vg0(), 'xfs', 30, true),
    changes: ['xfs 30 MiB -> 40 MiB'],
    args: [['/dev', 'dm-0', 'xfs', '/srv', '']],
  },
  'what can only grow while it is mounted': {
    options: { ...volume, size: '80M', resizefs: true },
    host: host(vg0(), 'xfs'),
    fails: '/dev/vg0/data is not mounted, and xfs can only grow while it is',
    hint: 'Mount it first: mount({ path, src, fstype })',
  },
  'no room': {
    options: { ...volume, size: '1G' },
    host: host(vg0()),
    fails: 'vg0 has 160 MiB free, and data needs 984 MiB more',
    hint: 'Add a device to the group (lvg), or ask for less.',
  },
  'smaller only by force': {
    options: { ...volume, size: '20M' },
    host: host(vg0()),
    fails: 'vg0/data has 40 MiB, and would become smaller: 20 MiB',
    hint: 'With `force: true` it does, and what lies behind is lost; with `shrink: false` it stays as it is.',
  },
  'no smaller': { options: { ...volume, size: '20M', shrink: false }, host: host(vg0()), steps: [] },
  'nothing is cut off': {
    options: { ...volume, size: '20M', force: true },
    host: host(vg0(), 'ext4'),
    fails: 'ext4 on /dev/vg0/data has 40 MiB, and its end would be cut off',
    hint: 'With `resizefs: true` it is shrunk first.',
  },
  'nor of what gets no smaller': {
    options: { ...volume, size: '20M', force: true, resizefs: true },
    host: host(vg0(), 'xfs'),
    fails: 'xfs on /dev/vg0/data has 40 MiB, and cannot be shrunk',
    hint: 'Back up what is on it, and recreate it.',
  },
  'smaller, after what is on it': {
    options: { ...volume, size: '20M', force: true, resizefs: true },
    host: host(vg0(), 'ext4'),
    changes: ['ext4 40 MiB -> 20 MiB', 'size 40 MiB -> 20 MiB'],
    args: [
      ['/dev', 'dm-0', '20480'],
      ['lvreduce', '--force', '--extents', '5', 'vg0/data'],
    ],
  },
  'a snapshot': {
    options: { ...volume, snapshot: 'before', size: '20%ORIGIN' },
    host: host(vg0()),
    changes: ['snapshot of vg0/data absent -> 8 MiB'],
    args: [['lvcreate', '--yes', '--extents', '2', '--name', 'before', '--snapshot', 'vg0/data']],
    result: { dev: '/dev/vg0/before' },
  },
  'not active': {
    options: { ...volume, active: false },
    host: host(vg0()),
    changes: ['active yes -> no'],
    args: [['lvchange', '-an', 'vg0/data']],
  },
  'removed only by force': {
    options: { ...volume, state: 'absent' },
    host: host(vg0()),
    fails: 'vg0/data would be lost, with everything on it',
    hint: 'If that is intended, write `force: true`.',
  },
  'never while it is in use': {
    options: { ...volume, state: 'absent', force: true },
    host: host(vg0({ isOpen: true })),
    fails: 'vg0/data is in use',
    hint: 'Unmount it first.',
  },
  'removed': {
    options: { ...volume, state: 'absent', force: true },
    host: host(vg0()),
    changes: ['volume present -> absent'],
    args: [['lvremove', '--yes', 'vg0/data']],
  },
  'gone already': { options: { ...volume, state: 'absent' }, host: host(null), steps: [] },
  'no such group': {
    options: { ...volume, size: '1G' },
    host: host(null),
    fails: 'there is no volume group vg0',
    hint: "Make it first: lvg({ vg: 'vg0', pvs: ['/dev/...'] })",
  },
  'no size for a new one': {
    options: volume,
    host: host(empty),
    fails: 'there is no vg0/data',
    hint: 'Give its `size`.',
  },
  'what is added': {
    options: { ...volume, size: '+5G' },
    fails:
      'lvol: option "size" is "+5G" (a string), but must be a size such as 20G, or a share such as 100%FREE; what is added (+5G) would be added by every run',
  },
});
