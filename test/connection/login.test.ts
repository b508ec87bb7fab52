/** Who is let in, whom we trust, and what is said when either fails. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connect, HostKeyChanged, Unreachable, type Target } from '../../src/connection/index.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A busy machine: these wait for real sshd, PAM and sudo.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const host = 'login';
const hosts = useHosts(host);
const directory = temporaryFolder('test');
let hostKey = '';
let agent: ChildProcess;
const agentSocket = join(directory, 'agent');

const makeKey = (name: string, passphrase = '', type = 'ed25519'): string => {
  const file = join(directory, name);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-f', file]);
  return file;
};
const publicKey = (file: string): string => readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
let files = 0;
const written = (text: string): string => {
  const file = join(directory, `file${files++}`);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};

beforeAll(async () => {
  const { knownHostsFiles } = hosts.target(host);
  hostKey =
    readFileSync(knownHostsFiles?.[0] ?? '', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[0]?.split(',').includes(host))
      ?.split(' ')
      .slice(1)
      .join(' ') ?? '';
  agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
  while (!existsSync(agentSocket)) await new Promise((resolve) => setTimeout(resolve, 20));
  const { code, stderr } = await hosts.exec(host, [
    'sh',
    '-ec',
    'echo nosudo:nosudo-password | chpasswd; ssh-keygen -A >/dev/null; mkdir -p /run/sshd',
  ]);
  expect([code, stderr]).toEqual([0, '']);
});
afterAll(() => {
  agent.kill();
});

/** Connects, asks who we are, closes. */
async function whoAmI(target: Target): Promise<string> {
  const connection = await connect(target);
  try {
    const [reply] = await (await connection.lane()).exchange([{ script: 'id -un' }]);
    return reply?.stdout.toString().trim() ?? '';
  } finally {
    await connection.close();
  }
}

async function failure(target: Target): Promise<Unreachable> {
  const error: unknown = await whoAmI(target).then(
    (user) => `let in as ${user}`,
    (caught: unknown) => caught,
  );
  if (!(error instanceof Unreachable)) throw error;
  expect(error.exitCode).toBe(4);
  expect(error.hint).not.toBe('');
  return error;
}

