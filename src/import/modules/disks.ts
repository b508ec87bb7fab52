import { choice, drop, only, present, set, setUnless, type ModuleRule } from './rules.ts';

/** Volumes, file systems and where they are mounted. */
export const diskModules: Readonly<Record<string, ModuleRule>> = {
  filesystem: {
    resource: 'filesystem',
    options: {
      dev: set('dev'),
      device: set('dev'),
      fstype: choice('fstype', 'ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'vfat', 'swap'),
      type: choice('fstype', 'ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'vfat', 'swap'),
      state: present,
      force: set('force', 'flag'),
      opts: set('opts'),
      resizefs: set('resizefs', 'flag'),
    },
  },
  lvg: {
    resource: 'lvg',
    options: {
      vg: set('vg'),
      pvs: set('pvs', 'texts'),
      pesize: set('pesize'),
      pv_options: set('pvOptions'),
      vg_options: set('vgOptions'),
      pvresize: set('pvresize', 'flag'),
      remove_extra_pvs: set('removeExtraPvs', 'flag'),
      reset_pv_uuid: only('no', 'ids of devices stay as they are'),
      force: set('force', 'flag'),
      state: present,
    },
  },
  lvol: {
    resource: 'lvol',
    options: {
      vg: set('vg'),
      lv: set('lv'),
      size: setUnless('size', /^[+-]/, 'what is added would be added by every run'),
      opts: set('opts'),
      state: present,
      active: set('active', 'flag'),
      force: set('force', 'flag'),
      shrink: set('shrink', 'flag'),
      resizefs: set('resizefs', 'flag'),
      snapshot: set('snapshot'),
      pvs: set('pvs', 'texts'),
    },
  },
  mount: {
    resource: 'mount',
    options: {
      path: set('path'),
      name: set('path'),
      src: set('src'),
      fstype: set('fstype'),
      opts: set('opts'),
      dump: set('dump', 'number'),
      passno: set('passno', 'number'),
      boot: set('boot', 'flag'),
      state: choice(
        'state',
        'mounted',
        'present',
        'unmounted',
        'absent',
        'remounted',
        'ephemeral',
        'absent_from_fstab',
      ),
      fstab: set('fstab'),
      backup: drop,
    },
  },
};
