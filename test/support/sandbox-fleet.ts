/**
 * The fleet of one test run, removed with the run: two runs on a machine do not share hosts. As vitest `globalSetup`:
 *
 *     globalSetup: ['test/support/sandbox-fleet.ts']
 */
import { existsSync } from 'node:fs';
import { fleetNames } from '../../src/sandbox/state.ts';

const variable = 'PLAY_TEST_FLEET';
/** Fleets a run makes beside its first one have a suffix. */
const ofRun = /^test-(\d+)(-|$)/;

/**
 * The fleet of this worker of the run: a host that one file adds is written into /etc/hosts of its whole fleet, which
 * would be a change nobody made to the hosts of a file beside it.
 */
export function testFleet(): string {
  const worker = process.env['VITEST_POOL_ID'];
  return worker === undefined ? runFleet() : `${runFleet()}-w${worker}`;
}

/** Without hosts: what the workers of a run share is kept in its folder. */
export function runFleet(): string {
  return process.env[variable] || 'test'; // without the global setup
}

export function setup(): void {
  process.env[variable] ||= `test-${process.pid}`;
}

/** `PLAY_TEST_KEEP=1` keeps the hosts of this run, to look into. */
export function keepsHosts(): boolean {
  return process.env['PLAY_TEST_KEEP'] === '1';
}

/** Also takes away the fleets of runs that were killed. */
export async function teardown(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { removeSandbox } = await import('../../src/sandbox/index.ts');
  const kept = keepsHosts();
  for (const fleet of fleetNames()) {
    const pid = ofRun.exec(fleet)?.[1];
    const isOver = pid !== undefined && !existsSync(`/proc/${pid}`);
    const isOurs = fleet === runFleet() || fleet.startsWith(`${runFleet()}-`);
    if (isOver || (isOurs && !kept)) await removeSandbox(undefined, { fleet });
  }
}
