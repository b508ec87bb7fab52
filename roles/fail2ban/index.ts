import { apt, command, defineRole, file, handler, systemd, template, topic, v, option, systemFiles } from 'play';
import { network } from '../nftables/ports.ts';

const check = handler('check fail2ban', () => command({ argv: ['fail2ban-client', '-t'], changes: 'never' }));
const reload = handler('reload fail2ban', () => systemd({ name: 'fail2ban', state: 'reloaded' }));
const fail2banChanged = topic('fail2ban changed', [check, reload]);

/** fail2ban: who tries passwords is kept out for a while. List it after nginx, whose log it reads. */
export const fail2ban = defineRole(import.meta, {
  vars: {
    fail2ban_ignore: option.list('Who is never kept out: addresses and networks.', network, []),
    fail2ban_time: option.text(
      'For how long one is kept out.',
      '1h',
      v.regex(/^\d+[smhdw]$/, 'must be a number and s, m, h, d or w'),
    ),
    fail2ban_tries: option.integer('Failures within ten minutes that are one too many.', 5, v.minValue(1)),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: () => [
    file({ path: '/etc/fail2ban', state: 'directory' }, { name: 'folder for settings of fail2ban' }),
    file({ path: '/etc/fail2ban/jail.d', state: 'directory' }, { name: 'folder for jails' }),
    // Before the package, which starts it: as Debian has it, it looks for a log that no journald writes, and does not
    // come up.
    template(
      { src: 'jail.conf.hbs', dest: '/etc/fail2ban/jail.d/ooni.conf' },
      { name: 'jails', notify: fail2banChanged },
    ),
    apt({ name: ['fail2ban', 'python3-systemd', 'nftables'] }, { name: 'install fail2ban' }),
    systemd({ name: 'fail2ban', state: 'started', enabled: true }, { name: 'start fail2ban' }),
  ],
});
