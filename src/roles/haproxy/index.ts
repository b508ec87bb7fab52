import {
  apt,
  command,
  defineRole,
  handler,
  option,
  systemd,
  systemFiles,
  template,
  topic,
  transaction,
  unknownName,
  uri,
  v,
} from 'play';
import { certificateOf, certificatesOf, certificateVariables } from 'play/roles/certificates';
import { openPort } from 'play/roles/nftables';

const configuration = '/etc/haproxy/haproxy.cfg';

const check = handler('check haproxy', () =>
  command({ argv: ['haproxy', '-c', '-q', '-f', configuration], changes: 'never' }),
);
// Never restarted: a reload hands the sockets to the new process and lets the old one finish what it serves.
const reload = handler('reload haproxy', () => systemd({ name: 'haproxy', state: 'reloaded' }));

/**
 * Notify this after changing what haproxy reads. A configuration it would refuse stops here, and the running one goes
 * on.
 */
export const haproxyChanged = topic('haproxy changed', [check, reload]);

const word = (description: string) => option.text(description, v.regex(/^[\w.-]+$/, 'must be a word'));
const settings = (where: string) =>
  option.list(`Further lines of its ${where} section, in haproxy's own syntax.`, v.string(), []);

const server = option.object('A server.', {
  name: word('Its name in the statistics.'),
  address: option.text('Where it is.', v.regex(/^[\w.:[\]-]+:\d+$/, 'must be HOST:PORT')),
  tls: option.flag('Whether it uses TLS; its certificate is checked.', false),
});

const backend = option.object('Servers that share the work.', {
  name: word('Its name in frontends.'),
  mode: option.choice('The protocol: HTTP, or anything over TCP.', ['http', 'tcp'], 'http'),
  servers: option.list('Its servers.', server, v.minLength(1)),
  health_path: option.text(
    'The path each server is asked for, again and again, to see whether it works. Empty: only whether it accepts connections.',
    '',
    v.regex(/^(\/\S*)?$/, 'must be a path'),
  ),
  settings: settings('backend'),
});

const frontend = option.object('A port that haproxy listens on.', {
  name: word('Its name in the statistics.'),
  port: option.port('Where it listens.'),
  backend: option.text('The backend that receives the traffic.'),
  tls: option.flag('Whether it uses TLS.', true),
  certificate: v.optional(
    option.hostName('The certificate it presents, one of `certificate_names`. Default: the first.'),
  ),
  open_to: v.optional(
    option.list(
      'Who may connect to its port. Default: everybody.',
      option.network('An address or a network.'),
      v.minLength(1),
    ),
  ),
  settings: settings('frontend'),
});

/** haproxy: hands what comes in at its ports to servers that share the work. */
export const haproxy = defineRole(import.meta, {
  description:
    'haproxy: passes connections on to servers that share the work. Without `haproxy_backends` it is not installed. List it after `nftables`, and after `certificates` if it uses TLS.',
  vars: {
    haproxy_frontends: option.list('The ports it listens on.', frontend, []),
    haproxy_backends: option.list('The servers behind the frontends.', backend, []),
    haproxy_statistics: option.text(
      'Where it shows statistics to people, and to Prometheus at /metrics.',
      '127.0.0.1:8404',
      v.regex(/^[\w.:[\]*-]*:\d+$/, 'must be ADDRESS:PORT'),
    ),
    haproxy_settings: option.text("Further sections of its configuration, in haproxy's own syntax.", ''),
    ...certificateVariables,
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks({ vars, host }) {
    if (vars.haproxy_backends.length === 0) return [];
    const backends = new Map(vars.haproxy_backends.map((one) => [one.name, one]));
    const [first = host.name] = certificatesOf(vars, host).map(({ name }) => name);
    const frontends = vars.haproxy_frontends.map((one) => {
      const { mode } = backends.get(one.backend) ?? {};
      if (mode === undefined)
        throw unknownName('backend', one.backend, [...backends.keys()], {
          where: `haproxy_frontends of ${host.name}, ${one.name}`,
        });
      return { ...one, mode, certificate: one.tls ? certificateOf(one.certificate ?? first) : null };
    });
    return [
      apt({ name: ['haproxy', 'curl'] }),
      transaction(
        [
          template(
            { src: 'haproxy.cfg.hbs', dest: configuration, validate: 'haproxy -c -f %s', vars: { frontends } },
            { name: 'configuration of haproxy', tags: 'conf', notify: haproxyChanged },
          ),
        ],
        {
          name: 'haproxy',
          healthy: [uri({ url: `http://${dialled(vars.haproxy_statistics)}/` }, { name: 'haproxy answers' })],
        },
      ),
      systemd({ name: 'haproxy', state: 'started', enabled: true }),
      ...frontends.map(({ name, port, open_to: from }) => openPort(host, { port, why: `haproxy: ${name}`, from })),
    ];
  },
});

/** Where what listens at all addresses is reached on the host itself. */
const dialled = (listen: string): string => listen.replace(/^(?:\*|0\.0\.0\.0)?:/, '127.0.0.1:');
