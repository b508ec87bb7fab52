/**
 * The runbooks' commands do what they say. First logins and looks run on throwaway hosts, what edits the inventory in a
 * copy of the project; of what deploys only its hosts and tasks are listed here: the tests of the playbooks carry these
 * out.
 */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { playRoot, run } from '../cli/command-line.ts';
import { testFleet } from '../support/sandbox-fleet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { commandsOf, deployments, handbook, isDeployment, pages } from './pages.ts';

const home = temporaryFolder('home');
// Hosts of its own: those of other test files have the same names.
// The state of throwaway hosts stays where it is: elsewhere their base would have to be made again.
const sandboxes =
  process.env['PLAY_SANDBOX_DIR'] ??
  join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local/state'), 'play', 'sandbox');
const env = {
  ...process.env,
  MONITORING_PASSWORD_OONI: 'what an operator has',
  HOME: home,
  XDG_STATE_HOME: join(home, 'state'),
  PLAY_SANDBOX_DIR: sandboxes,
  PLAY_SANDBOX_FLEET: `${testFleet()}-runbooks`,
};

beforeAll(async () => {
  mkdirSync(join(home, '.ssh'), { mode: 0o700 });
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, '.ssh', 'id_ed25519')]);
});

/** A copy of what operators edit. */
function copyOfProject(): string {
  const dir = temporaryFolder('runbook');
  for (const folder of ['inventory', 'group_vars', 'host_vars', 'playbooks', 'roles', 'docs'])
    cpSync(join(playRoot, folder), join(dir, folder), { recursive: true });
  return dir;
}

/** What a command becomes here. */
function inTest(line: string): string[] {
  const words = line.split(' ').slice(1);
  const [command] = words;
  if (command === 'bootstrap' || command === 'doctor') return [...words, '--sandbox'];
  if (command === 'ping') return [...words, '--sandbox', '-l', 'monitoring.ooni.org'];
  return isDeployment(line) ? [...words, '--list-hosts', '--list-tasks'] : words;
}

/** What the text between two commands tells to do by hand. */
const byHand: Readonly<Record<string, (dir: string) => void>> = {
  './play lint': (dir) => {
    const own = join(dir, 'host_vars', 'ams-new.ooni.org');
    if (readFileSync(join(dir, 'inventory', 'hosts'), 'utf8').includes('ams-new') && !existsSync(own))
      cpSync(join(dir, 'host_vars', 'ams-pg-test.ooni.org'), own, { recursive: true });
  },
};

describe.sequential('each runbook', () => {
  test.each(pages)('%s', async (page) => {
    const dir = copyOfProject();
    const commands = commandsOf(page);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      expect(command).toMatch(/^\.\/play /);
      byHand[command]?.(dir);
      const words = inTest(command);
      const { code, stdout, stderr } = await run(join(playRoot, 'play'), words, { cwd: dir, env });
      // Lint may find something: that is what it is for.
      expect(code, `${command}\n${stdout}\n${stderr}`).toBe(words[0] === 'lint' && stderr === '' ? code : 0);
      if (words.includes('--list-tasks')) expect(stdout, command).toMatch(/hosts \([1-9]\d*\):[^]*tasks:\n +\S/);
    }
  });
});

/** A new backend is set up as any of them: backend.test.ts does it for four at once. */
const likeOthers = new Set([
  './play deploy-backend.ts --diff -l ams-new.ooni.org -C',
  './play deploy-backend.ts --diff -l ams-new.ooni.org',
]);

test.each(deployments.filter((line) => !likeOthers.has(line)))('a test carries it out: %s', (line) => {
  const tests = ['backend/backend', 'monitoring/monitoring', 'pipeline/pipeline'].map((name) =>
    readFileSync(join(playRoot, 'test', `${name}.test.ts`), 'utf8'),
  );
  expect(tests.some((text) => text.includes(`documented('${line}')`))).toBe(true);
});

describe('each documented line means the hosts it names, and tasks', () => {
  for (const line of handbook) {
    const words = line.split(' ').slice(1);
    test(line, async () => {
      const { code, stdout, stderr } = await run(join(playRoot, 'play'), [...words, '--list-hosts', '--list-tasks'], {
        cwd: playRoot,
        env,
      });
      expect(code, stderr).toBe(0);
      const limit = words[words.indexOf('-l') + 1];
      const listed = new Set([...stdout.matchAll(/^ {6}([\w-]+\.[\w.-]+)$/gm)].map(([, host]) => host));
      if (words.includes('-l')) expect([...listed]).toEqual([limit]);
      else expect(listed.size).toBeGreaterThan(0);
      expect(stdout).toMatch(/tasks:\n +\S/);
    });
  }
});
