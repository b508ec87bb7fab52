import { command, defineRole, file, handler, systemd, template, topic, v, option, systemFiles } from 'play';

const check = handler('check sshd', () => command({ argv: ['/usr/sbin/sshd', '-t'], changes: 'never' }));
// A reload keeps the connections that are open: should the settings lock everybody out, whoever sees it is still in.
const reload = handler('reload sshd', () => systemd({ name: 'ssh', state: 'reloaded' }));
const sshdChanged = topic('sshd changed', [check, reload]);

/** How one gets in: by key. */
export const sshd = defineRole(import.meta, {
  vars: {
    sshd_root_login: option.choice(
      'Whether root may log in, by key at most.',
      ['no', 'prohibit-password'],
      'prohibit-password',
    ),
    sshd_max_sessions: option.integer('Sessions a connection may have.', 20, v.minValue(1)),
  },
  defaults: systemFiles,
  tasks: () => [
    file({ path: '/etc/ssh/sshd_config.d', state: 'directory' }, { name: 'folder for settings of sshd' }),
    template(
      {
        src: 'ooni.conf.hbs',
        dest: '/etc/ssh/sshd_config.d/00-ooni.conf',
        validate: '/usr/sbin/sshd -t -f %s',
      },
      { name: 'settings of sshd', notify: sshdChanged },
    ),
  ],
});
