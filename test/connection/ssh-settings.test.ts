import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askSshAhead } from '../../src/connection/connect.ts';
import type { Target } from '../../src/connection/index.ts';
import { parseJump } from '../../src/connection/proxy-jump.ts';
import { readSettings, resolve } from '../../src/connection/ssh-settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const directory = temporaryFolder('test');

let files = 0;
const target = (config: string, more: Partial<Target> = {}): Target => {
  const file = join(directory, `config${files++}`);
  writeFileSync(file, config);
  return { name: 'web1', address: 'web1', transport: 'auto', sshArgs: ['-F', file], ...more };
};

test('the configuration is honoured as ssh reads it', async () => {
  const config = `
    Host web*
      HostName 10.0.0.7
      Port 2222
      User deploy
      IdentityFile ~/.ssh/web
      IdentitiesOnly yes
      HostKeyAlias the-web
      UserKnownHostsFile ~/.ssh/one ~/.ssh/two
      ProxyJump bob@bastion:2200,second
      ConnectTimeout 3
      StrictHostKeyChecking accept-new
      AddressFamily inet
      IdentityAgent none
      PasswordAuthentication no
  `;
  const { settings, needsOpenSsh } = await readSettings(target(config));
  expect(needsOpenSsh).toEqual([]);
  expect(settings).toMatchObject({
    host: '10.0.0.7',
    port: 2222,
    user: 'deploy',
    identityFiles: [join(homedir(), '.ssh/web')],
    identitiesOnly: true,
    hostKeyName: 'the-web',
    proxyJump: ['bob@bastion:2200', 'second'],
    connectTimeout: 3,
    acceptNewHostKeys: true,
    family: 4,
    agentSocket: undefined,
    methods: ['publickey', 'keyboard-interactive'],
  });
  expect(settings.knownHostsFiles.slice(0, 2)).toEqual([join(homedir(), '.ssh/one'), join(homedir(), '.ssh/two')]);
});

test('what the target names beats the configuration', async () => {
  const config = 'Host *\n User deploy\n Port 2222\n IdentityFile ~/.ssh/web\n HostKeyAlias a\n ConnectTimeout 3\n';
  const named = {
    user: 'bob',
    port: 23,
    privateKeyFile: '/keys/bob',
    hostKeyAlias: 'b',
    connectTimeout: 9,
    knownHostsFiles: ['/kh'],
  };
  const { settings } = await readSettings(target(config, named));
  expect(settings).toMatchObject({
    user: 'bob',
    port: 23,
    hostKeyName: 'b',
    connectTimeout: 9,
    knownHostsFiles: ['/kh'],
  });
  expect(settings.identityFiles[0]).toBe('/keys/bob');
});

describe('OpenSSH itself is needed for', () => {
  test.each([
    ['ProxyCommand nc %h %p', 'proxycommand is set'],
    ['CertificateFile ~/.ssh/x-cert.pub', 'certificatefile is set'],
    ['Ciphers aes256-ctr', 'ciphers is set'],
    ['PKCS11Provider /usr/lib/p11.so', 'pkcs11provider is set'],
    ['HostbasedAuthentication yes', 'hostbasedauthentication is set'],
    ['VerifyHostKeyDNS yes', 'verifyhostkeydns is set'],
    ['RevokedHostKeys /etc/revoked', 'revokedhostkeys is set'],
    ['ciphers=aes256-ctr', 'ciphers is set'],
    ['"Ciphers" aes256-ctr', 'ciphers is set'],
    ['PubkeyAcceptedKeyTypes ssh-ed25519', 'pubkeyacceptedalgorithms is set'], // its old name
  ])('%s', async (line, reason) => {
    expect((await readSettings(target(`Host *\n ${line}\n`))).needsOpenSsh).toEqual([reason]);
  });

  test('what is set by a file that is included', async () => {
    const included = target('MACs hmac-sha2-512\n').sshArgs?.[1] ?? '';
    expect((await readSettings(target(`Include ${included}\n`))).needsOpenSsh).toEqual(['macs is set']);
  });

  test.each([
    [['-o', 'Ciphers=aes256-ctr'], 'ciphers is set'],
    [['-oCiphers aes256-ctr'], 'ciphers is set'],
    [['-c', 'aes256-ctr'], 'ciphers is set'],
  ])('an option: %s', async (options, reason) => {
    const { sshArgs = [] } = target('');
    expect((await readSettings({ ...target(''), sshArgs: [...sshArgs, ...options] })).needsOpenSsh).toEqual([reason]);
  });

  test('a certificate that lies beside a key', async () => {
    const key = join(directory, 'id_x');
    writeFileSync(`${key}-cert.pub`, '');
    expect((await readSettings(target('', { privateKeyFile: key }))).needsOpenSsh).toEqual([
      `a certificate beside ${key}`,
    ]);
  });

  test.each([
    'ForwardAgent yes',
    'Compression yes',
    'SendEnv LANG',
    'SetEnv A=b',
    'LocalForward 8080 localhost:80',
    'LogLevel DEBUG',
    'RequestTTY yes',
    'TCPKeepAlive no',
    'CheckHostIP yes',
    'ControlPersist 60',
  ])('but not for %s', async (line) => {
    expect((await readSettings(target(`Host *\n ${line}\n`))).needsOpenSsh).toEqual([]);
  });
});

