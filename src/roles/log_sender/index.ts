import { defineRole, option, PlayError, systemFiles, template, v } from 'play';
import { hasInternalCertificate, internalAuthority, internalFiles } from 'play/roles/internal_certificate';
import { installRsyslog, rsyslogChanged, startRsyslog } from 'play/roles/rsyslog';

/** Sends the host's logs to the log host. */
export const logSender = defineRole(import.meta, {
  description:
    "Sends the host's logs to a host with the role `log_host`, over TLS; what cannot be sent waits on disk. List it after `internal_certificate`.",
  vars: {
    logs_to: v.optional(
      option.hostName('The log host, by the name in its certificate. Absent: logs stay on the host.'),
    ),
    logs_to_address: v.optional(option.text('Its address, if its name does not resolve to it.')),
    logs_to_port: option.port('Its port.', 6514),
    internal_ca_certificate: internalAuthority,
  },
  defaults: systemFiles,
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
          vars: { tls: internalFiles, address: vars.logs_to_address ?? vars.logs_to },
        },
        { notify: rsyslogChanged },
      ),
      startRsyslog(),
    ];
  },
});
