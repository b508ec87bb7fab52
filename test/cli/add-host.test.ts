/** Hosts that tasks add to the inventory: known to the plays behind, and to every listing, before anything is connected. */
import { expect, test } from 'vitest';
import { makeProject } from './command-line.ts';

const added = `
import { addHost, debug, definePlaybook, each } from 'play';
export default definePlaybook([
  { hosts: 'web', tasks: ({ host }) => [
    addHost({ name: 'new1', groups: ['fresh', 'web'], vars: { ansible_connection: 'local', number: 1 } }, { tags: 'one' }),
    each(addHost, [{ name: 'of-' + host.name, groups: ['each'], vars: { ansible_connection: 'local' } }]),
    addHost({ name: 'first-' + host.name, groups: ['once'], vars: { ansible_connection: 'local' } }, { runOnce: true }),
    addHost({ name: 'never', groups: ['fresh'] }, { when: false }),
    addHost({ name: 'web2', groups: ['late'], vars: { colour: 'green' } }),
  ] },
  { hosts: 'fresh', tasks: ({ host, vars }) => [
    debug({ msg: [host.name, vars.number, vars.colour, host.groups].join(' ') }),
    debug({ msg: 'on the other' }, { delegateTo: 'of-web1' }),
  ] },
  { hosts: 'late', tasks: ({ host, vars }) => [debug({ msg: [host.name, vars.colour, vars.own].join(' ') })] },
  { hosts: 'web', tasks: ({ groups }) => [debug({ msg: [groups.each, groups.once, groups.web].join(' ') })] },
]);
`;

const project = makeProject({
  'inventory/hosts':
    '[web]\nweb1 ansible_connection=local\nweb2 ansible_connection=local own=kept\n[fresh]\n[fresh:vars]\ncolour=blue\n',
  'inventory/group_vars/web.yml': 'colour: red\n',
  'inventory/host_vars/new1.yml': 'ansible_connection: local\n',
  'playbooks/add.ts': added,
  'playbooks/facts.ts': `
import { addHost, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'web', tasks: () => [addHost({ name: ({ facts }) => facts.hostname + '-two' })] });
`,
  'playbooks/rescue.ts': `
import { addHost, block, debug, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'web', tasks: () => [block([debug({ msg: 'a' })], { rescue: [addHost({ name: 'two' })] })] });
`,
  'playbooks/handler.ts': `
import { addHost, debug, definePlaybook, handler } from 'play';
const add = handler('add', () => addHost({ name: 'two' })); export default definePlaybook({ hosts: 'web', tasks: () => [debug({ msg: 'a' }, { notify: add })] });
`,
  'playbooks/when.ts': `
import { addHost, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'web', tasks: () => [addHost({ name: 'two' }, { when: ({ facts }) => facts.memoryMb > 1 })] });
`,
});

const play = (...args: readonly string[]) => project.play(...args, '--no-typecheck');

test('later plays run on them, with the variables of their groups and files', async () => {
  const { code, stdout, stderr } = await play('add');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const said = stdout.split('\n').filter((line) => line.startsWith('    '));
  expect(said.map((line) => line.trim())).toEqual([
    'new1 1 red fresh,web',
    'on the other',
    'web2 green kept',
    ...['web1', 'web2', 'new1'].map(() => 'of-web1,of-web2 first-web1 web1,web2,new1'),
  ]);
  // A second run, and check mode, say the same: nothing is kept, and nothing changed.
  const check = await play('add', '-C');
  expect(check.stdout.split('\n').sort()).toEqual(stdout.split('\n').sort());
  expect(stdout).toMatch(/^new1 +: ok=3 +changed=0/m);
});

test('listings know them, and tags and limits hold', async () => {
  const listed = await play('add', '--list-hosts', '-t', 'one');
  expect(listed.stdout).toMatch(/\(fresh\)(?:.*\n)+? {4}hosts \(1\):\n {6}new1\n/);
  expect(listed.stdout).not.toContain('of-web1');
  const limited = await play('add', '-l', 'web1');
  expect(limited.stdout).not.toMatch(/^new1/m);
  const grouped = await play('add', '-l', 'web');
  expect(grouped.stdout).toMatch(/^new1 +: ok=3/m);
});

test('one that only the run would know is an error before any host is touched', async () => {
  for (const name of ['facts', 'when', 'rescue', 'handler']) {
    const { code, stdout, stderr } = await play(`${name}.ts`);
    expect(stderr).toMatch(
      new RegExp(`adds a host that only the run would know\\n\\s+at playbooks/${name}\\.ts:3:\\d+\\n`),
    );
    expect([code, stdout]).toEqual([1, '']);
  }
});
