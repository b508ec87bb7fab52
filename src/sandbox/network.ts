/**
 * The fleet's private link. All of it hangs on one process that holds a network namespace:
 *
 *     machine --- veth --- [ namespace: routes, filters, apt proxy --- bridge --- veth --- each host ]
 *
 * The machine reaches the hosts; the hosts reach each other and the proxy, not the machine, and nothing beyond.
 * When the process ends the kernel takes namespace, bridge and veths away.
 */
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { cgroupName, isPopulated, makeCgroup, pidsOf, removeCgroup } from './cgroup.ts';
import { must, run, startDetached, waitFor } from './command.ts';
import { field, readJson, writeWhole, type Fleet } from './state.ts';

export interface Network {
  /** The process whose namespace it is. */
  readonly holder: number;
  /** First three octets of the hosts' addresses. */
  readonly prefix: string;
}

export const gatewayOf = (network: Pick<Network, 'prefix'>): string => `${network.prefix}.1`;
export const addressOf = (prefix: string, id: number): string => `${prefix}.${9 + id}`;

/** Argv that runs in the network's namespace. */
const inNetwork = (network: Pick<Network, 'holder'>, argv: readonly string[]): string[] => [
  'nsenter',
  `--net=/proc/${network.holder}/ns/net`,
  '--',
  ...argv,
];

const stateFile = (fleet: Fleet): string => join(fleet.directory, 'network.json');

/** The prefix used last: kept while it is free, so that addresses stay the same between runs. */
export function savedPrefix(fleet: Fleet): string | undefined {
  const prefix = field(readJson(stateFile(fleet)), 'prefix');
  return typeof prefix === 'string' && /^10(\.\d{1,3}){2}$/.test(prefix) ? prefix : undefined;
}

/** The network if it is up and complete. */
export function findNetwork(fleet: Fleet): Network | undefined {
  const saved = readJson(stateFile(fleet));
  const [holder] = pidsOf(cgroupName(fleet, 'net'));
  const prefix = savedPrefix(fleet);
  if (holder === undefined || prefix === undefined) return undefined;
  // A removal that was killed half way has taken the machine's end: then packets for the hosts leave by the default
  // route.
  if (!networkInterfaces()[fleet.tag]?.some(({ address }) => address === `${linkPrefix(prefix)}.1`)) return undefined;
  return field(saved, 'holder') === `${holder} ${startTime(holder)}` ? { holder, prefix } : undefined;
}

/** Makes the network, or makes it anew if a killed run left half of one. No host may be running on it then. */
export async function startNetwork(fleet: Fleet): Promise<Network> {
  await stopNetwork(fleet);
  const holder = await startHolder(fleet);
  const taken = await routesOfMachine();
  for (const prefix of candidates(savedPrefix(fleet))) {
    if (taken.some((route) => overlaps(route, prefix))) continue;
    if (!(await connectMachine(fleet, holder, prefix))) continue;
    await furnishNamespace({ holder, prefix });
    // Last: its presence says that all of the above is there.
    writeWhole(stateFile(fleet), JSON.stringify({ prefix, holder: `${holder} ${startTime(holder)}` }));
    return { holder, prefix };
  }
  throw new PlayError('Sandbox: no free network in 10.213.0.0 to 10.254.255.255', {
    hint: 'See `ip route show table all`; remove fleets that are no longer needed.',
  });
}

export async function stopNetwork(fleet: Fleet): Promise<void> {
  await run(['ip', 'link', 'delete', fleet.tag]);
  await removeCgroup(cgroupName(fleet, 'net'));
}

/** Field 22 of /proc/PID/stat: with it a pid is never taken for a later process of the same number. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

async function startHolder(fleet: Fleet): Promise<number> {
  const name = cgroupName(fleet, 'net');
  const procs = makeCgroup(name);
  const nowhere = openSync('/dev/null', 'a');
  startDetached(
    [
      'sh',
      '-c',
      'for f; do echo $$ >"$f" || exit 1; done; exec unshare --net sleep infinity',
      'play-sandbox-net',
      ...procs,
    ],
    nowhere,
  );
  closeSync(nowhere);
  const ours = readlinkSync('/proc/self/ns/net');
  const holder = await waitFor(
    () => pidsOf(name).find((pid) => namespaceOf(pid) !== undefined && namespaceOf(pid) !== ours),
    10,
    5,
  );
  if (holder === undefined || !isPopulated(name)) {
    throw new PlayError('Sandbox: cannot make a network namespace', {
      hint: 'The kernel has to allow `unshare --net` to root.',
    });
  }
  return holder;
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

/** Even third octets hold hosts; the odd one after each holds the link between machine and namespace. */
function* candidates(first: string | undefined): Generator<string> {
  if (first !== undefined) yield first;
  for (let second = 213; second < 255; second++)
    for (let third = 0; third < 256; third += 2) yield `10.${second}.${third}`;
}

