/** Of volume groups, volumes and arrays; each case goes on with what those before it have left. */
import { filesystem, lvg, lvol, mdadm, mount } from '../../src/index.ts';
import type { LawCase } from '../support/laws.ts';

const mebibytes = (volume: string): string =>
  `$(lvs --noheadings --nosuffix --units m -o lv_size ${volume} | tr -d " ")`;
const failed = (count: number): string[] => Array.from({ length: count }, () => 'failed');

export const lvmCases: readonly LawCase[] = [
  {
    name: 'a group, volumes, a file system and a mount, from empty disks',
    tasks: (dir) => [
      lvg({ vg: 'vg0', pvs: ['/dev/ubdb'] }),
      lvol({ vg: 'vg0', lv: 'data', size: '30M' }),
      filesystem({ dev: '/dev/vg0/data', fstype: 'ext4' }),
      mount({ path: `${dir}/data`, src: '/dev/vg0/data', fstype: 'ext4', state: 'ephemeral' }),
      lvol({ vg: 'vg0', lv: 'half', size: '50%VG' }),
      lvol({ vg: 'vg0', lv: 'rest', size: '100%FREE' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed', 'changed'],
    afterwards: `findmnt /dev/vg0/data && [ "${mebibytes('vg0/data')}" = 32.00 ] && [ "$(vgs --noheadings --nosuffix --units b -o vg_free vg0 | tr -d " ")" = 0 ]`,
  },
  {
    name: 'what is in use, or would be lost, stays',
    setup: 'mkfs.ext4 -q /dev/ubdd; pvcreate -q /dev/ubdf; vgcreate -q other /dev/ubdf',
    tasks: () => [
      lvg({ vg: 'vg0', pvs: ['/dev/ubdb', '/dev/ubdd'] }, { ignoreErrors: true }),
      lvg({ vg: 'vg0', pvs: ['/dev/ubdb', '/dev/ubdf'], force: true }, { ignoreErrors: true }),
      lvg({ vg: 'vg0', pvs: ['/dev/ubdc'] }, { ignoreErrors: true }),
      lvg({ vg: 'vg0', state: 'absent' }, { ignoreErrors: true }),
      lvg({ vg: 'vg0', state: 'absent', force: true }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', size: '12M' }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', size: '12M', force: true, resizefs: true }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', state: 'absent', force: true }, { ignoreErrors: true }),
      filesystem({ dev: '/dev/vg0/data', fstype: 'xfs', force: true }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', size: '1G' }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', size: '12M', shrink: false }),
    ],
    expect: [...failed(10), 'ok'],
    again: [...failed(10), 'ok'],
    says: /holds ext4/,
    foretells: /holds ext4/,
    afterwards: 'blkid -p /dev/ubdd | grep -q ext4 && vgs other && [ "$(lvs --noheadings vg0 | wc -l)" = 3 ]',
  },
  {
    name: 'a device more, and a file system that grows with its volume while it is not mounted',
    setup: 'umount /dev/vg0/data',
    tasks: (dir) => [
      lvg({ vg: 'vg0', pvs: ['/dev/ubdb', '/dev/ubdc'] }),
      lvol({ vg: 'vg0', lv: 'data', size: '64M', resizefs: true }),
      mount({ path: `${dir}/data`, src: '/dev/vg0/data', fstype: 'ext4', state: 'ephemeral' }),
      lvol({ vg: 'vg0', lv: 'half', size: '60%VG' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    afterwards: '[ "$(df --output=size -BM "$PWD/data" | tail -n 1 | tr -dc 0-9)" -gt 50 ]',
  },
  {
    name: 'a file system that grows while it is mounted, and one that was left behind',
    setup: 'lvextend -q -L 72M vg0/data; mkfs.xfs -q -f /dev/vg0/half; mkdir -p half; mount /dev/vg0/half half',
    tasks: () => [
      lvol({ vg: 'vg0', lv: 'data', resizefs: true }),
      lvol({ vg: 'vg0', lv: 'half', size: '65%VG', resizefs: true }),
    ],
    expect: ['changed', 'changed'],
    afterwards: '[ "$(df --output=size -BM half | tail -n 1 | tr -dc 0-9)" -gt 300 ]; umount /dev/vg0/half',
  },
  {
    name: 'smaller, with its file system, by force alone',
    setup: 'umount /dev/vg0/data',
    tasks: () => [
      lvol({ vg: 'vg0', lv: 'data', size: '24M', force: true }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'half', size: '300M', force: true, resizefs: true }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', size: '24M', force: true, resizefs: true }),
      lvol({ vg: 'vg0', lv: 'rest', state: 'absent', force: true }),
      lvol({ vg: 'vg0', lv: 'data', snapshot: 'before', size: '8M' }),
    ],
    expect: ['failed', 'failed', 'changed', 'changed', 'changed'],
    again: ['ok', 'failed', 'ok', 'ok', 'ok'],
    says: /and its end would be cut off/,
    foretells: /and its end would be cut off/,
    afterwards: `[ "${mebibytes('vg0/data')}" = 24.00 ] && e2fsck -f -n /dev/vg0/data && lvs vg0/before`,
  },
  {
    name: 'inactive, and a snapshot away again',
    tasks: () => [
      lvol({ vg: 'vg0', lv: 'half', active: false }),
      lvol({ vg: 'vg0', lv: 'data', snapshot: 'before', state: 'absent', force: true }),
    ],
    expect: ['changed', 'changed'],
    afterwards: '[ ! -e /dev/vg0/half ] && ! lvs vg0/before',
  },
  {
    name: 'a group away with its volumes',
    tasks: () => [
      lvg({ vg: 'vg0', state: 'absent', force: true }),
      lvg({ vg: 'other', state: 'absent' }),
      filesystem({ dev: '/dev/ubdb', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: '! vgs vg0 && [ ! -e /dev/vg0/data ] && [ -z "$(blkid -p /dev/ubdb)" ]',
  },
];

export const raidCases: readonly LawCase[] = [
  {
    name: 'an array, and a group on it',
    setup: 'wipefs -qa /dev/ubdc /dev/ubdd /dev/ubde /dev/ubdf',
    tasks: () => [mdadm({ name: '/dev/md0', level: '1', devices: ['/dev/ubdd', '/dev/ubde'] })],
    expect: ['changed'],
    afterwards: 'mdadm --detail /dev/md0 | grep -q raid1',
  },
  {
    name: 'what it is made of is not made part of anything else',
    setup: 'mkfs.ext4 -q /dev/ubdf',
    tasks: () => [
      mdadm({ name: '/dev/md0', level: '5', devices: ['/dev/ubdd', '/dev/ubde', '/dev/ubdf'] }, { ignoreErrors: true }),
      mdadm({ name: '/dev/md1', level: '1', devices: ['/dev/ubdd', '/dev/ubdf'], force: true }, { ignoreErrors: true }),
      mdadm({ name: '/dev/md1', level: '1', devices: ['/dev/ubdc', '/dev/ubdf'] }, { ignoreErrors: true }),
      mdadm({ name: '/dev/md0', devices: ['/dev/ubdd', '/dev/ubde'], state: 'absent' }, { ignoreErrors: true }),
      lvg({ vg: 'vg1', pvs: ['/dev/ubde'], force: true }, { ignoreErrors: true }),
    ],
    expect: failed(5),
    again: failed(5),
    says: /is raid1, not raid5/,
    foretells: /is raid1, not raid5/,
    afterwards: 'blkid -p /dev/ubdf | grep -q ext4 && mdadm --detail /dev/md0 | grep -q raid1',
  },
  {
    name: 'one that is stopped is started again, and has its data',
    setup: 'echo kept >/dev/md0; sync; mdadm --stop --quiet /dev/md0',
    tasks: () => [mdadm({ name: '/dev/md0', level: '1', devices: ['/dev/ubdd', '/dev/ubde'] })],
    expect: ['changed'],
    afterwards: '[ "$(head -n 1 /dev/md0)" = kept ]',
    open: 0,
  },
  {
    name: 'a device that failed is replaced',
    setup: 'mdadm --quiet /dev/md0 --fail /dev/ubde --remove /dev/ubde; wipefs -qa /dev/ubdf',
    tasks: () => [mdadm({ name: '/dev/md0', level: '1', devices: ['/dev/ubdd', '/dev/ubdf'] })],
    expect: ['changed'],
    afterwards:
      'mdadm --wait /dev/md0; [ "$(head -n 1 /dev/md0)" = kept ] && mdadm --detail /dev/md0 | grep -q /dev/ubdf',
  },
  {
    name: 'removed, and what a removal that was cut off left',
    setup: 'mdadm --zero-superblock /dev/ubde',
    tasks: () => [
      mdadm({ name: '/dev/md0', devices: ['/dev/ubdd', '/dev/ubdf'], state: 'absent', force: true }),
      lvg({ vg: 'vg1', pvs: ['/dev/ubdd'] }),
      lvg({ vg: 'vg1', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    again: ['ok', 'changed', 'changed'],
    afterwards: '[ ! -e /sys/block/md0/md ] && [ -z "$(blkid -p /dev/ubdf)" ]',
  },
];
