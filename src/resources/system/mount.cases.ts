import { predict } from '../../contract/index.ts';
import { stat, tree } from '../../probes/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { mount } from './mount.ts';
import { mounted, mountSource, type Mounted, type MountSource } from './mounts.probe.ts';

const fstab = '/etc/fstab';
const path = '/srv/data';
const disk = '/dev/vdb1';

const ext4: Mounted = {
  source: disk,
  fstype: 'ext4',
  options: ['rw', 'relatime'],
  own: ['rw', 'relatime'],
  root: '/',
  device: '254:17',
  depth: 1,
};
const device: MountSource = {
  isMissing: false,
  isDirectory: false,
  names: [disk],
  device: '254:17',
  isShown: false,
  part: null,
};

/** A host with a table, what is mounted at /srv/data (null: nothing), and what the wanted source is there. */
function host(
  lines: string,
  now: Partial<Mounted> | null,
  given: { src?: string; source?: Partial<MountSource>; paths?: Record<string, PathEntry> } = {},
): HostDescription {
  const { src = disk, source = {}, paths = {} } = given;
  return {
    paths: {
      [fstab]: { type: 'file', content: lines },
      [disk]: { type: 'file', content: '' },
      [path]: { type: 'directory' },
      ...paths,
    },
    answers: [
      predict(mounted(path), now && { ...ext4, ...now }),
      predict(mountSource(src, path), { ...device, ...source }),
      predict(tree(path), { entries: [], mounts: [] }),
    ],
  };
}
const root = 'UUID=1 / ext4 defaults 0 1\n';
const line = `${disk} ${path} ext4 defaults 0 0\n`;
const data = { path, src: disk, fstype: 'ext4' } as const;
const swap = { path: 'none', src: '/swapfile', fstype: 'swap', opts: 'sw' } as const;

