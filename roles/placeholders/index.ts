import { BlockList, isIP } from 'node:net';
import { assert, defineRole, type HostView, type Task } from 'play';

/** Networks nobody has: RFC 5737 and RFC 3849 keep them for documents. */
const documentation = new BlockList();
for (const network of ['192.0.2.0', '198.51.100.0', '203.0.113.0']) documentation.addSubnet(network, 24, 'ipv4');
documentation.addSubnet('2001:db8::', 32, 'ipv6');

const words = /placeholder|change[ _-]?me\b/i;

/** Where in a value a placeholder stands, as `accounts[0].comment`. Secrets are not looked into. */
export function placeholdersIn(value: unknown, way: string): string[] {
  if (typeof value === 'string') return isPlaceholder(value) ? [way] : [];
  if (Array.isArray(value)) return value.flatMap((item, i) => placeholdersIn(item, `${way}[${i}]`));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return [];
  return Object.entries(value).flatMap(([key, item]) => placeholdersIn(item, `${way}.${key}`));
}

function isPlaceholder(text: string): boolean {
  if (words.test(text)) return true;
  const addresses = text.split(/[\s,;"'@=]+/).map((word) =>
    word
      .replace(/\/\d+$/, '')
      .replace(/^\[(.*)\](?::\d+)?$/, '$1')
      .replace(/^([\d.]+):\d+$/, '$1'),
  );
  return addresses.some((one) => isIP(one) !== 0 && documentation.check(one, isIP(one) === 4 ? 'ipv4' : 'ipv6'));
}

/**
 * A task that stops a real host where a placeholder is among `values`; none where there is none, or on a throwaway
 * host.
 */
export function refusePlaceholders(
  host: Pick<HostView, 'isSandbox'>,
  values: Readonly<Record<string, unknown>>,
): Task[] {
  if (host.isSandbox) return [];
  const found = Object.entries(values).flatMap(([name, value]) => placeholdersIn(value, name));
  if (found.length === 0) return [];
  return [
    assert(
      {
        that: false,
        failMsg: `Placeholders are no settings for a real host. Replace what docs/placeholders.md tells of: ${found.join(', ')}`,
      },
      { name: 'no placeholders' },
    ),
  ];
}

/** Listed first, with the tag `always`. Throwaway hosts are set up with them. */
export const placeholders = defineRole(import.meta, {
  description: 'Stops a real host whose variables still hold placeholders, before anything is done to it.',
  tasks: ({ host }) => refusePlaceholders(host, host.vars),
});
