import { apt, command, defineRole, file, handler, option, systemd, systemFiles, template, topic, v } from 'play';

const check = handler('check fail2ban', () => command({ argv: ['fail2ban-client', '-t'], changes: 'never' }));
const reload = handler('reload fail2ban', () => systemd({ name: 'fail2ban', state: 'reloaded' }));
const fail2banChanged = topic('fail2ban changed', [check, reload]);

/** fail2ban: who tries passwords is kept out for a while. */
export const fail2ban = defineRole(import.meta, {
  description:
    'fail2ban: bans addresses that try passwords, for a while, by nftables, in a table of its own. List it after the roles whose log files its jails read.',
  vars: {
    fail2ban_jails: option.record(
      'Jails, and the settings of each, as in jail.conf(5). A log file that one reads must exist.',
      option.record('Settings.', v.string()),
      { sshd: { backend: 'systemd' } },
    ),
    fail2ban_ignore: option.list('Addresses that are never banned.', option.network('An address or a network.'), []),
    fail2ban_time: option.text(
      'How long an address is banned.',
      '1h',
      v.regex(/^\d+[smhdw]$/, 'must be a number and s, m, h, d or w'),
    ),
    fail2ban_tries: option.integer('Failures within ten minutes after which an address is banned.', 5, v.minValue(1)),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: () => [
    file({ path: '/etc/fail2ban/jail.d', state: 'directory' }),
    // Before the package, which starts it: as Debian has it, it looks for a log that no journald writes, and does not
    // come up.
    template({ src: 'jail.conf.hbs', dest: '/etc/fail2ban/jail.d/local.conf' }, { notify: fail2banChanged }),
    apt({ name: ['fail2ban', 'python3-systemd', 'nftables'] }),
    systemd({ name: 'fail2ban', state: 'started', enabled: true }),
  ],
});
