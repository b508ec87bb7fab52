import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { filesystemSize, type FilesystemSize } from './filesystem-size.probe.ts';
import { filesystemOn, type HeldFilesystem } from './filesystem.probe.ts';
import { filesystem } from './filesystem.ts';

const dev = '/srv/disk';
const program = { type: 'file', mode: '0755', content: '\u007FELF' } as const;
const host = (now: Partial<HeldFilesystem>): HostDescription => ({
  paths: {
    [dev]: { type: 'file', content: '' },
    '/usr/sbin/resize2fs': program,
    '/usr/sbin/e2fsck': program,
    '/usr/sbin/xfs_growfs': program,
    '/usr/sbin/mkfs.ext4': program,
    '/usr/sbin/wipefs': program,
    '/usr/sbin/mkfs.xfs': program,
  },
  answers: [predict(filesystemOn(dev), { is: 'file', type: '', isInUse: false, ...now })],
});
const sized = (now: Partial<HeldFilesystem>, size: Partial<FilesystemSize>): HostDescription => ({
  ...host(now),
  answersOfKind: {
    'filesystem-size': () => ({ now: 8 * 1024 ** 2, most: 24 * 1024 ** 2, mountedAt: '', part: '', ...size }),
  },
});
const ext4 = { dev, fstype: 'ext4' } as const;

export const cases = planCases(filesystem, {
  'made in a file': {
    options: { ...ext4, opts: "-L 'my data' -m 1" },
    host: host({}),
    changes: ['file system none -> ext4'],
    steps: ['make ext4 on /srv/disk'],
    args: [['/srv', 'disk', 'mkfs.ext4', '-F', '-L', 'my data', '-m', '1']],
    leaves: [predict(filesystemOn(dev), { is: 'file', type: 'ext4', isInUse: false })],
    result: ext4,
  },
  'there already': { options: ext4, host: host({ type: 'ext4', isInUse: true }), result: ext4 },
  'another one is there': {
    options: ext4,
    host: host({ type: 'xfs' }),
    fails: '/srv/disk holds xfs',
    hint: 'With `force: true` it is overwritten, and everything in it is lost.',
  },
  'partitions are there': {
    options: ext4,
    host: host({ type: 'partitions' }),
    fails: '/srv/disk holds a partition table',
    hint: 'With `force: true` it is overwritten, and everything in it is lost.',
  },
  'another one is lost by force': {
    options: { dev, fstype: 'xfs', force: true },
    host: host({ type: 'ext4' }),
    changes: ['file system ext4 -> xfs'],
    args: [['/srv', 'disk', 'mkfs.xfs', '-f']],
  },
  'in use': {
    options: { ...ext4, force: true },
    host: host({ type: 'xfs', isInUse: true }),
    fails: '/srv/disk is in use',
    hint: 'Unmount it first.',
  },
  'as large as its device': {
    options: { ...ext4, resizefs: true },
    host: sized({ type: 'ext4' }, {}),
    changes: ['size 8 MiB -> 24 MiB'],
    steps: ['grow ext4 on /srv/disk'],
    args: [['/srv', 'disk', 'ext4', '', '']],
    leaves: [
      predict(filesystemSize(dev, 'ext4'), { now: 24 * 1024 ** 2, most: 24 * 1024 ** 2, part: '', mountedAt: '' }),
    ],
    result: ext4,
  },
  'as large already': {
    options: { ...ext4, resizefs: true },
    host: sized({ type: 'ext4' }, { now: 24 * 1024 ** 2 }),
  },
  'larger while it is mounted': {
    options: { dev, fstype: 'xfs', resizefs: true },
    host: sized({ is: 'device', type: 'xfs', isInUse: true }, { mountedAt: '/srv/data' }),
    changes: ['size 8 MiB -> 24 MiB'],
    args: [['/srv', 'disk', 'xfs', '/srv/data', '']],
  },
  'one that can only grow while it is mounted': {
    options: { dev, fstype: 'xfs', resizefs: true },
    host: sized({ is: 'device', type: 'xfs' }, {}),
    fails: '/srv/disk is not mounted, and xfs can only grow while it is',
    hint: 'Mount it first: mount({ path, src, fstype })',
  },
  'a new one is as large as it can be': {
    options: { ...ext4, resizefs: true },
    host: host({}),
    changes: ['file system none -> ext4'],
  },
  'one that never grows': {
    options: { dev, fstype: 'swap', resizefs: true },
    fails: 'filesystem: `resizefs` cannot grow swap',
  },
  'cleared': {
    options: { dev, state: 'absent' },
    host: host({ type: 'LVM2_member' }),
    changes: ['file system LVM2_member -> none'],
    steps: ['clear /srv/disk'],
    args: [['/srv', 'disk', 'wipefs', '--all']],
    result: { dev, fstype: '' },
  },
  'clear already': { options: { dev, state: 'absent' }, host: host({}), steps: [] },
  'no such device': {
    options: ext4,
    host: { answers: [predict(filesystemOn(dev), { is: 'absent', type: '', isInUse: false })] },
    fails: 'there is no /srv/disk',
    hint: 'Make the device or file first.',
  },
  'one that a command may bring': {
    options: ext4,
    host: { answers: [predict(filesystemOn(dev), { is: 'absent', type: '', isInUse: false })] },
    behind: { command: true },
    may: 'there is no /srv/disk yet ("a command" runs before)',
  },
  'no device': {
    options: ext4,
    host: host({ is: 'other' }),
    fails: '/srv/disk is neither a block device nor a file',
  },
  'what makes it is not there': {
    options: { dev, fstype: 'btrfs' },
    host: host({}),
    fails: 'the program mkfs.btrfs is not installed',
    hint: "Install it first: apt({ name: 'btrfs-progs' })",
  },
  'no kind': { options: { dev }, fails: 'filesystem: give the `fstype`' },
  'an open quote': {
    options: { ...ext4, opts: "-L 'x" },
    fails: 'filesystem: `opts` cannot be split into words: a quote is left open',
  },
  'a kind for what goes': {
    options: { ...ext4, state: 'absent' },
    fails: "filesystem: state 'absent' takes only `dev`",
  },
});
