/**
 * A host whose disk begins anew from layers that others stand on too, in a second or two: what it writes goes into a
 * small file system of its own in memory, which can be made full, and is read from outside.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupName, findCgroupTrees, pidsOf } from '../../../src/sandbox/cgroup.ts';
import { must, run, waitFor, type CommandResult } from '../../../src/sandbox/command.ts';
import type { Disk } from '../../../src/sandbox/host-files.ts';
import { bootHost, execIn, leaderOf, powerOff, unplug, waitForHost } from '../../../src/sandbox/host.ts';
import { findNetwork, startNetwork, type Network } from '../../../src/sandbox/network.ts';
import { ensureProxy } from '../../../src/sandbox/proxy-start.ts';
import { field, findHost, listHosts, openFleet, readJson, type Fleet, type Host } from '../../../src/sandbox/state.ts';
import { putFile } from '../../../src/sandbox/upper-layer.ts';
import { Counter, countingShell, shellPath } from './counting-shell.ts';
import { DiskReader, stateInLayers, type TreeReading } from './tree.ts';

/** What a host stands on: `fresh`, as it is installed; `packages`, with what its playbook installs. */
export type Ground = 'fresh' | 'packages';

const room = '6g';
const inodes = '2000000';

export class FaultHost {
  readonly #fleet: Fleet;
  readonly #host: Host;
  readonly #secrets: () => readonly Buffer[];
  #reader: DiskReader | undefined;
  #cpu = 0;

  /** Whether it was started once, so that nothing but its network may be missing. */
  static isKept(fleet: string, name: string): boolean {
    return listHosts(openFleet(fleet)).some((host) => host.name === name && existsSync(join(host.directory, 'fresh')));
  }

  /**
   * A host of the sandbox that was started once.
   *
   * @param secrets what is looked for on its disk
   */
  constructor(fleet: string, name: string, secrets: () => readonly Buffer[]) {
    this.#fleet = openFleet(fleet);
    this.#host = findHost(this.#fleet, name);
    this.#secrets = secrets;
  }

  get #disk(): string {
    return join(this.#host.directory, 'disk');
  }

  get #packages(): string {
    return join(this.#host.directory, 'packages');
  }

