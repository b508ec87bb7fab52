/**
 * What the sandbox keeps on disk, and how its things are named.
 *
 *     ROOT/base/STAMP/            pristine roots, shared by all fleets
 *     ROOT/debs/                  packages the proxies have fetched, shared by all fleets
 *     ROOT/stand-ins/STAMP/       repositories of packages that projects declare, shared by all fleets
 *     ROOT/fleets/FLEET/          fleet.json, key, known_hosts, sysctl/, logs
 *     ROOT/fleets/FLEET/hosts/ID/ host.json, host key, machine-id, disk.json, upper/ work/ (the disk), console.log;
 *                                 a copy of this machine has mounts/N/ too, the disks of file systems mounted below /
 *
 * Hosts go by number in everything the kernel names: an inventory name may be longer than an interface
 * or cgroup name, or hold what these do not take.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PlayError, unknownName } from '../errors/index.ts';
import { releaseOfMachine } from './release.ts';

export interface Fleet {
  readonly name: string;
  /** The state directory of all fleets. */
  readonly root: string;
  readonly directory: string;
  /** Names this fleet in the kernel: short, and its own even where two state directories hold fleets of one name. */
  readonly tag: string;
}

/** What a host that is asked for stands on: a Debian as it is installed, or a copy of this machine. */
export const sandboxKinds = ['pristine', 'self'] as const;
export type SandboxKind = (typeof sandboxKinds)[number];

/** A twin is made of another host, by `play rehearse` alone. */
const hostKinds = [...sandboxKinds, 'twin'] as const;
export type HostKind = (typeof hostKinds)[number];

export interface Host {
  readonly id: number;
  readonly name: string;
  readonly kind: HostKind;
  /** The release it stands on; a copy of this machine has this machine's. */
  readonly release: string;
  readonly directory: string;
}

/** What a host has to be; what is left open, it may be. */
export interface Wanted {
  readonly kind?: HostKind | undefined;
  readonly release?: string | undefined;
}

export interface FleetSecrets {
  /** What `operator` answers to sudo with. */
  readonly operatorPassword: string;
}

const stateVersion = 1;

function stateRoot(): string {
  const chosen = process.env['PLAY_SANDBOX_DIR'];
  const stateHome = process.env['XDG_STATE_HOME'] || join(homedir(), '.local/state');
  const root = chosen || join(stateHome, 'play/sandbox');
  if (!root.startsWith('/') || /[\s:,\\]/.test(root)) {
    throw new PlayError(`Sandbox: "${root}" cannot hold the hosts' disks`, {
      hint: 'Set PLAY_SANDBOX_DIR to an absolute path without spaces, colons, commas and backslashes: overlayfs has no use for them.',
    });
  }
  return root;
}

const fleetName = /^[a-z0-9][a-z0-9-]{0,30}$/;

/** The fleet of a name; nothing is made on disk yet. */
export function openFleet(name = process.env['PLAY_SANDBOX_FLEET'] || 'play'): Fleet {
  if (!fleetName.test(name)) {
    throw new PlayError(`Sandbox: "${name}" is not a fleet name`, {
      hint: 'Use lower-case letters, digits and hyphens.',
    });
  }
  const root = stateRoot();
  const tag = `ps${createHash('sha256').update(`${root}\0${name}`).digest('hex').slice(0, 8)}`;
  return { name, root, directory: join(root, 'fleets', name), tag };
}

/** All fleets of the state directory. */
export function fleetNames(root = stateRoot()): string[] {
  const directory = join(root, 'fleets');
  return existsSync(directory) ? readdirSync(directory).filter((name) => fleetName.test(name)) : [];
}

/** Written whole or not at all: a run may be killed at any moment. */
export function writeWhole(file: string, content: string, mode = 0o600): void {
  const part = `${file}.${randomUUID()}.part`;
  writeFileSync(part, content, { mode });
  renameSync(part, file);
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // absent or cut short: made anew
  }
}

/** Property `key` of something read from disk. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

export function fleetSecrets(fleet: Fleet): FleetSecrets {
  const file = join(fleet.directory, 'fleet.json');
  const known = field(readJson(file), 'operatorPassword');
  if (typeof known === 'string') return { operatorPassword: known };
  const secrets = { version: stateVersion, operatorPassword: randomBytes(12).toString('base64url') };
  mkdirSync(fleet.directory, { recursive: true, mode: 0o700 });
  writeWhole(file, JSON.stringify(secrets));
  return secrets;
}

export function listHosts(fleet: Fleet): Host[] {
  const directory = join(fleet.directory, 'hosts');
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((id) => {
      const saved = readJson(join(directory, String(id), 'host.json'));
      const name = field(saved, 'name');
      const kind = hostKinds.find((known) => known === field(saved, 'kind')) ?? 'pristine';
      const known = field(saved, 'release');
      const release = typeof known === 'string' ? known : releaseOfMachine();
      return typeof name === 'string' ? [{ id, name, kind, release, directory: join(directory, String(id)) }] : [];
    });
}

export function findHost(fleet: Fleet, name: string): Host {
  const hosts = listHosts(fleet);
  const host = hosts.find((candidate) => candidate.name === name);
  if (host) return host;
  const error = unknownName(
    'sandbox host',
    name,
    hosts.map((candidate) => candidate.name),
  );
  throw new PlayError(error.message, {
    hint: [error.hint, `\`play sandbox start ${name}\` makes one of this name.`].filter(Boolean).join(' '),
  });
}

/** Addresses .10 to .249 of the fleet's network. */
const mostHosts = 240;

