/**
 * Throwaway Debian hosts on this machine, with systemd as PID 1, apt and sshd, reached over real SSH: pristine ones,
 * and with `kind: 'self'` copies of this machine (self/).
 *
 * `startSandbox(['web1', 'db.example.org'])` starts what is missing and gives a `Target` for each; log in as `admin`
 * (key, sudo without password), or with `sandboxTarget(name, { user })` as `root`, `operator` (key, sudo with
 * `sandboxPassword()`) or `nosudo`. Hosts outlive the process and keep their disk; `resetSandbox` makes them anew (1 to
 * 2 s), `removeSandbox` leaves nothing behind. `sandboxExec` looks from outside, as root, without ssh. Needs root; what
 * is missing of mmdebstrap, systemd-container and the like is installed after `onNotice` said so. The fleet (default
 * `play`, or `PLAY_SANDBOX_FLEET`) keeps tests and people apart, `PLAY_SANDBOX_DIR` moves the state. Outside the bundle
 * pass `self`, the argv prefix that runs `runProxy` (test/support/sandbox.ts does).
 *
 * Imports src/errors and the types of src/connection; node and the machine's own commands do the rest.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../connection/types.ts';
import { PlayError } from '../errors/index.ts';
import { discardDirectory, discardedName, ensureBase, removeDirectory } from './base.ts';
import { cgroupName, isPopulated, removeFleetCgroup } from './cgroup.ts';
import type { CommandResult } from './command.ts';
import {
  basesInUse,
  forEach,
  lockOf,
  locked,
  notice,
  prepare,
  remakeNetwork,
  spread,
  type SandboxOptions,
} from './fleet-work.ts';
import { diskOfTwin, findDisk, makeDisk, removeDisk, type Disk } from './host-files.ts';
import { bootHost, execIn, isUp, leaderOf, memoryOf, powerOff, unplug, waitForHost } from './host.ts';
import { addressOf, findNetwork, savedPrefix, stopNetwork } from './network.ts';
import { ensureProxy, stopProxy } from './proxy-start.ts';
import type { SandboxRelease } from './release.ts';
import { requireRoot } from './requirements.ts';
import { hideFromRunning, readyCopy } from './self/disk.ts';
import { refuseUncopyable } from './self/requirements.ts';
import { ensureKey, fleetKey, sshArgv, targetOf } from './ssh-access.ts';
import { buildStandIns, putStandIns } from './stand-ins.ts';
import {
  defineHosts,
  fleetNames,
  fleetSecrets,
  findHost,
  listHosts,
  openFleet,
  recordHost,
  wantedHost,
  type Fleet,
  type Host,
  type HostKind,
  type SandboxKind,
  type Wanted,
} from './state.ts';

export { runProxy } from './proxy-start.ts';
export { sandboxKinds, type HostKind, type SandboxKind } from './state.ts';
export { asRelease, sandboxReleases, type SandboxRelease } from './release.ts';
export type { CommandResult } from './command.ts';
export type { SandboxOptions } from './fleet-work.ts';

/** What kind of host is wanted. */
export interface KindOptions {
  /**
   * `pristine`: a Debian as it is installed; `self`: a copy of this machine. Default: what a host is already,
   * `pristine` for a new one.
   */
  readonly kind?: SandboxKind | undefined;
  /** Of which Debian release a host is to be. Default: what it is already, that of this machine for a new one. */
  readonly release?: SandboxRelease | undefined | ((name: string) => SandboxRelease | undefined);
  /** Absolute paths of this machine that a copy of it must not have, beside those known to be private. */
  readonly hide?: readonly string[];
  /** Folders of packages, as dpkg-deb builds them, that hosts are to be able to install. */
  readonly packages?: readonly string[];
}

export interface SandboxHost {
  readonly name: string;
  readonly kind: HostKind;
  readonly release: string;
  /** Empty while the fleet never had a network. */
  readonly address: string;
  readonly state: 'running' | 'stopped';
  /** MiB, shared pages by share; 0 when stopped. */
  readonly memory: number;
}

/**
 * Starts the hosts that do not run, and waits until all of them let us in.
 * @throws PlayError without root, where the kernel lacks something, or when a host is there and of another kind
 */
