import { command, defineRole, file, handler, systemd, template, topic, v } from 'play';

const check = handler('check sshd', () => command({ argv: ['/usr/sbin/sshd', '-t'], changes: 'never' }));
// A reload keeps the connections that are open: should the settings lock everybody out, whoever sees it is still in.
const reload = handler('reload sshd', () => systemd({ name: 'ssh', state: 'reloaded' }));
const sshdChanged = topic('sshd changed', [check, reload]);

/** How one gets in: by key. */
export const sshd = defineRole({
  name: 'sshd',
  dir: import.meta.dirname,
  vars: {
    sshd_root_login: v.optional(
      v.pipe(v.picklist(['no', 'prohibit-password']), v.description('Whether root may log in, by key at most.')),
      'prohibit-password',
    ),
    sshd_max_sessions: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Sessions a connection may have.')),
      20,
    ),
  },
  handlers: [check, reload],
  tasks: () => [
    file(
      { path: '/etc/ssh/sshd_config.d', state: 'directory', owner: 'root', group: 'root', mode: '0755' },
      { name: 'folder for settings of sshd' },
    ),
    template(
      {
        src: 'ooni.conf.hbs',
        dest: '/etc/ssh/sshd_config.d/00-ooni.conf',
        owner: 'root',
        group: 'root',
        mode: '0644',
        validate: '/usr/sbin/sshd -t -f %s',
      },
      { name: 'settings of sshd', notify: sshdChanged },
    ),
  ],
});