/**
 * The hosts of these names, recorded first where they are new. Call with the fleet's lock held.
 * @param wanted what each has to be; what it leaves open is taken as it is; new hosts are pristine, of this machine's release
 * @throws PlayError before anything is recorded
 */
export function defineHosts(fleet: Fleet, names: readonly string[], wanted: (name: string) => Wanted): Host[] {
  const hosts = new Map(listHosts(fleet).map((host) => [host.name, host]));
  for (const name of names) {
    refuseName(name);
    refuseOther(hosts.get(name), wanted(name));
  }
  return [...new Set(names)].map((name) => hosts.get(name) ?? defineHost(fleet, name, wanted(name)));
}

/** A host as it is once it is made anew. @throws PlayError for what cannot be */
export function wantedHost(host: Host, { kind = host.kind, release = host.release }: Wanted): Host {
  if (kind === 'twin')
    throw new PlayError(`Sandbox: ${host.name} is ${described.twin}, and cannot be rebuilt without it`, {
      hint: 'Rehearse once more (`play rehearse`), or say what it should become: --kind=pristine.',
    });
  refuseReleaseOfCopy(host.name, { kind, release });
  return { ...host, kind, release };
}

function refuseName(name: string): void {
  if (/^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$/.test(name) && name.length <= 253) return;
  throw new PlayError(`Sandbox: "${name}" cannot be the name of a sandbox host`, {
    hint: 'Letters, digits, dots, hyphens and underscores, beginning and ending with a letter or digit.',
  });
}

const described: Readonly<Record<HostKind, string>> = {
  pristine: 'a pristine Debian',
  self: 'a copy of this machine',
  twin: 'a twin of another host',
};

function refuseOther(host: Host | undefined, { kind, release }: Wanted): void {
  if (host === undefined) return;
  refuseOtherKind(host, kind);
  if (release === undefined || host.release === release) return;
  throw new PlayError(`Sandbox: ${host.name} is of ${host.release}, and ${release} was asked for`, {
    hint: `Rebuild it, losing everything that was changed on it: \`play sandbox reset --release=${release} ${host.name}\`.`,
  });
}

function refuseReleaseOfCopy(name: string, { kind, release }: Wanted): void {
  if (kind !== 'self' || release === undefined || release === releaseOfMachine()) return;
  throw new PlayError(
    `Sandbox: ${name} should be a copy of this machine, which is ${releaseOfMachine()} and not ${release}`,
    {
      hint: `Leave the release out, or take a pristine host: --sandbox=pristine.`,
    },
  );
}

function refuseOtherKind(host: Host, kind: HostKind | undefined): void {
  if (kind === undefined || host.kind === kind) return;
  throw new PlayError(`Sandbox: ${host.name} is ${described[host.kind]}, and ${described[kind]} was asked for`, {
    hint: `Keep it as it is with --sandbox=${host.kind}, or rebuild it, losing everything that was changed on it: \`play sandbox reset --kind=${kind} ${host.name}\`.`,
  });
}

function defineHost(fleet: Fleet, name: string, { kind = 'pristine', release }: Wanted): Host {
  refuseReleaseOfCopy(name, { kind, release });
  const used = new Set(listHosts(fleet).map((host) => host.id));
  let id = 1;
  while (used.has(id)) id++;
  if (id > mostHosts)
    throw new PlayError(`Sandbox: a fleet has at most ${mostHosts} hosts`, {
      hint: 'Remove some with `play sandbox rm HOST`.',
    });
  const directory = join(fleet.directory, 'hosts', String(id));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeWhole(join(directory, 'machine-id'), `${randomUUID().replaceAll('-', '')}\n`, 0o444);
  const host: Host = { id, name, kind, release: release ?? releaseOfMachine(), directory };
  recordHost(host);
  return host;
}

/** Also what makes a host one of another kind or release, once its disk is gone. */
export function recordHost({ name, kind, release, directory }: Host): void {
  writeWhole(join(directory, 'host.json'), JSON.stringify({ name, kind, release }));
}
