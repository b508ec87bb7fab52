import { isIP } from 'node:net';
import { copy, option, v, type HostView, type Keywords, type Task } from 'play';
import { firewallChanged, firewallOf } from './table.ts';

export const portSchema = v.strictObject({
  port: option.port('The port.'),
  protocol: option.choice('The protocol.', ['tcp', 'udp'], 'tcp'),
  why: option.text('What it is for, for people who read the file.', v.regex(/^[^\r\n]+$/, 'must be one line')),
  from: v.optional(
    option.list(
      'Who may connect: addresses and networks. Default: everybody.',
      option.network('An address or a network.'),
      v.minLength(1, 'must name somebody; leave it out to open the port to all'),
    ),
  ),
});
/** A port to open. */
export type OpenPort = v.InferInput<typeof portSchema>;

/** The rules of one file, where they will stand: in a chain. */
const inPlace = "{ echo 'table inet play_check {'; echo 'chain input {'; cat %s; echo '}'; echo '}'; } | nft -c -f -";

/**
 * Opens a port in the firewall of the role `nftables`, which must be listed before. Each port is a file of its own,
 * named after it, so that two roles that want the same port visibly collide.
 *
 * @param host whose: its variables say where the firewall is
 * @example openPort(host, { port: 443, why: 'nginx' })
 * @example openPort(host, { port: 9100, why: 'node exporter', from: ['192.0.2.10'] })
 */
export function openPort(host: HostView, port: OpenPort, keywords: Keywords = {}): Task {
  const file = port.protocol === 'udp' ? `${port.port}-udp.nft` : `${port.port}.nft`;
  return copy(
    {
      content: rulesOf(port),
      dest: `${firewallOf(host).folder}/${file}`,
      owner: 'root',
      group: 'root',
      mode: '0644',
      validate: inPlace,
    },
    { name: `open port ${port.port}`, notify: firewallChanged, ...keywords },
  );
}

function rulesOf({ port, protocol = 'tcp', why, from }: OpenPort): string {
  const accept = `${protocol} dport ${port} accept\n`;
  if (from === undefined) return `# ${why}\n${accept}`;
  const byFamily = [
    ['ip', 4],
    ['ip6', 6],
  ] as const;
  const rules = byFamily.map(([word, family]) => {
    const sources = from.filter((one) => isIP(one.split('/')[0] ?? '') === family).sort();
    return sources.length === 0 ? '' : `${word} saddr { ${sources.join(', ')} } ${accept}`;
  });
  return `# ${why}\n${rules.join('')}`;
}
