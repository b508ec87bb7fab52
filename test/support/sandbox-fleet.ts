/**
 * The fleet of one test run, removed with the run: two runs on a machine do not share hosts. As vitest `globalSetup`:
 *
 *     globalSetup: ['test/support/sandbox-fleet.ts']
 */
import { existsSync } from 'node:fs';
import { removeSandbox } from '../../src/sandbox/index.ts';
import { fleetNames } from '../../src/sandbox/state.ts';

const variable = 'PLAY_TEST_FLEET';
const ofRun = /^test-(\d+)$/;

/** The fleet of this run; a run without the global setup shares `test`, which nobody removes. */
export function testFleet(): string {
  return process.env[variable] || 'test';
}

export function setup(): void {
  process.env[variable] ||= `test-${process.pid}`;
}

/** Also takes away the fleets of runs that were killed. */
export async function teardown(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const kept = process.env['PLAY_TEST_KEEP'] === '1';
  for (const fleet of fleetNames()) {
    const pid = ofRun.exec(fleet)?.[1];
    const isOver = pid !== undefined && !existsSync(`/proc/${pid}`);
    if (isOver || (fleet === testFleet() && !kept)) await removeSandbox(undefined, { fleet });
  }
}
