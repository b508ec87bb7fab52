import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

const project = makeProject({
  'inventory/hosts': `[web]
web1 ansible_connection=local
[outer:children]
web
[outer:vars]
port=80
[web:vars]
port=8080
[empty]
`,
  'group_vars/outer.yml':
    'port: 81\nunused: 1\ngreeting: "{{ port | ipaddr }} is it"\nansible_python_interpreter: /usr/bin/python3\nansible_usr: bob\nof_ansible: 1\n',
  'roles/old/tasks/main.yml': '- debug: {msg: "{{ of_ansible }}"}\n',
  'group_vars/wbe.yml': 'x: 1\n',
  'host_vars/web2.yml': 'x: 1\n',
  'ansible.cfg':
    '[defaults]\nremote_user = deploy\nnocows = 1 ; no\n# forks = 3\nforks: 5\nhash_behaviour = merge\n[diff]\nalways = True\n[ssh_connection]\npipelining = True\nssh_args = -C -o ControlMaster=auto -o ControlPersist=60s\nhost_key_checking = True\n[privilege_escalation]\nbecome_method = sudo\n',
  'play.config.ts': `import { defineConfig } from 'play';\nexport default defineConfig({ forks: 5 });\n`,
  'playbooks/good.ts': `import { definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'web', name: 'good', tasks: ({ vars }) => (vars.port && vars.greeting ? [] : []) });\n`,
  'playbooks/hosts.ts': `import { definePlaybook } from 'play';\nexport default definePlaybook([{ hosts: 'wbe' }, { hosts: 'empty' }]);\n`,
  'playbooks/typed.ts': `import { definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'web', name: String(7), tasks: (): number[] => [] });\n`,
});

