import { expect, test } from 'vitest';
import { withTypes } from '../support/with-types.ts';
import { localWeb, makeProject, sayPlaybook } from './command-line.ts';

withTypes();

const project = makeProject({
  'inventory/hosts': localWeb,
  'playbooks/site.ts': sayPlaybook,
  'playbooks/ill-typed.ts': `import { definePlaybook } from 'play';\nconst port: number = '80';\nexport default definePlaybook({ hosts: 'web', name: String(port) });\n`,
  'playbooks/throws.ts': `import { definePlaybook } from 'play';\nconst nothing = JSON.parse('null');\nexport default definePlaybook({ hosts: nothing.hosts });\n`,
  'playbooks/syntax.ts': `export default definePlaybook({ hosts: 'web' `,
  'playbooks/nothing.ts': `export const x = 1;\n`,
  'bad-port': 'web1 ansible_port=ssh\n',
  'bad-connection': 'web1 ansible_connection=loca\n',
  'port': '[web]\nweb1 ansible_port=99999\n',
  'misspelt': '[web]\nweb1 ansible_hots=10.0.0.1\n',
  'refused': 'web1 ansible_become_flags=-n\n',
  'always': '[web]\nweb1 ansible_become=true ansible_become_user=deploy ansible_connection=local\n',
  'real': '[web]\nweb1\n',
  'group_vars/web.yml': 'greeting: hello\nloudness: "{{ volume }}"\n',
  'playbooks/declares.ts': `import { debug, definePlaybook, defineRole, v } from 'play';\nconst role = defineRole(import.meta, { name: 'radio', vars: { radio_port: v.optional(v.number(), 80) }, tasks: ({ vars }) => [debug({ msg: String(vars.radio_port) })] });\nexport default definePlaybook({ hosts: 'web', vars: { station: 'one' }, tasks: () => [role({})] });\n`,
  'playbooks/never.ts': `import { definePlaybook } from 'play';\nexport default definePlaybook({ name: 'never', hosts: 'web', become: false });\n`,
  'playbooks/postgres.ts': `import { command, definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'web', tasks: () => [command({ argv: ['id'], changes: 'never' }, { becomeUser: 'postgres' })] });\n`,
});