describe.each(['ssh2', 'openssh'] as const)('%s', (transport) => {
  const target = (more: Partial<Target> = {}): Target => ({
    ...hosts.target(host),
    transport,
    sshArgs: ['-F', '/dev/null', '-o', 'IdentityAgent=none'],
    ...more,
  });

  test('refuses a host it does not know, and records nothing', async () => {
    const file = written('');
    const error = await failure(target({ knownHostsFiles: [file] }));
    expect(error.message).toBe('the host key of login is not known');
    expect(error.hint).toContain('--accept-new-host-keys');
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  test('records a new key when told to, and knows it from then on', async () => {
    const file = written(`other ${hostKey}\n`);
    expect(await whoAmI(target({ knownHostsFiles: [file], acceptNewHostKeys: true }))).toBe('admin');
    expect(readFileSync(file, 'utf8').split('\n').length).toBe(3);
    expect(await whoAmI(target({ knownHostsFiles: [file] }))).toBe('admin');
  });

  test.each([false, true])(
    'stops at a changed key, naming the line (accepting new ones: %s)',
    async (acceptNewHostKeys) => {
      const other = makeKey(`other-${transport}-${acceptNewHostKeys}`);
      const file = written(`# note\n${host} ${publicKey(other)}\n`);
      const error = await failure(target({ knownHostsFiles: [file], acceptNewHostKeys }));
      expect(error).toBeInstanceOf(HostKeyChanged);
      expect(error.where).toBe(`${file}:2`);
      expect(error.hint).toContain(`${file}:2`);
    },
  );

  test('tries again as often as it is told where sshd hangs up, and not where a key is wrong', async () => {
    let tries = 0;
    let hangUps = 2;
    const server = createServer((socket) => {
      tries++;
      if (hangUps-- > 0) return void socket.destroy();
      const there = createConnection(22, hosts.target(host).address);
      for (const end of [socket, there]) end.on('error', () => undefined);
      socket.pipe(there).pipe(socket);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const through = (more: Partial<Target>): Target =>
      target({ address: '127.0.0.1', port: (server.address() as AddressInfo).port, ...more });
    expect(await whoAmI(through({ retries: 2 }))).toBe('admin');
    expect(tries).toBe(3);
    hangUps = 9;
    await failure(through({ retries: 1 }));
    expect(tries).toBe(5);
    hangUps = 0;
    await failure(through({ retries: 3, knownHostsFiles: [written('')] }));
    expect(tries).toBe(6);
    server.close();
  });

  test('stops at a revoked key', async () => {
    const error = await failure(target({ knownHostsFiles: [written(`${host} ${hostKey}\n@revoked * ${hostKey}\n`)] }));
    expect(error).toBeInstanceOf(HostKeyChanged);
    expect(error.message).toBe('the host key of login is revoked');
  });

  test.each(['login', '[login]:22', 'log*'])(
    'stops at a key that is revoked for %s at any other port',
    async (revoked) => {
      await hosts.exec(host, [
        'sh',
        '-c',
        'ss -ltn | grep -q :2240 || /usr/sbin/sshd -f /dev/null -p 2240 -h /etc/ssh/ssh_host_ed25519_key -o UsePAM=yes -o PidFile=none',
      ]);
      const { address, hostKeyAlias: _alias, ...rest } = target();
      const port = { ...rest, address, port: 2240 };
      const known = `[${address}]:2240 ${hostKey}\n`;
      expect(await whoAmI({ ...port, knownHostsFiles: [written(`${known}@revoked other ${hostKey}\n`)] })).toBe(
        'admin',
      );
      const error = await failure({
        ...port,
        knownHostsFiles: [
          written(
            `${known}@revoked ${revoked.replace('log*', address.replace(/.$/, '*')).replace('login', address)} ${hostKey}\n`,
          ),
        ],
      });
      expect(error.message).toBe('the host key of login is revoked');
    },
  );

  test('asks for the key that is on record, though the host has others', async () => {
    await hosts.exec(host, [
      'sh',
      '-c',
      'ssh-keygen -q -t ecdsa -N "" -f /etc/ssh/second; /usr/sbin/sshd -f /dev/null -p 2222 -h /etc/ssh/ssh_host_ed25519_key -h /etc/ssh/second -o UsePAM=yes -o PidFile=none',
    ]);
    const { stdout } = await hosts.exec(host, ['cat', '/etc/ssh/second.pub']);
    const key = stdout.split(' ').slice(0, 2).join(' ');
    const { address, hostKeyAlias: _alias, ...rest } = target();
    expect(
      await whoAmI({ ...rest, address, port: 2222, knownHostsFiles: [written(`[${address}]:2222 ${key}\n`)] }),
    ).toBe('admin');
  });

  test('logs in with a password', async () => {
    const { privateKeyFile: _key, ...rest } = target({ user: 'nosudo', password: { expose: () => 'nosudo-password' } });
    expect(
      await whoAmI({ ...rest, sshArgs: ['-F', '/dev/null', '-o', 'IdentityAgent=none', '-o', 'IdentityFile=none'] }),
    ).toBe('nosudo');
  });

  test('logs in with a key that the agent holds', async () => {
    const { privateKeyFile, ...rest } = target();
    execFileSync('ssh-add', ['-q', privateKeyFile ?? ''], {
      env: { ...process.env, SSH_AUTH_SOCK: agentSocket },
      stdio: 'ignore',
    });
    const sshArgs = ['-F', '/dev/null', '-o', `IdentityAgent=${agentSocket}`, '-o', 'IdentityFile=none'];
    expect(await whoAmI({ ...rest, sshArgs })).toBe('admin');
  });

  test('says what it tried when it is not let in', async () => {
    const key = makeKey(`stranger-${transport}`);
    const error = await failure(target({ privateKeyFile: key }));
    expect(error.message).toBe('login did not let admin in');
    expect(error.detail).toContain('publickey');
    if (transport === 'ssh2') expect(error.detail).toContain(key);
  });

  test('names an encrypted key that nobody opens', async () => {
    const key = makeKey(`locked-${transport}`, 'passphrase');
    const error = await failure(target({ privateKeyFile: key }));
    if (transport === 'ssh2') expect(error.detail).toContain(`${key}: encrypted`);
  });

  test('finds an encrypted key in the agent by its public half', async () => {
    const { privateKeyFile = '' } = hosts.target(host);
    const copy = written(readFileSync(privateKeyFile, 'utf8'));
    execFileSync('ssh-add', ['-q', privateKeyFile], {
      env: { ...process.env, SSH_AUTH_SOCK: agentSocket },
      stdio: 'ignore',
    });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'passphrase', '-f', copy], { stdio: 'ignore' });
    const sshArgs = ['-F', '/dev/null', '-o', `IdentityAgent=${agentSocket}`, '-o', 'IdentitiesOnly=yes'];
    expect(await whoAmI(target({ privateKeyFile: copy, sshArgs }))).toBe('admin');
  });

  test('takes the key that the agent holds where only the public half is here', async () => {
    const { privateKeyFile = '' } = hosts.target(host);
    const only = join(directory, `only-public-${transport}`);
    writeFileSync(`${only}.pub`, readFileSync(`${privateKeyFile}.pub`));
    execFileSync('ssh-add', ['-q', privateKeyFile], {
      env: { ...process.env, SSH_AUTH_SOCK: agentSocket },
      stdio: 'ignore',
    });
    const sshArgs = ['-F', '/dev/null', '-o', `IdentityAgent=${agentSocket}`, '-o', 'IdentitiesOnly=yes'];
    expect(await whoAmI(target({ privateKeyFile: only, sshArgs }))).toBe('admin');
  });

  test.each<[string, Partial<Target>, RegExp]>([
    ['a closed port', { port: 1 }, /refused the connection/],
    ['a name that is none', { address: 'no-such-host.invalid' }, /cannot be resolved/],
  ])('explains %s', async (_what, more, message) => {
    expect((await failure(target({ connectTimeout: 5, ...more }))).message).toMatch(message);
  });

  test('does not wait longer than told', async () => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const { port } = mute.address() as AddressInfo;
    const error = await failure(target({ address: '127.0.0.1', port, connectTimeout: 1 }));
    expect(error.message).toBe('login did not answer within 1 s');
    mute.close();
  });

  test.each([1, 2, 3])('has lanes for four accounts where sshd allows %i sessions on a connection', async (most) => {
    const port = 2230 + most;
    await hosts.exec(host, [
      'sh',
      '-c',
      `ss -ltn | grep -q :${port} || /usr/sbin/sshd -f /dev/null -p ${port} -h /etc/ssh/ssh_host_ed25519_key -o MaxSessions=${most} -o UsePAM=yes -o PidFile=none`,
    ]);
    const connection = await connect(
      target({ port, knownHostsFiles: [written(`[${hosts.target(host).address}]:${port},${host} ${hostKey}\n`)] }),
    );
    const accounts = [undefined, 'root', 'nosudo', 'daemon'].map((user) =>
      user === undefined ? undefined : ({ user, method: 'sudo' } as const),
    );
    const lanes = await Promise.all(accounts.map((become) => connection.lane(become)));
    expect(lanes.map(({ greeting }) => greeting.user)).toEqual(['admin', 'root', 'nosudo', 'daemon']);
    const seen: string[] = [];
    expect(
      await connection.live({
        script: 'echo live',
        onStdout: (chunk) => seen.push(chunk.toString()),
        onStderr: () => undefined,
      }),
    ).toBe(0);
    expect(seen).toEqual(['live\n']);
    // A session that has ended makes room on its connection.
    await lanes[3]?.close();
    expect((await connection.lane(accounts[3])).greeting.user).toBe('daemon');
    await connection.close();
  });

  test('goes through a jump host', async () => {
    const { privateKeyFile, address, knownHostsFiles } = hosts.target(host);
    const jump = `Host bastion\n HostName ${address}\n User operator\n HostKeyAlias ${host}\n`;
    const config = written(
      `${jump}Host *\n IdentityFile ${privateKeyFile}\n UserKnownHostsFile ${knownHostsFiles?.[0]}\n IdentityAgent none\nHost inner\n HostName 127.0.0.1\n User admin\n HostKeyAlias ${host}\n ProxyJump bastion\n`,
    );
    expect(await whoAmI({ name: 'inner', address: 'inner', transport, sshArgs: ['-F', config] })).toBe('admin');
  });
});

describe('auto', () => {
  test('takes ssh2 where that honours everything', async () => {
    const connection = await connect({ ...hosts.target(host), transport: 'auto' });
    expect(connection.description).toBe('ssh2');
    await connection.close();
  });

  test('takes OpenSSH where that is needed, and says why', async () => {
    const connection = await connect({
      ...hosts.target(host),
      transport: 'auto',
      sshArgs: ['-o', 'Ciphers=aes256-ctr'],
    });
    expect(connection.description).toBe('openssh (ciphers is set)');
    await connection.close();
  });

  test('takes OpenSSH where the agent holds more than ssh2 can use', async () => {
    const authority = makeKey('user-authority');
    const key = makeKey('certified');
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'bob', '-n', 'admin', `${key}.pub`], { stdio: 'ignore' });
    execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket }, stdio: 'ignore' });
    await hosts.exec(host, ['sh', '-c', 'cat >/etc/ssh/user-authority.pub'], readFileSync(`${authority}.pub`, 'utf8'));
    await hosts.exec(host, [
      'sh',
      '-c',
      '/usr/sbin/sshd -f /dev/null -p 2224 -h /etc/ssh/ssh_host_ed25519_key -o TrustedUserCAKeys=/etc/ssh/user-authority.pub -o AuthorizedKeysFile=none -o UsePAM=yes -o PidFile=none',
    ]);
    const { privateKeyFile: _key, ...rest } = hosts.target(host);
    const connection = await connect({
      ...rest,
      transport: 'auto',
      port: 2224,
      sshArgs: ['-F', '/dev/null', '-o', `IdentityAgent=${agentSocket}`],
    });
    expect(connection.description).toBe('openssh (the agent holds hardware keys or certificates)');
    await connection.close();
  });

  test.each<[string, readonly string[], string, string]>([
    ['an RSA key in PKCS #8', ['-t', 'rsa', '-m', 'PKCS8'], '', 'ssh2'],
    ['an EC key in PKCS #8', ['-t', 'ecdsa', '-m', 'PKCS8'], '', 'ssh2'],
    ['a locked key in PKCS #8', ['-t', 'ecdsa', '-b', '521', '-m', 'PKCS8'], 'passphrase', 'ssh2'],
    ['a locked key in PEM', ['-t', 'ecdsa', '-m', 'PEM'], 'passphrase', 'ssh2'],
    ["a key of OpenSSH's own", ['-t', 'ed25519'], 'passphrase', 'ssh2'],
    ['another cipher', ['-t', 'ed25519', '-Z', 'aes256-gcm@openssh.com'], 'passphrase', 'ssh2'],
    [
      'a cipher that ssh2 has not',
      ['-t', 'ed25519', '-Z', 'chacha20-poly1305@openssh.com'],
      'passphrase',
      'openssh (only OpenSSH can use KEY)',
    ],
  ])('logs in with %s', async (what, options, word, description) => {
    const key = join(directory, what.replace(/\W/g, '-'));
    execFileSync('ssh-keygen', ['-q', ...options, '-N', word, '-f', key]);
    await hosts.exec(host, ['sh', '-c', 'cat >>/home/admin/.ssh/authorized_keys'], readFileSync(`${key}.pub`, 'utf8'));
    // The public half is not needed, and often not there.
    rmSync(`${key}.pub`);
    const passphrase = async (_file: string, isRight: (typed: string) => boolean): Promise<string | undefined> =>
      word === '' ? undefined : [...(description === 'ssh2' ? ['wrong'] : []), word].find(isRight);
    const target: Target = {
      ...hosts.target(host),
      transport: 'auto',
      privateKeyFile: key,
      passphrase,
      sshArgs: ['-F', '/dev/null', '-o', 'IdentityAgent=none', '-o', 'IdentityFile=none'],
    };
    const connection = await connect(target);
    expect(connection.description).toBe(description.replace('KEY', key));
    await connection.close();
  });

  test('falls back to OpenSSH where its configuration names a key that ssh2 cannot use', async () => {
    const key = join(directory, 'in-the-configuration');
    execFileSync('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-Z',
      'chacha20-poly1305@openssh.com',
      '-N',
      'passphrase',
      '-f',
      key,
    ]);
    const { privateKeyFile: _key, ...rest } = hosts.target(host);
    const target: Target = {
      ...rest,
      transport: 'auto',
      sshArgs: ['-F', '/dev/null', '-o', 'IdentityAgent=none', '-o', `IdentityFile=${key}`],
    };
    await expect(connect(target)).rejects.toMatchObject({
      message: 'login did not let admin in',
      detail: expect.stringContaining("all that ssh's configuration names"),
    });
    await expect(connect({ ...target, transport: 'ssh2' })).rejects.toMatchObject({
      detail: expect.stringContaining(`${key}: ssh2 cannot use it, OpenSSH may`),
    });
  });

  test('names what makes a key of PuTTY one of OpenSSH', async () => {
    const key = written('PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n');
    await expect(
      connect({
        ...hosts.target(host),
        transport: 'auto',
        privateKeyFile: key,
        sshArgs: ['-F', '/dev/null', '-o', 'IdentityAgent=none', '-o', 'IdentityFile=none'],
      }),
    ).rejects.toMatchObject({ detail: expect.stringContaining('puttygen') });
  });

  test('trusts a certificate authority, by OpenSSH', async () => {
    const authority = makeKey('authority');
    const { stdout } = await hosts.exec(host, ['cat', '/etc/ssh/ssh_host_ed25519_key.pub']);
    const key = written(stdout);
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-h', '-I', 'host', '-n', host, key], { stdio: 'ignore' });
    await hosts.exec(host, ['sh', '-c', 'cat >/etc/ssh/host-cert.pub'], readFileSync(`${key}-cert.pub`, 'utf8'));
    await hosts.exec(host, [
      'sh',
      '-c',
      '/usr/sbin/sshd -f /dev/null -p 2223 -h /etc/ssh/ssh_host_ed25519_key -o HostCertificate=/etc/ssh/host-cert.pub -o UsePAM=yes -o PidFile=none',
    ]);
    const target: Target = {
      ...hosts.target(host),
      transport: 'auto',
      port: 2223,
      knownHostsFiles: [written(`@cert-authority * ${publicKey(authority)}\n`)],
    };
    const connection = await connect(target);
    expect(connection.description).toBe('openssh (a certificate authority vouches for the host key)');
    await connection.close();
  });
});
