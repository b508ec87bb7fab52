/** Of volume groups, volumes and arrays; each case builds on what those before it have left. */
import { filesystem, lvg, lvol, mdadm, mount } from '../../src/index.ts';
import type { LawCase } from '../support/laws.ts';

export const lvmCases: readonly LawCase[] = [
  {
    name: 'a group, a volume, a file system and a mount, from empty disks',
    tasks: (dir) => [
      lvg({ vg: 'vg0', pvs: ['/dev/ubdb'] }),
      lvol({ vg: 'vg0', lv: 'data', size: '30M' }),
      filesystem({ dev: '/dev/vg0/data', fstype: 'ext4' }),
      mount({ path: `${dir}/data`, src: '/dev/vg0/data', fstype: 'ext4', state: 'ephemeral' }),
      lvol({ vg: 'vg0', lv: 'half', size: '50%VG' }),
      lvol({ vg: 'vg0', lv: 'rest', size: '100%FREE' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed', 'changed'],
    afterwards:
      'findmnt /dev/vg0/data && [ "$(lvs --noheadings --nosuffix --units m -o lv_size vg0/data | tr -d " ")" = 32.00 ] && [ "$(vgs --noheadings --nosuffix --units b -o vg_free vg0 | tr -d " ")" = 0 ]',
  },
  {
    name: 'what lies on it is not lost',
    setup: 'mkfs.ext4 -q /dev/ubdd; pvcreate -q /dev/ubdf; vgcreate -q other /dev/ubdf; umount /dev/vg0/data',
    tasks: () => [
      lvg({ vg: 'vg0', pvs: ['/dev/ubdb', '/dev/ubdd'] }, { ignoreErrors: true }),
      lvg({ vg: 'vg0', pvs: ['/dev/ubdb', '/dev/ubdf'] }, { ignoreErrors: true }),
      lvg({ vg: 'vg0', pvs: ['/dev/ubdc'] }, { ignoreErrors: true }),
      lvg({ vg: 'vg0', state: 'absent' }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', size: '12M' }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', size: '12M', force: true }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', state: 'absent' }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', size: '1G' }, { ignoreErrors: true }),
      lvol({ vg: 'vg0', lv: 'data', size: '12M', shrink: false }),
    ],
    expect: [...Array.from({ length: 8 }, () => 'failed'), 'ok'],
    again: [...Array.from({ length: 8 }, () => 'failed'), 'ok'],
    says: /holds ext4/,
    foretells: /holds ext4/,
    afterwards: 'blkid -p /dev/ubdd | grep -q ext4 && vgs other && [ "$(lvs --noheadings vg0 | wc -l)" = 3 ]',
  },
  {
    name: 'a device more, and a volume with its file system grown, not mounted and mounted',
    tasks: (dir) => [
      lvg({ vg: 'vg0', pvs: ['/dev/ubdb', '/dev/ubdc'] }),
      lvol({ vg: 'vg0', lv: 'data', size: '64M', resizefs: true }),
      filesystem({ dev: '/dev/vg0/rest', fstype: 'xfs', opts: '-q' }, { ignoreErrors: true }),
      mount({ path: `${dir}/data`, src: '/dev/vg0/data', fstype: 'ext4', state: 'ephemeral' }),
      lvol({ vg: 'vg0', lv: 'half', size: '60%VG' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed'],
    afterwards: '[ "$(df --output=size -BM "$PWD/data" | tail -n 1 | tr -dc 0-9)" -gt 50 ]; umount /dev/vg0/data',
  },
];

export const raidCases: readonly LawCase[] = [];
