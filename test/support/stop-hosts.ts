/**
 * The hosts of a test file go when the file is done: with ClickHouse and Prometheus on some of them, they would slow
 * down every file after it. Their network and its proxy, which take two Node processes to start, stay for the next file
 * of the worker. As vitest `setupFiles`, which makes this the last hook of each file.
 */
import { afterAll } from 'vitest';
import { fleetNames } from '../../src/sandbox/state.ts';
import { keepsHosts, testFleet } from './sandbox-fleet.ts';

afterAll(async () => {
  const own = testFleet();
  const fleets =
    process.getuid?.() === 0 && !keepsHosts()
      ? fleetNames().filter((fleet) => fleet === own || fleet.startsWith(`${own}-`))
      : [];
  if (fleets.length === 0) return;
  const { removeSandbox } = await import('../../src/sandbox/index.ts');
  const { emptyFleet } = await import('./empty-fleet.ts');
  for (const fleet of fleets) await (fleet === own ? emptyFleet(fleet) : removeSandbox(undefined, { fleet }));
});
