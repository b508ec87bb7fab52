import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { mdadm } from './mdadm.ts';
import { raidArray, type RaidArray, type RaidMark } from './raid.probe.ts';

const program = { type: 'file', mode: '0755', content: '\u007FELF' } as const;

const host = (
  array: RaidArray | null,
  held: Readonly<Record<string, string>> = {},
  marks: Readonly<Record<string, RaidMark>> = {},
  inUse: readonly string[] = [],
): HostDescription => ({
  paths: { '/usr/sbin/mdadm': program },
  answers: [predict(raidArray('/dev/md0'), array)],
  answersOfKind: {
    'realpath': ([path = '']) => path,
    'filesystem': ([path = '']) => ({ is: 'device', type: held[path] ?? '', isInUse: inUse.includes(path) }),
    'block-device': () => ({ bytes: 100 * 1024 ** 2, group: '', start: 0 }),
    'raid-mark': ([path = '']) => marks[path] ?? null,
  },
});
const md0: RaidArray = {
  level: 'raid1',
  size: 2,
  uuid: 'a:b',
  members: [
    { path: '/dev/vdb', role: '0' },
    { path: '/dev/vdc', role: '1' },
  ],
};
const mark: RaidMark = { level: 'raid1', size: 2, uuid: 'a:b', name: 'web1:0' };
const both = { '/dev/vdb': 'linux_raid_member', '/dev/vdc': 'linux_raid_member' };
const mirror = { name: '/dev/md0', level: '1', devices: ['/dev/vdb', '/dev/vdc'] } as const;
const options = { ...mirror, devices: [...mirror.devices] };

export const cases = planCases(mdadm, {
  'made': {
    options: { ...options, spares: ['/dev/vdd'], chunk: '64K', opts: '--bitmap=internal' },
    host: host(null),
    changes: ['array absent -> raid1 on /dev/vdb, /dev/vdc, /dev/vdd'],
    args: [
      [
        '3',
        '/dev/vdb',
        '/dev/vdc',
        '/dev/vdd',
        'mdadm',
        '--create',
        '/dev/md0',
        '--run',
        '--level=1',
        '--metadata=1.2',
        '--raid-devices=2',
        '--spare-devices=1',
        '--chunk=64K',
        '--bitmap=internal',
        '/dev/vdb',
        '/dev/vdc',
        '/dev/vdd',
      ],
      ['/dev/md0'],
    ],
    isOpen: true,
  },
  'there already': { options, host: host(md0), steps: [], result: { name: '/dev/md0', uuid: 'a:b' } },
  'something lies on a device': {
    options,
    host: host(null, { '/dev/vdc': 'ext4' }),
    fails: '/dev/vdc holds ext4',
    hint: 'With `force: true` it is overwritten, and everything in it is lost.',
  },
  'a device in use is never given up': {
    options: { ...options, force: true },
    host: host(null, { '/dev/vdc': 'ext4' }, {}, ['/dev/vdc']),
    fails: '/dev/vdc is in use',
    hint: 'It is mounted, used as swap, or part of another device.',
  },
  'one that is stopped': {
    options,
    host: host(null, both, { '/dev/vdb': mark, '/dev/vdc': mark }),
    changes: ['array stopped -> running'],
    args: [['mdadm', '--assemble', '/dev/md0', '/dev/vdb', '/dev/vdc']],
    result: { name: '/dev/md0', uuid: 'a:b' },
  },
  'devices of two arrays': {
    options,
    host: host(null, both, { '/dev/vdb': mark, '/dev/vdc': { ...mark, uuid: 'c:d' } }),
    fails: '/dev/vdb holds linux_raid_member',
    hint: 'With `force: true` it is overwritten, and everything in it is lost.',
  },
  'a device is missing': {
    options,
    host: host({ ...md0, members: md0.members.slice(0, 1) }),
    changes: ['device /dev/vdc'],
    args: [['mdadm', '--manage', '/dev/md0', '--add', '/dev/vdc']],
  },
  'a device of another array': {
    options,
    host: host({ ...md0, members: md0.members.slice(0, 1) }, both, { '/dev/vdc': { ...mark, uuid: 'c:d' } }),
    fails: '/dev/vdc is part of another array (web1:0)',
    hint: 'With `force: true` it is removed from that array, and what is on it is lost.',
  },
  'another level': {
    options: { ...options, level: '0' },
    host: host(md0),
    fails: '/dev/md0 is raid1, not raid0',
    hint: 'Change the level by hand (mdadm --grow).',
  },
  'another number of devices': {
    options: { ...options, devices: ['/dev/vdb', '/dev/vdc', '/dev/vdd'] },
    host: host(md0),
    fails: '/dev/md0 is made of 2 devices, but 3 are named',
    hint: 'More devices are for the runbook `grow-disk`, or mdadm --grow; what only stands by is in `spares`.',
  },
  'removed only by force': {
    options: { name: '/dev/md0', devices: ['/dev/vdb', '/dev/vdc'], state: 'absent' },
    host: host(md0),
    fails: '/dev/md0 would be lost, with everything on it',
    hint: 'If that is intended, write `force: true`.',
  },
  'never while it is in use': {
    options: { name: '/dev/md0', devices: ['/dev/vdb', '/dev/vdc'], state: 'absent', force: true },
    host: host(md0, {}, {}, ['/dev/md0']),
    fails: '/dev/md0 is in use',
    hint: 'Unmount it first.',
  },
  'removed': {
    options: { name: '/dev/md0', devices: ['/dev/vdb', '/dev/vdc'], state: 'absent', force: true },
    host: host(md0),
    changes: ['array present -> absent'],
    args: [
      ['mdadm', '--stop', '/dev/md0'],
      ['mdadm', '--zero-superblock', '/dev/vdb'],
      ['mdadm', '--zero-superblock', '/dev/vdc'],
    ],
  },
  'what a removal that was cut off left': {
    options: { name: '/dev/md0', devices: ['/dev/vdb', '/dev/vdc'], state: 'absent', force: true },
    host: host(null, both, { '/dev/vdb': mark, '/dev/vdc': { ...mark, name: 'web1:data' } }),
    changes: ['array stopped, on /dev/vdb -> absent'],
    args: [['mdadm', '--zero-superblock', '/dev/vdb']],
  },
  'too few devices': { options: { ...options, level: '5' }, fails: 'mdadm: level 5 needs 3 devices' },
});