const expected = [
  ['ansible.cfg', 'ansible.cfg', 2, /defaults\.remote_user = deploy/, /Write user into play\.config\.ts/],
  ['ansible.cfg', 'ansible.cfg', 6, /does not have defaults\.hash_behaviour/, /never merged/],
  ['ansible.cfg', 'ansible.cfg', 8, /diff\.always = True/, /Write diff/],
  ['inventory', 'group_vars/wbe.yml', undefined, /no group "wbe"/, /spelling/],
  ['unknown-host', 'playbooks/hosts.ts', 2, /Unknown host or group "wbe"/, /Did you mean "web/],
  ['no-hosts', 'playbooks/hosts.ts', 2, /is for empty, which has no hosts/, /Give the group hosts/],
  ['types', 'playbooks/typed.ts', 2, /is not assignable/, /(?:)/],
  ['empty-group', 'inventory/hosts', 9, /^The group empty has no hosts/, /Give it hosts/],
  [
    'precedence',
    'group_vars/outer.yml',
    1,
    /^port of web1 is that of group_vars of outer \(next to the playbook\), not that of group web \(.*hosts:8/,
    /As in Ansible/,
  ],
  ['jinja', 'group_vars/outer.yml', 3, /greeting is a Jinja expression/, /TypeScript/],
  ['no-effect', 'group_vars/outer.yml', 4, /ansible_python_interpreter has no effect/, /Ansible/],
  ['misspelt', 'group_vars/outer.yml', 5, /ansible_usr means nothing/, /Did you mean ansible_user/],
  ['stray-file', 'host_vars/web2.yml', undefined, /no host "web2"/, /Did you mean "web1"/],
  ['unread', 'group_vars/outer.yml', 2, /Nothing reads unused \(of web1\)/, /Remove it/],
] as const;

test('lint names what Ansible would do otherwise and what looks wrong, each with its place and what to do', async () => {
  const { stdout, code } = await project.play('lint', '--output', 'jsonl');
  const found = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  expect(found.at(-1)).toEqual({ event: 'lint', findings: expected.length, exit: 1 });
  expect(found.slice(0, -1).map(({ rule, file, line }) => [rule, file, line])).toEqual(
    expected.map(([rule, file, line]) => [rule, `${project.dir}/${file}`, line]),
  );
  for (const [index, [, , , what, hint]] of expected.entries()) {
    expect(found[index]?.['what']).toMatch(what);
    expect(String(found[index]?.['hint'])).toMatch(hint);
  }
  expect(code).toBe(1);
});

test('for people: the place, the rule, what to do; only the playbooks named', async () => {
  const { stdout } = await project.play('lint', 'good');
  expect(stdout).toMatch(/^group_vars\/outer\.yml:1:\d+ {2}precedence {2}port of web1 .*\n {4}As in Ansible/m);
  expect(stdout).not.toContain('playbooks/');
  expect(stdout).toMatch(/\n11 findings\n$/);
});

test('--fix mends what YAML 1.1 and 1.2 read differently, and touches nothing else', async () => {
  const trapped = makeProject({
    'inventory/hosts': '[web]\nweb1 ansible_connection=local\n',
    'group_vars/all.yml':
      '# about  it\nflag: yes   # on\nmode: 0644\nratio: 2.0\n"quoted": "no"\nlist: [off, 1e3, 22:30]\non: {at: 2024-05-01 10:00:00}\n',
    'group_vars/notes.md': 'flag: yes\n',
    'playbooks/site.ts': `import { definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'web', tasks: ({ vars }) => (vars.flag && vars.mode && vars.ratio && vars.quoted && vars.list && vars.true ? [] : []) });\n`,
  });
  const named = await trapped.play('lint');
  expect(named.stdout.match(/ {2}spelling {2}/g)).toHaveLength(8);
  const mended = await trapped.play('lint', '--fix');
  expect(mended.stdout).toContain('group_vars/all.yml:3:7  mended  0644 -> "0644"\n');
  expect(readFileSync(join(trapped.dir, 'group_vars/all.yml'), 'utf8')).toBe(
    '# about  it\nflag: true   # on\nmode: "0644"\nratio: "2.0"\n"quoted": "no"\nlist: [false, "1e3", 1350]\ntrue: {at: "2024-05-01 10:00:00"}\n',
  );
  expect(readFileSync(join(trapped.dir, 'group_vars/notes.md'), 'utf8')).toBe('flag: yes\n');
  expect((await trapped.play('lint')).stdout).not.toContain('  spelling  ');
});

test('a project without a fault: exit code 0', async () => {
  const clean = makeProject({
    'inventory/hosts': '[web]\nweb1 ansible_connection=local\n',
    'playbooks/site.ts': `import { definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'web' });\n`,
    'none.cfg': '',
  });
  const env = { ...process.env, ANSIBLE_CONFIG: `${clean.dir}/none.cfg` };
  expect(await run(`${playRoot}/play`, ['lint'], { cwd: clean.dir, env })).toEqual({
    code: 0,
    stdout: 'nothing found\n',
    stderr: '',
  });
});

const key = (letter: string): string => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`;

test('what is left of hosts that went, one machine under two names, accounts given twice', async () => {
  const left = makeProject({
    'inventory/hosts':
      '[web]\nweb1.example.org ansible_host=192.0.2.1\nold.example.org\ntwin.example.org ansible_host=192.0.2.1\nother-port.example.org ansible_host=192.0.2.1 ansible_port=2222\n',
    'group_vars/web.yml': `probe_jobs:
  - targets: [https://old.example.org/, https://www.example.org/]
  - targets: [gone.example.org:9100, web1.example.org:9100]
  - targets: ["https://wbe1.example.org"]
  - targets: [shop.example.org]
site_names: [shop.example.org]
accounts:
  - { name: ann, uid: 2001, key: ${key('A')} ann@here }
  - { name: bob, uid: 2001, keys: ["${key('B')}"] }
  - { name: ann, uid: 2003 }
more_accounts:
  cid: { uid: 2004, key: '${key('B')} cid@there' }
`,
    'playbooks/site.ts': `import { definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'web', name: 'old.example.org', tasks: ({ vars: { probe_jobs, site_names, accounts, more_accounts } }) => (probe_jobs && site_names && accounts && more_accounts ? [] : []) });\n`,
  });
  const git = (...args: readonly string[]): Promise<Outcome> =>
    run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: left.dir });
  await git('init', '-q');
  await git('add', '.');
  await git('commit', '-qm', 'all');
  expect((await left.play('host', 'remove', 'old.example.org')).code).toBe(0);
  await git('commit', '-qam', 'less');
  const { stdout } = await run(`${playRoot}/play`, ['lint', '--output', 'jsonl'], {
    cwd: left.dir,
    env: { ...process.env, ANSIBLE_CONFIG: `${left.dir}/none.cfg` },
  });
  const found = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, unknown>)
    .filter(({ event, rule }) => event === 'finding' && rule !== 'types');
  expect(found.map(({ rule, what, line }) => `${String(rule)} ${String(line)} ${String(what)}`)).toEqual([
    'duplicate-address 3 web1.example.org, twin.example.org are all at 192.0.2.1',
    expect.stringMatching(/^lost-target 2 probe_jobs names old\.example\.org .*was a host and no longer is/),
    expect.stringMatching(/^lost-target 3 probe_jobs names gone\.example\.org .*which is not a host/),
    expect.stringMatching(/^lost-target 4 probe_jobs names wbe1\.example\.org/),
    expect.stringMatching(/^unknown-host 2 The playbook names old\.example\.org, which was a host/),
    expect.stringMatching(/^duplicate-account 7 ann and bob have the same uid 2001/),
    expect.stringMatching(/^duplicate-account 7 accounts has the account ann twice/),
    expect.stringMatching(/^duplicate-account 11 bob and cid have the same public key ssh-ed25519/),
  ]);
});

const ambiguous = makeProject({
  'inventory/hosts.yml': 'web:\n  hosts:\n    web1:\n      spare: no\n      old: yes\n',
  'inventory/group_vars/web/main.yml': 'swap: yes\nlist: [on, "off", {mode: 0644}]\n',
  'inventory/host_vars/web1.yml': 'umask: 022\nfine: "yes"\n',
});

test('all spellings two readers take otherwise are named at once, wherever they stand', async () => {
  const { stdout, code } = await ambiguous.play('lint');
  expect(stdout.match(/^\S+(?=  spelling)/gm)).toEqual([
    'inventory/hosts.yml:4:14',
    'inventory/hosts.yml:5:12',
    'inventory/group_vars/web/main.yml:1:7',
    'inventory/group_vars/web/main.yml:2:8',
    'inventory/group_vars/web/main.yml:2:26',
    'inventory/host_vars/web1.yml:1:8',
  ]);
  expect(stdout).toMatch(/6 findings\n$/);
  expect(code).toBe(1);
  writeFileSync(
    join(ambiguous.dir, 'play.config.ts'),
    `import { defineConfig } from 'play';\nexport default defineConfig({ yaml: 'strict' });\n`,
  );
  const run = await ambiguous.play('inventory', '--list');
  expect(run.stderr).toMatch(/Unquoted no is ambiguous[^]*play lint/);
});

test('from another folder, the ansible.cfg of the inventory is read, also where its variables cannot be', async () => {
  const away = makeProject({
    'old/.git/HEAD': 'ref: refs/heads/main\n',
    'old/ansible.cfg': '[defaults]\nvault_password_file = .vault\n',
    'old/inventories/live/hosts': '[web]\nweb1\n',
    'old/inventories/live/group_vars/all.yml': '$ANSIBLE_VAULT;1.1;AES256\n00\n',
    'new/package.json': '{}\n',
  });
  const { stdout, stderr, code } = await away.play('lint', '-i', 'old/inventories/live/hosts');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/old\/ansible\.cfg:2.*defaults\.vault_password_file = \.vault\n.*Write vaultPasswordFile/);
  expect(stdout).toMatch(/all\.yml.*This file may set ".*", but it is encrypted with Ansible Vault/);
  expect(code).toBe(1);
});
