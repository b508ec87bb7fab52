import { basename, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { playRoot, run, type Outcome } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { incidentProject } from './project.ts';

const hosts = useHosts('team1', 'team2');
const project = incidentProject(hosts, ['team1', 'team2'], {
  'playbooks/motd.ts': `
import { command, copy, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'team1:team2', become: true, tasks: ({ host }) => [
  copy({ dest: '/etc/motd', content: 'one\\n', mode: '0644' }),
  ...(host.name === 'team2' ? [command({ argv: ['test', '-e', '/srv/wanted'], changes: 'never' })] : []),
] });`,
});
const { play, events, on } = project;
/** Somebody else, who works at the same project with records of their own. */
const colleague = temporaryFolder('colleague');
const other = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), args, { cwd: project.dir, env: { ...process.env, XDG_STATE_HOME: colleague } });

beforeAll(async () => {
  project.writeInventory();
  await on('team2', 'touch /srv/wanted');
});

/** Waits until a host has on record what so many runs came to. */
async function ended(host: string, runs: number): Promise<void> {
  await expect.poll(() => on(host, 'grep -c ended /var/lib/play/log')).toBe(String(runs));
}

test('a run leaves its person, time, command, project and result on the hosts; a check leaves nothing', async () => {
  await play('motd', '--no-typecheck', '-C');
  expect(await on('team1', 'ls -d /var/lib/play')).toBe('');
  expect((await play('motd', '--no-typecheck', '-e', 'db_password=hunter2')).code).toBe(0);
  await ended('team1', 1);
  expect(await on('team1', 'stat -c %a%U /var/lib/play/log; grep -c hunter2 /var/lib/play/log')).toBe('600root\n0');

  const listed = await other('log', '--host', 'team1');
  expect(listed.stderr).toBe('');
  expect(listed.stdout).toMatch(
    /^\d{8}T\S+ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}\S+@\S+ {2}1 changed {2}play motd --no-typecheck -e 'db_password=\*+'\n$/,
  );
});

test('failures, runs that change nothing and shell commands are told apart; ours are among those of others, once', async () => {
  await on('team2', 'rm /srv/wanted');
  expect((await other('motd', '--no-typecheck')).code).toBe(2);
  await ended('team2', 2);
  expect((await other('run', 'exit 3', '-l', 'team1')).code).toBe(2);
  expect((await play('run', 'echo fine', '-l', 'team1')).code).toBe(0);

  const { stdout, code } = await play('log', '--host', 'team1:team2');
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/1 changed {2}play motd --no-typecheck -e .* on team1, team2$/);
  expect(lines[1]).toMatch(/team1: no changes on record, team2: 1 failed {2}play motd --no-typecheck$/);
  expect(lines[2]).toMatch(/1 failed {2}play run 'exit 3' -l team1 {2}on team1$/);
  expect(lines[3]).toMatch(/done {2}play run 'echo fine' -l team1 {2}on team1$/);

  const told = await events('log', '--host', 'team2', '-n', '1');
  expect(told[0]).toMatchObject({
    event: 'logged-run',
    kind: 'playbook',
    command: 'play motd --no-typecheck',
    project: project.dir,
    hosts: { team2: { changed: 0, failed: 1, interrupted: false } },
  });
  expect(told.at(-1)).toEqual({ event: 'recap', exit: 0 });
});

test('one run in detail, by project, and what is no run or project', async () => {
  const detail = await play('log', '2', '--host', 'team2', '--project', basename(project.dir));
  expect(detail.stdout).toMatch(
    /^play motd --no-typecheck -e .*\n {2}run .*\n {2}by .*\n {2}at .*\n {2}project {2}\/.*\n {2}team2 {2}1 changed\n {4}copy .*content\n/,
  );
  expect((await play('log', '--host', 'team1:team2', '--by', 'somebody')).stdout).toBe('');
  const motd = await play('log', '--host', 'team2', '--playbook', 'motd', '--since', '1h');
  expect(motd.stdout.trim().split('\n')).toHaveLength(2);
  const none = await play('log', '--host', 'team2', '--project', `${basename(project.dir)}x`);
  expect(none.stderr).toMatch(/Unknown project .*\n.*Did you mean/);
  expect(none.code).toBe(1);
  expect((await play('log', '--project', 'elsewhere')).stderr).toMatch(/Unknown project "elsewhere"/);
  expect((await play('log', '-l', 'team1')).stderr).toMatch(/play log --host team1/);
  expect((await play('log', '--hots', 'team1')).stderr).toMatch(/Did you mean --host/);
});

test('a damaged line and a link in the place of the log harm nobody, and the log stays short', async () => {
  await on(
    'team1',
    `cd /var/lib/play; echo '{"id":"2026' >>log; yes '{"id":"20200101T000000.000Z-000000","command":"play old","by":"a@b"}' | head -c 600000 >>log`,
  );
  expect((await play('log', '--host', 'team1')).stdout).toContain('play old');
  await on('team1', 'rm /etc/motd');
  expect((await play('motd', '--no-typecheck', '-l', 'team1')).code).toBe(0);
  await expect.poll(() => on('team1', 'find /var/lib/play/log -size -300k')).not.toBe('');
  expect((await play('log', '--host', 'team1')).stdout).toMatch(/1 changed {2}play motd --no-typecheck -l team1\n$/);

  await on('team1', 'echo keep >/root/target; ln -sf /root/target /var/lib/play/log');
  expect((await play('motd', '--no-typecheck', '-l', 'team1')).code).toBe(0);
  expect(await on('team1', 'cat /root/target')).toBe('keep');
});