export async function startSandbox(
  names: readonly string[],
  options: SandboxOptions & KindOptions = {},
): Promise<ReadonlyMap<string, Target>> {
  return locked(options, async (fleet) => {
    if (options.kind === 'self') refuseUncopyable();
    // Where hosts run the machine has all that it takes: each run of a playbook comes by here.
    const running = new Set(listHosts(fleet).flatMap((host) => (isUp(fleet, host) ? [host.name] : [])));
    if (!names.every((name) => running.has(name))) await prepare(options);
    return startHosts(fleet, defineHosts(fleet, names, wantedOf(options)), options);
  });
}

/** Powers hosts off, all of the fleet by default; their disks stay. */
export async function stopSandbox(names: readonly string[] | undefined, options: SandboxOptions = {}): Promise<void> {
  await locked(options, async (fleet) => {
    await forEach(chosen(fleet, names), (host) => powerOff(fleet, host));
  });
}

/**
 * Makes hosts anew and starts them, all of the fleet by default: pristine, or copies of this machine as it is now. With
 * `kind` and `release` they are of these from then on.
 */
export async function resetSandbox(
  names: readonly string[] | undefined,
  options: SandboxOptions & KindOptions = {},
): Promise<ReadonlyMap<string, Target>> {
  return locked(options, async (fleet) => {
    const wanted = wantedOf(options);
    const hosts = chosen(fleet, names).map((host) => wantedHost(host, wanted(host.name)));
    if (hosts.some(({ kind }) => kind === 'self')) refuseUncopyable();
    await prepare(options);
    await forEach(hosts, async (host) => {
      await unplug(fleet, host);
      await removeDisk(host);
      recordHost(host);
    });
    return startHosts(fleet, hosts, options);
  });
}

/**
 * Removes hosts and all that is theirs. With the last of them, or without names, the whole fleet goes with its network and
 * proxy: afterwards the machine is as it was. The base and the fetched packages stay for the next time; `all` drops these too if no fleet is
 * left.
 */
export async function removeSandbox(
  names?: readonly string[],
  options: SandboxOptions & { readonly all?: boolean } = {},
): Promise<void> {
  requireRoot();
  const known = openFleet(options.fleet);
  const { root } = known;
  const isKnown =
    [known.directory, discardedName(known.directory), lockOf(known)].some((path) => existsSync(path)) ||
    isPopulated(cgroupName(known));
  if (!isKnown && !options.all) return;
  await locked(options, async (fleet) => {
    await forEach(chosen(fleet, names), async (host) => {
      await unplug(fleet, host);
      await discardDirectory(host.directory);
    });
    if (names !== undefined && listHosts(fleet).length > 0) {
      const network = findNetwork(fleet);
      if (network !== undefined) await spread(fleet, network);
      return;
    }
    await stopProxy(fleet);
    await stopNetwork(fleet);
    await removeFleetCgroup(fleet); // with whatever a killed run started and did not write down
    await discardDirectory(fleet.directory);
    if (options.all && fleetNames(root).length === 0) {
      for (const shared of ['base', 'debs', 'stand-ins', 'base.lock']) await removeDirectory(join(root, shared));
    }
    await removeDirectory(lockOf(fleet)); // while it is held: see withLock
  });
}

/** The hosts of the fleet, in the order they were made. */
export function listSandbox(options: Pick<SandboxOptions, 'fleet'> = {}): SandboxHost[] {
  const fleet = openFleet(options.fleet);
  const prefix = savedPrefix(fleet);
  return listHosts(fleet).map((host) => {
    const running = isUp(fleet, host);
    return {
      name: host.name,
      kind: host.kind,
      release: host.release,
      address: prefix === undefined ? '' : addressOf(prefix, host.id),
      state: running ? 'running' : 'stopped',
      memory: running ? memoryOf(fleet, host) : 0,
    };
  });
}

