/**
 * What a block does always is done after the connection is lost too, over another one; where that cannot be, it is
 * said.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { makeProject, playRoot, type Outcome } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = useHosts('always1');
const elsewhere = join(temporaryFolder('elsewhere'), 'log');
const project = makeProject({
  'site.ts': `
import { block, definePlaybook, shell } from 'play';
const log = (word: string) => shell({ cmd: 'echo ' + word + ' >>/root/log', changes: 'always' }, { name: word });
export default definePlaybook({
  hosts: 'all', become: true,
  tasks: () => [
    block([
      block([shell({ cmd: ': >/root/begun; until [ -e /root/go ]; do sleep 0.05; done; echo in hand >>/root/log', changes: 'always' }, { name: 'in hand' }), log('late')], { always: [log('inner')], rescue: [log('rescue')] }),
      log('behind'),
    ], { always: [log('outer'), shell({ cmd: 'echo elsewhere >>${elsewhere}', changes: 'always' }, { name: 'elsewhere', delegateTo: 'localhost', become: false })] }),
    log('next'),
  ],
});
`,
});

beforeAll(async () => {
  const { address, user, privateKeyFile, knownHostsFiles = [], hostKeyAlias } = hosts.target('always1');
  project.write({
    hosts: `always1 ansible_host=${address} ansible_user=${user} ansible_ssh_private_key_file=${privateKeyFile} ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles[0]} -o HostKeyAlias=${hostKeyAlias}'\n`,
  });
  expect((await project.play('site.ts', '-i', 'hosts', '--list-hosts')).code).toBe(0);
});

const sh = async (script: string): Promise<string> => (await hosts.exec('always1', ['sh', '-c', script])).stdout.trim();

/**
 * Runs the play, does something to the host once its first task is under way, and lets that task go on when `until` was
 * printed.
 */
async function runAnd(harm: string, until: string): Promise<Outcome> {
  await sh('rm -f /root/begun /root/go /root/log');
  const child = spawn(join(playRoot, 'play'), ['site.ts', '-i', 'hosts', '--no-typecheck'], {
    cwd: project.dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const outcome = new Promise<Outcome>((done) => child.once('close', (code) => done({ code, stdout, stderr })));
  await sh(`until [ -e /root/begun ]; do sleep 0.05; done; ${harm}`);
  await Promise.race([outcome, vi.waitFor(() => expect(stdout).toContain(until), { timeout: 120_000, interval: 50 })]);
  await sh(': >/root/go');
  return await outcome;
}

/** sshd's process of the session, as when a firewall forgets it. */
const cut = `for p in $(pgrep -x sshd); do case $(tr '\\0' ' ' </proc/$p/cmdline) in *@notty*) kill -9 $p;; esac; done`;

test('after a lost connection, over another one; the host counts as lost all the same', async () => {
  const { code, stdout } = await runAnd(cut, 'waiting for what this run was doing there');
  // What was sent with it is done too, before anything is cleaned up.
  expect(await sh('cat /root/log')).toBe('in hand\nlate\ninner\nouter');
  expect(stdout).toContain('waiting for what this run was doing there');
  expect(stdout).toContain('the connection was lost and is back: the "always" tasks of its block run now ("inner")');
  expect(stdout).toMatch(
    /unreachable {2}always1\n {4}the connection to always1 was lost; whether "in hand" and what was sent with it took place is not known/,
  );
  expect(code).toBe(4);
});

test('where the host is not to be reached again, what is left undone is said', async () => {
  const { code, stdout } = await runAnd(`systemctl stop ssh.socket ssh 2>/dev/null; ${cut}`, '');
  expect(stdout).toContain(
    'lost and not reachable again, so the "always" tasks of its block were not done: "inner". Run again, or do them by hand.',
  );
  expect(stdout).toContain('were not done: "outer". Run again');
  expect(code).toBe(4);
  // What is delegated to a host that is there is done.
  expect(readFileSync(elsewhere, 'utf8')).toBe('elsewhere\nelsewhere\n');
  await sh('systemctl start ssh; rm -f /root/log');
  const next = await project.play('site.ts', '-i', 'hosts', '--no-typecheck');
  expect(next.stdout).toMatch(/does always \(outer, elsewhere\); it runs first/);
  expect(next.code).toBe(0);
  expect(await sh('head -n 2 /root/log')).toBe('inner\nouter');
});
