/**
 * What makes a root this host's: names, keys, the operator's password. Written into the upper layer, without a mount.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { discardDirectory, removeDirectory } from './base.ts';
import { must } from './command.ts';
import { addressOf, gatewayOf } from './network.ts';
import { proxyPort } from './proxy-start.ts';
import { fleetKey, hostKey } from './ssh-access.ts';
import { field, fleetSecrets, listHosts, readJson, writeWhole, type Fleet, type Host } from './state.ts';
import { putFile, type Layer } from './upper-layer.ts';

/** The host's disk as the overlays know it: that of `/` first. */
export type Disk = readonly [Layer, ...Layer[]];

const begin = '# play sandbox: the hosts of this fleet';
const end = '# end of play sandbox';
const hostsBlock = new RegExp(`^${begin}\\n[^]*?^${end}\\n`, 'm');

/** The disk of a pristine host. */
export function findDisk(host: Host): Disk | undefined {
  const base = field(readJson(join(host.directory, 'disk.json')), 'base');
  if (typeof base !== 'string' || !existsSync(base) || !existsSync(join(host.directory, 'upper'))) return undefined;
  return [rootLayer(host, base)];
}

/** The disk of a twin that was made. @throws PlayError where it is gone */
export function diskOfTwin(host: Host): Disk {
  const disk = findDisk(host);
  if (disk !== undefined) return disk;
  throw new PlayError(`Sandbox: the disk of the twin ${host.name} is gone`, {
    hint: '`play rehearse` makes a new one.',
  });
}

export const rootLayer = (host: Host, lower: string, upper = 'upper'): Layer => ({
  at: '/',
  lower,
  upper: join(host.directory, upper),
  work: join(host.directory, 'work'),
});

/** A disk with nothing on it but what makes the host itself. */
export async function makeDisk(fleet: Fleet, host: Host, prefix: string, base: string): Promise<Disk> {
  await removeDisk(host);
  const part = join(host.directory, 'upper.part');
  mkdirSync(part); // becomes the host's `/`
  chmodSync(part, 0o755);
  const put = (path: string, content: string, mode: number, uid = 0, gid = 0): void =>
    putFile({ lower: base, upper: part }, path, content, mode, uid, gid);
  for (const { path, content, mode } of identityOf(fleet, host, prefix)) put(path, content, mode);
  const shadow = readFileSync(join(base, 'etc/shadow'), 'utf8');
  const hash = await operatorHash(fleet, base);
  const accounts = readAccounts(base);
  put(
    'etc/shadow',
    shadow.replace(/^operator:[^:]*:/m, () => `operator:${hash}:`),
    0o640,
    0,
    readGroups(base).get('shadow') ?? 0,
  );
  const key = readFileSync(`${fleetKey(fleet)}.pub`, 'utf8');
  for (const { uid, gid, home } of accounts) {
    const directory = join(home.slice(1), '.ssh');
    put(join(directory, 'authorized_keys'), key, 0o600, uid, gid);
    chmodSync(join(part, directory), 0o700);
    chownSync(join(part, directory), uid, gid);
  }
  writeWhole(join(host.directory, 'disk.json'), JSON.stringify({ base }));
  const layer = rootLayer(host, base);
  renameSync(part, layer.upper); // last: a disk is whole or not there
  return [layer];
}

/** What no two hosts have in common. */
export function identityOf(
  fleet: Fleet,
  host: Host,
  prefix: string,
): { path: string; content: string; mode: number }[] {
  return [
    { path: 'etc/hostname', content: `${hostnameOf(host.name)}\n`, mode: 0o644 },
    { path: 'etc/hosts', content: hostsFile(fleet, host, prefix), mode: 0o644 },
    { path: 'etc/machine-id', content: readFileSync(join(host.directory, 'machine-id'), 'utf8'), mode: 0o444 },
    { path: 'etc/ssh/ssh_host_ed25519_key', content: readFileSync(hostKey(host), 'utf8'), mode: 0o600 },
    { path: 'etc/ssh/ssh_host_ed25519_key.pub', content: readFileSync(`${hostKey(host)}.pub`, 'utf8'), mode: 0o644 },
  ];
}

