import { apt, command, handler, systemd, topic, type Task } from 'play';

// What rsyslog would not start with stops here, and the running one goes on.
const check = handler('check rsyslog', () => command({ argv: ['rsyslogd', '-N1'], changes: 'never' }));
// It reads its configuration when it starts, and only then.
const restart = handler('restart rsyslog', () => systemd({ name: 'rsyslog', state: 'restarted' }));

/** For the roles that have rsyslog do something. */
export const rsyslogChanged = topic('rsyslog changed', [check, restart]);

export const installRsyslog = (): Task =>
  apt({ name: ['rsyslog', 'rsyslog-gnutls', 'logrotate'], installRecommends: false }, { name: 'install rsyslog' });
export const startRsyslog = (): Task =>
  systemd({ name: 'rsyslog', state: 'started', enabled: true }, { name: 'start rsyslog' });
