import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadInventory, type InventoryTree } from '../../src/inventory/index.ts';
import type { Flags } from '../../src/options/flags.ts';
import { targetOf } from '../../src/targets/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const noFlags: Flags = {
  inventory: [],
  extraVars: [],
  vaultPasswordFile: [],
  vaultId: [],
  askVaultPass: false,
  ageIdentity: [],
  debug: false,
  quiet: false,
  profile: false,
  tags: [],
  skipTags: [],
  check: false,
  diff: false,
  forks: 50,
  become: false,
  askBecomePass: false,
  acceptNewHostKeys: false,
  listHosts: false,
  listTasks: false,
  listTags: false,
  verbose: 0,
  syntaxCheck: false,
  step: false,
  forceHandlers: false,
  askPass: false,
  sandbox: false,
  output: 'human',
  report: [],
  exitCode: false,
  typecheck: true,
  detach: false,
  withSecrets: false,
  watch: false,
};

function target(vars: Record<string, string | number | boolean>, flags: Partial<Flags> = {}): object {
  const groups: InventoryTree = { all: { hosts: { web1: vars } } };
  const { password, ...rest } = targetOf(loadInventory({ sources: [{ file: '/inventory.ts', groups }] }), 'web1', {
    ...noFlags,
    ...flags,
  });
  return { ...rest, ...(password === undefined ? {} : { password: password.expose() }) };
}

const bare = { name: 'web1', transport: 'auto', address: 'web1' };

const cases: readonly (readonly [string, Record<string, string | number | boolean>, Partial<Flags>, object])[] = [
  ['nothing said', {}, {}, {}],
  [
    'address, port, user',
    { ansible_host: '10.0.0.1', ansible_port: 2222, ansible_user: 'bob' },
    {},
    { address: '10.0.0.1', port: 2222, user: 'bob' },
  ],
  [
    'the old names',
    { ansible_ssh_host: '10.0.0.1', ansible_ssh_port: '2222', ansible_ssh_user: 'bob' },
    {},
    { address: '10.0.0.1', port: 2222, user: 'bob' },
  ],
  [
    'a variable beats a flag, as in Ansible',
    { ansible_user: 'bob' },
    { user: 'eve', privateKey: import.meta.filename },
    { user: 'bob', privateKeyFile: import.meta.filename },
  ],
  ['a password', { ansible_ssh_pass: 'hunter2' }, {}, { password: 'hunter2' }],
  [
    'arguments for ssh, in Ansible’s order',
    { ansible_ssh_extra_args: '-o B=2', ansible_ssh_common_args: "-o 'ProxyCommand ssh -W %h:%p jump'" },
    {},
    { sshArgs: ['-o', 'ProxyCommand ssh -W %h:%p jump', '-o', 'B=2'] },
  ],
  ['local', { ansible_connection: 'local' }, { connection: 'ssh' }, { transport: 'local' }],
  ['paramiko is ssh2', { ansible_connection: 'paramiko' }, {}, { transport: 'ssh2' }],
  [
    'the flag where no variable speaks',
    {},
    { connection: 'openssh', timeout: 3, acceptNewHostKeys: true },
    { transport: 'openssh', connectTimeout: 3, acceptNewHostKeys: true },
  ],
];

test.each(cases)('%s', (_, vars, flags, expected) => {
  expect(target(vars, flags)).toEqual({ ...bare, ...expected });
});

test('the public half of a key is enough, as an agent may hold the other', () => {
  const folder = temporaryFolder('key');
  writeFileSync(join(folder, 'key.pub'), '');
  expect(target({ ansible_ssh_private_key_file: join(folder, 'key') }, {})).toMatchObject({
    privateKeyFile: join(folder, 'key'),
  });
  rmSync(folder, { recursive: true });
  expect(() => target({ ansible_ssh_private_key_file: join(folder, 'key') }, {})).toThrow(/cannot be read/);
});

const refused: readonly (readonly [string, Record<string, string | number | boolean>, RegExp])[] = [
  ['a port that is none', { ansible_port: 'ssh' }, /web1: ansible_port must be a whole number/],
  [
    'arguments with an open quotation',
    { ansible_ssh_common_args: "-o 'x" },
    /ansible_ssh_common_args cannot be split into words/,
  ],
  [
    'an expression with a filter that play lacks',
    { ansible_user: '{{ inventory_hostname | ipaddr }}' },
    /Jinja|ansible_user/,
  ],
  ['turning key checks off', { ansible_host_key_checking: false }, /ansible_host_key_checking is not supported/],
  ['a connection of other tools', { ansible_connection: 'winrm' }, /"winrm", which play does not have/],
];

test.each(refused)('%s is refused, not ignored', (_, vars, said) => {
  expect(() => target(vars)).toThrow(said);
});
