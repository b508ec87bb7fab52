import { apt, command, copy, defineRole, handler, systemd, template, topic, v, option, systemFiles } from 'play';
import { certificateOf, keyOf } from 'play/roles/certificates';
import { blockedNetworks, blockedToday } from '../blocking/networks.ts';
import { firewallChanged, openPort } from '../nftables/index.ts';

const configuration = '/etc/haproxy/haproxy.cfg';
const blockList = '/etc/haproxy/blocked.lst';

const check = handler('check haproxy', () =>
  command({ argv: ['haproxy', '-c', '-q', '-f', configuration], changes: 'never' }),
);
// Never restarted: a reload hands the sockets to the new process and lets the old one finish what it serves.
const reload = handler('reload haproxy', () => systemd({ name: 'haproxy', state: 'reloaded' }));

/** To be notified by whoever changes what haproxy reads: it is checked first, then reloaded. */
export const haproxyChanged = topic('haproxy changed', [check, reload]);

const backend = v.strictObject({
  name: option.text('What it is called in the statistics.', v.regex(/^[\w.-]+$/, 'must be a word')),
  address: option.text('Where it is.', v.regex(/^[\w.:[\]-]+:\d+$/, 'must be HOST:PORT')),
  tls: option.flag('Whether it speaks TLS; its certificate is checked.', true),
});

/** haproxy before the test helpers. Without `haproxy_backends` it is not there. */
export const haproxy = defineRole(import.meta, {
  vars: {
    haproxy_backends: option.list('The test helpers it hands requests to. None: no haproxy.', backend, []),
    haproxy_port: option.port("The port it is open to the world on. 443 is nginx'.", 4443),
    certificate_names: v.array(v.string()),
    blocked_networks: blockedNetworks,
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks({ vars }) {
    if (vars.haproxy_backends.length === 0) return [];
    const [certificate = ''] = vars.certificate_names;
    const { inForce } = blockedToday(vars.blocked_networks);
    return [
      apt({ name: 'haproxy' }, { name: 'install haproxy' }),
      // Before the configuration, which names it.
      copy(
        {
          content: `# Who is kept out.\n${inForce.map(({ network, reason, until }) => `# until ${until}: ${reason}\n${network}\n`).join('')}`,
          dest: blockList,
        },
        { name: 'who is kept out of haproxy', tags: ['blocking', 'conf'], notify: haproxyChanged },
      ),
      template(
        {
          src: 'haproxy.cfg.hbs',
          dest: configuration,
          validate: 'haproxy -c -f %s',
          vars: { block_list: blockList, certificate: certificateOf(certificate), key: keyOf(certificate) },
        },
        { name: 'configuration of haproxy', tags: 'conf', notify: haproxyChanged },
      ),
      systemd({ name: 'haproxy', state: 'started', enabled: true }, { name: 'start haproxy' }),
      openPort({ port: vars.haproxy_port, why: 'haproxy: the test helpers' }, { notify: firewallChanged }),
    ];
  },
});
