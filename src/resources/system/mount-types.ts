/** File systems without a device: what is named as their source is no more than a word. */
export const noDevice = new Set([
  'tmpfs',
  'ramfs',
  'proc',
  'sysfs',
  'devpts',
  'devtmpfs',
  'mqueue',
  'hugetlbfs',
  'debugfs',
  'tracefs',
  'securityfs',
  'cgroup',
  'cgroup2',
  'configfs',
  'pstore',
  'bpf',
  'overlay',
  'binfmt_misc',
  'efivarfs',
  'fusectl',
]);

/** A driver may call itself otherwise than fstab does. */
export function isSameType(wanted: string, now: string): boolean {
  const family = (type: string): string =>
    type
      .replace(/^nfs4$/, 'nfs')
      .replace(/^smb3$/, 'cifs')
      .replace(/^fuse(?:blk)?$|^fuse\..*$/, 'fuse');
  return (
    wanted.split(',').some((one) => one === 'auto' || one === 'none' || family(one) === family(now)) ||
    family(now) === 'fuse'
  );
}
