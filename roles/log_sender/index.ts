import { defineRole, PlayError, template, v } from 'play';
import { hasInternalCertificate } from '../internal_certificate/access.ts';
import { internal } from '../internal_certificate/paths.ts';
import { installRsyslog, rsyslogChanged, rsyslogHandlers, startRsyslog } from '../rsyslog/index.ts';

/**
 * Sends the host's logs to the log host, over TLS; what cannot be sent waits on disk. List it after
 * `internal_certificate`.
 */
export const logSender = defineRole({
  name: 'log_sender',
  dir: import.meta.dirname,
  vars: {
    logs_to: v.optional(
      v.pipe(v.string(), v.description('The log host, as its certificate has it. Absent: logs stay on the host.')),
    ),
    logs_to_address: v.optional(v.pipe(v.string(), v.description('Where it is, if its name does not tell.'))),
    internal_ca_certificate: v.optional(v.string()),
    logs_to_port: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535), v.description('Its port.')),
      6514,
    ),
  },
  handlers: rsyslogHandlers,
  tasks({ vars, host }) {
    if (vars.logs_to === undefined) return [];
    if (!hasInternalCertificate(host, vars.internal_ca_certificate))
      throw new PlayError(`${host.name}: it would have no certificate to show to ${vars.logs_to}`, {
        hint: 'Give internal_ca_certificate, or leave out logs_to.',
      });
    return [
      installRsyslog(),
      template(
        {
          src: 'rsyslog.conf.hbs',
          dest: '/etc/rsyslog.d/30-log-sender.conf',
          owner: 'root',
          group: 'root',
          mode: '0644',
          vars: { tls: internal, address: vars.logs_to_address ?? vars.logs_to },
        },
        { name: 'where logs go', notify: rsyslogChanged },
      ),
      startRsyslog(),
    ];
  },
});
