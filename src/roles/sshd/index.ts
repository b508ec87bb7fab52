import { apt, block, command, defineRole, handler, option, systemd, systemFiles, template, topic, v } from 'play';

const check = handler('check sshd', () => command({ argv: ['/usr/sbin/sshd', '-t'], changes: 'never' }));
// A reload keeps the connections that are open: should the settings lock everybody out, whoever sees it is still in.
const reload = handler('reload sshd', () => systemd({ name: 'ssh', state: 'reloaded' }));
const sshdChanged = topic('sshd changed', [check, reload]);

/** How one gets in: by key. */
export const sshd = defineRole(import.meta, {
  description:
    'Logging in over ssh, by key. Whose keys is decided by `accounts`. A change that would lock us out is put back.',
  vars: {
    sshd_root_login: option.choice(
      'Whether root may log in, by key at most.',
      ['no', 'prohibit-password'],
      'prohibit-password',
    ),
    sshd_passwords: option.flag('Whether users other than root may log in with a password.', false),
    sshd_max_sessions: option.integer('Sessions a connection may have.', 20, v.minValue(1)),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: () => [
    apt({ name: 'openssh-server' }),
    // What sshd -t accepts may still let nobody in.
    block(
      [
        template(
          { src: 'sshd.conf.hbs', dest: '/etc/ssh/sshd_config.d/00-local.conf', validate: '/usr/sbin/sshd -t -f %s' },
          { notify: sshdChanged },
        ),
      ],
      { commitConfirmed: true },
    ),
  ],
});
