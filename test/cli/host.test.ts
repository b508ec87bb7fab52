/** `play host`: the inventory edited in place, and what else must follow. */
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, type Outcome, type Project } from './command-line.ts';

const ini = `# who is where
[ams]
a1 ansible_host=192.0.2.1   # the first
  a2

; empty so far
[hkg]

[racks:children]
ams
hkg

# those with a role
[web]
a1
w[01:03]
`;

const yaml = `# top
all:
  children:
    mail: # who mails
      hosts:
        m1: # first
          x: 1
    none:
`;

/** Of a host that is not edited: what is made of a group, narrowed by tags or not. */
const watch = `import { copy, definePlaybook } from 'play';
export default definePlaybook({
  hosts: 'm1',
  tags: 'watch',
  tasks: ({ groups }) => [
    copy({ dest: '/etc/targets', content: (groups['racks'] ?? []).join(), mode: '0644' }, { name: 'targets', tags: ['conf', 'targets'] }),
    copy({ dest: '/etc/racks', content: (groups['racks'] ?? []).join(), mode: '0644' }, { name: 'racks', tags: ['conf', 'racks'] }),
    copy({ dest: '/etc/sites', content: (groups['web'] ?? []).join(), mode: '0644' }, { name: 'sites', tags: ['conf', 'sites'] }),
    copy({ dest: '/etc/other', content: 'x', mode: '0644' }, { name: 'other', tags: 'conf' }),
  ],
});
`;

function project(): Project {
  return makeProject({
    'inventory/1-hosts': ini,
    'inventory/2-mail.yml': yaml,
    'host_vars/a2/vars.yml':
      'probe_jobs:\n  - name: machines\n    group: racks\n  - name: one\n    targets: [a1:22]\nallowed_saddr: [192.0.2.1]\ncertificate_names: [a1]\n',
    'host_vars/a1.yml': 'y: 1\n',
    'known_hosts': 'a1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+8bLvCkQQz3nCcV6LmVKl0TAUEoKwGVlzWqnRmMmpM\n',
    'playbooks/racks.ts': `import { definePlaybook } from 'play';\nexport default definePlaybook({ name: 'racks', hosts: 'racks' });\n`,
    'playbooks/watch.ts': watch,
    'playbooks/web.ts': `import { definePlaybook } from 'play';\nexport default definePlaybook({ name: 'web', hosts: 'web' });\n`,
  });
}

const hosts = (given: Project): string => readFileSync(join(given.dir, 'inventory/1-hosts'), 'utf8');
const mail = (given: Project): string => readFileSync(join(given.dir, 'inventory/2-mail.yml'), 'utf8');
const fine = ({ code, stdout, stderr }: Outcome): string => {
  expect(code, stderr).toBe(0);
  return stdout;
};

test('add puts the host behind the last of each group, in whatever form and file, and leaves all else alone', async () => {
  const given = project();
  chmodSync(join(given.dir, 'inventory/1-hosts'), 0o640);
  const args = [
    'host',
    'add',
    'n1',
    '--groups',
    'ams,hkg,racks',
    '-g',
    'mail,none',
    '--address',
    '192.0.2.9',
    '--port',
    '2222',
  ];
  const shown = fine(await given.play(...args, '-C', '--diff'));
  expect(shown).toMatch(
    /^\+ {2}n1 ansible_host=192\.0\.2\.9 ansible_port=2222$[\s\S]*^would add n1 to ams, hkg, racks, mail, none/m,
  );
  expect([hosts(given), mail(given)]).toEqual([ini, yaml]);
  const told = fine(await given.play(...args));
  expect(hosts(given)).toBe(
    ini
      .replace('  a2\n', '  a2\n  n1 ansible_host=192.0.2.9 ansible_port=2222\n')
      .replace('[hkg]\n', '[hkg]\nn1\n')
      .replace('[racks:children]', '[racks]\nn1\n\n[racks:children]'),
  );
  expect(mail(given)).toBe(
    yaml
      .replace('          x: 1\n', '          x: 1\n        n1:\n')
      .replace('    none:\n', '    none:\n      hosts:\n        n1:\n'),
  );
  expect(statSync(join(given.dir, 'inventory/1-hosts')).mode & 0o777).toBe(0o640);
  expect(readdirSync(join(given.dir, 'inventory'))).toEqual(['1-hosts', '2-mail.yml']);
  expect(told).toMatch(
    /bootstrap n1 -u root[\s\S]*whose plays match it now: racks\.ts\n +play racks\.ts -l n1 --diff -C[\s\S]*monitoring targets\n +probe_jobs reads racks \(host_vars\/a2\/vars\.yml:1:1\)\n +play racks\.ts -l a2 --diff -C/,
  );
  expect(fine(await given.play(...args))).toMatch(/already: nothing to change/);
});

