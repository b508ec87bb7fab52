/**
 * Ansible and play side by side on one host: the real ansible-playbook and play in check mode, and one lock for both.
 */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { noAnsible, pythonWithAnsible } from '../parity/run-ansible.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

const hosts = useHosts('side1');
const state = temporaryFolder('state');
const root = temporaryFolder('managed');
const managed = (text: string): string => text.replaceAll('ROOT', root);
const project = makeProject({
  'site.yml': managed(`
- hosts: all
  gather_facts: false
  tasks:
    - name: same text
      copy: {content: "same\\n", dest: ROOT/same.conf, mode: "0644"}
    - name: another text
      copy: {content: "from Ansible\\n", dest: ROOT/text.conf, mode: "0644"}
    - name: only Ansible
      file: {path: ROOT/only-ansible, state: directory, mode: "0755"}
    - name: an account
      user: {name: root}
    - name: a secret
      copy: {content: "{{ token }}", dest: ROOT/token, mode: "0600"}
      no_log: true
    - name: look
      command: id
      changed_when: false
    - name: each
      file: {path: "ROOT/{{ item }}", state: directory, mode: "0755"}
      loop: [one.d, two.d]
`),
  'group_vars/all.yml': 'token: hunter2-hunter2\n',
  'playbooks/root.ts': `
import { command, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'all', become: true, tasks: () => [command({ argv: ['true'], changes: 'always' })] });
`,
  'playbooks/site.ts': managed(`
import { command, copy, definePlaybook, file, user } from 'play';
export default definePlaybook({ hosts: 'all', tasks: () => [
  copy({ content: 'same\\n', dest: 'ROOT/same.conf', mode: '0644' }),
  copy({ content: 'from play\\n', dest: 'ROOT/text.conf', mode: '0644' }),
  user({ name: 'root' }),
  copy({ content: 'x', dest: 'ROOT/token', mode: '0600' }, { noLog: true }),
  command({ argv: ['id'], changes: 'never' }),
  file({ path: 'ROOT/one.d', state: 'directory', mode: '0755' }),
  file({ path: 'ROOT/two.d', state: 'directory', mode: '0755' }),
  file({ path: 'ROOT/only-play', state: 'directory', mode: '0755' }),
] });
`),
  'here': 'side1 ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n',
});
const env = { ...process.env, XDG_STATE_HOME: state, ANSIBLE_HOME: join(state, 'ansible') };
const play = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), args, { cwd: project.dir, env });

beforeAll(() => writeFileSync(join(project.dir, 'hosts'), hosts.inventoryLine('side1')));

test('what one would do and the other would not is told by what is managed', async (context) => {
  if (pythonWithAnsible() === undefined) context.skip(noAnsible);
  const given = ['compare', 'ansible', 'site.yml', '-i', 'here', '-l', 'side1', '-D'];
  const { code, stdout, stderr } = await play(...given, '--with', 'playbooks/site.ts');
  expect(stderr).not.toContain('error');
  const rows = stdout.split('\n').filter((line) => /^ {2}\S/.test(line));
  expect(rows.map((row) => row.trim().split(/ {2,}/))).toEqual([
    ['what', 'Ansible', 'play'],
    [`path ${root}/text.conf`, 'one text', 'another'],
    [`path ${root}/only-ansible`, 'would change', 'no task'],
    [`path ${root}/only-play`, 'no task', 'would change'],
    ['not comparable:'],
    ['what', 'Ansible', 'play'],
    ['command id', 'cannot tell', 'is right'],
  ]);
  expect(stdout).toMatch(
    /^side1 {2}3 differences, 1 not comparable; the same 4 changes \(8 tasks of Ansible, 8 of play\)$/m,
  );
  expect(stdout).toContain('-from Ansible\n      +from play\n');
  expect(stdout + stderr).not.toContain('hunter2');
  expect(code).toBe(3);
});

test('without a playbook of play it is held against its own import; where they agree, one line says so', async (context) => {
  if (pythonWithAnsible() === undefined) context.skip(noAnsible);
  project.write({
    'plain.yml': managed(`
- hosts: all
  gather_facts: false
  tasks:
    - name: same text
      copy: {content: "same\\n", dest: ROOT/same.conf, mode: "0644"}
    - name: each
      file: {path: "ROOT/{{ item }}", state: directory, mode: "0755"}
      loop: [one.d, two.d]
`),
  });
  const { code, stdout, stderr } = await play('compare', 'ansible', 'plain.yml', '-i', 'here', '--output', 'json');
  expect({ stderr, ...(JSON.parse(stdout) as object) }).toMatchObject({
    stderr: '',
    exit: 0,
    hosts: [
      {
        host: 'side1',
        agree: true,
        rows: [],
        both: [`path ${root}/same.conf`, `path ${root}/one.d`, `path ${root}/two.d`],
      },
    ],
  });
  expect(code).toBe(0);
});

test('a host that is locked for a command is left alone by runs, which say by whom; killed, it frees it', async () => {
  const lockedBy = spawn(
    join(playRoot, 'play'),
    [
      'with-lock',
      'side1',
      '-i',
      'hosts',
      '--',
      'sh',
      '-c',
      'touch begun; while [ ! -e go ]; do sleep 0.1; done; exit 7',
    ],
    { cwd: project.dir, env, stdio: 'ignore' },
  );
  const left = new Promise((done) => lockedBy.once('exit', (code, signal) => done(code ?? signal)));
  await expect.poll(() => existsSync(join(project.dir, 'begun')), { timeout: 120_000 }).toBe(true);
  const busy = await play('playbooks/root.ts', '-i', 'hosts', '--wait=0');
  expect(busy.stdout + busy.stderr).toMatch(/is held by .*: play with-lock side1 -i hosts -- sh -c/);
  expect(busy.code).toBe(2);
  // A second one is no exception, and its command is never begun.
  const second = await play('with-lock', 'side1', '-i', 'hosts', '--wait=0', '--', 'touch', 'never');
  expect(second.stderr).toContain('is held by');
  expect(existsSync(join(project.dir, 'never'))).toBe(false);
  writeFileSync(join(project.dir, 'go'), '');
  expect(await left).toBe(7);
  expect((await play('with-lock', 'side1', '-i', 'hosts', '--wait=0', '--', 'sh', '-c', 'kill -TERM $$')).code).toBe(
    143,
  );

  const killed = spawn(
    join(playRoot, 'play'),
    ['with-lock', 'side1', '-i', 'hosts', '--', 'sh', '-c', 'touch third; exec sleep 20'],
    {
      cwd: project.dir,
      env,
      stdio: 'ignore',
    },
  );
  await expect.poll(() => existsSync(join(project.dir, 'third')), { timeout: 120_000 }).toBe(true);
  killed.kill('SIGKILL');
  expect((await play('playbooks/root.ts', '-i', 'hosts', '--wait=30')).code).toBe(0);
});
