import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, playRoot } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('killed1');
const project = makeProject({
  'site.ts': `
import { copy, command, definePlaybook, file, handler, lineinfile, user } from 'play';
const note = handler('note', () => command({ argv: ['sh', '-c', 'echo ran >>/root/handled'], changes: 'always' }));
const numbers = Array.from({ length: 30 }, (_, n) => n);
export default definePlaybook({
  hosts: 'all', become: true, handlers: [note],
  tasks: ({ vars }) => [
    file({ path: '/srv/killed', state: 'directory', mode: '0755' }),
    ...numbers.map((n) => copy({ dest: \`/srv/killed/file \${n}\`, content: \`\${String(vars['stamp'])} \${n}\\n\`.repeat(2000), mode: '0640', owner: 'admin' }, { notify: note })),
    command({ argv: ['sh', '-c', 'sleep 0.3; date >/srv/killed/slow'], creates: '/srv/killed/slow' }),
    user({ name: 'killed', createHome: false }),
    ...numbers.map((n) => lineinfile({ path: \`/srv/killed/file \${n}\`, line: \`\${String(vars['stamp'])} \${n}\` })),
  ],
});
`,
});

const inventory = (): string => {
  const { address, user, privateKeyFile, knownHostsFiles = [], hostKeyAlias } = hosts.target('killed1');
  return `killed1 ansible_host=${address} ansible_user=${user} ansible_ssh_private_key_file=${privateKeyFile} ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles[0]} -o HostKeyAlias=${hostKeyAlias}'\n`;
};
const sh = async (script: string): Promise<string> => (await hosts.exec('killed1', ['sh', '-c', script])).stdout.trim();

/** Kills play, with all it started, this long after it began its first exchange. */
async function killedAfter(milliseconds: number, stamp: number): Promise<void> {
  const child = spawn(join(playRoot, 'play'), ['site.ts', '-i', 'hosts', '-e', `stamp=${stamp}`, '-vv', '--no-typecheck'], { cwd: project.dir, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((done) => child.once('close', done));
  await Promise.race([ended, new Promise((done) => child.stdout.once('data', done))]);
  await new Promise((done) => setTimeout(done, milliseconds));
  if (child.pid !== undefined) {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It was done already: also a moment to be killed at.
    }
  }
  await ended;
}

test('a run killed at any moment, then run again, converges: nothing is half written, no handler is lost, nothing is left behind', async () => {
  project.write({ hosts: inventory() });
  expect((await project.play('site.ts', '-i', 'hosts', '--list-hosts')).code).toBe(0);
  let stamp = 0;
  for (const moment of [0, 60, 150, 300, 600]) {
    stamp++;
    await sh(`rm -rf /root/handled; [ ${stamp} -lt 4 ] || rm -rf /srv/killed`);
    await killedAfter(moment, stamp);
    const again = await project.play('site.ts', '-i', 'hosts', '-e', `stamp=${stamp}`, '--no-typecheck');
    expect(`${moment} ms: ${again.code} ${again.code === 0 ? '' : again.stdout + again.stderr}`).toBe(`${moment} ms: 0 `);
    expect(await sh('cat /srv/killed/file* | sort | uniq -c | wc -l; cat /srv/killed/file* | wc -l; cat /srv/killed/file* | cut -d" " -f1 | sort -u')).toBe(`30\n60000\n${stamp}`);
    expect(await sh('grep -c ran /root/handled')).not.toBe('0');
    const settled = await project.play('site.ts', '-i', 'hosts', '-e', `stamp=${stamp}`, '--no-typecheck');
    expect(settled.stdout).toMatch(/changed=0 .*failed=0/);
    expect(await sh("find /srv /etc /tmp /root /var/lib/play -name '.play-*' -o -path '/var/lib/play/*' 2>/dev/null")).toBe('');
  }
  // Lanes of killed runs are gone, and their folders are swept by the next one.
  expect(await sh('ls -d /run/play.* 2>/dev/null | wc -l')).toBe('0');
}, 300_000);