function linkPrefix(prefix: string): string {
  const [first, second, third] = prefix.split('.').map(Number);
  return [first, second, (third ?? 0) + 1].join('.');
}

/** Destinations the machine has routes to, the default route aside. */
async function routesOfMachine(): Promise<string[]> {
  const routes = await must(['ip', '-4', 'route', 'show', 'table', 'all']);
  return routes.split('\n').flatMap((line) => /(?:^|\s)(\d+\.\d+\.\d+\.\d+(?:\/\d+)?)\s/.exec(`${line} `)?.[1] ?? []);
}

const toNumber = (address: string): number => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

/** Does a route's destination overlap the /23 that begins at `prefix`.0? */
export function overlaps(route: string, prefix: string): boolean {
  const [address = '', length = '32'] = route.split('/');
  if (length === '0') return false;
  const size = 2 ** (32 - Number(length));
  const start = Math.floor(toNumber(address) / size) * size;
  const ours = toNumber(`${prefix}.0`);
  return start < ours + 512 && ours < start + size;
}

/** False when another fleet took the addresses meanwhile: adding a route that exists fails, so two never share one. */
async function connectMachine(fleet: Fleet, holder: number, prefix: string): Promise<boolean> {
  const link = linkPrefix(prefix);
  await must(['ip', 'link', 'add', fleet.tag, 'type', 'veth', 'peer', 'name', 'machine', 'netns', String(holder)]);
  await must(['ip', 'address', 'add', `${link}.1/30`, 'dev', fleet.tag]);
  await must(['ip', 'link', 'set', fleet.tag, 'up']);
  await must(inNetwork({ holder }, ['ip', 'address', 'add', `${link}.2/30`, 'dev', 'machine']));
  await must(inNetwork({ holder }, ['ip', 'link', 'set', 'machine', 'up']));
  const route = await run(['ip', 'route', 'add', `${prefix}.0/24`, 'via', `${link}.2`, 'dev', fleet.tag]);
  if (route.code === 0) return true;
  await run(['ip', 'link', 'delete', fleet.tag]);
  return false;
}

async function furnishNamespace(network: Network): Promise<void> {
  const links = [
    'link set lo up',
    'link add hosts type bridge',
    `address add ${gatewayOf(network)}/24 dev hosts`,
    'link set hosts up',
    // Leads nowhere, only to the filter below. An unreachable route would do, but its ICMP answer arrives while the
    // host's connect(2) still holds the socket: it is noted, not acted on, and connecting fails only after a retry, a
    // second later.
    'route add default dev machine',
  ];
  await must(inNetwork(network, ['ip', '-batch', '-']), { input: `${links.join('\n')}\n` });
  await must(inNetwork(network, ['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']));
  // What is refused below is told to every packet, not to one a second: else resolved, which asks a server in many ways
  // before it gives it up, waits 5 s for each name.
  await must(inNetwork(network, ['sh', '-c', 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit']));
  // Where the kernel has br_netfilter, what passes from host to host goes through the table below as well.
  await run(inNetwork(network, ['sh', '-c', 'echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables']));
  // The machine opens connections to hosts, never the other way round. This is a table of the namespace, not of the
  // machine.
  const guard = `table ip guard {
    chain forward {
      type filter hook forward priority 0; policy drop;
      iifname "machine" accept
      iifname "hosts" oifname "hosts" accept
      ct state established,related accept
      meta l4proto tcp reject with tcp reset
      reject
    }
  }
  `;
  const filter = await run(inNetwork(network, ['nft', '-f', '-']), { input: guard });
  if (filter.code !== 0) {
    throw new PlayError('Sandbox: this kernel has no nftables: the hosts could reach services of this machine', {
      hint: 'Use a kernel with nf_tables and nf_conntrack.',
      detail: filter.stderr,
    });
  }
}