test('a broken configuration is said to be so', async () => {
  await expect(readSettings(target('Nonsense yes\n'))).rejects.toMatchObject({
    name: 'Unreachable',
    detail: expect.stringContaining('Nonsense'.toLowerCase()),
  });
});

describe('ssh is started', () => {
  const log = join(directory, 'starts');
  const starts = (): number => readFileSync(log, 'utf8').split('\n').length - 1;

  beforeEach(() => {
    const bin = join(directory, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'ssh'), `#!/bin/sh\necho >>'${log}'\nPATH='${process.env['PATH']}' exec ssh "$@"\n`);
    chmodSync(join(bin, 'ssh'), 0o755);
    writeFileSync(log, '');
    vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
  });
  afterEach(() => vi.unstubAllEnvs());

  /** Twenty hosts at once, and each by itself, where no answer is another's. */
  async function expectSame(config: string, more: (n: number) => Partial<Target>): Promise<void> {
    const { sshArgs = [] } = target(config);
    const hosts = Array.from({ length: 20 }, (_, n) => ({
      name: `h${n}`,
      address: `10.1.0.${n}`,
      sshArgs,
      ...more(n),
    }));
    const together = await Promise.all(hosts.map((one) => readSettings({ ...one, transport: 'auto' })));
    const asked = starts();
    // Other options, to the same effect: nothing of it is known yet.
    const alone = hosts.map((one, n) =>
      readSettings({ ...one, transport: 'auto', sshArgs: [...sshArgs, '-o', `LogVerbose=h${n}`] }),
    );
    expect(together).toEqual(await Promise.all(alone));
    writeFileSync(log, '\n'.repeat(asked));
  }

  test.each([
    [
      'where the files are about all hosts alike',
      'Host *\n User deploy\n IdentityFile ~/.ssh/web\nMatch all\n Port 23\n',
    ],
    ['where there is nothing in them', ''],
  ])('once for twenty hosts %s', async (_, config) => {
    await expectSame(config, (n) => ({ port: 2000 + n, user: `u${n}`, hostKeyAlias: `alias${n}` }));
    expect(starts()).toBe(1);
    writeFileSync(log, '');
    await expectSame(`${config}# again\n`, () => ({}));
    expect(starts()).toBe(1);
  });

  test('once for a host that it was asked about ahead, whatever the files say of others', async () => {
    const one = target('Host web1\n Port 2222\nHost web2\n Port 2223\n');
    askSshAhead(one);
    expect((await readSettings(one)).settings.port).toBe(2222);
    expect(starts()).toBe(1);
    expect((await readSettings({ ...one, name: 'web2', address: 'web2' })).settings.port).toBe(2223);
    expect(starts()).toBe(2);
    askSshAhead({ ...one, transport: 'local', sshArgs: ['-o', 'LogVerbose=none'] });
    askSshAhead(target('Nonsense yes\n'));
    await expect(readSettings(target('Nonsense yes\n'))).rejects.toMatchObject({ name: 'Unreachable' });
    expect(starts()).toBe(4);
  });

  test.each([
    ['a part for some', 'Host 10.1.0.7 10.1.0.9\n Port 2222\n'],
    ['a condition', 'Match host 10.1.0.7\n Port 2222\n'],
    ['a name made of theirs', 'Host *\n Hostname %h.example.org\n'],
    ['a file named after them', 'Host *\n IdentityFile ~/.ssh/%h\n'],
    ['a socket for each', 'Host *\n ControlPath ~/.ssh/%C\n'],
  ])('for each host where there is %s', async (_, config) => {
    await expectSame(config, () => ({}));
    expect(starts()).toBeGreaterThanOrEqual(20);
  });

  test('anew for what is asked a while later', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const one = target('Host *\n Port 23\n');
      expect((await readSettings(one)).settings.port).toBe(23);
      writeFileSync(one.sshArgs?.[1] ?? '', 'Host *\n Port 24\n');
      vi.advanceTimersByTime(60_000);
      expect((await readSettings(one)).settings.port).toBe(24);
    } finally {
      vi.useRealTimers();
    }
  });
});

test('without an ssh client the usual files are taken', () => {
  const { settings, hasOpenSsh } = resolve({ name: 'a', address: '10.0.0.1', transport: 'auto' }, undefined, undefined);
  expect(hasOpenSsh).toBe(false);
  expect(settings).toMatchObject({
    host: '10.0.0.1',
    port: 22,
    knownHostsFiles: [join(homedir(), '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts'],
  });
});

test.each([
  ['bastion', { address: 'bastion' }],
  ['bob@bastion:2200', { address: 'bastion', user: 'bob', port: 2200 }],
  ['bob@corp@bastion', { address: 'bastion', user: 'bob@corp' }],
  ['ssh://bob@bastion:22', { address: 'bastion', user: 'bob', port: 22 }],
  ['[fe80::1]:22', { address: 'fe80::1', port: 22 }],
  ['fe80::1', { address: 'fe80::1' }],
])('the jump host %s is read', (jump, expected) => {
  expect(parseJump(jump)).toEqual({ name: expected.address, ...expected });
});
