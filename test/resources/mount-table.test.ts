import { describe, expect, test } from 'vitest';
import { editTable, type TableEdit } from '../../src/formats/mount-table.ts';
import { differingOptions } from '../../src/resources/system/mount-options.ts';
import type { Mounted } from '../../src/resources/system/mounts.probe.ts';

const data: TableEdit = {
  src: 'UUID=1-2',
  path: '/srv/data',
  fstype: 'ext4',
  opts: 'noatime',
  dump: '0',
  passno: '2',
  isWanted: true,
};
const dataLine = 'UUID=1-2 /srv/data ext4 noatime 0 2\n';
const swap: TableEdit = {
  src: '/swap2',
  path: 'none',
  fstype: 'swap',
  opts: 'sw',
  dump: '0',
  passno: '0',
  isWanted: true,
};

/** Lines are known by what they mean (fstab(5)), however they are spelt; all others stay. */
const cases: readonly {
  readonly what: string;
  readonly edit: TableEdit;
  readonly before: string;
  readonly after: string;
}[] = [
  {
    what: 'a new line behind an unterminated one',
    edit: data,
    before: '# mine\n/dev/sda1 / ext4 defaults 0 1',
    after: `# mine\n/dev/sda1 / ext4 defaults 0 1\n${dataLine}`,
  },
  {
    what: 'tabs and blanks',
    edit: data,
    before: ' UUID=1-2\t/srv/data   ext4\tnoatime\t0 2\n',
    after: ' UUID=1-2\t/srv/data   ext4\tnoatime\t0 2\n',
  },
  {
    what: 'quotes round a number',
    edit: data,
    before: 'UUID="1-2" /srv/data ext4 noatime 0 2\n',
    after: 'UUID="1-2" /srv/data ext4 noatime 0 2\n',
  },
  {
    what: 'a slash at the end',
    edit: data,
    before: 'UUID=1-2 /srv//data/ ext4 noatime 0 2\n',
    after: 'UUID=1-2 /srv//data/ ext4 noatime 0 2\n',
  },
  {
    what: 'another source, in its place',
    edit: data,
    before: '/dev/sdb1 /srv/data ext4 noatime 0 2\n/dev/sda1 / ext4 defaults 0 1\n',
    after: `${dataLine}/dev/sda1 / ext4 defaults 0 1\n`,
  },
  {
    what: 'last fields left out',
    edit: { ...data, passno: '0' },
    before: 'UUID=1-2 /srv/data ext4 noatime\n',
    after: 'UUID=1-2 /srv/data ext4 noatime\n',
  },
  {
    what: 'options left out',
    edit: { ...data, passno: '0', opts: 'defaults' },
    before: 'UUID=1-2 /srv/data ext4\n',
    after: 'UUID=1-2 /srv/data ext4\n',
  },
  {
    what: 'a comment is no line',
    edit: data,
    before: '#UUID=1-2 /srv/data ext4 noatime 0 2\n',
    after: `#UUID=1-2 /srv/data ext4 noatime 0 2\n${dataLine}`,
  },
  {
    what: 'two lines for one place become one',
    edit: data,
    before: `/dev/sdb1 /srv/data ext4 ro 0 0\n# between\n${dataLine}`,
    after: `# between\n${dataLine}`,
  },
  {
    what: 'none of two lines is right',
    edit: data,
    before: '/dev/sdb1 /srv/data ext4 ro 0 0\n# between\n/dev/sdc1 /srv/data/ ext4 ro 0 0\n',
    after: `# between\n${dataLine}`,
  },
  {
    what: 'blanks in names, by either of their spellings',
    edit: { ...data, path: '/srv/a b' },
    before: 'UUID=1-2 /srv/a\\040b ext4 noatime 0 2\n',
    after: 'UUID=1-2 /srv/a\\040b ext4 noatime 0 2\n',
  },
  {
    what: 'a needless octal',
    edit: data,
    before: 'UUID=1-2 /srv/d\\141ta ext4 noatime 0 2\n',
    after: 'UUID=1-2 /srv/d\\141ta ext4 noatime 0 2\n',
  },
  {
    what: 'odd letters are written in octal',
    edit: { ...data, src: '#x', path: '/a\\ b\tc' },
    before: '',
    after: '\\043x /a\\134\\040b\\011c ext4 noatime 0 2\n',
  },
  {
    what: 'no line any more',
    edit: { ...data, isWanted: false },
    before: `# mine\n${dataLine}/dev/sdb1 /srv/data/ ext4 ro 0 0\n/dev/sda1 / ext4 defaults 0 1\n`,
    after: '# mine\n/dev/sda1 / ext4 defaults 0 1\n',
  },
  {
    what: 'another swap',
    edit: swap,
    before: '/swap1 none swap sw 0 0\n',
    after: '/swap1 none swap sw 0 0\n/swap2 none swap sw 0 0\n',
  },
  {
    what: 'swap by its other word',
    edit: swap,
    before: '/swap2 swap swap sw 0 0\n',
    after: '/swap2 swap swap sw 0 0\n',
  },
  {
    what: 'one swap of two goes',
    edit: { ...swap, fstype: '', isWanted: false },
    before: '/swap1 none swap sw 0 0\n/swap2 none swap sw 0 0\n',
    after: '/swap1 none swap sw 0 0\n',
  },
  {
    what: 'a mount point by the name of swap is a place',
    edit: { ...data, path: '/swap' },
    before: '/swap1 /swap swap sw 0 0\n',
    after: `/swap1 /swap swap sw 0 0\n${dataLine.replace('/srv/data', '/swap')}`,
  },
];