  get upper(): string {
    return join(this.#disk, 'upper');
  }

  get isPrepared(): boolean {
    return existsSync(join(this.#packages, 'whole'));
  }

  get #network(): Network {
    const network = findNetwork(this.#fleet);
    if (network === undefined) throw new Error(`the network of fleet ${this.#fleet.name} is gone`);
    return network;
  }

  /** After a reboot of this machine. @param self argv that runs the sandbox's own commands */
  async raiseNetwork(self: readonly string[]): Promise<void> {
    await ensureProxy(this.#fleet, findNetwork(this.#fleet) ?? (await startNetwork(this.#fleet)), self);
  }

  get #base(): string {
    const base = field(readJson(join(this.#host.directory, 'disk.json')), 'base');
    if (typeof base !== 'string') throw new Error(`${this.#host.name} has no disk`);
    return base;
  }

  /** Its `/`, while it runs. */
  get root(): string {
    const leader = leaderOf(this.#fleet, this.#host);
    if (leader === undefined) throw new Error(`${this.#host.name} is not up`);
    return `/proc/${leader}/root`;
  }

  get #fresh(): string {
    return join(this.#host.directory, 'fresh');
  }

  /** Keeps the disk it was started with as the ground of all others. Who boots it in our place finds an empty one. */
  async keepFresh(): Promise<void> {
    if (existsSync(this.#fresh)) return;
    await powerOff(this.#fleet, this.#host);
    renameSync(join(this.#host.directory, 'upper'), this.#fresh);
    mkdirSync(join(this.#host.directory, 'upper'));
  }

  #layers(ground: Ground): string[] {
    const layers = [this.#fresh, this.#base];
    return ground === 'packages' ? [join(this.#packages, 'upper'), ...layers] : layers;
  }

  /** How a path was when the disk was new. */
  stateAtFirst(ground: Ground, path: string): string | undefined {
    return stateInLayers(this.#layers(ground), path);
  }

  /** Boots it with nothing on its disk but its ground. */
  async boot(ground: Ground): Promise<Counter> {
    await this.off();
    mkdirSync(this.#disk, { recursive: true });
    await must(['mount', '-t', 'tmpfs', '-o', `size=${room},nr_inodes=${inodes},mode=0700`, 'faults', this.#disk]);
    this.#reader = undefined;
    return this.#boot(this.#layers(ground), this.#disk);
  }

  /** As after a power cut: the same disk, and nothing of what ran. */
  async bootAgain(ground: Ground): Promise<Counter> {
    await this.#unplug();
    return this.#boot(this.#layers(ground), this.#disk);
  }

  /** Makes the layer with the packages of a playbook. @param install sh that does */
  async layPackages(install: string): Promise<void> {
    await this.off();
    rmSync(this.#packages, { recursive: true, force: true });
    mkdirSync(this.#packages);
    await this.#boot(this.#layers('fresh'), this.#packages);
    const { code, stdout, stderr } = await this.exec(['sh', '-c', install]);
    if (code !== 0) throw new Error(`the packages of ${this.#host.name}: code ${code}\n${stdout}${stderr}`);
    await powerOff(this.#fleet, this.#host);
    // It renames folders it finds, which overlayfs refuses for those of a lower layer.
    for (const folder of ['docker', 'containerd'])
      rmSync(join(this.#packages, 'upper/var/lib', folder), { recursive: true, force: true });
    mkdirSync(join(this.#packages, 'whole'));
  }

  async #boot(lower: readonly string[], disk: string): Promise<Counter> {
    const upper = join(disk, 'upper');
    mkdirSync(upper, { recursive: true, mode: 0o755 });
    putFile({ lower: this.#base, upper }, shellPath, countingShell, 0o755);
    const layers: Disk = [{ at: '/', lower: lower.join(':'), upper, work: join(disk, 'work') }];
    await bootHost(this.#fleet, this.#host, this.#network, async () => layers);
    await waitForHost(this.#fleet, this.#host, this.#network, () => undefined);
    return new Counter(this.root);
  }

  /** Ends it at once and forgets its disk. */
  async off(): Promise<void> {
    await this.#unplug();
    // Namespaces of what has just ended may still hold it for a moment.
    const isGone = async (): Promise<true | undefined> =>
      (await run(['umount', this.#disk])).code === 0 || !isMounted(this.#disk) ? true : undefined;
    if (isMounted(this.#disk)) await waitFor(isGone, 20);
  }

  /** Its control group is gone with it, and what that had used. */
  async #unplug(): Promise<void> {
    this.#cpu = this.cpuSeconds();
    await unplug(this.#fleet, this.#host);
  }

  /** Seconds of CPU that everything on it has used, over all its boots. */
  cpuSeconds(): number {
    const file = join(findCgroupTrees().v2, cgroupName(this.#fleet, `h${this.#host.id}`), 'cpu.stat');
    const used = existsSync(file) ? /^usage_usec (\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
    return this.#cpu + Number(used ?? 0) / 1e6;
  }

  /** @param left paths, or folders with all below, that are not read */
  readDisk(left?: ReadonlySet<string>): TreeReading {
    this.#reader ??= new DiskReader(this.upper, this.#secrets);
    return this.#reader.read(left);
  }

  exec(argv: readonly string[]): Promise<CommandResult> {
    return execIn(this.#fleet, this.#host, argv);
  }

  /** Command lines of all that runs there, with NUL between words. */
  processes(): string[] {
    return pidsOf(cgroupName(this.#fleet, `h${this.#host.id}`), true).flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'latin1')];
      } catch {
        return []; // ended meanwhile
      }
    });
  }

  mounts(): string[] {
    return readFileSync(join(this.root, 'proc/1/mountinfo'), 'utf8')
      .split('\n')
      .flatMap((line) => line.split(' ')[4] ?? []);
  }

  /** No packet reaches the host, or they do again. */
  async link(state: 'up' | 'down'): Promise<void> {
    const { holder } = this.#network;
    await must(['nsenter', `--net=/proc/${holder}/ns/net`, '--', 'ip', 'link', 'set', `h${this.#host.id}`, state]);
  }

  /** Nothing more can be written to the disk: it has no room, or no inode, until `emptyDisk`. */
  async fillDisk(what: 'bytes' | 'inodes'): Promise<void> {
    // Who writes meanwhile makes the limit too low, which mount refuses.
    const isFull = async (): Promise<true | undefined> => {
      const { blocks, bfree, bsize, files, ffree } = statfsSync(this.#disk);
      const limit = what === 'bytes' ? `size=${(blocks - bfree) * bsize}` : `nr_inodes=${files - ffree}`;
      return (await run(['mount', '-o', `remount,${limit}`, this.#disk])).code === 0 ? true : undefined;
    };
    if ((await waitFor(isFull, 10)) === undefined) throw new Error('the disk cannot be made full');
  }

  async emptyDisk(): Promise<void> {
    await must(['mount', '-o', `remount,size=${room},nr_inodes=${inodes}`, this.#disk]);
  }
}

const isMounted = (path: string): boolean =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === path);
