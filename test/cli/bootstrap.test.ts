/** `play bootstrap`: from a fresh machine with a root password to an operator who logs in by key and becomes root. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { judgeRecords } from '../../src/cli/commands/bootstrap/records.ts';
import { useHosts } from '../support/sandbox.ts';
import { inTerminal, makeProject, run } from './command-line.ts';

const hosts = useHosts('boot1');
const project = makeProject({ 'password': 'first-login\n', 'inventory/empty': '' });
const known = join(project.dir, 'known_hosts');
const bootstrap = [
  'bootstrap',
  'boot1',
  '-u',
  'root',
  '--account',
  'ops',
  '--key',
  join(project.dir, 'key.pub'),
  '--connection-password-file',
  join(project.dir, 'password'),
];
const onHost = async (script: string): Promise<string> =>
  (await hosts.exec('boot1', ['sh', '-c', script])).stdout.trim();

beforeAll(async () => {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'alice@laptop', '-f', join(project.dir, 'key')]);
  await hosts.exec('boot1', [
    'sh',
    '-c',
    `echo root:first-login | chpasswd; printf 'PermitRootLogin yes\\nPasswordAuthentication yes\\n' >/etc/ssh/sshd_config.d/00-first.conf; systemctl reload ssh`,
  ]);
  // ops is whom the inventory logs in as from now on: -u root is stronger, this once.
  project.write({
    'inventory/hosts': `[web]\nboot1 ansible_host=${hosts.target('boot1').address} ansible_user=ops ansible_ssh_common_args='-o UserKnownHostsFile=${known} -o IdentityAgent=none'\n`,
  });
});

test('an unknown host key is no login: without a terminal and the flag nothing happens', async () => {
  const { code, stderr } = await project.play(...bootstrap);
  expect(stderr).toMatch(/host key of boot1 is not known[\s\S]*ssh-ed25519 SHA256:[\s\S]*--accept-new-host-keys/);
  expect(code).toBe(4);
  expect((await inTerminal(project, bootstrap, [[/Is it the same \(yes\/no\)\? /, 'no']])).shown).toMatch(
    /was not accepted/,
  );
  expect(existsSync(known)).toBe(false);
});

test('-C says what would change and records nothing', async () => {
  const { code, stdout, stderr } = await project.play(...bootstrap, '--accept-new-host-keys', '-C', '--exit-code');
  expect(code, stderr).toBe(3);
  expect(stdout).toMatch(
    /boot1 shows ssh-ed25519 SHA256:[\s\S]*would be recorded in [\s\S]*account ops[\s\S]*key of ops[\s\S]*sudo of ops/,
  );
  expect(existsSync(known)).toBe(false);
  expect(await onHost('getent passwd ops; ls /etc/sudoers.d')).not.toMatch(/ops/);
});

test('the key shown is recorded, the account made, its key and sudo proved; the second run changes nothing', async () => {
  const { code, shown } = await inTerminal(project, bootstrap, [[/Is it the same \(yes\/no\)\? /, 'yes']]);
  expect(code, shown).toBe(0);
  const fingerprint = await onHost('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
  expect(shown).toContain(fingerprint.split(' ')[1]);
  expect(shown).toMatch(/ops@boot1 logs in with the key and becomes root/);
  expect(readFileSync(known, 'utf8').trim().split('\n')).toHaveLength(1);
  expect(await onHost('cat ~ops/.ssh/authorized_keys')).toContain('alice@laptop');
  const again = await project.play(...bootstrap);
  expect(again, again.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/changed=0/) as string });
  // By now the operator has a way in of its own.
  const own = await project.play(
    'bootstrap',
    'boot1',
    '-u',
    'ops',
    '--key',
    join(project.dir, 'key.pub'),
    '--private-key',
    join(project.dir, 'key'),
    '-C',
    '--exit-code',
  );
  expect(own.code, own.stderr).toBe(0);
});

test('mistakes are told before the host is asked', async () => {
  expect((await project.play('bootstrap', 'boot2')).stderr).toMatch(/Unknown host "boot2"\n.*boot1/);
  writeFileSync(join(project.dir, 'none.pub'), '');
  expect((await project.play('bootstrap', 'boot1', '--key', join(project.dir, 'key'))).stderr).toMatch(
    /private key, which must not be copied to a host\n[\s\S]*--key .*key\.pub/,
  );
  expect(
    (await project.play('bootstrap', 'boot1', '--key', join(project.dir, 'key.pub'), '--account', 'Ann Other')).stderr,
  ).toMatch(/^error: "Ann Other" cannot be the name of an account\n {2}Name it with --account/);
});

// Records, the host's own addresses, what must be said.
test.each([
  ['all there', { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] }, ['192.0.2.1', '2001:db8::1'], []],
  ['no AAAA', { a: ['192.0.2.1'], aaaa: [] }, ['192.0.2.1', '2001:db8::1'], ['w.example.org has no AAAA record']],
  ['none', { a: [], aaaa: [] }, [], ['w.example.org has no A record', 'w.example.org has no AAAA record']],
  [
    'another',
    { a: ['192.0.2.9'], aaaa: ['2001:db8::1'] },
    ['192.0.2.1'],
    ['The A record of w.example.org is 192.0.2.9; the host has 192.0.2.1'],
  ],
  ['no answer', { a: undefined, aaaa: undefined }, [], ['DNS could not be asked for w.example.org']],
])('records: %s', (_, records, addresses, said) => {
  expect(judgeRecords('w.example.org', records, addresses, undefined).map(({ what }) => what)).toEqual(said);
});
