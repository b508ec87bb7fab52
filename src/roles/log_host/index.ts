import { copy, defineRole, file, option, systemFiles, template, unknownName, v, type Task } from 'play';
import { hasInternalCertificate, internalAuthority, internalFiles } from 'play/roles/internal_certificate';
import { openPort } from 'play/roles/nftables';
import { installRsyslog, rsyslogChanged, startRsyslog } from 'play/roles/rsyslog';

const folder = '/var/log/remote';
const outputs = '/etc/rsyslog.d/log-host';

/**
 * The task that passes what arrives at the log host on to something else, such as a database. List it after the
 * role `log_host`.
 *
 * @param name of the file it makes
 * @param actions in rsyslog's own language
 * @example
 *   logOutput('elsewhere', 'action(type="omfwd" target="127.0.0.1" port="5140" protocol="tcp")\n')
 */
export const logOutput = (name: string, actions: string): Task =>
  copy(
    { content: actions, dest: `${outputs}/${name}.conf`, owner: 'root', group: 'root', mode: '0644' },
    { name: `where logs go besides: ${name}`, notify: rsyslogChanged },
  );

/** The task that undoes `logOutput`. @param name what it was called there */
export const noLogOutput = (name: string): Task =>
  file({ path: `${outputs}/${name}.conf`, state: 'absent' }, { notify: rsyslogChanged });

/** The host that keeps the logs of others. */
export const logHost = defineRole(import.meta, {
  description:
    'The host that keeps the logs of other hosts in /var/log/remote: they send them with the role `log_sender`, over TLS, and both sides present a certificate from the role `internal_certificate`. List it after that and `nftables`. A host that gets no such certificate is not set up as a log host.',
  vars: {
    log_host_senders: option.text(
      'Who may send: the hosts of this inventory group, recognised by the names in their certificates.',
      'all',
    ),
    log_host_port: option.port('Where it listens.', 6514),
    log_host_open_to: v.optional(
      option.list(
        'Who may connect to its port. Default: everybody, but a certificate is required.',
        option.network('An address or a network.'),
        v.minLength(1),
      ),
    ),
    log_host_days: option.integer('Days logs are kept.', 90, v.minValue(1)),
    internal_ca_certificate: internalAuthority,
  },
  defaults: systemFiles,
  tasks({ vars, host, groups }) {
    if (!hasInternalCertificate(host, vars.internal_ca_certificate)) return [];
    const senders = groups[vars.log_host_senders];
    if (senders === undefined)
      throw unknownName('group', vars.log_host_senders, Object.keys(groups), { where: 'log_host_senders' });
    return [
      installRsyslog(),
      file({ path: folder, state: 'directory', group: 'adm', mode: '0750' }),
      file({ path: outputs, state: 'directory' }),
      template(
        {
          src: 'rsyslog.conf.hbs',
          dest: '/etc/rsyslog.d/20-log-host.conf',
          vars: { folder, outputs, tls: internalFiles, senders: [...senders].sort() },
        },
        { notify: rsyslogChanged },
      ),
      template({
        src: 'logrotate.hbs',
        dest: '/etc/logrotate.d/log-host',
        validate: 'logrotate --debug %s',
        vars: { folder },
      }),
      startRsyslog(),
      openPort(host, { port: vars.log_host_port, why: 'rsyslog: logs of other hosts', from: vars.log_host_open_to }),
    ];
  },
});
