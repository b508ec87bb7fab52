import { isIP } from 'node:net';
import { copy, v, type Keywords, type Task, option } from 'play';

export const portFolder = '/etc/ooni/nftables/tcp';

/** An address, or a network as ADDRESS/BITS. */
export const network = v.pipe(
  v.string(),
  v.check((value) => {
    const [address = '', bits, ...more] = value.split('/');
    const family = isIP(address);
    return (
      family !== 0 &&
      more.length === 0 &&
      (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)))
    );
  }, 'must be an address or a network, such as 192.0.2.7 or 2001:db8::/32'),
);

export const portSchema = v.strictObject({
  port: option.port('A TCP port.'),
  why: option.text('What is behind it, for who reads the file.', v.regex(/^[^\r\n]+$/, 'must be one line')),
  from: v.optional(
    option.list(
      'Who may come: addresses and networks. Default: everybody.',
      network,
      v.minLength(1, 'must name somebody; leave it out to open the port to all'),
    ),
  ),
});
export type OpenPort = v.InferOutput<typeof portSchema>;

/** The rules of one file, where they will stand: in a chain. */
const inPlace = "{ echo 'table inet ooni_check {'; echo 'chain input {'; cat %s; echo '}'; echo '}'; } | nft -c -f -";

/** Opens a TCP port of the firewall. Notify `firewallChanged`, and list the role `nftables` before. */
export function openPort(port: OpenPort, keywords: Keywords): Task {
  return copy(
    {
      content: rulesOf(port),
      dest: `${portFolder}/${port.port}.nft`,
      owner: 'root',
      group: 'root',
      mode: '0644',
      validate: inPlace,
    },
    { name: `open port ${port.port}`, ...keywords },
  );
}

function rulesOf({ port, why, from }: OpenPort): string {
  const accept = `tcp dport ${port} accept\n`;
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
