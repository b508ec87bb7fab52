/** A network interface with its addresses. */
export interface InterfaceFact {
  /** Its name: `eth0`. */
  readonly name: string;
  /** Its hardware address; empty if it has none. */
  readonly mac: string;
  /** `ether`, `loopback` ... */
  readonly type: string;
  /** The maximum packet size, in bytes. */
  readonly mtu: number;
  /** Whether it is up. */
  readonly isUp: boolean;
  /** Its addresses. */
  readonly addresses: readonly AddressFact[];
}

/** An address of an interface. */
export interface AddressFact {
  /** 4 for IPv4, 6 for IPv6. */
  readonly family: 4 | 6;
  /** The address. */
  readonly address: string;
  /** The prefix length, in bits. */
  readonly prefix: number;
  /** The broadcast address (IPv4); empty if there is none. */
  readonly broadcast: string;
  /** `global`, `link`, `host`. */
  readonly scope: string;
}

/** The route that packets to the internet take. */
export interface RouteFact {
  /** The interface they leave by. */
  readonly interface: string;
  /** The source address they get. */
  readonly address: string;
  /** The router; empty if there is none. */
  readonly gateway: string;
}

/** The host's network. */
export interface NetworkFact {
  /** All interfaces, including loopback. */
  readonly interfaces: readonly InterfaceFact[];
  /** The route to the internet over IPv4; null if there is none. */
  readonly route4: RouteFact | null;
  /** The same over IPv6. */
  readonly route6: RouteFact | null;
}

// The addresses are Google's and APNIC's, as Ansible asks; nothing is sent. iproute2's and busybox' `-o` give one line each.
export const networkSh = `ip -o link 2>/dev/null | sed 's/^/link /'
ip -o addr 2>/dev/null | sed 's/^/addr /'
ip -4 route get 1.0.0.1 2>/dev/null | sed 's/^/route4 /;q'
ip -6 route get 2404:6800:400a:800::1012 2>/dev/null | sed 's/^/route6 /;q'`;

/** From what `networkSh` prints. */
export function readNetwork(output: string): NetworkFact {
  const lines = output.split('\n');
  const of = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const addresses = of('addr').map(readAddress);
  return {
    interfaces: of('link').flatMap((line) => {
      const [, name, flags = ''] = /^\d+: ([^:@ ]+)(?:@[^:]*)?: <([^>]*)>/.exec(line) ?? [];
      if (name === undefined) return [];
      const [, type = '', mac = ''] = /link\/(\S+)(?: ([0-9a-f:]+))?/.exec(line) ?? [];
      return {
        name,
        mac: type === 'loopback' ? '' : mac,
        type,
        mtu: Number(/ mtu (\d+)/.exec(line)?.[1] ?? 0),
        isUp: flags.split(',').includes('UP'),
        addresses: addresses.flatMap((one) => (one?.name === name ? [one.fact] : [])),
      };
    }),
    route4: readRoute(of('route4')[0]),
    route6: readRoute(of('route6')[0]),
  };
}

function readAddress(line: string): { readonly name: string; readonly fact: AddressFact } | undefined {
  const [, name, family, address, prefix] = /^\d+: (\S+)\s+inet(6?) ([^ /]+)(?:\/(\d+))?/.exec(line) ?? [];
  if (name === undefined || address === undefined) return undefined;
  return {
    name,
    fact: {
      family: family === '6' ? 6 : 4,
      address,
      prefix: Number(prefix ?? (family === '6' ? 128 : 32)),
      broadcast: / brd (\S+)/.exec(line)?.[1] ?? '',
      scope: / scope (\S+)/.exec(line)?.[1] ?? '',
    },
  };
}

function readRoute(line = ''): RouteFact | null {
  const word = (name: string): string => new RegExp(`(?:^| )${name} (\\S+)`).exec(line)?.[1] ?? '';
  return word('src') === '' || word('dev') === ''
    ? null
    : { interface: word('dev'), address: word('src'), gateway: word('via') };
}
