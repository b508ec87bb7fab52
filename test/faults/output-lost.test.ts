/** A run whose standard output is lost on a real host: the debt to a handler stays, and the next run pays it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, playRoot } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('lost1');
const project = makeProject({
  'site.ts': `
import { block, copy, definePlaybook, handler, shell } from 'play';
const log = (word: string) => shell({ cmd: 'echo ' + word + ' >>/root/log', changes: 'always' }, { name: word });
const reload = handler('reload', () => log('reload'));
export default definePlaybook({
  hosts: 'all', become: true,
  tasks: () => {
   const first = shell({ cmd: ': >/root/begun; until [ -e /root/go ]; do sleep 0.05; done', creates: '/root/go' }, { name: 'in hand' });
   // It reads the first one's result, so that it is not on its way to the host with it.
   const late = shell({ cmd: 'echo late >>/root/log', changes: 'always' }, { name: 'late', when: ({ results }) => !results(first).failed });
   return [
    copy({ dest: '/root/config', content: 'x' }, { notify: reload }),
    block([first, late], { always: [log('always')] }),
   ];
  },
});
`,
});

const sh = async (script: string): Promise<string> => (await hosts.exec('lost1', ['sh', '-c', script])).stdout.trim();

test('what was notified is owed, what is done always is done, the next run pays', async () => {
  const { address, user, privateKeyFile, knownHostsFiles = [], hostKeyAlias } = hosts.target('lost1');
  project.write({
    hosts: `lost1 ansible_host=${address} ansible_user=${user} ansible_ssh_private_key_file=${privateKeyFile} ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles[0]} -o HostKeyAlias=${hostKeyAlias}'\n`,
  });
  const child = spawn(join(playRoot, 'play'), ['site.ts', '-i', 'hosts', '--no-typecheck'], {
    cwd: project.dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  // As `| head -1` does.
  child.stdout.once('data', () => child.stdout.destroy());
  const ended = new Promise<number | null>((done) => child.once('close', done));
  await sh('until [ -e /root/begun ]; do sleep 0.05; done; : >/root/go');
  expect(await ended).toBe(99);
  expect(stderr).toMatch(/Standard output is lost: its reader is gone/);
  expect(await sh('cat /root/log; ls /var/lib/play/owed | wc -l')).toBe('always\n1');
  const { code, stdout } = await project.play('site.ts', '-i', 'hosts', '--no-typecheck');
  expect(stdout).toMatch(/owed since .*reload/);
  expect(code).toBe(0);
  expect(await sh('cat /root/log')).toMatch(/^always\nlate\nalways\nreload$/);
});
