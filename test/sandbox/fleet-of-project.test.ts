/** The throwaway hosts of a project are its own. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sandboxFleet } from '../../src/targets/sandbox-fleet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('fleets');
const before = { cwd: process.cwd(), fleet: process.env['PLAY_SANDBOX_FLEET'] };

beforeEach(() => {
  delete process.env['PLAY_SANDBOX_FLEET'];
});
afterEach(() => {
  process.chdir(before.cwd);
  if (before.fleet === undefined) delete process.env['PLAY_SANDBOX_FLEET'];
  else process.env['PLAY_SANDBOX_FLEET'] = before.fleet;
});

function project(...parts: string[]): string {
  const path = join(folder, ...parts);
  mkdirSync(join(path, 'inventory'), { recursive: true });
  return path;
}

const fleetIn = (path: string, playbook?: string): string => {
  process.chdir(path);
  return sandboxFleet(playbook);
};

test('two checkouts of one name have two fleets; all folders of one have the same, by whatever path', () => {
  const one = project('a', 'Our Servers!');
  const other = project('b', 'Our Servers!');
  symlinkSync(one, join(folder, 'link'));
  expect(fleetIn(one)).toMatch(/^our-servers-[0-9a-f]{8}$/);
  expect(fleetIn(other)).not.toBe(fleetIn(one));
  expect(fleetIn(join(one, 'inventory'))).toBe(fleetIn(one));
  expect(fleetIn(join(folder, 'link'))).toBe(fleetIn(one));
});

test('from outside of any project, that of the playbook counts; PLAY_SANDBOX_FLEET beats both', () => {
  const one = project('c', 'sites');
  mkdirSync(join(folder, 'elsewhere'));
  expect(fleetIn(join(folder, 'elsewhere'), join(one, 'playbooks', 'web.ts'))).toBe(fleetIn(one));
  process.env['PLAY_SANDBOX_FLEET'] = 'mine';
  expect(fleetIn(one)).toBe('mine');
});