test('remove takes its lines away, and names all that mentions it with the commands', async () => {
  const given = project();
  const told = fine(await given.play('host', 'remove', 'a1', '--diff'));
  expect(hosts(given)).toBe(ini.replace(/^a1.*\n/gm, ''));
  for (const line of [
    /whose plays no longer match it: racks\.ts, web\.ts/,
    /monitoring targets\n +probe_jobs reads racks .*\n +host_vars\/a2\/vars\.yml:5 \(probe_jobs\)\n +play racks\.ts -l a2 --diff -C/,
    /firewall rules\n +host_vars\/a2\/vars\.yml:6 \(allowed_saddr\)/,
    /certificates\n +host_vars\/a2\/vars\.yml:7 \(certificate_names\)/,
    /variables of the host\n +host_vars\/a1\.yml\n +git rm -r host_vars\/a1\.yml/,
    /known_hosts\n +known_hosts:1\n +ssh-keygen -R a1 -f known_hosts/,
  ])
    expect(told).toMatch(line);
  fine(await given.play('host', 'remove', 'm1'));
  expect(mail(given)).toBe(yaml.replace(/ +m1:.*\n +x: 1\n/, ''));
});

test('tasks of other hosts that come out otherwise are named, with the tags that select them and nothing else', async () => {
  const given = project();
  const added = fine(await given.play('host', 'add', 'n1', '--groups', 'web', '-C'));
  expect(added).toMatch(/made of groups\n +m1: sites\n +play watch\.ts -t sites -l m1 --diff -C\n/);
  const removed = fine(await given.play('host', 'remove', 'a2', '-C'));
  expect(removed).toMatch(/made of groups\n +m1: targets, racks\n +play watch\.ts -t targets,racks -l m1 --diff -C\n/);
  expect(fine(await given.play('host', 'add', 'n2', '--groups', 'mail', '-C'))).not.toContain('made of groups');
});

test('what mentions a host is narrowed to the roles that read the variable', async () => {
  const given = project();
  const role = (name: string, variable: string): string =>
    `import { defineRole, v } from 'play';\nexport const ${name} = defineRole(import.meta, { name: '${name}', vars: { ${variable}: v.optional(v.array(v.string()), []) }, tasks: () => [] });\n`;
  for (const [name, variable] of [
    ['certs', 'certificate_names'],
    ['guard', 'allowed_saddr'],
  ] as const) {
    mkdirSync(join(given.dir, 'roles', name), { recursive: true });
    writeFileSync(join(given.dir, 'roles', name, 'index.ts'), role(name, variable));
  }
  writeFileSync(
    join(given.dir, 'playbooks/racks.ts'),
    `import { definePlaybook } from 'play';\nimport { certs } from '../roles/certs/index.ts';\nimport { guard } from '../roles/guard/index.ts';\nexport default definePlaybook({ name: 'racks', hosts: 'racks', roles: [certs({}, { tags: ['tls', 'conf'] }), guard()] });\n`,
  );
  const told = fine(await given.play('host', 'remove', 'a1', '-C'));
  expect(told).toMatch(
    /certificates\n +host_vars\/a2\/vars\.yml:7 \(certificate_names\)\n +play racks\.ts -t tls -l a2 --diff -C/,
  );
  // The role has no tag: nothing narrows it.
  expect(told).toMatch(
    /firewall rules\n +host_vars\/a2\/vars\.yml:6 \(allowed_saddr\)\n +play racks\.ts -l a2 --diff -C/,
  );
});

test.each([
  ['an unknown group', ['add', 'n1', '--groups', 'asm'], /Unknown group "asm"\n.*"ams"/],
  ['no group', ['add', 'n1'], /Into which groups\?\n.*ams, hkg, racks/],
  ['an unknown host', ['remove', 'a3'], /Unknown host "a3"\n.*"a1"/],
  ['one of a range', ['remove', 'w02'], /w02 is one of w\[01:03\]\n.*1-hosts:16/],
  [
    'another address',
    ['add', 'a1', '--groups', 'hkg', '--address', '192.0.2.7'],
    /already, with another ansible_host\n.*1-hosts:3/,
  ],
  [
    'a port that is none',
    ['add', 'n1', '--groups', 'ams', '--port', '99999'],
    /--port needs a port, 1 to 65535, not "99999"/,
  ],
  [
    'a name with a port',
    ['add', 'web:x', '--groups', 'ams'],
    /"web:x" cannot be the name of a host\n.*a port is given with --port/,
  ],
  [
    'an address with a blank',
    ['add', 'n1', '--groups', 'ams', '--address', '192.0.2.7 '],
    /"192\.0\.2\.7 " is not a name or address to reach a host at/,
  ],
  ['an unknown word', ['delete', 'a1'], /Unknown host command "delete"/],
])('%s is an error, and nothing is written', async (_, args, said) => {
  const given = project();
  const { code, stderr } = await given.play('host', ...args);
  expect(stderr).toMatch(said);
  expect(code).toBe(1);
  expect(hosts(given)).toBe(ini);
});
