/** A wrong thing people write, and the command line that meets it. */
export interface Mistake {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

const hosts = {
  'inventory/hosts':
    '[web]\nweb1 ansible_connection=local\nweb2 ansible_connection=local\n[db]\ndb1 ansible_connection=local\n',
};
const play = (body: string, imports = 'copy, definePlaybook'): Record<string, string> => ({
  ...hosts,
  'playbooks/site.ts': `import { ${imports} } from 'play';\n\nexport default definePlaybook({\n  hosts: 'web',\n  tags: 'web',\n${body}\n});\n`,
});
const good = play(`  tasks: () => [copy({ dest: '/tmp/play-x', content: 'x' }, { tags: 'files' })],`);
/** The same, with what `play init` asks for. */
const strict = {
  ...good,
  'play.config.ts': `import { defineConfig } from 'play';\n\nexport default defineConfig({ yaml: 'strict' });\n`,
};
const run = ['site', '-C', '--no-typecheck'];
const typed = ['site', '-C'];
const role = (index: string, more: Record<string, string> = {}, use = 'motd()'): Record<string, string> => ({
  ...hosts,
  'roles/motd/index.ts': `import { copy, defineRole, handler, template, v } from 'play';\n\n${index}\n`,
  'playbooks/site.ts': `import { definePlaybook } from 'play';\nimport { motd } from '../roles/motd/index.ts';\n\nexport default definePlaybook({ hosts: 'web', roles: [${use}] });\n`,
  ...more,
});
const template = (text: string, vars = ''): Record<string, string> =>
  role(
    `export const motd = defineRole(import.meta, {\n  name: 'motd',\n\n  vars: { port: v.optional(v.number(), 80), users: v.optional(v.array(v.string()), ['ann']) },\n  tasks: () => [template({ src: 'motd.hbs', dest: '/etc/motd'${vars} })],\n});`,
    { 'roles/motd/templates/motd.hbs': text },
  );

export const mistakes: readonly Mistake[] = [
  // The command line
  { name: 'no playbook', files: good, args: [] },
  { name: 'an unknown playbook', files: good, args: ['sight'] },
  { name: 'the Ansible playbook', files: { ...good, 'site.yml': '- hosts: all\n' }, args: ['site.yml'] },
  { name: 'a playbook that is a folder', files: good, args: ['playbooks/'] },
  { name: 'an unknown flag', files: good, args: ['site', '--chekc'] },
  { name: 'an unknown short flag', files: good, args: ['site', '-Z'] },
  { name: 'a flag without its value', files: good, args: ['site', '-l'] },
  { name: 'two playbooks', files: good, args: ['site', 'site'] },
  { name: 'forks that are no number', files: good, args: ['site', '-f', 'many'] },
  { name: 'a negative number of forks', files: good, args: ['site', '-f', '0'] },
  { name: 'an unknown host in the limit', files: good, args: ['site', '-l', 'web3'] },
  { name: 'an unknown group in the limit', files: good, args: ['site', '-l', 'wbe'] },
  { name: 'a limit outside of the playbook', files: good, args: ['site', '-l', 'db1'] },
  { name: 'a limit that leaves nothing', files: good, args: ['site', '-l', 'web:!web'] },
  { name: 'a bad regular expression in the limit', files: good, args: ['site', '-C', '-l', '~web('] },
  { name: 'an unknown tag', files: good, args: ['site', '-t', 'file'] },
  { name: 'an unknown tag to skip', files: good, args: ['site', '--skip-tags', 'fils'] },
  { name: 'an unknown start', files: good, args: ['site', '--start-at-task', 'copy /tmp/play-y'] },
  { name: 'extra variables that are no variables', files: good, args: ['site', '-e', 'novalue'] },
  { name: 'extra variables in broken JSON', files: good, args: ['site', '-e', '{"a": [1, }'] },
  { name: 'an extra variables file that is not there', files: good, args: ['site', '-e', '@nope.yml'] },
  { name: 'an inventory that is not there', files: good, args: ['site', '-i', 'nope'] },
  {
    name: 'no inventory at all',
    files: { 'playbooks/site.ts': good['playbooks/site.ts'] ?? '' },
    args: ['site', '-C'],
  },
  { name: '--exit-code without --check', files: good, args: ['site', '--exit-code'] },
  { name: 'a password prompt without a terminal', files: good, args: ['site', '-K'] },
  { name: 'a become password file that is not there', files: good, args: ['site', '--become-password-file', 'nope'] },
  { name: 'an unknown become method', files: good, args: ['site', '--become-method', 'sodu'] },
  { name: 'an unknown connection', files: good, args: ['site', '-c', 'paramiko'] },
  { name: 'an unknown output', files: good, args: ['site', '--output', 'xml'] },
  { name: 'a vault password file that is not there', files: good, args: ['site', '--vault-password-file', 'nope'] },
  { name: 'an unknown sandbox command', files: good, args: ['sandbox', 'lst'] },
  { name: 'inventory of an unknown host', files: good, args: ['inventory', '--host', 'web9'] },
  { name: 'why without a variable', files: good, args: ['why', 'web1'] },
  {
    name: 'why of an unknown variable',
    files: { ...good, 'group_vars/web.yml': 'port: 1\n' },
    args: ['why', 'web1', 'prot'],
  },

  // The inventory and its variables
  { name: 'a broken INI section', files: { ...good, 'inventory/hosts': '[web\nweb1\n' }, args: run },
  {
    name: 'a child group that is not there',
    files: { ...good, 'inventory/hosts': '[web]\nweb1\n[all_web:children]\nwebb\n' },
    args: run,
  },
  {
    name: 'groups in a circle',
    files: { ...good, 'inventory/hosts': '[web]\nweb1\n[a:children]\nb\n[b:children]\na\n' },
    args: run,
  },
  { name: 'a range that is none', files: { ...good, 'inventory/hosts': '[web]\nweb[3:1]\n' }, args: run },
  { name: 'a variable without a value', files: { ...good, 'inventory/hosts': '[web]\nweb1 port\n' }, args: run },
  { name: 'a tab in YAML', files: { ...good, 'group_vars/web.yml': 'app:\n\tport: 80\n' }, args: run },
  { name: 'broken YAML', files: { ...good, 'group_vars/web.yml': 'app: [1, 2\nport: 80\n' }, args: run },
  { name: 'a key twice', files: { ...strict, 'group_vars/web.yml': 'port: 80\nhost: a\nport: 81\n' }, args: run },
  { name: 'an unquoted mode', files: { ...strict, 'group_vars/web.yml': 'mode: 0644\n' }, args: run },
  { name: 'yes', files: { ...strict, 'group_vars/web.yml': 'enabled: yes\n' }, args: run },
  { name: 'a list instead of variables', files: { ...good, 'group_vars/web.yml': '- a\n- b\n' }, args: run },
  { name: 'an unknown YAML tag', files: { ...good, 'group_vars/web.yml': 'a: !secret x\n' }, args: run },
  {
    name: 'a vault without its password',
    files: role(
      "export const motd = defineRole(import.meta, { vars: { text: v.string() }, tasks: ({ vars }) => [copy({ dest: '/etc/motd', content: vars.text })] });",
      { 'group_vars/web.yml': 'text: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n' },
    ),
    args: run,
  },
  {
    name: 'a Jinja expression that a role reads',
    files: role(
      "export const motd = defineRole(import.meta, { vars: { text: v.string() }, tasks: ({ vars }) => [copy({ dest: '/etc/motd', content: vars.text })] });",
      { 'group_vars/web.yml': 'text: "Hello {{ name }}"\n' },
    ),
    args: run,
  },
  {
    name: 'a filter that play does not have in a variable that a role reads',
    files: role(
      "export const motd = defineRole(import.meta, { vars: { text: v.string() }, tasks: ({ vars }) => [copy({ dest: '/etc/motd', content: vars.text })] });",
      { 'group_vars/web.yml': 'text: "Hello {{ inventory_hostname | ipaddr }}"\n' },
    ),
    args: run,
  },
  {
    name: 'a port that is no number',
    files: { ...good, 'inventory/hosts': '[web]\nweb1 ansible_port=ssh\n' },
    args: run,
  },
  {
    name: 'a connection variable nobody honours',
    files: { ...good, 'inventory/hosts': '[web]\nweb1 ansible_connection=winrm\n' },
    args: run,
  },
  {
    name: 'a private key that cannot be read',
    files: {
      ...good,
      'inventory/hosts': '[web]\nweb1 ansible_host=127.0.0.1 ansible_ssh_private_key_file=/nope/key\n',
    },
    args: run,
  },
  {
    name: 'a private key on the command line that cannot be read',
    files: { ...good, 'inventory/hosts': '[web]\nweb1 ansible_host=127.0.0.1\n' },
    args: [...run, '--private-key', 'nope.pem'],
  },
  {
    name: 'a host that nobody answers for',
    files: { ...good, 'inventory/hosts': '[web]\nweb1 ansible_host=127.0.0.1 ansible_port=1\n' },
    args: run,
  },

  // The playbook
  {
    name: 'a syntax error',
    files: {
      ...hosts,
      'playbooks/site.ts':
        "import { definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'web', tasks: () => [ });\n",
    },
    args: run,
  },
  {
    name: 'no default export',
    files: {
      ...hosts,
      'playbooks/site.ts':
        "import { definePlaybook } from 'play';\nexport const site = definePlaybook({ hosts: 'web' });\n",
    },
    args: run,
  },
  {
    name: 'a default export that is no playbook',
    files: { ...hosts, 'playbooks/site.ts': "export default { hosts: 'web' };\n" },
    args: run,
  },
  { name: 'a name play does not have', files: play('  tasks: () => [cpoy({})],', 'cpoy, definePlaybook'), args: run },
  {
    name: 'an import that is not there',
    files: {
      ...hosts,
      'playbooks/site.ts':
        "import { definePlaybook } from 'play';\nimport { nginx } from '../roles/ngnix/index.ts';\nexport default definePlaybook({ hosts: 'web', roles: [nginx()] });\n",
    },
    args: run,
  },
  {
    name: 'a playbook that throws',
    files: {
      ...hosts,
      'playbooks/site.ts':
        "import { definePlaybook } from 'play';\nconst names: string[] = [];\nconst first = names[0]!.length;\nexport default definePlaybook({ hosts: 'web', name: `${first}` });\n",
    },
    args: run,
  },
  {
    name: 'a playbook that throws a text',
    files: {
      ...hosts,
      'playbooks/site.ts':
        "import { definePlaybook } from 'play';\nif (process.argv.length > 0) throw 'not today';\nexport default definePlaybook({ hosts: 'web' });\n",
    },
    args: run,
  },
  {
    name: 'a playbook that gives Node what it refuses',
    files: {
      ...hosts,
      'playbooks/site.ts':
        "import { readFile } from 'node:fs/promises';\nimport { definePlaybook } from 'play';\nconst name = await readFile(undefined as never, 'utf8');\nexport default definePlaybook({ hosts: 'web', name });\n",
    },
    args: run,
  },
  {
    name: 'circular imports',
    files: {
      ...hosts,
      'a.ts': "import { b } from './b.ts';\nexport const a = b + 1;\n",
      'b.ts': "import { a } from './a.ts';\nexport const b = a + 1;\n",
      'playbooks/site.ts':
        "import { definePlaybook } from 'play';\nimport { a } from '../a.ts';\nexport default definePlaybook({ hosts: 'web', name: `${a}` });\n",
    },
    args: run,
  },
  {
    name: 'a play without hosts',
    files: {
      ...hosts,
      'playbooks/site.ts':
        "import { definePlaybook } from 'play';\nexport default definePlaybook({ tasks: () => [] } as never);\n",
    },
    args: run,
  },
  {
    name: 'a play for an unknown group',
    files: {
      ...hosts,
      'playbooks/site.ts': "import { definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'wbe' });\n",
    },
    args: run,
  },
  { name: 'tasks that are no function', files: play('  tasks: [] as never,'), args: run },
  { name: 'tasks that are a promise', files: play('  tasks: (async () => []) as never,'), args: run },
  { name: 'a list with something else in it', files: play("  tasks: () => ['copy'] as never,"), args: run },
  {
    name: 'a condition instead of a task',
    files: play("  tasks: ({ host }) => [host.name === 'web2' && copy({ dest: '/x', content: '' })] as never,"),
    args: run,
  },
  {
    name: 'a task made but not listed',
    files: play("  tasks: () => {\n    copy({ dest: '/x', content: '' });\n    return [];\n  },"),
    args: run,
  },
  {
    name: 'a task made outside',
    files: {
      ...hosts,
      'playbooks/site.ts':
        "import { copy, definePlaybook } from 'play';\n\nconst motd = copy({ dest: '/etc/motd', content: 'x' });\n\nexport default definePlaybook({ hosts: 'web', tasks: () => [motd] });\n",
    },
    args: run,
  },
  { name: 'an unknown option', files: play("  tasks: () => [copy({ dst: '/x', content: '' } as never)],"), args: run },
  { name: 'a missing option', files: play("  tasks: () => [copy({ content: '' } as never)],"), args: run },
  {
    name: 'a mode as a number',
    files: play("  tasks: () => [copy({ dest: '/x', content: '', mode: 644 as never })],"),
    args: run,
  },
  {
    name: 'a mode that is none',
    files: play("  tasks: () => [copy({ dest: '/x', content: '', mode: '0999' })],"),
    args: run,
  },
  { name: 'a relative path', files: play("  tasks: () => [copy({ dest: 'etc/motd', content: '' })],"), args: run },
  {
    name: 'a promise as an option',
    files: play("  tasks: () => [copy({ dest: '/x', content: Promise.resolve('x') as never })],"),
    args: run,
  },
  {
    name: 'a misspelt state',
    files: play("  tasks: () => [file({ path: '/x', state: 'direcotry' as never })],", 'definePlaybook, file'),
    args: run,
  },
  {
    name: 'both src and content',
    files: play("  tasks: () => [copy({ dest: '/x', src: 'a', content: 'b' })],"),
    args: run,
  },
  { name: 'a missing file', files: play("  tasks: () => [copy({ dest: '/x', src: 'motd' })],"), args: run },
  {
    name: 'a command that says nothing of changes',
    files: play("  tasks: () => [command({ cmd: 'make install' })],", 'command, definePlaybook'),
    args: run,
  },
  {
    name: 'a command with an open quote',
    files: play("  tasks: () => [command({ cmd: 'echo \"x', changes: 'never' })],", 'command, definePlaybook'),
    args: run,
  },
  {
    name: 'a checker without %s',
    files: play("  tasks: () => [copy({ dest: '/x', content: '', validate: 'nginx -t' })],"),
    args: run,
  },
  {
    name: 'a fact read in the list',
    files: play(
      "  tasks: ({ host }) => [copy({ dest: '/x', content: (host as never as { facts: { kernel: string } }).facts.kernel })],",
    ),
    args: run,
  },
  {
    name: 'a result read in a plain if',
    files: play(
      "  tasks: () => {\n    const made = copy({ dest: '/x', content: '' });\n    return (made as never as { changed: boolean }).changed ? [made] : [made];\n  },",
    ),
    args: run,
  },
  {
    name: 'a result in a template string',
    files: play(
      "  tasks: () => {\n    const made = copy({ dest: '/x', content: '' });\n    return [made, copy({ dest: '/y', content: `${made as never as string}` })];\n  },",
    ),
    args: run,
  },
  {
    name: 'a result of a task that was not chosen',
    files: play(
      "  tasks: () => {\n    const made = copy({ dest: '/tmp/play-never', content: '' }, { tags: 'made' });\n    return [made, copy({ dest: '/tmp/play-never2', content: '' }, { tags: 'reads', when: ({ results }) => results(made).changed })];\n  },",
    ),
    args: ['site', '-C', '--no-typecheck', '-l', 'web1', '-t', 'reads'],
  },
  {
    name: 'a when that throws',
    files: play(
      "  tasks: () => [copy({ dest: '/tmp/play-never', content: '' }, { when: () => (undefined as never as string).length > 0 })],",
    ),
    args: ['site', '-C', '--no-typecheck', '-l', 'web1'],
  },
  {
    name: 'a when that is no boolean',
    files: play("  tasks: () => [copy({ dest: '/tmp/play-never', content: '' }, { when: () => 'yes' as never })],"),
    args: ['site', '-C', '--no-typecheck', '-l', 'web1'],
  },
  {
    name: 'a handler with two names',
    files: play(
      "  tasks: () => [copy({ dest: '/x', content: '' }, { notify: handler('reload', () => copy({ dest: '/y', content: '' }, { name: 'copy y' })) })],",
      'copy, definePlaybook, handler',
    ),
    args: run,
  },
  {
    name: 'a handler that returns nothing',
    files: play(
      "  tasks: () => [copy({ dest: '/x', content: '' }, { notify: handler('reload', () => undefined as never) })],",
      'copy, definePlaybook, handler',
    ),
    args: run,
  },
  {
    name: 'a topic without handlers',
    files: play(
      "  tasks: () => [copy({ dest: '/x', content: '' }, { notify: topic('t', []) })],",
      'copy, definePlaybook, topic',
    ),
    args: run,
  },
  {
    name: 'tasks with a broken regular expression',
    files: play("  tasks: () => [copy({ dest: '/x', content: `${new RegExp('(')}` })],"),
    args: run,
  },
  {
    name: 'two tasks that fight',
    files: play("  tasks: () => [copy({ dest: '/x', content: 'a' }), copy({ dest: '/x', content: 'b' })],"),
    args: run,
  },
  { name: 'a serial that is none', files: play("  serial: 'half',\n  tasks: () => [],"), args: run },
  {
    name: 'a missing environment secret',
    files: play(
      "  tasks: () => [copy({ dest: '/x', content: secretFromEnv('PLAY_TEST_NO_SUCH') })],",
      'copy, definePlaybook, secretFromEnv',
    ),
    args: run,
  },
  {
    name: 'a secret made into plain text',
    files: play(
      "  tasks: () => [\n    copy({ dest: '/x', content: `TOKEN=${secretFromEnv('PLAY_TEST_NO_SUCH')}\\n` }),\n  ],",
      'copy, definePlaybook, secretFromEnv',
    ),
    args: run,
  },
  {
    name: 'a secret made into JSON, outside of any task',
    files: {
      ...hosts,
      'playbooks/site.ts':
        "import { definePlaybook, secretFromEnv } from 'play';\nconst body = JSON.stringify({ token: secretFromEnv('PLAY_TEST_NO_SUCH') });\nexport default definePlaybook({ hosts: 'web', tasks: () => [] });\nvoid body;\n",
    },
    args: run,
  },
  { name: 'ill-typed code', files: play("  tasks: () => [copy({ dest: '/x', contnet: 'x' })],"), args: typed },
  {
    name: 'ill-typed code in a role',
    files: role(
      "export const motd = defineRole(import.meta, { vars: { port: v.number() }, tasks: ({ vars }) => [copy({ dest: '/etc/motd', content: vars.port })] });",
      { 'group_vars/web.yml': 'port: 80\n' },
    ),
    args: typed,
  },

  // Roles
  {
    name: 'a variable nobody set',
    files: role('export const motd = defineRole(import.meta, { vars: { text: v.string() }, tasks: () => [] });'),
    args: run,
  },
  {
    name: 'an unknown role variable',
    files: role(
      "export const motd = defineRole(import.meta, { vars: { text: v.optional(v.string(), '') }, tasks: () => [] });",
      {},
      "motd({ txt: 'x' } as never)",
    ),
    args: run,
  },
  {
    name: 'a role variable of the wrong type',
    files: role('export const motd = defineRole(import.meta, { vars: { port: v.number() }, tasks: () => [] });', {
      'group_vars/web.yml': 'other: 1\nport: eighty\n',
    }),
    args: run,
  },
  {
    name: 'a role that throws',
    files: role(
      "export const motd = defineRole(import.meta, {\n  name: 'motd',\n\n  tasks: ({ host }) => [copy({ dest: '/x', content: (host.vars['app'] as { name: string }).name })],\n});",
    ),
    args: run,
  },
  {
    name: 'a role used without calling it',
    files: role('export const motd = defineRole(import.meta, { tasks: () => [] });', {}, 'motd as never'),
    args: run,
  },

  // Templates
  {
    name: 'a template that is not there',
    files: role(
      "export const motd = defineRole(import.meta, { tasks: () => [template({ src: 'motd.hbs', dest: '/etc/motd' })] });",
    ),
    args: run,
  },
  { name: 'an unknown name in a template', files: template('Port {{prot}}\n'), args: run },
  { name: 'an unknown name in a block', files: template('{{#each user}}\n{{this}}\n{{/each}}\n'), args: run },
  { name: 'a block that is not closed', files: template('{{#if port}}\nyes\n'), args: run },
  { name: 'a list printed', files: template('{{users}}\n'), args: run },
  { name: 'an unknown helper', files: template('{{uppr inventory_hostname}}\n'), args: run },
  { name: 'Jinja in a template', files: template('{% for u in users %}\n{{ u }}\n{% endfor %}\n'), args: run },
  { name: 'a partial that is not there', files: template('{{> header}}\n'), args: run },
  {
    name: 'a wrong value in an option of several forms',
    files: play(
      `  tasks: () => [cron({ name: 'x', minute: '0', job: 'true', critical: { loses: 'data', within: '1h' } })],`,
      'cron, definePlaybook',
    ),
    args: run,
  },
];
