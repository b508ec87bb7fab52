import { apt, block, file, handler, systemd, template, type TaskItem } from 'play';

const restart = handler('restart resolved', () => systemd({ name: 'systemd-resolved', state: 'restarted' }));

/**
 * A validator for settings of resolved: one of their servers must know a name. It is asked with a /etc/resolv.conf that
 * nobody else sees, and with an empty /run, where nscd and a resolved that is there would answer. What would cut the
 * host off from names is so refused before it is in place.
 *
 * @param name a host name that /etc/hosts does not have: that file is asked first
 */
export function answersFor(name: string): string {
  return `unshare --mount sh -c '
servers=$(sed -n "s/^DNS=//p" "$1") && mount -t tmpfs none /run || exit
at=$(readlink -m /etc/resolv.conf)
case $at in /run/*) mkdir -p "$(dirname "$at")" && : >"$at";; esac
for server in $servers; do echo "nameserver $server"; done >/run/names
mount --bind /run/names "$at" && RES_OPTIONS="timeout:2 attempts:2" getent ahosts "$2" >/dev/null
' sh %s ${name} || { echo 'no server of base_dns_servers knows ${name}' >&2; exit 1; }`;
}

/**
 * systemd-resolved. Its settings come first, and are tried: its package puts /etc/resolv.conf into its hands as soon as
 * it is installed. A throwaway host reaches no server, so there none is tried.
 */
export function nameTasks(knownName: string, isSandbox: boolean): TaskItem[] {
  const settings = '/etc/systemd/resolved.conf.d';
  const tasks = [
    file({ path: settings, state: 'directory' }),
    template(
      {
        src: 'resolved.conf.hbs',
        dest: `${settings}/local.conf`,
        ...(isSandbox ? {} : { validate: answersFor(knownName) }),
      },
      { notify: restart },
    ),
    // The D-Bus daemon learns of its user only after the package has started it: resolvectl(1) finds it once it is
    // restarted.
    apt({ name: 'systemd-resolved' }, { notify: restart }),
    file(
      { path: '/etc/resolv.conf', src: '../run/systemd/resolve/stub-resolv.conf', state: 'link', force: true },
      { name: 'names are asked of resolved' },
    ),
    systemd({ name: 'systemd-resolved', state: 'started', enabled: true }),
  ];
  return [block(tasks, { tags: 'resolved' })];
}