export async function removeDisk(host: Host): Promise<void> {
  await discardDirectory(join(host.directory, 'upper')); // first: it says that there is a disk
  for (const part of ['upper.part', 'work', 'mounts']) await removeDirectory(join(host.directory, part));
}

/**
 * Tells a host, running or not, of the fleet's addresses.
 * @param root its root as it is reachable from here: `/proc/PID/root`, or the upper layer while it is off
 */
export function updateAddresses(fleet: Fleet, host: Host, prefix: string, root: string): void {
  const file = join(root, 'etc/hosts');
  const block = hostsBlock.exec(hostsFile(fleet, host, prefix))?.[0] ?? '';
  const found = isPlainFile(file) ? readFileSync(file, 'utf8') : '';
  // Who took our lines out manages the file: it stays as it is.
  if (hostsBlock.test(found) && !found.includes(block))
    writeFileSync(
      file,
      found.replace(hostsBlock, () => block),
    );
  const apt = join(root, 'etc/apt/apt.conf.d/00sandbox-proxy');
  const proxy = `http://${gatewayOf({ prefix })}:${proxyPort}`;
  // The proxy has a package whole before it passes it on: a large one over a slow line takes longer than apt's 30 s.
  const content = `Acquire::http::Proxy "${proxy}";\nAcquire::https::Proxy "${proxy}";\nAcquire::http::Timeout "600";\n`;
  if (!isOwnFolder(root, 'etc/apt/apt.conf.d') || (isPlainFile(apt) && readFileSync(apt, 'utf8') === content)) return;
  mkdirSync(dirname(apt), { recursive: true, mode: 0o755 });
  writeFileSync(apt, content, { mode: 0o644 });
}

/** Neither a link, which would lead out of the host's root, nor the mark of a file removed from the layer below. */
const isPlainFile = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** A link on the way would lead out of the host's root, to this machine's files. What is not there is made. */
function isOwnFolder(root: string, path: string): boolean {
  const parts = path.split('/');
  return parts.every((_, i) => {
    const found = lstatSync(join(root, ...parts.slice(0, i + 1)), { throwIfNoEntry: false });
    return found === undefined || found.isDirectory();
  });
}

/** The first label, as servers have it; made fit for the kernel where an inventory name is not. */
export function hostnameOf(name: string): string {
  const label = (name.split('.')[0] ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return label || 'host';
}

export function hostsFile(fleet: Fleet, host: Host, prefix: string): string {
  // The host's own line first: short names of two domains may be the same.
  const hosts = listHosts(fleet).sort((a, b) => Number(b.name === host.name) - Number(a.name === host.name));
  const lines = hosts.map(
    ({ id, name }) => `${addressOf(prefix, id)} ${[...new Set([name, hostnameOf(name)])].join(' ')}`,
  );
  return ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback', begin, ...lines, end, ''].join('\n');
}

/** Hashed by the root's own openssl, once a fleet. */
export async function operatorHash(fleet: Fleet, base: string): Promise<string> {
  const file = join(fleet.directory, 'operator.hash');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const { operatorPassword } = fleetSecrets(fleet);
  const hash = (
    await must(['chroot', base, 'openssl', 'passwd', '-6', '-stdin'], { input: `${operatorPassword}\n` })
  ).trim();
  if (!hash.startsWith('$6$')) throw new PlayError('Sandbox: openssl made no password hash', { where: base });
  writeWhole(file, hash);
  return hash;
}

/** root and the login users. */
function readAccounts(base: string): { uid: number; gid: number; home: string }[] {
  return readFileSync(join(base, 'etc/passwd'), 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([, , uid, , , home]) => uid === '0' || home?.startsWith('/home/'))
    .map(([, , uid, gid, , home = '/root']) => ({ uid: Number(uid), gid: Number(gid), home }));
}

function readGroups(base: string): Map<string, number> {
  const lines = readFileSync(join(base, 'etc/group'), 'utf8').split('\n');
  return new Map(lines.map((line) => line.split(':')).map(([name = '', , gid]) => [name, Number(gid)]));
}