export const cases = planCases(mount, {
  'in the table and mounted': {
    options: { ...data, state: 'mounted' },
    host: host(root, null),
    changes: ['content', 'state unmounted -> mounted'],
    writes: { [fstab]: root + line },
    steps: [`write ${fstab}`, `mount ${path}`],
    result: { path, isMounted: true },
  },
  'right already': { options: { ...data, state: 'mounted' }, host: host(root + line, {}) },
  'the mount point is made': {
    options: { path: '/srv/new', src: 'tmpfs', fstype: 'tmpfs', opts: 'uid=0,gid=0', state: 'ephemeral' },
    host: {
      answers: [
        predict(mounted('/srv/new'), null),
        predict(mountSource('tmpfs', '/srv/new'), { ...device, names: ['tmpfs'], device: '' }),
      ],
    },
    changes: ['mount point absent -> directory', 'state unmounted -> mounted'],
    steps: ['mount /srv/new'],
    leaves: [
      predict(tree('/srv/new'), { entries: [], mounts: ['/srv/new'] }),
      predict(stat('/srv/new'), {
        type: 'directory',
        mode: '1777',
        uid: 0,
        gid: 0,
        owner: 'root',
        group: 'root',
        size: 0,
      }),
    ],
  },
  'for the moment, with the table as it is': {
    options: { ...data, state: 'ephemeral' },
    host: host(root, null),
    changes: ['state unmounted -> mounted'],
    steps: [`mount ${path}`],
  },
  'only in the table': {
    options: { ...data, state: 'present' },
    host: host(root, null),
    changes: ['content'],
    steps: [`write ${fstab}`],
    result: { path, isMounted: false },
  },
  'in the table already, and mounted': {
    options: { ...data, state: 'present' },
    host: host(root + line, {}),
    result: { path, isMounted: true },
  },
  'not at boot': {
    options: { ...data, state: 'present', boot: false },
    host: host(root, null),
    changes: ['content'],
    writes: { [fstab]: `${root}${disk} ${path} ext4 noauto 0 0\n` },
  },
  'another line of that mount point is replaced, comments stay': {
    options: { ...data, state: 'present', opts: 'noatime', passno: '2' },
    host: host(`# disks\n${line}${root}`, {}),
    changes: ['content'],
    writes: { [fstab]: `# disks\n${disk} ${path} ext4 noatime 0 2\n${root}` },
  },
  'an option is added by remounting': {
    options: { ...data, state: 'mounted', opts: 'noexec' },
    host: host(`${root}${disk} ${path} ext4 noexec 0 0\n`, {}),
    changes: ['options rw,relatime -> noexec'],
    steps: [`remount ${path}`],
  },
  'an option that nobody wants any more is taken back': {
    options: { ...data, state: 'mounted' },
    host: host(root + line, { options: ['ro', 'relatime'], own: ['ro', 'relatime'] }),
    changes: ['options ro,relatime -> rw'],
    steps: [`remount ${path}`],
  },
  'who is not root': {
    options: { path, state: 'unmounted' },
    host: { ...host('', {}), users: [{ name: 'alice', uid: 1000 }], as: 'alice' },
    fails: 'only root may change mounts, and this runs as alice',
    hint: 'Run the task with `become: true`.',
  },
  'another source is unmounted before': {
    options: { ...data, state: 'mounted' },
    host: host(root + line, { source: '/dev/vdc1', device: '254:33' }),
    changes: [`source /dev/vdc1 (ext4) -> ${disk}`],
    steps: [`mount ${path}`],
  },
  'another source is left alone for the moment': {
    options: { ...data, state: 'ephemeral' },
    host: host(root, { source: '/dev/vdc1', device: '254:33' }),
    fails: `/dev/vdc1 is mounted at ${path} already, not ${disk}`,
    hint: 'Unmount it first.',
  },
  'the same device by its UUID': {
    options: { ...data, src: 'UUID=22', state: 'mounted' },
    host: host(`${root}UUID=22 ${path} ext4 defaults 0 0\n`, {}, { src: 'UUID=22' }),
  },
  'no device of that UUID': {
    options: { ...data, src: 'UUID=22', state: 'mounted' },
    host: host(root, null, { src: 'UUID=22', source: { isMissing: true, names: ['UUID=22'], device: '' } }),
    fails: 'this host has no device UUID=22',
  },
  'a folder without bind': {
    options: { ...data, src: '/opt/data', state: 'ephemeral' },
    host: host(root, null, {
      src: '/opt/data',
      source: { isDirectory: true, names: ['/opt/data'], device: '' },
      paths: { '/opt/data': { type: 'directory' } },
    }),
    fails: "/opt/data is a directory; to mount it elsewhere takes `opts: 'bind'`",
  },
  'a folder by bind, there already': {
    options: { path, src: '/opt/data', fstype: 'none', opts: 'bind', state: 'ephemeral' },
    host: host(root, { root: '/opt/data' }, { src: '/opt/data', source: { isShown: true, device: '' } }),
  },
  'a folder by bind, through a link': {
    options: { path, src: '/opt/link', fstype: 'none', opts: 'bind', state: 'ephemeral' },
    host: host(root, null, {
      src: '/opt/link',
      source: { isDirectory: true, device: '' },
      paths: { '/opt/link': { type: 'link', target: '/opt/data' }, '/opt/data': { type: 'directory' } },
    }),
    changes: ['state unmounted -> mounted'],
  },
  'a link that leads nowhere': {
    options: { path, src: '/opt/link', fstype: 'none', opts: 'bind', state: 'ephemeral' },
    host: host(root, null, {
      src: '/opt/link',
      source: { isMissing: true, device: '' },
      paths: { '/opt/link': { type: 'link', target: '/opt/none' } },
    }),
    fails: 'there is no /opt/link to mount',
  },
  'nfs without its helper': {
    options: { path, src: 'nas:/data', fstype: 'nfs', state: 'ephemeral' },
    host: host(root, null, { src: 'nas:/data', source: { names: ['nas:/data'], device: '' } }),
    fails: 'there is no /sbin/mount.nfs',
    hint: 'Install the package that brings it: nfs-common.',
  },
  'nfs, whose helper a command may bring': {
    options: { path, src: 'nas:/data', fstype: 'nfs', state: 'ephemeral' },
    host: host(root, null, { src: 'nas:/data', source: { names: ['nas:/data'], device: '' } }),
    behind: { command: true },
    changes: ['state unmounted -> mounted'],
    assumed: ['nas:/data can be mounted by then ("a command" runs before)'],
  },
  'a share of Windows is no path of this host': {
    options: { path, src: '//nas/data', fstype: 'cifs', state: 'ephemeral' },
    host: host(root, null, {
      src: '//nas/data',
      source: { names: ['//nas/data'], device: '' },
      paths: { '/sbin/mount.cifs': { type: 'file', content: '' } },
    }),
    changes: ['state unmounted -> mounted'],
  },
  'a device that is not there': {
    options: { ...data, src: '/dev/vdz', state: 'ephemeral' },
    host: host(root, null, { src: '/dev/vdz', source: { isMissing: true, device: '' } }),
    fails: 'there is no /dev/vdz to mount',
  },
  'a file by bind over a folder': {
    options: { path, src: '/etc/motd', fstype: 'none', opts: 'bind', state: 'ephemeral' },
    host: host(root, null, {
      src: '/etc/motd',
      source: { device: '' },
      paths: { '/etc/motd': { type: 'file', content: '' } },
    }),
    fails: '/etc/motd and /srv/data must both be directories, or neither',
  },
  'nfs4 is what the kernel calls nfs': {
    options: { path, src: 'nas:/data', fstype: 'nfs', state: 'ephemeral' },
    host: host(
      root,
      { source: 'nas:/data', fstype: 'nfs4', device: '0:50' },
      { src: 'nas:/data', source: { names: ['nas:/data'], device: '' } },
    ),
  },
  'the size of a tmpfs is compared in bytes': {
    options: { path, src: 'tmpfs', fstype: 'tmpfs', opts: 'size=1m', state: 'ephemeral' },
    host: host(
      root,
      { source: 'tmpfs', fstype: 'tmpfs', options: ['rw', 'relatime', 'size=1024k'], device: '0:60' },
      { src: 'tmpfs', source: { names: ['tmpfs'], device: '' } },
    ),
  },
  'a value that the kernel tells': {
    options: { path, src: 'nas:/data', fstype: 'nfs', opts: 'timeo=50,vers=4', state: 'ephemeral' },
    host: host(
      root,
      { source: 'nas:/data', fstype: 'nfs', options: ['rw', 'timeo=600', 'vers=4.2'], device: '0:50' },
      { src: 'nas:/data', source: { names: ['nas:/data'], device: '' } },
    ),
    changes: ['options rw,timeo=600,vers=4.2 -> timeo=50'],
  },
  'how many files a tmpfs may hold': {
    options: { path, src: 'tmpfs', fstype: 'tmpfs', opts: 'nr_inodes=2k', state: 'ephemeral' },
    host: host(
      root,
      { source: 'tmpfs', fstype: 'tmpfs', options: ['rw', 'nr_inodes=1024'], device: '0:60' },
      { src: 'tmpfs', source: { names: ['tmpfs'], device: '' } },
    ),
    changes: ['options rw,nr_inodes=1024 -> nr_inodes=2k'],
  },
  'unmounted, with the table as it is': {
    options: { path, state: 'unmounted' },
    host: host(root + line, {}),
    changes: ['state mounted -> unmounted'],
    steps: [`unmount ${path}`],
    result: { path, isMounted: false },
  },
  'two mounts over one another are both unmounted': {
    options: { path, state: 'unmounted' },
    host: host(root + line, { depth: 2 }),
    changes: ['state mounted -> unmounted'],
    args: [['unmount', path, '', '', 'defaults', fstab, '2']],
  },
  'neither mounted nor in the table any more': {
    options: { path, state: 'absent' },
    host: host(root + line, {}),
    changes: ['content', 'state mounted -> unmounted'],
    writes: { [fstab]: root },
    steps: [`write ${fstab}`, `unmount ${path}`, `remove the mount point ${path}`],
  },
  'absent already': { options: { path, state: 'absent' }, host: host(root, null) },
  'remounted every time': {
    options: { path, state: 'remounted' },
    host: host(root + line, {}),
    changes: ['state remounted'],
    steps: [`remount ${path}`],
  },
  'nothing there to remount': {
    options: { path, state: 'remounted' },
    host: host(root + line, null),
    fails: `nothing is mounted at ${path}`,
  },
  'a line of swap': {
    options: { ...swap, state: 'present' },
    host: { paths: { [fstab]: { type: 'file', content: root } } },
    changes: ['content'],
    writes: { [fstab]: `${root}/swapfile none swap sw 0 0\n` },
  },
  'swap cannot be mounted': {
    options: { ...swap, state: 'mounted' },
    fails: "mount: nothing can be mounted at none; swap knows the states 'present' and 'absent'",
  },
  'without a source': {
    options: { path, state: 'mounted' },
    fails: "mount: state 'mounted' needs `src` and `fstype`",
  },
  'the root is never unmounted': { options: { path: '/', state: 'absent' }, fails: 'mount: / cannot be unmounted' },
  'nor is it when only that is asked': {
    options: { path: '/', state: 'unmounted' },
    fails: 'mount: / cannot be unmounted',
  },
  'behind a planned mount': {
    options: { ...data, state: 'mounted' },
    host: host(root + line, null),
    behind: { planned: [predict(mounted(path), ext4)] },
  },
});