/** How to reach a host of the fleet, as `admin` unless told. */
export function sandboxTarget(
  name: string,
  options: Pick<SandboxOptions, 'fleet'> & { readonly user?: string } = {},
): Target {
  const fleet = openFleet(options.fleet);
  const host = findHost(fleet, name);
  const prefix = savedPrefix(fleet);
  if (prefix === undefined)
    throw new PlayError(`Sandbox: ${name} was never started`, {
      hint: `Start it with \`play sandbox start ${name}\`.`,
    });
  return targetOf(fleet, prefix, host, options.user ?? 'admin');
}

/** What `operator` answers to sudo with; one for the fleet. */
export function sandboxPassword(options: Pick<SandboxOptions, 'fleet'> = {}): string {
  return fleetSecrets(openFleet(options.fleet)).operatorPassword;
}

/** The ssh command line into a host. */
export function sandboxSshArgv(
  name: string,
  command: readonly string[] = [],
  options: Pick<SandboxOptions, 'fleet'> & { readonly user?: string } = {},
): string[] {
  return sshArgv(sandboxTarget(name, options), command);
}

/** Runs a command as root straight in the host's namespaces: to look from outside, whatever state ssh is in. */
export async function sandboxExec(
  name: string,
  argv: readonly string[],
  options: Pick<SandboxOptions, 'fleet'> & { readonly input?: string } = {},
): Promise<CommandResult> {
  const fleet = openFleet(options.fleet);
  return execIn(fleet, findHost(fleet, name), argv, options.input);
}

/**
 * The root of a running host as a path on this machine. Absolute links inside lead to this machine's files: read
 * through it only what is no link.
 */
export function sandboxRootPath(name: string, options: Pick<SandboxOptions, 'fleet'> = {}): string {
  const fleet = openFleet(options.fleet);
  const leader = leaderOf(fleet, findHost(fleet, name));
  if (leader === undefined)
    throw new PlayError(`Sandbox: ${name} is not up`, { hint: `Start it with \`play sandbox start ${name}\`.` });
  return `/proc/${leader}/root`;
}

async function startHosts(
  fleet: Fleet,
  hosts: readonly Host[],
  options: SandboxOptions & KindOptions,
): Promise<ReadonlyMap<string, Target>> {
  const bases = new Map<string, string>();
  for (const host of hosts) {
    const { kind, release } = host;
    if (kind !== 'pristine' || bases.has(release) || isUp(fleet, host) || findDisk(host)) continue;
    bases.set(release, await ensureBase(fleet.root, release, basesInUse, notice(options)));
  }
  await ensureKey(fleetKey(fleet), `play sandbox ${fleet.name}`);
  const network = findNetwork(fleet) ?? (await remakeNetwork(fleet));
  await ensureProxy(fleet, network, options.self ?? [process.execPath, process.argv[1] ?? '', 'sandbox']);
  const diskOf = async (host: Host): Promise<Disk> => {
    if (host.kind === 'self')
      return readyCopy({ fleet, host, network, onNotice: notice(options), hide: options.hide ?? [] });
    if (host.kind === 'twin') return diskOfTwin(host);
    return findDisk(host) ?? makeDisk(fleet, host, network.prefix, bases.get(host.release) ?? '');
  };
  const packages = options.packages ?? [];
  const standIns = packages.length > 0 ? await buildStandIns(fleet.root, packages) : undefined;
  await forEach(hosts, async (host) => {
    if (!isUp(fleet, host)) await bootHost(fleet, host, network, () => diskOf(host));
    else if (host.kind === 'self')
      await hideFromRunning(
        host,
        options.hide ?? [],
        async (paths) => void (await execIn(fleet, host, ['rm', '-rf', '--', ...paths])),
      );
    await waitForHost(fleet, host, network, notice(options));
    if (standIns) await putStandIns(fleet, host, standIns);
  });
  await spread(fleet, network);
  return new Map(hosts.map((host) => [host.name, targetOf(fleet, network.prefix, host, 'admin')]));
}

function wantedOf({ kind, release }: KindOptions): (name: string) => Wanted {
  return (name) => ({ kind, release: typeof release === 'function' ? release(name) : release });
}

function chosen(fleet: Fleet, names: readonly string[] | undefined): Host[] {
  return names === undefined ? listHosts(fleet) : names.map((name) => findHost(fleet, name));
}
