import { BlockList, isIP } from 'node:net';
import { PlayError, v, option } from 'play';

const day = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}$/, "must be a day in quotes, such as '2027-01-31'"),
  v.check(
    (value) => !Number.isNaN(Date.parse(value)) && new Date(value).toISOString().startsWith(value),
    'must be a day of the calendar',
  ),
);

const blocked = v.strictObject({
  network: option.network(
    'An address or a network.',
    v.check((value) => !isTooWide(value), 'is too wide: at least /8, or /16 for IPv6'),
  ),
  reason: option.text('Why, for who wonders in a year.', v.regex(/^[^\r\n]+$/, 'must be one line')),
  until: v.pipe(day, v.description('The last day it is blocked, UTC.')),
});

export type Blocked = v.InferOutput<typeof blocked>;

/** Who is kept out, by nginx and haproxy alike. */
export const blockedNetworks = option.list('Networks that are kept out: network, reason, until when.', blocked, []);

/** Nobody means to block the Internet. */
function isTooWide(value: string): boolean {
  const [address = '', bits] = value.split('/');
  return bits !== undefined && Number(bits) < (isIP(address) === 4 ? 8 : 16);
}

/** Those that count today, and those whose time is over, sorted by network so that an edit's diff is the edit. */
export function blockedToday(
  networks: readonly Blocked[],
  now = new Date(),
): { readonly inForce: readonly Blocked[]; readonly expired: readonly Blocked[] } {
  refuseDoubles(networks);
  const today = now.toISOString().slice(0, 10);
  const sorted = networks.toSorted((a, b) => (a.network < b.network ? -1 : 1));
  return {
    inForce: sorted.filter(({ until }) => until >= today),
    expired: sorted.filter(({ until }) => until < today),
  };
}

/** Two entries for one network have two reasons and two ends, and whoever takes one away believes it is open. */
function refuseDoubles(networks: readonly Blocked[]): void {
  const seen: { readonly network: string; readonly holds: (address: string, family: 'ipv4' | 'ipv6') => boolean }[] =
    [];
  for (const { network: one } of networks.toSorted((a, b) => widthOf(a.network) - widthOf(b.network))) {
    const [address = '', bits] = one.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    const wider = seen.find(({ holds }) => holds(address, family));
    if (wider !== undefined)
      throw new PlayError(`blocked_networks: ${one} is in ${wider.network} already`, { hint: 'Keep one of the two.' });
    const list = new BlockList();
    list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
    seen.push({ network: one, holds: (other, of) => list.check(other, of) });
  }
}

function widthOf(one: string): number {
  const [address = '', bits] = one.split('/');
  const all = isIP(address) === 4 ? 32 : 128;
  return bits === undefined ? 128 : Number(bits) + (128 - all);
}
