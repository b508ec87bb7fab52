import { afterAll, beforeAll } from 'vitest';
import { connect, type Connection, type Target } from '../../src/connection/index.ts';
import { install } from './install.ts';
import type { LawHost } from './laws.ts';
import { useHosts } from './sandbox.ts';

/**
 * A Debian host of this name to hold resources to the laws on, logged in to as root, with the packages they are about.
 */
export function useLawHost(
  name: string,
  packages: readonly string[] = [],
  watched: readonly string[] = ['/etc', '/home'],
): LawHost & {
  /** A connection of its own, for a run that closes it. */ connect(): Promise<Connection>;
  /** How it is logged in to. */ target(): Target;
} {
  const hosts = useHosts(name);
  let connection: Promise<Connection> | undefined;
  const host: LawHost = {
    connection: () => (connection ??= connect(hosts.target(name, 'root'))),
    async sh(script, ...args) {
      const { code, stdout, stderr } = await hosts.exec(name, ['sh', '-c', script, 'sh', ...args]);
      if (code !== 0) throw new Error(`code ${code}: ${stderr}\n${script}`);
      return stdout;
    },
    watched,
  };
  if (packages.length > 0) beforeAll(async () => void (await host.sh(install(...packages))), 300_000);
  afterAll(async () => (await connection)?.close());
  return { ...host, connect: () => connect(hosts.target(name, 'root')), target: () => hosts.target(name, 'root') };
}
