import { isMapping, type Inventory, type Value } from '../../../inventory/index.ts';
import { someOf, type Finding } from './finding.ts';

type Mapping = Readonly<Record<string, Value>>;

/** An entry of account data: `{ name, uid, key }`, or `name: { uid, key }`. */
interface Account {
  readonly name: string;
  readonly data: Mapping;
}

const keyNames = [
  'key',
  'keys',
  'ssh_key',
  'ssh_keys',
  'sshKey',
  'sshKeys',
  'public_key',
  'public_keys',
  'publicKey',
  'publicKeys',
  'authorized_key',
  'authorized_keys',
  'authorizedKeys',
];
const accountNames = ['name', 'user', 'username', 'login'];
const accountFields = [...keyNames, 'uid', 'shell', 'groups', 'comment', 'home'];

/** Accounts, numbers and public keys that are given twice among what a variable of a host says of accounts. */
export function lintAccounts(inventory: Inventory, hosts: readonly string[]): Finding[] {
  const found = new Map<string, { finding: Finding; hosts: string[] }>();
  for (const host of hosts) {
    const holders = new Map<string, string>();
    for (const { name: variable, value, origin } of inventory.variables(host).values()) {
      const seen = new Set<string>();
      for (const account of accountsIn(value)) {
        for (const what of repeated(account, seen, holders, variable)) {
          const key = `${what}\0${JSON.stringify(origin.where)}`;
          const known = found.get(key) ?? {
            finding: {
              rule: 'duplicate-account',
              what,
              where: origin.where,
              hint: 'The later one would win, or both would be the same account on the host. Keep one.',
            },
            hosts: [],
          };
          known.hosts.push(host);
          found.set(key, known);
        }
      }
    }
  }
  return [...found.values()].map(({ finding, hosts: concerned }) => ({
    ...finding,
    what: `${finding.what} (of ${someOf(concerned)})`,
  }));
}

/** What of an account another has already. Names count within one variable: several may add to one account. */
function repeated(
  { name, data }: Account,
  seen: Set<string>,
  holders: Map<string, string>,
  variable: string,
): string[] {
  const said: string[] = [];
  if (seen.has(name)) said.push(`${variable} has the account ${name} twice`);
  seen.add(name);
  const marks = [
    ...(typeof data['uid'] === 'number' || typeof data['uid'] === 'string' ? [`uid ${data['uid']}`] : []),
    ...keysOf(data).map((key) => `public key ${key}`),
  ];
  for (const mark of marks) {
    const holder = holders.get(mark);
    if (holder !== undefined && holder !== name) said.push(`${holder} and ${name} have the same ${shortened(mark)}`);
    holders.set(mark, holder ?? name);
  }
  return said;
}

function accountsIn(value: Value): Account[] {
  if (Array.isArray(value)) {
    return (value as readonly Value[]).flatMap((item) => {
      if (!isMapping(item) || !isAccount(item)) return [];
      const name = accountNames.map((key) => item[key]).find((one) => typeof one === 'string');
      return typeof name === 'string' ? [{ name, data: item }] : [];
    });
  }
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    isMapping(item) && isAccount(item) ? [{ name, data: item }] : [],
  );
}

function isAccount(item: Mapping): boolean {
  const fields = accountFields.filter((field) => field in item);
  return 'uid' in item || keysOf(item).length > 0 || fields.length > 1;
}

/** The keys themselves, without options and comments. */
function keysOf(item: Mapping): string[] {
  const texts = keyNames.flatMap((name) => {
    const value = item[name];
    return typeof value === 'string'
      ? value.split('\n')
      : Array.isArray(value)
        ? (value as readonly Value[]).filter((one) => typeof one === 'string')
        : [];
  });
  return texts.flatMap((text) => /(?:^|\s)((?:ssh-|ecdsa-|sk-)\S+\s+[A-Za-z0-9+/=]{16,})/.exec(text)?.[1] ?? []);
}

function shortened(mark: string): string {
  return mark.length > 60 ? `${mark.slice(0, 30)}...${mark.slice(-12)}` : mark;
}
