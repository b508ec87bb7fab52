/** The disk of a twin: a pristine root of the host's release, made into the host while it is off. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../../errors/index.ts';
import { lastLines } from '../command.ts';
import { hostsFile, makeDisk, operatorHash, updateAddresses, type Disk } from '../host-files.ts';
import type { Network } from '../network.ts';
import { noNameService, wayIn, wayInLinks } from '../own-files.ts';
import { runInRoom } from '../room.ts';
import { fleetKey } from '../ssh-access.ts';
import type { Fleet, Host } from '../state.ts';
import { putFile, putLink } from '../upper-layer.ts';
import { mergeAccounts } from './accounts.ts';
import { accountsSh, askSh, etcSh, installSh, payload, payloadNames, updateSh } from './furnish-sh.ts';
import { choosePackages, nameOf, readInstalled, readMadison, type ToInstall } from './packages.ts';
import type { Portrait, TwinMade } from './portrait.ts';

export interface TwinRequest {
  readonly fleet: Fleet;
  readonly host: Host;
  readonly network: Network;
  /** The pristine root of the host's release. */
  readonly base: string;
  readonly portrait: Portrait;
}

/** @throws PlayError where the root cannot be furnished, with what was said */
export async function makeTwin(request: TwinRequest): Promise<Omit<TwinMade, 'firewall'>> {
  const { fleet, host, network, base, portrait } = request;
  const [layer] = await makeDisk(fleet, host, network.prefix, base);
  updateAddresses(fleet, host, network.prefix, layer.upper); // the proxy, before anything is installed
  const put = (name: string, content: string | Uint8Array): void =>
    putFile(layer, `${payload}/${name}`, content, 0o600);
  const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
  const work = async (script: string, what: string): Promise<string> => {
    const key = readFileSync(`${fleetKey(fleet)}.pub`, 'utf8').trim();
    const env = { SANDBOX_FURNISH: script, SANDBOX_KEY: key };
    const { code, stdout, stderr } = await runInRoom({ fleet, host, network, layers: [layer], env });
    if (code === 0) return stdout;
    throw new PlayError(`Sandbox: the twin of ${host.name} cannot be made: ${what}`, {
      detail: lastLines(`${stdout}${stderr}`, 20),
    });
  };

  const table = (name: string): string => readFileSync(join(base, 'etc', name), 'utf8');
  const accounts = mergeAccounts(
    portrait.accounts,
    { passwd: table('passwd'), group: table('group'), shadow: table('shadow'), gshadow: table('gshadow') },
    await operatorHash(fleet, base),
  );
  for (const name of ['passwd', 'group', 'shadow', 'gshadow'] as const) put(payloadNames[name], accounts[name]);
  put(
    payloadNames.numbers,
    lines([
      ...[...accounts.uids].map(([from, to]) => `user ${from} ${to}`),
      ...[...accounts.gids].map(([from, to]) => `group ${from} ${to}`),
    ]),
  );
  const wanted = portrait.packages;
  put(payloadNames.names, lines([...new Set(wanted.map((one) => nameOf(one)))]));
  const choose = async (script: string): Promise<ToInstall> => {
    const [installed = '', archive = ''] = (await work(script, 'its accounts')).split('\n---\n');
    return choosePackages(wanted, readInstalled(installed), readMadison(archive));
  };
  let chosen = await choose(accountsSh + askSh);
  if (chosen.other.length + chosen.missing.length > 0) chosen = await choose(updateSh + askSh);
  put(payloadNames.exact, lines(chosen.exact));
  put(payloadNames.other, lines(chosen.other));
  put(payloadNames.manual, lines(wanted.filter(({ isManual }) => isManual).map((one) => nameOf(one))));
  put(payloadNames.held, lines(wanted.filter(({ isHeld }) => isHeld).map((one) => nameOf(one))));
  const [now = '', trouble = ''] = (await work(installSh, 'its packages')).split('\n---\n');

  put(payloadNames.etc, portrait.etc);
  put(payloadNames.own, lines(ownPaths(base)));
  putOwn(request, layer);
  const certificates: string[] = [];
  for (const [i, key] of portrait.keys.entries()) {
    put(`key-${i}`, key.key);
    put(`key-${i}.path`, key.path);
    put(`key-${i}.file`, key.content);
    for (const [j, path] of key.certificates.entries()) {
      put(`certificate-${i}-${j}.path`, path);
      certificates.push(`key-${i} certificate-${i}-${j}`);
    }
  }
  put(payloadNames.certificates, lines(certificates));
  put(
    payloadNames.keys,
    lines(portrait.keys.map(({ mode, uid, gid }, i) => `key-${i} ${(mode & 0o7777).toString(8)} ${uid}:${gid}`)),
  );
  await work(etcSh, 'its /etc');
  return { ...outcome(portrait, readInstalled(now), chosen.leftOut), trouble: trouble.trim() };
}

