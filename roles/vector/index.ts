import { apt, defineRole, handler, systemd, template, v, option } from 'play';
import { hasInternalCertificate, internalAuthority } from 'play/roles/internal_certificate';
import { logOutput, noLogOutput } from 'play/roles/log_host';
import { repositoryTasks, repositoryVariable } from '../ooni/repository.ts';

/** Where it takes lines from the log host's rsyslog, which is on the same host. */
const port = 5140;
const fromRsyslog = `action(
  type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted"
  queue.type="LinkedList" queue.filename="vector" queue.maxDiskSpace="1g" queue.saveOnShutdown="on" action.resumeRetryCount="-1"
)
`;

const settings = '/etc/vector/vector.yaml';
const restart = handler('restart vector', () => systemd({ name: 'vector', state: 'restarted' }));

/** Without a repository it is not there. List it after `log_host`. */
export const vector = defineRole(import.meta, {
  description: "vector, from its makers' repository: takes what arrives at the log host to ClickHouse.",
  vars: {
    vector_repository: repositoryVariable("The makers' repository. Absent: no vector, and logs are in files only."),
    internal_ca_certificate: internalAuthority,
    vector_table: option.text('The table of ClickHouse logs go to.', 'logs', v.regex(/^[a-z0-9_]+$/)),
  },
  defaults: { installRecommends: false },
  tasks({ vars, host }) {
    const hasLogHost = hasInternalCertificate(host, vars.internal_ca_certificate);
    if (vars.vector_repository === undefined) return hasLogHost ? [noLogOutput('vector')] : [];
    return [
      ...repositoryTasks('vector', vars.vector_repository),
      apt({ name: 'vector' }, { name: 'install vector' }),
      template(
        {
          src: 'vector.yaml.hbs',
          dest: settings,
          owner: 'root',
          group: 'vector',
          mode: '0640',
          validate: 'vector validate --no-environment --config-yaml %s',
          vars: { port },
        },
        { name: 'settings of vector', notify: restart },
      ),
      systemd({ name: 'vector', state: 'started', enabled: true }, { name: 'start vector' }),
      ...(hasLogHost ? [logOutput('vector', fromRsyslog)] : []),
    ];
  },
});
