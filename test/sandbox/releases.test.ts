/** Hosts of other Debian releases: check mode tells what the run does, and a second run changes nothing. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFleet } from '../../src/sandbox/state.ts';
import { makeProject, playRoot, run, type Outcome } from '../cli/command-line.ts';
import { testFleet } from '../support/sandbox-fleet.ts';
import { skipTests } from '../support/skip-tests.ts';

if (process.env['PLAY_TEST_RELEASES'] !== '1')
  skipTests('each release takes minutes on a machine that never had it: PLAY_TEST_RELEASES=1 runs this');

const fleet = `${testFleet()}-releases`;
const project = makeProject({
  'inventory/hosts':
    'bull play_sandbox_release=bullseye\ntrix play_sandbox_release=trixie\nwrong play_sandbox_release=sid\n',
  'playbooks/site.ts': `
import { copy, definePlaybook, systemd, user } from 'play';
import { nginx } from 'play/roles/nginx';
export default definePlaybook({ hosts: 'all', become: true, roles: [nginx()], tasks: () => [
  copy({ dest: '/etc/motd', content: 'hi\\n' }), user({ name: 'ann' }), systemd({ name: 'nginx', state: 'started', enabled: true }),
] });
`,
});

const play = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), args, {
    cwd: project.dir,
    env: {
      ...process.env,
      XDG_STATE_HOME: join(project.dir, '.state'),
      PLAY_SANDBOX_DIR: openFleet(fleet).root,
      PLAY_SANDBOX_FLEET: fleet,
    },
  });
const site = async (...args: readonly string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await play('site', '--sandbox', '-l', 'bull,trix', '--no-typecheck', ...args);
  expect(code, stdout + stderr).toBe(0);
  return stdout
    .split('\n')
    .filter((line) => /^(?:changed|would change) /.test(line))
    .map((line) => line.replace('would change', 'changed').replaceAll(/\s+/g, ' '))
    .toSorted();
};

test('hosts of each release come up, and a role does there what check mode said', async () => {
  const ping = await play('ping', 'bull,trix', '--sandbox');
  expect(ping.stdout).toMatch(/bull ok .* debian 11/);
  expect(ping.stdout).toMatch(/trix ok .* debian 13/);
  const foreseen = await site('-C');
  expect(await site()).toEqual(foreseen);
  expect(foreseen.length).toBeGreaterThan(6);
  expect(await site()).toEqual([]);
}, 1_800_000);

test('a release that no host can be of is refused', async () => {
  const { code, stderr } = await play('ping', 'wrong', '--sandbox');
  expect(stderr).toContain('play_sandbox_release of wrong has to be one of bullseye, bookworm, trixie');
  expect(code).toBe(1);
});

test('a host stays what it is, unless it is made anew', async () => {
  const { code, stderr } = await play('ping', 'bull', '--sandbox', '--sandbox-release', 'trixie');
  expect(stderr).toContain('bull is of bullseye, and trixie was asked for');
  expect(stderr).toContain('play sandbox reset --release=trixie bull');
  expect(code).toBe(1);
});
