/** What all work on a fleet has in common: its lock, its network, the machine made ready, several hosts at a time. */
import { join } from 'node:path';
import { must, run } from './command.ts';
import { findDisk, updateAddresses } from './host-files.ts';
import { leaderOf, unplug } from './host.ts';
import { withLock } from './lock.ts';
import { startNetwork, type Network } from './network.ts';
import { stopProxy } from './proxy-start.ts';
import { prepareMachine, requireRoot } from './requirements.ts';
import { writeKnownHosts } from './ssh-access.ts';
import { fleetNames, listHosts, openFleet, type Fleet } from './state.ts';

export interface SandboxOptions {
  /** Default `PLAY_SANDBOX_FLEET`, or `play`. */
  readonly fleet?: string;
  /** Told what takes long or changes the machine: packages to install, the base being made. */
  readonly onNotice?: (text: string) => void;
  /** Argv prefix that runs the hidden subcommands; default this program: `node SCRIPT sandbox`. */
  readonly self?: readonly string[];
}

/** Hosts made or waited for at once: a boot is busy with one core. */
const parallel = 2;

/** Hosts of a network that is gone have no way back: they are booted anew by whoever wants them. */
export async function remakeNetwork(fleet: Fleet): Promise<Network> {
  await forEach(listHosts(fleet), (host) => unplug(fleet, host));
  await stopProxy(fleet);
  return startNetwork(fleet);
}

/** The bases that hosts of any fleet stand on. */
export function basesInUse(): string[] {
  return fleetNames().flatMap((name) => listHosts(openFleet(name)).flatMap((host) => findDisk(host)?.[0].lower ?? []));
}

/** Tells known_hosts and every running host who is there. */
export async function spread(fleet: Fleet, network: Network): Promise<void> {
  writeKnownHosts(fleet, network.prefix);
  for (const host of listHosts(fleet)) {
    const leader = leaderOf(fleet, host);
    if (leader !== undefined) updateAddresses(fleet, host, network.prefix, `/proc/${leader}/root`);
  }
}

export async function prepare(options: SandboxOptions): Promise<void> {
  await prepareMachine(openFleet(options.fleet).root, notice(options));
  await raiseInotifyLimit(notice(options));
}

/**
 * Every systemd takes a handful, and all hosts' root share this machine's budget: Debian's 128 is enough for about ten.
 */
async function raiseInotifyLimit(onNotice: (text: string) => void): Promise<void> {
  const file = '/proc/sys/fs/inotify/max_user_instances';
  const wanted = 1024;
  const found = Number(await must(['cat', file]));
  if (found >= wanted) return;
  onNotice(
    `sandbox: raising fs.inotify.max_user_instances of this machine from ${found} to ${wanted}, until it reboots`,
  );
  await run(['sh', '-c', 'echo "$1" >"$2"', 'sh', String(wanted), file]);
}

export function locked<T>(options: SandboxOptions, work: (fleet: Fleet) => Promise<T>): Promise<T> {
  requireRoot();
  const fleet = openFleet(options.fleet);
  return withLock(lockOf(fleet), () => work(fleet), notice(options));
}

/** Beside the fleet's directory: that comes and goes while the lock is held. */
export const lockOf = (fleet: Fleet): string => join(fleet.root, `${fleet.name}.lock`);

export const notice = (options: SandboxOptions): ((text: string) => void) => options.onNotice ?? (() => undefined);

export async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const workers = await Promise.allSettled(
    Array.from({ length: parallel }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
  // Thrown only once all are done: the lock must not be let go while one still works.
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
}
