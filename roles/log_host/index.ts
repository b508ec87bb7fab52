import { defineRole, file, template, unknownName, v, option, systemFiles } from 'play';
import { hasInternalCertificate, internalAuthority, internalFiles } from 'play/roles/internal_certificate';
import { firewallChanged, openPort } from '../nftables/index.ts';
import { network } from '../nftables/ports.ts';
import { repositoryVariable } from '../ooni/repository.ts';
import { installRsyslog, rsyslogChanged, startRsyslog } from '../rsyslog/index.ts';
import { vectorPort } from '../vector/index.ts';

const folder = '/var/log/remote';
/**
 * The log host: other hosts send it their logs, over TLS. Both sides show a certificate of our own authority. List it
 * after `internal_certificate`; where a host gets no such certificate, there is no log host.
 */
export const logHost = defineRole(import.meta, {
  vars: {
    log_host_senders: option.text(
      'Who may send: the hosts of this group of the inventory, known by the names in their certificates.',
      'dom0',
    ),
    log_host_port: option.port('Where it listens.', 6514),
    log_host_open_to: v.optional(
      option.list(
        'Who may come to its port. Absent: everybody, who is then asked for a certificate.',
        network,
        v.minLength(1),
      ),
    ),
    log_host_days: option.integer('How long logs are kept.', 90, v.minValue(1)),
    internal_ca_certificate: internalAuthority,
    vector_repository: repositoryVariable('Of vector. With it, what arrives goes to vector too.'),
  },
  defaults: systemFiles,
  tasks({ vars, host, groups }) {
    if (!hasInternalCertificate(host, vars.internal_ca_certificate)) return [];
    const senders = groups[vars.log_host_senders];
    if (senders === undefined)
      throw unknownName('group', vars.log_host_senders, Object.keys(groups), { where: 'log_host_senders' });
    return [
      installRsyslog(),
      file(
        { path: folder, state: 'directory', owner: 'root', group: 'adm', mode: '0750' },
        { name: 'folder for logs of other hosts' },
      ),
      template(
        {
          src: 'rsyslog.conf.hbs',
          dest: '/etc/rsyslog.d/20-log-host.conf',
          vars: {
            folder,
            tls: internalFiles,
            senders: [...senders].sort(),
            vector_port: vars.vector_repository === undefined ? null : vectorPort,
          },
        },
        { name: 'settings of the log host', notify: rsyslogChanged },
      ),
      template(
        {
          src: 'logrotate.hbs',
          dest: '/etc/logrotate.d/ooni-log-host',
          validate: 'logrotate --debug %s',
          vars: { folder },
        },
        { name: 'how long logs are kept' },
      ),
      startRsyslog(),
      openPort(
        {
          port: vars.log_host_port,
          why: 'rsyslog: logs of other hosts',
          ...(vars.log_host_open_to === undefined ? {} : { from: vars.log_host_open_to }),
        },
        { notify: firewallChanged },
      ),
    ];
  },
});
