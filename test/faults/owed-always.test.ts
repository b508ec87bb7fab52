/**
 * What a block does always is owed from its first change on: a run that is killed, or left by a second Ctrl-C, leaves it
 * to the next one, which begins with it.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { makeProject, playRoot, run, type Outcome } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = useHosts('owed1', 'owed2');
const env = { ...process.env, XDG_STATE_HOME: temporaryFolder('state') };

const site = (always: string): string => `
import { block, copy, definePlaybook, shell } from 'play';
const log = (word: string, keywords = {}) => shell({ cmd: 'echo ' + word + ' >>/root/log', changes: 'always' }, { name: word, ...keywords });
export default definePlaybook({
  name: 'bounce', hosts: 'owed1', become: true,
  tasks: () => [
    copy({ dest: '/root/before', content: 'x', mode: '0644' }),
    block([
      log('allocation off'),
      block([log('stop'), shell({ cmd: ': >/root/begun; until [ -e /root/go ]; do sleep 0.05; done', changes: 'always' }, { name: 'in hand' })], { always: [log('start')] }),
    ], { always: [${always}] }),
    log('next'),
  ],
});
`;
const allocation = `log('allocation on', { delegateTo: 'owed2' }), log('told', { runOnce: true })`;
const project = makeProject({ 'site.ts': site(allocation) });

const sh = async (script: string, host = 'owed1'): Promise<string> =>
  (await hosts.exec(host, ['sh', '-c', script])).stdout.trim();
const play = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), [...args, '-i', 'hosts'], { cwd: project.dir, env });

beforeAll(() => {
  project.write({ hosts: hosts.inventoryLine('owed1') + hosts.inventoryLine('owed2') });
});
beforeEach(async () => {
  for (const host of ['owed1', 'owed2']) await sh('rm -rf /root/begun /root/go /root/log /var/lib/play', host);
});

/** Runs the play up to the task that waits, and does this to it. @returns what it came to */
async function runUntilInHand(
  end: (kill: (signal: NodeJS.Signals) => void, said: (text: string) => Promise<void>) => Promise<void>,
): Promise<Outcome> {
  const child = spawn(join(playRoot, 'play'), ['site.ts', '-i', 'hosts', '--no-typecheck'], {
    cwd: project.dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const outcome = new Promise<Outcome>((done) => child.once('close', (code) => done({ code, stdout, stderr })));
  await Promise.race([outcome, sh('until [ -e /root/begun ]; do sleep 0.05; done')]);
  await end(
    (signal) => child.kill(signal),
    (text) => vi.waitFor(() => expect(stderr).toContain(text), { timeout: 120_000, interval: 20 }),
  );
  const came = await outcome;
  await sh(': >/root/go');
  return came;
}

test('SIGKILL: the next run does it first, inner blocks before outer ones, and takes it off the records', async () => {
  await runUntilInHand(async (kill) => kill('SIGKILL'));
  const status = await play('status', 'owed1');
  expect(status.stdout).toMatch(
    /owed since \S+ by \S+: what a block of play "bounce" does always \(start\) \([0-9a-f]{8}\)/,
  );
  expect(status.stdout).toContain('does always (allocation on, told)');

  const foreseen = await play('site.ts', '-C', '--no-typecheck');
  expect(foreseen.stdout).toMatch(/does always \(start\); it would run first/);
  const first = foreseen.stdout
    .split('\n')
    .flatMap((line) => /^would change {2}owed1 {2}(.+?)(?: {2}|$)/.exec(line)?.[1] ?? []);
  expect(first.slice(0, 3)).toEqual(['start', 'allocation on', 'told']);
  expect(await sh('ls /var/lib/play/owed | wc -l')).toBe('2');

  const next = await play('site.ts', '--no-typecheck');
  expect(next.stdout).toMatch(/does always \(allocation on, told\); it runs first/);
  expect(next.code).toBe(0);
  expect(await sh('cat /root/log')).toBe('allocation off\nstop\nstart\ntold\nallocation off\nstop\nstart\ntold\nnext');
  expect(await sh('cat /root/log', 'owed2')).toBe('allocation on\nallocation on');
  expect(await sh('ls -d /var/lib/play/owed 2>&1 || :')).toContain('No such file');
});

test('the second Ctrl-C says what was not cleaned, by host; what the playbook no longer has is dropped by name', async () => {
  const { code, stderr } = await runUntilInHand(async (kill, said) => {
    kill('SIGTERM');
    await said('Interrupted');
    kill('SIGTERM');
  });
  expect(code).toBe(99);
  expect(stderr).toMatch(
    /owed1: not done, though a block of play "bounce" does it always: "start"\n.*owed1: not done, .*: "allocation on", "told"\n.*the next run of this playbook there does it first/s,
  );
  project.write({ 'site.ts': site(`log('another')`) });
  await vi.waitFor(async () => expect(await sh('cat /root/log')).toContain('stop'), { timeout: 120_000 });
  const { stdout } = await play('site.ts', '--no-typecheck');
  const [, id = 'none'] =
    /this playbook no longer has that block\. Do it by hand, then: play owed owed1 --drop ([0-9a-f]{8})/.exec(stdout) ??
    [];
  expect((await play('owed', 'owed1', '--drop', id)).stdout).toMatch(
    /^owed1 {2}no longer owed: owed since .*\(allocation on, told\)/,
  );
  expect((await play('owed', 'owed1')).stdout).toBe('owed1  nothing is owed\n');
  expect((await play('owed', 'owed1', '--drop', id)).stdout).toContain(`Nothing is owed on owed1 as ${id}`);
  project.write({ 'site.ts': site(allocation) });
});

test('what fails when it is paid stays owed, and the run goes on to what may mend it', async () => {
  const failing = `shell({ cmd: 'test -e /root/mended', changes: 'always' }, { name: 'green' })`;
  project.write({ 'site.ts': site(failing) });
  await runUntilInHand(async (kill) => kill('SIGKILL'));
  const { stdout, code } = await play('site.ts', '--no-typecheck');
  expect(stdout).toContain('still owed: "green"');
  expect(stdout).toMatch(
    /the "always" tasks of its block stay owed \("green"\): the next run of this playbook begins with them/,
  );
  expect(code).toBe(2);
  await sh(': >/root/mended');
  expect((await play('site.ts', '--no-typecheck')).code).toBe(0);
  expect((await play('owed', 'owed1')).stdout).toBe('owed1  nothing is owed\n');
});
