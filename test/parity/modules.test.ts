/**
 * Modules of Ansible beside the resources that mirror them, on files of this machine: from the same file both come to
 * the same text, or to one that is named as different, and neither finds anything to do in what the other wrote.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Task } from '../../src/playbook/index.ts';
import {
  authorizedKey,
  blockinfile,
  iniFile,
  knownHosts,
  lineinfile,
  replace,
  sysctl,
} from '../../src/resources/index.ts';
import { runPlay } from '../support/run-play.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { askAnsible, noAnsible, pythonWithAnsible, type Answer } from './run-ansible.ts';

interface ModuleCase {
  readonly name: string;
  /** What the file holds before; undefined: there is none. */
  readonly before?: string;
  /** The module with its options as YAML, without the path. */
  readonly module: string;
  readonly resource: (path: string) => Task<unknown>;
  /** What play makes of it, where that is not byte for byte what Ansible does. */
  readonly otherwise?: string;
}

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINWb7VEgq+WYZ26SxkhcFcBBuzf1oGfXIZ7KPZPSxQdQ';
const old =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCmqL77y6a1+6TwPtMD6NiIjVp+cb5Tj/GkcURxDnZcUS5qfxy/MJtL/8/SmjLnhtNXUKYqKTYIciOXHQYeoYVw=';
const ini = '[one]\ngone = 1\n#commented = 3\nkept=2\n\n[two]\nx = 1\n';

const cases: readonly ModuleCase[] = [
  {
    name: 'ini_file: a new file, without the blank line at its top',
    module: 'community.general.ini_file: {section: web, option: port, value: "80"',
    resource: (path) => iniFile({ path, section: 'web', option: 'port', value: '80' }),
    otherwise: '[web]\nport = 80\n',
  },
  {
    name: 'ini_file: an option that is commented out',
    before: ini,
    module: 'community.general.ini_file: {section: one, option: commented, value: "7"',
    resource: (path) => iniFile({ path, section: 'one', option: 'commented', value: '7' }),
  },
  {
    name: 'ini_file: an option goes',
    before: ini,
    module: 'community.general.ini_file: {section: one, option: gone, state: absent',
    resource: (path) => iniFile({ path, section: 'one', option: 'gone', state: 'absent' }),
  },
  {
    name: 'ini_file: a section goes',
    before: ini,
    module: 'community.general.ini_file: {section: one, state: absent',
    resource: (path) => iniFile({ path, section: 'one', state: 'absent' }),
  },
  {
    name: 'ini_file: another section, without blanks',
    before: ini,
    module: 'community.general.ini_file: {section: three, option: host, value: b c, no_extra_spaces: true',
    resource: (path) => iniFile({ path, section: 'three', option: 'host', value: 'b c', noExtraSpaces: true }),
  },
  {
    name: 'authorized_key: one more, with options',
    before: `# note\n${old} old\n`,
    module: `ansible.posix.authorized_key: {user: root, manage_dir: false, key: "${key} me", key_options: 'no-pty,from="10.0.0.1"'`,
    resource: (path) =>
      authorizedKey({ user: 'root', manageDir: false, path, key: `${key} me`, keyOptions: 'no-pty,from="10.0.0.1"' }),
  },
  {
    name: 'authorized_key: exclusive, but comments stay',
    before: `# note\n${old} old\n`,
    module: `ansible.posix.authorized_key: {user: root, manage_dir: false, exclusive: true, key: "${key} me"`,
    resource: (path) => authorizedKey({ user: 'root', manageDir: false, exclusive: true, path, key: `${key} me` }),
    otherwise: `# note\n${key} me\n`,
  },
  {
    name: 'sysctl: written with blanks, as sysctl(8) prints it',
    before: '# note\nkernel.x=1\n',
    module: 'ansible.posix.sysctl: {name: net.ipv4.ip_forward, value: "1", reload: false',
    resource: (path) => sysctl({ sysctlFile: path, name: 'net.ipv4.ip_forward', value: '1', reload: false }),
    otherwise: '# note\nkernel.x=1\nnet.ipv4.ip_forward = 1\n',
  },
  {
    name: 'known_hosts',
    before: `other.example ${old}\n`,
    module: `known_hosts: {name: git.example.net, key: "git.example.net ${key}"`,
    resource: (path) => knownHosts({ path, name: 'git.example.net', key: `git.example.net ${key}` }),
  },
  {
    name: 'blockinfile',
    before: 'a\nb\n',
    module: 'blockinfile: {block: "one\\ntwo", insertafter: a',
    resource: (path) => blockinfile({ path, block: 'one\ntwo', insertAfter: 'a' }),
  },
  {
    name: 'lineinfile: of several lines the last',
    before: 'b=1\na=1\na=3\n',
    module: 'lineinfile: {regexp: "^a=", line: a=2',
    resource: (path) => lineinfile({ path, regexp: '^a=', line: 'a=2' }),
  },
  {
    name: 'replace',
    before: 'k=old\nj=old z\n',
    module: "replace: {regexp: '(\\w+)=old', replace: '\\1=new'",
    resource: (path) => replace({ path, regexp: '(\\w+)=old', replace: '\\1=new' }),
  },
];

