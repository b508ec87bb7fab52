/**
 * Real hosts for tests.
 *
 *     const hosts = useHosts('web1', 'web2');
 *     test('...', async () => {
 *       await connect(hosts.target('web1'));                 // as admin; target('web1', 'root' | 'operator' |
 *       'nosudo')
 *       expect((await hosts.exec('web1', ['cat', '/etc/motd'])).stdout).toContain('...');   // from outside, as root
 *     });
 *
 * A file gets its hosts pristine and for itself: another file that names the same ones waits. Give each file names of
 * its own where they may run side by side; 0.5 to 1 s a host.
 */
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Target } from '../../src/connection/types.ts';
import {
  listSandbox,
  resetSandbox,
  sandboxExec,
  sandboxPassword,
  sandboxRootPath,
  sandboxTarget,
  startSandbox,
  type CommandResult,
} from '../../src/sandbox/index.ts';
import { withLock } from '../../src/sandbox/lock.ts';
import { openFleet } from '../../src/sandbox/state.ts';
import { bundleSandbox } from './sandbox-bundle.ts';
import { runFleet, testFleet } from './sandbox-fleet.ts';
import { shortenLists } from './short-lists.ts';

export type LoginUser = 'root' | 'admin' | 'operator' | 'nosudo';

export interface TestHosts {
  readonly fleet: string;
  target(name: string, user?: LoginUser): Target;
  /** The host in an inventory, by which `admin` logs in. */
  inventoryLine(name: string): string;
  /** As root in the host's namespaces, not over ssh. */
  exec(name: string, argv: readonly string[], input?: string): Promise<CommandResult>;
  /** Pristine again, within about a second. */
  reset(...names: string[]): Promise<void>;
  /** What `operator` answers to sudo with. */
  password(): string;
  /** The host's `/` as a path on this machine. */
  rootPath(name: string): string;
}

export function useHosts(...names: readonly [string, ...string[]]): TestHosts {
  const fleet = testFleet();
  const releases: (() => void)[] = [];
  let self: readonly string[] = [];

  beforeAll(async () => {
    self = await bundleSandbox();
    for (const name of [...names].sort())
      releases.push(await hold(join(openFleet(fleet).directory, `test-${name}.lock`)));
    const known = new Set(listSandbox({ fleet }).map((host) => host.name));
    const used = names.filter((name) => known.has(name));
    const fresh = names.filter((name) => !known.has(name));
    const options = { fleet, self, onNotice: (text: string) => void process.stderr.write(`${text}\n`) };
    if (used.length > 0) await resetSandbox(used, options);
    if (fresh.length > 0) await startSandbox(fresh, options);
    await shorten(names);
  });

  async function shorten(some: readonly string[]): Promise<void> {
    // The fleet of a worker goes with each file: made for every one of them, the lists cost two seconds of CPU each time.
    const { directory } = openFleet(runFleet());
    await withLock(join(directory, 'short-lists.lock'), async () => {
      for (const name of some)
        await shortenLists(sandboxRootPath(name, { fleet }), join(directory, 'short-lists'), () =>
          sandboxExec(name, ['apt-cache', 'gencaches'], { fleet }),
        );
    });
  }

  afterAll(() => {
    for (const release of releases.splice(0)) release();
  });

  return {
    fleet,
    target: (name, user = 'admin') => sandboxTarget(name, { fleet, user }),
    inventoryLine(name) {
      const { address, privateKeyFile, knownHostsFiles } = sandboxTarget(name, { fleet, user: 'admin' });
      return `${name} ansible_host=${address} ansible_user=admin ansible_private_key_file=${privateKeyFile} ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles?.[0]} -o IdentityAgent=none -o HostKeyAlias=${name}'\n`;
    },
    exec: (name, argv, input) => sandboxExec(name, argv, { fleet, ...(input !== undefined && { input }) }),
    async reset(...some) {
      const meant = some.length > 0 ? some : names;
      await resetSandbox(meant, { fleet, self });
      await shorten(meant);
    },
    password: () => sandboxPassword({ fleet }),
    rootPath: (name) => sandboxRootPath(name, { fleet }),
  };
}

/** Takes a lock and gives the function that lets it go. */
function hold(file: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    withLock(file, () => new Promise<void>((done) => resolve(done))).catch(reject);
  });
}
