/** One host: boot, wait, power off. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { cgroupName, isPopulated, makeCgroup, pidsOf, removeCgroup } from './cgroup.ts';
import { lastLines, run, startDetached, systemPath, tellingWait, waitFor, type CommandResult } from './command.ts';
import { hostnameOf, updateAddresses, type Disk } from './host-files.ts';
import { addressOf, gatewayOf, type Network } from './network.ts';
import { ensureKey, hostKey } from './ssh-access.ts';
import type { Fleet, Host } from './state.ts';
import { bootScript, layerLines, supervisorScript } from './supervisor.ts';

/** Seconds a boot may take on a busy machine, sshd behind it, and an orderly power-off. */
const bootLimit = 120;
const sshdLimit = 20;
const powerOffLimit = 10;

const groupOf = (fleet: Fleet, host: Host): string => cgroupName(fleet, `h${host.id}`);

/** What works on a disk before its host is up. */
export const diskGroupOf = (fleet: Fleet, host: Host): string => cgroupName(fleet, `d${host.id}`);

/** Something of the host runs: it is up, or on its way up or down. */
export const isUp = (fleet: Fleet, host: Host): boolean => isPopulated(groupOf(fleet, host));

/** The host's PID 1 as seen from here. */
export const leaderOf = (fleet: Fleet, host: Host): number | undefined =>
  pidsOf(join(groupOf(fleet, host), 'payload/init.scope'))[0];

/**
 * Boots the host from its disk. Does not wait for it.
 * @param readyDisk gives the disk, made if there is none
 */
export async function bootHost(
  fleet: Fleet,
  host: Host,
  network: Network,
  readyDisk: () => Promise<Disk>,
): Promise<void> {
  await removeCgroup(groupOf(fleet, host)); // what a killed run may have left
  await ensureKey(hostKey(host), `root@${host.name}`);
  const disk = await readyDisk();
  updateAddresses(fleet, host, network.prefix, disk[0].upper);
  for (const { work } of disk) mkdirSync(work, { recursive: true });
  mkdirSync(join(host.directory, 'root'), { recursive: true });
  const procs = makeCgroup(groupOf(fleet, host));
  const log = openSync(consoleOf(host), 'w', 0o600);
  startDetached(['sh', '-c', supervisorScript, 'play-sandbox-host', ...procs], log, {
    SANDBOX_BOOT: bootScript,
    SANDBOX_LAYERS: layerLines(disk),
    SANDBOX_DIR: host.directory,
    SANDBOX_CALLS: host.kind === 'self' ? 'bpf' : 'add_key keyctl bpf',
    SANDBOX_SYSCTL: copySysctls(fleet),
    SANDBOX_SWITCH: `/proc/${network.holder}/ns/net`,
    SANDBOX_PORT: `h${host.id}`,
    SANDBOX_MAC: `02:1a:70:00:00:${host.id.toString(16).padStart(2, '0')}`, // always the same: no neighbour entry goes stale
    SANDBOX_ADDRESS: `${addressOf(network.prefix, host.id)}/24`,
    SANDBOX_GATEWAY: gatewayOf(network),
    SANDBOX_MACHINE: `${fleet.tag}-h${host.id}`,
    SANDBOX_HOSTNAME: hostnameOf(host.name),
    SANDBOX_UUID: readFileSync(join(host.directory, 'machine-id'), 'utf8').trim(),
  });
  closeSync(log);
}

/** Until the boot is over and sshd answers. */
export async function waitForHost(
  fleet: Fleet,
  host: Host,
  network: Network,
  onNotice: (text: string) => void,
): Promise<void> {
  const failed = await tellingWait(
    onNotice,
    () => `${host.name} to boot (${bootLimit} s at most; its console: ${consoleOf(host)})`,
    () => waitForBoot(fleet, host),
  );
  if (failed.length > 0) onNotice(`sandbox: ${host.name} is up, with failed units: ${failed.join(', ')}`);
  await tellingWait(
    onNotice,
    () => `the sshd of ${host.name} to answer at ${addressOf(network.prefix, host.id)} (${sshdLimit} s at most)`,
    () => waitForSshd(host, network),
  );
}

/** Until the boot is over. @returns the units that failed */
export async function waitForBoot(fleet: Fleet, host: Host): Promise<readonly string[]> {
  if (!(await waitFor(() => (isUp(fleet, host) ? true : undefined), 10, 5))) throw bootError(host, 'did not start');
  const state = await waitFor(async () => {
    if (!isUp(fleet, host)) throw bootError(host, 'ended while booting');
    const reply = await execIn(fleet, host, ['systemctl', 'is-system-running', '--wait']).catch(() => undefined);
    const word = reply?.stdout.trim();
    return word === 'running' || word === 'degraded' ? word : undefined;
  }, bootLimit);
  if (state === undefined) throw bootError(host, `is not up after ${bootLimit} s`);
  if (state === 'running') return [];
  const failed = await execIn(fleet, host, ['systemctl', 'list-units', '--failed', '--plain', '--no-legend']);
  return failed.stdout.split('\n').flatMap((line) => line.split(' ')[0] || []);
}

/** @throws PlayError where it does not answer in time */
export async function waitForSshd(host: Host, network: Network): Promise<void> {
  if (!(await isReached(network, host, sshdLimit))) throw bootError(host, 'is up, but its sshd does not answer');
}

