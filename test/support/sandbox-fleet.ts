/**
 * The fleet of one test run, removed with the run: two runs on a machine do not share hosts. As vitest `globalSetup`:
 *
 *     globalSetup: ['test/support/sandbox-fleet.ts']
 */
import { existsSync } from 'node:fs';
import { removeSandbox } from '../../src/sandbox/index.ts';
import { fleetNames } from '../../src/sandbox/state.ts';

const variable = 'PLAY_TEST_FLEET';
/** Fleets a run makes beside its first one have a suffix. */
const ofRun = /^test-(\d+)(-|$)/;

/** The fleet of this run. */
export function testFleet(): string {
  return process.env[variable] || 'test'; // without the global setup
}

export function setup(): void {
  process.env[variable] ||= `test-${process.pid}`;
}

/** Also takes away the fleets of runs that were killed. `PLAY_TEST_KEEP=1` keeps this run's, to look into. */
export async function teardown(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const kept = process.env['PLAY_TEST_KEEP'] === '1';
  for (const fleet of fleetNames()) {
    const pid = ofRun.exec(fleet)?.[1];
    const isOver = pid !== undefined && !existsSync(`/proc/${pid}`);
    const isOurs = fleet === testFleet() || fleet.startsWith(`${testFleet()}-`);
    if (isOver || (isOurs && !kept)) await removeSandbox(undefined, { fleet });
  }
}