const python = pythonWithAnsible();
const hasCollections =
  python !== undefined &&
  isImportable('ansible_collections.community.general') &&
  isImportable('ansible_collections.ansible.posix');

function isImportable(name: string): boolean {
  try {
    execFileSync(python ?? 'python3', ['-c', `import ${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const folder = temporaryFolder('modules');

const fileOf = (by: 'ansible' | 'play', index: number): string => join(folder, by, String(index));
const textOf = (by: 'ansible' | 'play', index: number): string => readFileSync(fileOf(by, index), 'utf8');

/** Runs all modules on the files of one of them. @returns what each came to: `ok` or `changed` */
async function byAnsible(files: 'ansible' | 'play'): Promise<readonly string[]> {
  const tasks = cases.map(({ module }, i) => {
    const option = module.includes('sysctl:') ? 'sysctl_file' : 'path';
    return `    - ${module}, ${option}: ${fileOf(files, i)}}`;
  });
  writeFileSync(
    join(folder, 'modules.yml'),
    `- hosts: localhost\n  gather_facts: false\n  tasks:\n${tasks.join('\n')}\n`,
  );
  const [answer] = (await askAnsible(
    python ?? '',
    folder,
    [
      {
        args: ['-i', 'localhost,', '-c', 'local', '-e', `ansible_python_interpreter=${python ?? ''}`, 'modules.yml'],
        cwd: folder,
        env: {},
      },
    ],
    'minimal',
  )) as [Answer];
  expect(answer.exit, answer.output).toBe(0);
  return [...answer.output.matchAll(/^localhost \| (CHANGED|SUCCESS)/gm)].map(([, word]) =>
    word === 'CHANGED' ? 'changed' : 'ok',
  );
}

async function byPlay(files: 'ansible' | 'play'): Promise<readonly string[]> {
  const run = await runPlay({ hosts: 'all', tasks: () => cases.map(({ resource }, i) => resource(fileOf(files, i))) });
  expect(run.tasks.filter(({ error }) => error !== null).map(({ error }) => error)).toEqual([]);
  return run.tasks.map(({ status }) => status);
}

test("modules and resources come to the same, and find each other's work right", async ({ skip }) => {
  skip(python === undefined, noAnsible);
  skip(!hasCollections, 'no collections here: apt-get install ansible');
  for (const by of ['ansible', 'play'] as const) {
    mkdirSync(join(folder, by));
    for (const [i, { before }] of cases.entries())
      if (before !== undefined) writeFileSync(fileOf(by, i), before, { mode: 0o600 });
  }
  expect(await byAnsible('ansible')).toEqual(cases.map(() => 'changed'));
  expect(await byPlay('play')).toEqual(cases.map(() => 'changed'));
  for (const [i, { name, otherwise }] of cases.entries()) {
    expect(existsSync(fileOf('ansible', i)), name).toBe(true);
    if (otherwise === undefined) expect(textOf('play', i), name).toBe(textOf('ansible', i));
    else expect([textOf('play', i), textOf('ansible', i) === otherwise], name).toEqual([otherwise, false]);
  }
  // What each finds in the other's files. Comments are all that Ansible takes out of a list that play wrote.
  expect(await byPlay('ansible')).toEqual(cases.map(() => 'ok'));
  expect(await byAnsible('play')).toEqual(cases.map(({ name }) => (name.includes('comments stay') ? 'changed' : 'ok')));
});
