import {
  copy,
  debug,
  filesystem,
  getent,
  group,
  modprobe,
  packageFacts,
  packages,
  service,
  serviceFacts,
  user,
} from '../../../src/resources/index.ts';
import type { LawCase } from '../../support/laws.ts';

/** A service that runs until it is stopped. */
const lawService = `printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/law.service; systemctl daemon-reload; systemctl disable --now law.service >/dev/null 2>&1`;

/** Whatever package manager and init system a host has, and what it tells of itself. */
export const genericCases: readonly LawCase[] = [
  {
    name: 'packages: installed, and known of by then',
    setup: 'dpkg --purge tree >/dev/null 2>&1',
    tasks: () => {
      const before = packageFacts({}, { name: 'before' });
      const after = packageFacts({}, { name: 'after' });
      return [
        before,
        packages({ name: ['tree', 'coreutils'] }),
        after,
        debug({ msg: ({ results }) => ['tree' in results(before).packages, 'tree' in results(after).packages].join() }),
        debug({ msg: ({ results }) => results(after).packages['coreutils']?.[0]?.version ?? '' }, { name: 'version' }),
      ];
    },
    expect: ['ok', 'changed', 'ok', 'ok', 'ok'],
    again: ['ok', 'ok', 'ok', 'ok', 'ok'],
    open: 3,
    afterwards: '[ -x /usr/bin/tree ]',
  },
  {
    name: 'packages: removed',
    tasks: () => [packages({ name: 'tree', state: 'absent' }), packages({ name: 'no-such-package', state: 'absent' })],
    expect: ['changed', 'ok'],
    afterwards: '[ ! -e /usr/bin/tree ]',
  },
  {
    name: 'packages: none of this name',
    tasks: () => [packages({ name: 'no-such-package' }, { ignoreErrors: true }), packages({ name: 'Not_Debian' })],
    expect: ['failed', 'failed'],
    again: ['failed', 'failed'],
    says: /Unable to locate package no-such-package|Not_Debian is not a Debian package name/,
  },
  {
    name: 'service: started and enabled, and known of by then',
    setup: lawService,
    tasks: () => {
      const then = serviceFacts({});
      return [
        service({ name: 'law', state: 'started', enabled: true }),
        service({ name: 'law.service', enabled: true }, { name: 'by its whole name' }),
        then,
        debug({ msg: ({ results }) => JSON.stringify(results(then).services['law.service']) }),
      ];
    },
    expect: ['changed', 'ok', 'ok', 'ok'],
    afterwards: `systemctl is-active -q law; systemctl is-enabled -q law`,
  },
  {
    name: 'service: stopped, and known of by then',
    tasks: () => {
      const then = serviceFacts({});
      return [
        service({ name: 'law', state: 'stopped', enabled: false }),
        then,
        debug({ msg: ({ results }) => JSON.stringify(results(then).services['law.service']) }),
      ];
    },
    expect: ['changed', 'ok', 'ok'],
    afterwards: `! systemctl is-active -q law; ! systemctl is-enabled -q law`,
  },
  {
    name: 'service: restarted each time, and none of this name',
    tasks: () => [service({ name: 'law', state: 'restarted' }), service({ name: 'no-such-service', state: 'started' })],
    expect: ['changed', 'failed'],
    again: ['changed', 'failed'],
    says: /there is no unit no-such-service/,
  },
  {
    name: 'getent: accounts and entries that the play makes',
    setup: 'userdel lawgetent 2>/dev/null; groupdel lawgetent 2>/dev/null; :',
    tasks: () => {
      const missing = getent({ database: 'passwd', key: 'lawgetent', failKey: false }, { name: 'missing' });
      const account = getent({ database: 'passwd', key: 'lawgetent' });
      const members = getent({ database: 'group', key: 'lawgetent' });
      const port = getent({ database: 'services', key: 'law-service' });
      return [
        missing,
        group({ name: 'lawgetent', gid: 4711 }),
        user({ name: 'lawgetent', uid: 4711, group: 'lawgetent', shell: '/bin/false', createHome: false }),
        copy({ dest: '/etc/services', content: 'law-service 4711/tcp law-alias\n' }),
        account,
        members,
        port,
        debug({
          msg: ({ results }) =>
            JSON.stringify([results(account).entries, results(members).entries, results(port).entries]),
        }),
      ];
    },
    expect: ['ok', 'changed', 'changed', 'changed', 'ok', 'ok', 'ok', 'ok'],
    afterwards: '[ "$(getent passwd lawgetent | cut -d: -f3)" = 4711 ]',
  },
  {
    name: 'getent: what is not there',
    tasks: () => [
      getent({ database: 'passwd', key: 'no-such-user' }, { ignoreErrors: true }),
      getent({ database: 'no-such-database' }, { ignoreErrors: true }),
      getent({ database: 'shadow', key: 'root' }, { becomeUser: 'nobody' }),
    ],
    expect: ['failed', 'failed', 'failed'],
    again: ['failed', 'failed', 'failed'],
    says: /there is no no-such-user in passwd|no database no-such-database|there is no root in shadow/,
  },
  // A throwaway host has the kernel of this machine, and may not load anything into it.
  {
    name: 'modprobe: a part of the kernel, at boot too',
    setup: `rm -f /etc/modules-load.d/loop.conf /etc/modprobe.d/loop.conf; d=/lib/modules/$(uname -r); mkdir -p "$d"; echo kernel/drivers/block/loop.ko >"$d/modules.builtin"; : >"$d/modules.order"; depmod`,
    tasks: () => [
      modprobe({ name: 'loop', persistent: 'present', params: 'a=1' }),
      modprobe({ name: 'loop', state: 'absent' }, { ignoreErrors: true }),
      modprobe({ name: 'no-such-module' }),
    ],
    expect: ['changed', 'failed', 'failed'],
    again: ['ok', 'failed', 'failed'],
    afterwards: `[ "$(cat /etc/modules-load.d/loop.conf)" = loop ]; [ "$(cat /etc/modprobe.d/loop.conf)" = 'options loop a=1' ]`,
    says: /is built into the kernel|the kernel has no module no_such_module/,
  },
  {
    name: 'modprobe: no more at boot',
    tasks: () => [modprobe({ name: 'loop', persistent: 'absent' })],
    expect: ['changed'],
    afterwards: '[ ! -e /etc/modules-load.d/loop.conf ] && [ ! -e /etc/modprobe.d/loop.conf ]',
  },
  {
    name: 'filesystem: made in files, by another name, not over another, and cleared',
    setup:
      'truncate -s 8M "./-a b" old sw gone parts; ln -s old other; mkfs.ext2 -qF old; mkswap -q gone; { head -c 446 /dev/zero; printf "\\0\\0\\1\\0\\203\\0\\2\\0\\1\\0\\0\\0\\1\\0\\0\\0"; head -c 48 /dev/zero; printf "\\125\\252"; } | dd of=parts conv=notrunc status=none',
    tasks: (dir) => [
      filesystem({ dev: `${dir}/-a b`, fstype: 'ext4', opts: "-L 'my data'" }),
      filesystem({ dev: `${dir}/other`, fstype: 'ext2' }),
      filesystem({ dev: `${dir}/sw`, fstype: 'swap' }),
      filesystem({ dev: `${dir}/gone`, state: 'absent' }),
      filesystem({ dev: `${dir}/old`, fstype: 'ext4' }, { ignoreErrors: true }),
      filesystem({ dev: `${dir}/parts`, fstype: 'ext4' }, { ignoreErrors: true }),
      filesystem({ dev: `${dir}/none`, fstype: 'ext4' }, { ignoreErrors: true }),
      filesystem({ dev: '/dev/null', fstype: 'ext4' }),
    ],
    expect: ['changed', 'ok', 'changed', 'changed', 'failed', 'failed', 'failed', 'failed'],
    again: ['ok', 'ok', 'ok', 'ok', 'failed', 'failed', 'failed', 'failed'],
    says: /holds ext2|holds a partition table|there is no|is neither a block device nor a file/,
    afterwards: `[ "$(blkid -p -o value -s LABEL -- './-a b')" = 'my data' ]; [ "$(blkid -p -o value -s TYPE sw)" = swap ]; [ -z "$(blkid -p gone)" ]`,
  },
  {
    name: 'filesystem: as large as the file it is in, and no larger; one that was used before',
    setup:
      'truncate -s 8M small; mkfs.ext4 -qF small; truncate -s 24M small; truncate -s 9M whole; mkfs.ext2 -qF -b 1024 whole; truncate -s 8M odd; mkfs.ext4 -qF -b 1024 odd; truncate -s 8193K odd; tune2fs -C 3 small >/dev/null; debugfs -wR "set_super_value mtime 20300101" small 2>/dev/null; truncate -s 8M fat; mkswap -q fat',
    tasks: (dir) => [
      filesystem({ dev: `${dir}/small`, fstype: 'ext4', resizefs: true }),
      filesystem({ dev: `${dir}/whole`, fstype: 'ext2', resizefs: true }),
      filesystem({ dev: `${dir}/odd`, fstype: 'ext4', resizefs: true }),
      filesystem({ dev: `${dir}/new`, fstype: 'ext4', resizefs: true }, { ignoreErrors: true }),
    ],
    expect: ['changed', 'ok', 'ok', 'failed'],
    again: ['ok', 'ok', 'ok', 'failed'],
    says: /there is no .*new/s,
    afterwards: `e2fsck -fn small >/dev/null && [ $(($(dumpe2fs -h small 2>/dev/null | sed -n 's/^Block count: *//p') * $(dumpe2fs -h small 2>/dev/null | sed -n 's/^Block size: *//p'))) = $((24 * 1024 * 1024)) ]`,
  },
  {
    name: 'filesystem: over another by force',
    setup: 'truncate -s 8M disk; mkswap -q disk',
    tasks: (dir) => [filesystem({ dev: `${dir}/disk`, fstype: 'ext3', force: true })],
    expect: ['changed'],
    afterwards: '[ "$(blkid -p -o value -s TYPE disk)" = ext3 ]',
  },
];
