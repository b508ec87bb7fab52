import { afterAll } from 'vitest';
import { connect, type Connection } from '../../src/connection/index.ts';
import type { LawHost } from './laws.ts';
import { useHosts, type TestHosts } from './sandbox.ts';

/** A host of this name to hold resources to the laws on, logged in to as root. */
export function lawHost(name: string, watched: readonly string[] = ['/etc']): { readonly host: LawHost; readonly hosts: TestHosts } {
  const hosts = useHosts(name);
  let connection: Promise<Connection> | undefined;
  afterAll(async () => (await connection)?.close());
  const host: LawHost = {
    connection: () => (connection ??= connect(hosts.target(name, 'root'))),
    async sh(script, ...args) {
      const { code, stdout, stderr } = await hosts.exec(name, ['sh', '-c', script, 'sh', ...args]);
      if (code !== 0) throw new Error(`code ${code}: ${stderr}\n${script}`);
      return stdout;
    },
    watched,
  };
  return { host, hosts };
}
