import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { useHosts, type LoginUser } from '../support/sandbox.ts';
import { inTerminal, makeProject } from './command-line.ts';

const hosts = useHosts('reach1', 'reach2');

const project = makeProject({
  'playbooks/who.ts': `
import { command, debug, definePlaybook } from 'play';
export default definePlaybook({
  hosts: 'all',
  tasks: () => {
    const who = command({ argv: ['sh', '-c', 'id -un'], changes: 'never' });
    return [who, debug({ msg: ({ results }) => results(who).stdout.trim() })];
  },
});
`,
});

/** An inventory line for a host as ssh would reach it by its own options. */
function line(name: string, user: LoginUser, more = ''): string {
  const { address, privateKeyFile, knownHostsFiles } = hosts.target(name, user);
  const args = `-o UserKnownHostsFile=${knownHostsFiles?.[0]} -o IdentityAgent=none -o HostKeyAlias=${name}`;
  return `${name} ansible_host=${address} ansible_user=${user} ansible_private_key_file=${privateKeyFile} ansible_ssh_common_args='${args}' ${more}\n`;
}

/** Who the command was on each host. */
async function whoIsOn(inventory: string, ...args: readonly string[]): Promise<Record<string, string>> {
  project.write({ inventory });
  const { stdout, stderr } = await project.play(
    'who',
    '-i',
    'inventory',
    '--output',
    'jsonl',
    '--no-typecheck',
    ...args,
  );
  const who = Object.fromEntries(
    [...stdout.matchAll(/"host":"([^"]+)".*"resource":"debug".*"message":"(\w+)"/g)].map(([, host = '', user = '']) => [
      host,
      user,
    ]),
  );
  if (Object.keys(who).length === 0) throw new Error(stdout + stderr);
  return who;
}

/** Who it was on both hosts, as a terminal shows it: together, or of the later one that it is the same. */
function onBoth(terminal: string): string | undefined {
  // oxlint-disable-next-line no-control-regex
  const shown = terminal.replace(/\x1b\[[0-9;]*[mK]/g, '');
  const [, user] = /^ok {2}reach1, reach2 {2}.*\r\n {4}(\w+)\r$/m.exec(shown) ?? [];
  const [, first] = /^ok {2}reach[12] {2}as on reach[12]: {2}.*debug/m.test(shown)
    ? (/^ok {2}reach[12] {2}.*\r\n {4}(\w+)\r$/m.exec(shown) ?? [])
    : [];
  return user ?? first;
}

test('each host becomes in its own way, with its own password', async () => {
  const inventory =
    line('reach1', 'operator', `ansible_become=true ansible_become_password=${hosts.password()}`) +
    line('reach2', 'admin', 'ansible_become=yes ansible_become_user=nosudo');
  expect(await whoIsOn(inventory)).toEqual({ reach1: 'root', reach2: 'nosudo' });
  const mixed = line('reach1', 'operator', 'ansible_become=no') + line('reach2', 'admin');
  expect(await whoIsOn(mixed, '-b')).toEqual({ reach1: 'operator', reach2: 'root' });
});

test('su and doas are used where a host says so: a missing one is named', async () => {
  await hosts.exec('reach2', ['sh', '-c', 'echo root:secret-of-root | chpasswd']);
  const inventory =
    line('reach1', 'admin') +
    line('reach2', 'admin', 'ansible_become_method=su ansible_become_password=secret-of-root');
  expect(await whoIsOn(inventory, '-b')).toEqual({ reach1: 'root', reach2: 'root' });
  project.write({ inventory: line('reach1', 'admin', 'ansible_become_method=community.general.doas') });
  const { code, stdout } = await project.play('who', '-i', 'inventory', '-b', '--no-typecheck');
  expect(stdout).toMatch(/doas is not installed on reach1/);
  expect(code).toBe(2);
});

test('one answer is the login and the become password of all hosts', async () => {
  for (const name of ['reach1', 'reach2']) {
    await hosts.exec(name, [
      'sh',
      '-c',
      `echo operator:one-for-all | chpasswd; printf 'PasswordAuthentication yes\\n' >/etc/ssh/sshd_config.d/00-password.conf; systemctl reload ssh`,
    ]);
  }
  project.write({
    inventory: ['reach1', 'reach2']
      .map((name) =>
        line(name, 'operator')
          .replace(/ansible_private_key_file=\S+ /, '')
          .replace('-o IdentityAgent=none', '-o IdentityAgent=none -o PubkeyAuthentication=no'),
      )
      .join(''),
  });
  const { shown, code } = await inTerminal(
    project,
    ['who', '-i', 'inventory', '-kKb', '--no-typecheck'],
    [
      [/login password: /, 'one-for-all'],
      [/become password.*: /, ''],
    ],
  );
  expect(shown).not.toContain('one-for-all');
  expect(onBoth(shown)).toBe('root');
  expect(code).toBe(0);
});

test('an encrypted key: its passphrase is asked once for all hosts; without a terminal the error names ssh-add', async () => {
  const key = join(project.dir, 'locked');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-f', key]);
  for (const name of ['reach1', 'reach2'])
    await hosts.exec(
      name,
      ['sh', '-c', 'mkdir -p ~admin/.ssh; cat >>~admin/.ssh/authorized_keys; chown -R admin: ~admin/.ssh'],
      readFileSync(`${key}.pub`, 'utf8'),
    );
  project.write({
    inventory: ['reach1', 'reach2']
      .map((name) => line(name, 'admin').replace(/ansible_private_key_file=\S+/, `ansible_private_key_file=${key}`))
      .join(''),
  });
  for (const transport of ['ssh2', 'openssh']) {
    const { shown, code } = await inTerminal(
      project,
      ['who', '-i', 'inventory', '-c', transport, '--no-typecheck'],
      [
        [/passphrase of .*locked: /, 'mistyped'],
        [/passphrase of .*locked: /, 'open sesame'],
      ],
    );
    expect(shown.match(/passphrase of/g)).toHaveLength(2);
    expect(onBoth(shown)).toBe('admin');
    expect(code).toBe(0);
  }
  const silent = await project.play('who', '-i', 'inventory', '--no-typecheck');
  expect(silent.stdout).toMatch(/locked: encrypted, and the agent does not hold it \(ssh-add .*locked\)/);
  expect(silent.code).toBe(4);
});

let config = '';
beforeAll(() => {
  const { privateKeyFile, knownHostsFiles } = hosts.target('reach1');
  const one = (alias: string, name: string, user: string, address: string, more: string): string =>
    `Host ${alias}\n HostName ${address}\n User ${user}\n HostKeyAlias ${name}\n${more}`;
  // The last hop is what the second host calls itself: nobody gets there but through both.
  config =
    one('bastion', 'reach1', 'operator', hosts.target('reach1').address, '') +
    one('middle', 'reach2', 'operator', hosts.target('reach2').address, ' ProxyJump bastion\n') +
    one('inner', 'reach2', 'admin', '127.0.0.1', '') +
    `Host *\n IdentityFile ${privateKeyFile}\n UserKnownHostsFile ${knownHostsFiles?.[0]}\n IdentityAgent none\n`;
});

test.each([
  ['ssh2', '-F CONFIG -J middle'],
  ['ssh2', '-F CONFIG -J bastion,middle'],
  ['openssh', '-F CONFIG -J middle'],
])('%s goes through a chain of jump hosts: %s', async (transport, args) => {
  project.write({ ssh_config: config });
  const given = args.replace('CONFIG', join(project.dir, 'ssh_config'));
  expect(await whoIsOn('inner\n', '-c', transport, '--ssh-common-args', given)).toEqual({ inner: 'admin' });
});
