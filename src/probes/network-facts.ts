/** An interface of the host, with its addresses. */
export interface InterfaceFact {
  /** `eth0`. */
  readonly name: string;
  /** Its hardware address; empty where it has none. */
  readonly mac: string;
  /** `ether`, `loopback` ... */
  readonly type: string;
  /** The largest packet, in bytes. */
  readonly mtu: number;
  /** Whether it is switched on. */
  readonly isUp: boolean;
  /** Its addresses. */
  readonly addresses: readonly AddressFact[];
}

/** An address of an interface. */
export interface AddressFact {
  /** 4 or 6. */
  readonly family: 4 | 6;
  /** The address. */
  readonly address: string;
  /** Bits of the network. */
  readonly prefix: number;
  /** Of IPv4; empty where there is none. */
  readonly broadcast: string;
  /** `global`, `link`, `host`. */
  readonly scope: string;
}

/** Where packets to the world leave from. */
export interface RouteFact {
  /** The interface. */
  readonly interface: string;
  /** The host's own address. */
  readonly address: string;
  /** The router; empty where there is none. */
  readonly gateway: string;
}

/** What is known of the host's network. */
export interface NetworkFact {
  /** All interfaces, the loopback too. */
  readonly interfaces: readonly InterfaceFact[];
  /** Where packets to the world leave by IPv4; null where there is no way. */
  readonly route4: RouteFact | null;
  /** The same by IPv6. */
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