// What is typed, what must be said.
const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown option', ['site', '--lisst-tasks'], /Unknown option "--lisst-tasks"\n.*--list-tasks/],
  ['a mistyped command', ['aplly'], /no playbook "aplly"\n\s+Did you mean the command "play apply"/],
  ['one with more behind it', ['blam', 'web1', '/etc/motd'], /no command "blam"\n\s+Did you mean "play blame"/],
  ['a masked secret, pasted', ['site', '-e', 'db_password=********'], /db_password is \*{8}, which is the mask/],
  ['one in JSON', ['site', '-e', '{"api_token": "********"}'], /api_token is \*{8}, which is the mask/],
  ['a plan that is not there', ['ui', 'nope.json'], /no such plan\n\s+at nope.json/],
  ['an unknown playbook', ['sitee.ts'], /no playbook "sitee.ts"\n\s+Did you mean "site.ts"/],
  ['an Ansible name', ['site.yml'], /TypeScript: use site.ts/],
  ['no playbook', [], /issing required argument 'playbook'/],
  ['an unknown host', ['site', '-l', 'web3'], /Unknown host or group "web3"\n\s+Did you mean "web/],
  [
    'a variable of -e that nothing reads, near one of a role among tasks',
    ['declares', '-e', 'radio_prot=81', '--list-tasks'],
    /Nothing reads the variable "radio_prot"\n\s+at -e radio_prot=\.\.\.\n\s+Did you mean "radio_port"/,
  ],
  [
    'the same in braces, near one of the inventory',
    ['declares', '-e', '{"greetin": "hi"}', '-C'],
    /Nothing reads the variable "greetin"\n\s+at -e:1:2\n\s+Did you mean "greeting"/,
  ],
  ['a host of no play', ['site', '-l', 'db1'], /leaves no host/],
  ['an unknown tag', ['site', '-t', 'laud'], /Unknown tag "laud"\n\s+Did you mean "loud"/],
  ['an unknown tag to skip', ['site', '--skip-tags', 'quite'], /Did you mean "quiet"/],
  [
    'a wrong type',
    ['ill-typed'],
    /a type error\n\s+playbooks\/ill-typed.ts:2:7 Type 'string' is not assignable to type 'number'/,
  ],
  [
    'a throw at the top',
    ['throws', '--no-typecheck'],
    /TypeError.*\n\s+at playbooks\/throws.ts:3:48\n(?:.*\n)+>\s+3 \| export default/,
  ],
  ['broken syntax', ['syntax', '-C'], /cannot be read.*\n\s+at playbooks\/syntax.ts:1/],
  ['no default export', ['nothing'], /default export/],
  ['no inventory', ['site', '-i', 'nowhere'], /no such inventory/],
  [
    'a wrong port',
    ['site', '-i', 'bad-port', '-l', 'web1'],
    /Unknown host or group "web"|ansible_port must be a whole number/,
  ],
  [
    'a port that no machine has',
    ['site', '-i', 'port'],
    /ansible_port is 99999, but a port is 1 to 65535\n\s+at port:2:6/,
  ],
  [
    'a variable for the connection that is misspelt',
    ['site', '-i', 'misspelt'],
    /ansible_hots means nothing.*\n\s+at misspelt:2:6\n(?:.*\n)*\s+Did you mean ansible_host/,
  ],
  ['tags that are empty', ['site', '-t', ''], /--tags is given nothing/],
  ['tags to skip that are empty', ['site', '--skip-tags', ''], /--skip-tags is given nothing/],
  ['a limit that is empty', ['site', '-l', ''], /--limit is given nothing/],
  ['forks that are none', ['site', '-f', '0'], /--forks needs a whole number/],
  ['an unknown form', ['site', '--output', 'json'], /value of --output "json"\n\s+Did you mean "jsonl"/],
  ['--exit-code without --check', ['site', '--exit-code'], /--exit-code is for --check/],
  ['-K without a terminal', ['site', '-K'], /no terminal.*\n\s+Use --become-password-file/],
  [
    'ansible_become against the play',
    ['never', '-i', 'always'],
    /web1: ansible_become is true, but the play "never" says become: false\n\s+at always:2:6\n(?:.*\n)*.*never\.ts:2:16/,
  ],
  [
    'ansible_become_user against a task',
    ['postgres', '-i', 'always'],
    /ansible_become_user is deploy, but the task "command id" says becomeUser: 'postgres'\n\s+at always:2:26\n(?:.*\n)*.*postgres\.ts:2:\d+/,
  ],
  ['-k without a terminal', ['site', '-k'], /no terminal.*\n\s+Use --connection-password-file/],
  ['-k beside a file', ['site', '-k', '--conn-pass-file', 'x'], /-k and --connection-password-file both give/],
  ['--step without a terminal', ['site', '--step'], /--ask \(or --step\) needs a terminal/],
  [
    'a task to start at that is none',
    ['site', '--start-at-task', 'say chang'],
    /Unknown task "say chang"\n(?:.*\n)*\s+Did you mean "say change"/,
  ],
  ["Ansible's modules", ['site', '-M', 'library'], /Ansible's modules cannot be used/],
  [
    'open quotes in arguments for ssh',
    ['site', '--ssh-common-args', "-o 'x", '-i', 'real'],
    /--ssh-common-args cannot be split/,
  ],
  ['no failed run', ['site', '-l', '@failed'], /no failed run of site.ts on record/],
  ['an unknown kind of sandbox', ['site', '--sandbox=slef'], /value of --sandbox "slef"\n\s+Did you mean "self"/],
  ['no kind of sandbox', ['site', '--sandbox='], /value of --sandbox ""\n\s+It is one of pristine, self/],
  ['a kind where none is made', ['sandbox', 'stop', '--kind=self'], /--kind is for `play sandbox start` and `reset`/],
  ['an unknown command of the sandbox', ['sandbox', 'lst'], /sandbox command "lst"\n\s+Did you mean "list"/],
  ['an unknown variable', ['why', 'web1', 'ansible_conection'], /Did you mean "ansible_connection"/],
  ['no listing', ['inventory'], /--list, --graph, --host HOST, --hosts/],
];

test.each(cases)('%s is an error before any host is touched, with what to do', async (_, args, said) => {
  const { code, stdout, stderr } = await project.play(...args);
  expect(stderr).toMatch(said);
  expect(stderr).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)$/m);
  expect(stdout).toBe('');
  expect(code).toBe(1);
});

test('a variable that cannot be honoured is an error, never ignored', async () => {
  for (const [inventory, said] of [
    ['bad-connection', /"loca", which play does not have\n(?:.*\n)*\s+Did you mean "local"/],
    ['refused', /ansible_become_flags is not supported/],
    ['bad-port', /ansible_port must be a whole number/],
  ] as const) {
    project.write({ 'playbooks/all.ts': sayPlaybook.replace("hosts: 'web'", "hosts: 'all'") });
    const { code, stderr } = await project.play('all', '-i', inventory);
    expect(stderr).toMatch(said);
    expect(code).toBe(1);
  }
});

test('--debug adds the stack, in .ts lines', async () => {
  const { stderr } = await project.play('site', '-t', 'laud', '--debug');
  expect(stderr).toMatch(/\n\s+at .*src\/playbook\/tags\.ts:\d+:\d+/);
});

test('a variable of -e that nothing reads, and that is near no other, is warned of and goes on', async () => {
  const warned = await project.play('declares', '-e', 'build_number=7', '--list-tasks');
  expect(warned.stderr).toMatch(/warning: Nothing reads the variable "build_number"\n\s+at -e build_number=\.\.\.\n/);
  expect(warned.code).toBe(0);
  // One that the play declares, one of the inventory, one that an expression of the inventory reads, one of a source.
  const known = ['station=two', 'greeting=hi', 'volume=3', 'radio_port=81', 'tasks=none'].flatMap((one) => ['-e', one]);
  const quiet = await project.play('declares', ...known, '--list-tasks');
  expect(quiet.stderr).toBe('');
  expect(quiet.code).toBe(0);
});

test('what is wrong with a variable of -e is told without its value, which may be a secret', async () => {
  for (const given of ['radio_prot=geheim', 'radio_port=1 geheim', 'radio_port="geheim', '["geheim"]']) {
    const { code, stdout, stderr } = await project.play('declares', '-e', given, '--list-tasks');
    expect([given, code]).toEqual([given, 1]);
    expect(stdout + stderr).not.toContain('geheim');
  }
});