test.each(cases)('fstab: $what', ({ edit, before, after }) => {
  expect(editTable(before, edit)).toBe(after);
  expect(editTable(after, edit)).toBe(after);
});

describe('options that are mounted', () => {
  const now = (fstype: string, own: string, ofSuper = ''): Mounted => ({
    source: 'x',
    fstype,
    options: `${own},${ofSuper}`.split(',').filter((one) => one !== ''),
    own: own.split(','),
    root: '/',
    device: '8:1',
    depth: 1,
  });
  const rows: readonly [opts: string, now: Mounted, differ: readonly string[]][] = [
    ['defaults', now('ext4', 'rw,relatime', 'rw,errors=remount-ro'), []],
    ['defaults', now('ext4', 'rw,noexec,relatime'), ['exec']],
    ['defaults', now('ext4', 'rw,relatime', 'ro'), ['rw']],
    ['ro,noexec', now('ext4', 'rw,relatime'), ['ro', 'noexec']],
    ['noatime,nofail,x-systemd.automount', now('ext4', 'rw,noatime'), []],
    ['user', now('ext4', 'rw,nosuid,nodev,noexec,relatime'), []],
    ['user,exec', now('ext4', 'rw,nosuid,nodev,relatime'), []],
    ['bind', now('ext4', 'rw,nosuid,relatime', 'rw'), []],
    ['bind,ro', now('ext4', 'rw,relatime', 'ro'), ['ro']],
    ['defaults', now('fuse.sshfs', 'rw,nosuid,nodev,relatime'), []],
    ['size=2m', now('tmpfs', 'rw,relatime', 'rw,size=2048k'), []],
    ['size=2m', now('tmpfs', 'rw,relatime', 'rw'), ['size=2m']],
    ['size=50%', now('tmpfs', 'rw,relatime', 'rw'), []],
    ['size=1000', now('tmpfs', 'rw,relatime', 'rw,size=4k'), []],
    ['mode=0755,nr_inodes=1k', now('tmpfs', 'rw,relatime', 'rw,nr_inodes=1024,mode=755'), []],
    ['commit=30', now('ext4', 'rw,relatime', 'rw,commit=60'), ['commit=30']],
  ];
  test.each(rows)('%s', (opts, mounted, differ) => expect(differingOptions(opts, mounted)).toEqual(differ));
});
