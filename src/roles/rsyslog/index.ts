import { apt, command, copy, defineRole, handler, option, systemd, systemFiles, topic, v, type Task } from 'play';

const check = handler('check rsyslog', () => command({ argv: ['rsyslogd', '-N1'], changes: 'never' }));
// It reads its configuration when it starts, and only then.
const restart = handler('restart rsyslog', () => systemd({ name: 'rsyslog', state: 'restarted' }));

/**
 * Notify this after changing what rsyslog reads. A configuration it would refuse stops here, and the running one goes
 * on.
 */
export const rsyslogChanged = topic('rsyslog changed', [check, restart]);

/** The task that installs rsyslog, with TLS, for roles that give it something to do. */
export const installRsyslog = (): Task =>
  apt({ name: ['rsyslog', 'rsyslog-gnutls', 'logrotate'], installRecommends: false });
/** The task that starts it. */
export const startRsyslog = (): Task => systemd({ name: 'rsyslog', state: 'started', enabled: true });

/** rsyslog, with settings of one's own. */
export const rsyslog = defineRole(import.meta, {
  description:
    "rsyslog, with settings of your own. To collect many hosts' logs in one place, use the roles `log_host` and `log_sender`, which install it themselves.",
  vars: {
    rsyslog_settings: option.record(
      'Files in /etc/rsyslog.d, by name without `.conf`. They are read in the order of their names.',
      v.string(),
      {},
    ),
  },
  defaults: systemFiles,
  tasks: ({ vars }) => [
    installRsyslog(),
    ...Object.entries(vars.rsyslog_settings).map(([name, content]) =>
      copy({ content, dest: `/etc/rsyslog.d/${name}.conf` }, { notify: rsyslogChanged }),
    ),
    startRsyslog(),
  ],
});