/** @param seconds how long to try */
export async function isReached(network: Network, host: Host, seconds = 5): Promise<boolean> {
  const answer = async (): Promise<true | undefined> =>
    (await greets(addressOf(network.prefix, host.id))) ? true : undefined;
  return (await waitFor(answer, seconds)) === true;
}

function bootError(host: Host, what: string): PlayError {
  return new PlayError(`Sandbox: ${host.name} ${what}`, {
    where: consoleOf(host),
    hint: `Try \`play sandbox reset ${host.name}\`.`,
    detail: existsSync(consoleOf(host)) ? lastLines(readFileSync(consoleOf(host), 'utf8'), 15) : '',
  });
}

/** In order if it takes that at once, else as if unplugged; nothing written is lost either way, the kernel stays up. */
export async function powerOff(fleet: Fleet, host: Host): Promise<void> {
  const leader = leaderOf(fleet, host);
  if (leader !== undefined) {
    await execIn(fleet, host, ['systemctl', 'poweroff', '--no-block']).catch(() => undefined);
    await waitFor(() => (isUp(fleet, host) ? undefined : true), powerOffLimit);
  }
  await unplug(fleet, host);
}

/** Ends the host at once: its processes, and with them its mounts and network; also those that were making its disk. */
export async function unplug(fleet: Fleet, host: Host): Promise<void> {
  await removeCgroup(groupOf(fleet, host));
  await removeCgroup(diskGroupOf(fleet, host));
}

/**
 * Runs a command as root straight in the host's namespaces, not over ssh, with no more than the host's own root may do:
 * the clock and the modules are in no namespace, and whoever enters from outside would bring the rights to them along.
 */
export async function execIn(
  fleet: Fleet,
  host: Host,
  argv: readonly string[],
  input?: string,
): Promise<CommandResult> {
  const leader = leaderOf(fleet, host);
  if (leader === undefined)
    throw new PlayError(`Sandbox: ${host.name} is not up`, {
      hint: `Start it with \`play sandbox start ${host.name}\`.`,
    });
  const rights = [
    'setpriv',
    `--bounding-set=${['-all', ...capabilitiesOf(leader).map((number) => `+cap_${number}`)].join(',')}`,
    '--',
  ];
  // nsenter, where it forks, stops itself when its child is stopped, as a host that shuts down does with all its
  // processes: that child then has nobody to wait for it, and the host never ends. So a shell of this machine forks,
  // and waits whatever comes.
  const enter = ['nsenter', '--target', String(leader)];
  const numbers = [...enter, '--pid', '--no-fork', '--', 'sh', '-c', '"$@"; exit', 'sh'];
  const entry = [...rights, ...numbers, ...enter, '--mount', '--uts', '--ipc', '--net', '--cgroup', '--root', '--wd'];
  const environment = [`PATH=${systemPath}`, 'HOME=/root', 'LC_ALL=C', 'TERM=dumb'];
  return run([...entry, '--', 'env', '-i', ...environment, ...argv], input === undefined ? {} : { input });
}

/** Numbers of the capabilities a process and its children can ever have. */
function capabilitiesOf(pid: number): number[] {
  const mask = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  if (mask === undefined) throw new PlayError(`Sandbox: /proc/${pid}/status names no capabilities`);
  const bits = BigInt(`0x${mask}`);
  return Array.from({ length: 64 }, (_, number) => number).filter((number) => (bits >> BigInt(number)) & 1n);
}

/** MiB of memory its processes have for themselves, shared pages by share. */
export function memoryOf(fleet: Fleet, host: Host): number {
  const kib = pidsOf(groupOf(fleet, host), true).reduce((sum, pid) => {
    try {
      return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      return sum; // ended meanwhile
    }
  }, 0);
  return Math.round(kib / 1024);
}

const consoleOf = (host: Host): string => join(host.directory, 'console.log');

/** vm.* and fs.* belong to the whole machine. A host gets files of the same names to write to, without effect. */
function copySysctls(fleet: Fleet): string {
  const directory = join(fleet.directory, 'sysctl');
  if (existsSync(directory)) return directory;
  const part = `${directory}.part`;
  rmSync(part, { recursive: true, force: true });
  for (const group of ['vm', 'fs']) copyReadable(join('/proc/sys', group), join(part, group));
  mkdirSync(join(part, 'fs/binfmt_misc'), { recursive: true }); // a mount point of systemd's
  renameSync(part, directory);
  return directory;
}

function copyReadable(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name !== 'binfmt_misc') copyReadable(join(from, entry.name), join(to, entry.name));
    if (!entry.isFile()) continue;
    try {
      writeFileSync(join(to, entry.name), readFileSync(join(from, entry.name)));
    } catch {
      // write-only (drop_caches and the like), or not for this kernel
    }
  }
}

/** Does an sshd say who it is? */
function greets(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 2000 });
    const finish = (greeted: boolean): void => {
      socket.destroy();
      resolve(greeted);
    };
    socket.on('data', (data) => finish(data.toString('latin1').startsWith('SSH-')));
    socket.on('error', () => finish(false));
    socket.on('timeout', () => finish(false));
    socket.on('close', () => finish(false));
  });
}