/** What of /etc the host has no say in: names, the proxy, the way in, apt's sources. */
function ownPaths(base: string): string[] {
  const apt = ['etc/apt/apt.conf.d/00sandbox-proxy', 'etc/apt/apt.conf.d/10machine', 'etc/apt/sources.list'];
  const sources = readdirSync(join(base, 'etc/apt/sources.list.d')).map((name) => `etc/apt/sources.list.d/${name}`);
  const keys = existsSync(join(base, 'etc/apt/trusted.gpg.d'))
    ? readdirSync(join(base, 'etc/apt/trusted.gpg.d')).map((name) => `etc/apt/trusted.gpg.d/${name}`)
    : [];
  const generators = readdirSync(join(base, 'etc/systemd/system-generators')).map(
    (name) => `etc/systemd/system-generators/${name}`,
  );
  return [
    'etc/hostname',
    'etc/hosts',
    'etc/machine-id',
    'etc/fstab',
    'etc/crypttab',
    'etc/resolv.conf',
    'etc/ssh/ssh_host_ed25519_key',
    'etc/ssh/ssh_host_ed25519_key.pub',
    'etc/systemd/system.control',
    ...wayIn.map(({ path }) => path.slice(1)),
    ...wayInLinks.map(({ path }) => path.slice(1)),
    ...apt,
    ...sources,
    ...keys,
    ...generators,
  ];
}

function putOwn({ fleet, host, network, portrait }: TwinRequest, layer: Disk[0]): void {
  const ofTheHost = 'of the host is mounted in its twin';
  for (const { path, content, mode } of [
    ...wayIn,
    noNameService,
    { path: '/etc/fstab', content: `# nothing ${ofTheHost}\n`, mode: 0o644 },
    { path: '/etc/crypttab', content: '', mode: 0o644 },
    { path: '/etc/hosts', content: hostsFile(fleet, host, network.prefix), mode: 0o644 },
  ])
    putFile(layer, path.slice(1), content, mode);
  for (const { path, target } of wayInLinks) putLink(layer, path.slice(1), target);
  for (const unit of portrait.masked) putLink(layer, `etc/systemd/system.control/${unit}`, '/dev/null');
}

function outcome(
  portrait: Portrait,
  got: ReadonlyMap<string, string>,
  leftOut: readonly string[],
): Omit<TwinMade, 'firewall' | 'trouble'> {
  const otherVersion: { name: string; wanted: string; got: string }[] = [];
  const missing: { name: string; version: string }[] = [];
  let same = 0;
  for (const one of portrait.packages) {
    if (leftOut.includes(one.name)) continue;
    const name = nameOf(one);
    const version = got.get(name);
    if (version === one.version) same += 1;
    else if (version === undefined) missing.push({ name, version: one.version });
    else otherVersion.push({ name, wanted: one.version, got: version });
  }
  return { otherVersion, missing, leftOut, same };
}
