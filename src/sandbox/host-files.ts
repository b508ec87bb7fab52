/** What makes a root this host's: names, keys, the operator's password. Written into the upper layer, without a mount. */
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { removeDirectory } from './base.ts';
import { must } from './command.ts';
import { addressOf, gatewayOf } from './network.ts';
import { proxyPort } from './proxy-start.ts';
import { fleetKey, hostKey } from './ssh-access.ts';
import { field, fleetSecrets, listHosts, readJson, writeWhole, type Fleet, type Host } from './state.ts';

/** The host's disk as the overlay knows it. */
export interface Disk {
  readonly base: string;
  readonly upper: string;
  readonly work: string;
}

const begin = '# play sandbox: the hosts of this fleet';
const end = '# end of play sandbox';
const hostsBlock = new RegExp(`^${begin}\\n[^]*?^${end}\\n`, 'm');

export function findDisk(host: Host): Disk | undefined {
  const base = field(readJson(join(host.directory, 'disk.json')), 'base');
  const upper = join(host.directory, 'upper');
  if (typeof base !== 'string' || !existsSync(base) || !existsSync(upper)) return undefined;
  return { base, upper, work: join(host.directory, 'work') };
}

/** A disk with nothing on it but what makes the host itself. */
export async function makeDisk(fleet: Fleet, host: Host, prefix: string, base: string): Promise<Disk> {
  await removeDisk(host);
  const part = join(host.directory, 'upper.part');
  mkdirSync(part); // becomes the host's `/`
  chmodSync(part, 0o755);
  const put = (path: string, content: string, mode: number, uid = 0, gid = 0): void => {
    makeParents(base, part, dirname(path));
    const file = join(part, path);
    writeFileSync(file, content);
    chmodSync(file, mode);
    chownSync(file, uid, gid);
  };
  put('etc/hostname', `${hostnameOf(host.name)}\n`, 0o644);
  put('etc/hosts', hostsFile(fleet, host, prefix), 0o644);
  put('etc/machine-id', readFileSync(join(host.directory, 'machine-id'), 'utf8'), 0o444);
  put('etc/ssh/ssh_host_ed25519_key', readFileSync(hostKey(host), 'utf8'), 0o600);
  put('etc/ssh/ssh_host_ed25519_key.pub', readFileSync(`${hostKey(host)}.pub`, 'utf8'), 0o644);
  const shadow = readFileSync(join(base, 'etc/shadow'), 'utf8');
  const hash = await operatorHash(fleet, base);
  const accounts = readAccounts(base);
  put('etc/shadow', shadow.replace(/^operator:[^:]*:/m, () => `operator:${hash}:`), 0o640, 0, readGroups(base).get('shadow') ?? 0);
  const key = readFileSync(`${fleetKey(fleet)}.pub`, 'utf8');
  for (const { uid, gid, home } of accounts) {
    const directory = join(home.slice(1), '.ssh');
    put(join(directory, 'authorized_keys'), key, 0o600, uid, gid);
    chmodSync(join(part, directory), 0o700);
    chownSync(join(part, directory), uid, gid);
  }
  writeWhole(join(host.directory, 'disk.json'), JSON.stringify({ base }));
  const upper = join(host.directory, 'upper');
  renameSync(part, upper); // last: a disk is whole or not there
  return { base, upper, work: join(host.directory, 'work') };
}

export async function removeDisk(host: Host): Promise<void> {
  for (const part of ['upper', 'upper.part', 'work']) await removeDirectory(join(host.directory, part));
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
  if (hostsBlock.test(found) && !found.includes(block)) writeFileSync(file, found.replace(hostsBlock, () => block));
  const apt = join(root, 'etc/apt/apt.conf.d/00sandbox-proxy');
  const proxy = `http://${gatewayOf({ prefix })}:${proxyPort}`;
  // The proxy has a package whole before it passes it on: a large one over a slow line takes longer than apt's 30 s.
  const content = `Acquire::http::Proxy "${proxy}";\nAcquire::https::Proxy "${proxy}";\nAcquire::http::Timeout "600";\n`;
  if (isPlainFile(apt) && readFileSync(apt, 'utf8') === content) return;
  mkdirSync(dirname(apt), { recursive: true, mode: 0o755 });
  writeFileSync(apt, content, { mode: 0o644 });
}

/** Neither a link, which would lead out of the host's root, nor the mark of a file removed from the layer below. */
const isPlainFile = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** The first label, as servers have it; made fit for the kernel where an inventory name is not. */
export function hostnameOf(name: string): string {
  const label = (name.split('.')[0] ?? '').toLowerCase().replace(/[^a-z0-9-]/g, '-').replace(/^-+|-+$/g, '').slice(0, 63);
  return label || 'host';
}

function hostsFile(fleet: Fleet, host: Host, prefix: string): string {
  // The host's own line first: short names of two domains may be the same.
  const hosts = listHosts(fleet).sort((a, b) => Number(b.name === host.name) - Number(a.name === host.name));
  const lines = hosts.map(({ id, name }) => `${addressOf(prefix, id)} ${[...new Set([name, hostnameOf(name)])].join(' ')}`);
  return ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback', begin, ...lines, end, ''].join('\n');
}

/** Hashed by the root's own openssl, once a fleet. */
async function operatorHash(fleet: Fleet, base: string): Promise<string> {
  const file = join(fleet.directory, 'operator.hash');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const { operatorPassword } = fleetSecrets(fleet);
  const hash = (await must(['chroot', base, 'openssl', 'passwd', '-6', '-stdin'], { input: `${operatorPassword}\n` })).trim();
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

/** Directories of the upper layer hide the owner and mode of those below: they have to be the same. */
function makeParents(base: string, upper: string, path: string): void {
  if (path === '.' || existsSync(join(upper, path))) return;
  makeParents(base, upper, dirname(path));
  mkdirSync(join(upper, path));
  copyOwnership(join(base, path), join(upper, path));
}

function copyOwnership(from: string, to: string): void {
  if (!existsSync(from)) return;
  const { mode, uid, gid } = statSync(from);
  chmodSync(to, mode & 0o7777);
  chownSync(to, uid, gid);
}
