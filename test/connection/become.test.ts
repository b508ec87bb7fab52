/** Becoming somebody else, by real sudo, su and doas. */
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { BecomeFailed, connect, type Become, type Connection, type Target } from '../../src/connection/index.ts';
import { useHosts, type LoginUser } from '../support/sandbox.ts';

// A busy machine: these wait for real sshd, PAM and sudo.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const host = 'become';
const hosts = useHosts(host);
const secret = (text: string) => ({ expose: () => text });

beforeAll(async () => {
  const setup = [
    'echo nosudo:nosudo-password | chpasswd',
    'echo root:root-password | chpasswd',
    'apt-get install -qy opendoas >/dev/null 2>&1',
    'printf "permit admin\\npermit nopass operator as root\\n" >/etc/doas.conf; chmod 600 /etc/doas.conf',
    'echo admin:admin-password | chpasswd',
  ];
  const { code, stderr } = await hosts.exec(host, ['sh', '-ec', setup.join('\n')]);
  expect([code, stderr]).toEqual([0, '']);
});

describe.each(['ssh2', 'openssh'] as const)('%s', (transport) => {
  let connection: Connection | undefined;
  afterEach(async () => {
    await connection?.close();
    connection = undefined;
  });

  const become = async (login: LoginUser, to: Become | undefined): Promise<string> => {
    const target: Target = { ...hosts.target(host, login), transport };
    connection = await connect(target);
    const lane = await connection.lane(to);
    const [reply] = await lane.exchange([{ script: 'echo "$(id -un) $USER $HOME $(pwd)"', stdin: Buffer.from('x') }]);
    return reply?.stdout.toString().trim() ?? '';
  };
  const root = (method: Become['method'], password?: string): Become => ({
    user: 'root',
    method,
    ...(password === undefined ? {} : { password: secret(password) }),
  });

  test.each<[string, LoginUser, () => Become | undefined, string]>([
    ['stays who it is', 'admin', () => undefined, 'admin admin /home/admin /'],
    ['sudo without a password', 'admin', () => root('sudo'), 'root root /root /'],
    ['sudo with a password that is not asked for', 'admin', () => root('sudo', 'unused'), 'root root /root /'],
    ['sudo with a password', 'operator', () => root('sudo', hosts.password()), 'root root /root /'],
    ['sudo to another user', 'admin', () => ({ user: 'nosudo', method: 'sudo' }), 'nosudo nosudo /home/nosudo /'],
    ['root to itself', 'root', () => root('sudo'), 'root root /root /'],
    ['root to another user', 'root', () => ({ user: 'nosudo', method: 'sudo' }), 'nosudo nosudo /home/nosudo /'],
    ['su with the password of root', 'nosudo', () => root('su', 'root-password'), 'root root /root /'],
    ['doas without a password', 'operator', () => root('doas'), 'root root /root /'],
    ['doas with a password', 'admin', () => root('doas', 'admin-password'), 'root root /root /'],
  ])('%s', async (_what, login, to, expected) => {
    expect(await become(login, to())).toBe(expected);
  });

  test.each<[string, LoginUser, () => Become, RegExp, RegExp]>([
    [
      'wrong sudo password',
      'operator',
      () => root('sudo', 'wrong'),
      /^wrong sudo password for operator on become$/,
      /-K/,
    ],
    ['no password where one is wanted', 'operator', () => root('sudo'), /wants a password for operator/, /-K/],
    [
      'not in the sudoers',
      'nosudo',
      () => root('sudo', 'nosudo-password'),
      /^nosudo may not become root by sudo/,
      /sudoers/,
    ],
    [
      'unknown user',
      'admin',
      () => ({ user: 'nobody-here', method: 'sudo' }),
      /there is no user nobody-here/,
      /becomeUser/,
    ],
    ['wrong su password', 'nosudo', () => root('su', 'wrong'), /^wrong su password for root on become$/, /-K/],
    ['su without a password', 'nosudo', () => root('su'), /wants a password for root/, /-K/],
    ['wrong doas password', 'admin', () => root('doas', 'wrong'), /^wrong doas password for admin/, /-K/],
    [
      'not in doas.conf',
      'nosudo',
      () => root('doas', 'nosudo-password'),
      /nosudo may not become root by doas/,
      /doas.conf/,
    ],
  ])('says so: %s', async (_what, login, to, what, hint) => {
    const error = await become(login, to()).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(BecomeFailed);
    if (!(error instanceof BecomeFailed)) return;
    expect(error.message).toMatch(what);
    expect(error.hint).toMatch(hint);
    expect(error.exitCode).toBe(2);
  });

  /** A sudo with a prompt of its own: sudo-rs puts the one it is given into that, PAM modules ask in their words. */
  const sudoThatAsks = (prompt: string): string => `#!/bin/sh
set -f; out= ; seen=
while [ $# -gt 0 ]; do case $1 in -p) seen="${prompt}"; shift 2;; --) break;; -u) out="$out -u $2"; shift 2;; *) out="$out $1"; shift;; esac; done
exec /usr/bin/sudo $out \${seen:+-p "$seen"} "$@"
`;

  test.each<[string, string, string]>([
    ['sudo-rs', '/usr/local/bin/sudo', sudoThatAsks('[sudo: $2] Password: ')],
    ['a prompt in other words', '/usr/local/bin/sudo', sudoThatAsks('Kennwort für bob: ')],
    ['a lecture before it', '/etc/sudoers.d/lecture', 'Defaults lecture=always\n'],
  ])('answers %s, and knows a wrong password there', async (_what, file, content) => {
    await hosts.exec(host, ['sh', '-c', 'cat >"$1" && chmod 755 "$1"', 'sh', file], content);
    try {
      const started = performance.now();
      expect(await become('operator', root('sudo', hosts.password()))).toBe('root root /root /');
      expect(performance.now() - started).toBeLessThan(15_000);
      await connection?.close();
      await expect(become('operator', root('sudo', 'wrong'))).rejects.toThrow(
        'wrong sudo password for operator on become',
      );
    } finally {
      await hosts.exec(host, ['rm', file]);
    }
  });

  test('a lane behind root works where no logout of its account takes the ground away, and leaves nothing', async () => {
    connection = await connect({ ...hosts.target(host, 'root'), transport });
    const lane = await connection.lane({ user: 'nosudo', method: 'sudo' });
    const [reply] = await lane.exchange([{ script: 'd=${0%/*}; stat -c "%n %U %a" "$d"' }]);
    expect(reply?.stdout.toString()).toMatch(/^\/run\/play\.\d+\.\d+\.\w{6} nosudo 700\n$/);
    await connection.close();
    const left = (): Promise<string> =>
      hosts.exec(host, ['sh', '-c', 'ls -d /run/play.[0-9]* 2>/dev/null; true']).then(({ stdout }) => stdout);
    await vi.waitFor(async () => expect(await left()).toBe(''), { timeout: 120_000 });
  });

  test('reaches other users through root once there is a root lane', async () => {
    connection = await connect({ ...hosts.target(host, 'operator'), transport });
    const password = secret(hosts.password());
    await connection.lane({ user: 'root', method: 'sudo', password });
    const lane = await connection.lane({ user: 'nosudo', method: 'sudo', password });
    expect(lane.greeting).toMatchObject({ user: 'nosudo', home: '/home/nosudo' });
    expect(await connection.lane({ user: 'nosudo', method: 'sudo', password })).toBe(lane);
  });

  test('takes a terminal where sudo insists on one', async () => {
    await hosts.exec(host, ['sh', '-c', 'echo "Defaults requiretty" >/etc/sudoers.d/tty']);
    try {
      connection = await connect({ ...hosts.target(host, 'operator'), transport });
      const lane = await connection.lane(root('sudo', hosts.password()));
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
      const [reply] = await lane.exchange([{ script: 'cat; echo e >&2', stdin: bytes }]);
      expect(reply?.stdout.equals(bytes)).toBe(true);
      expect(reply?.stderr.toString()).toBe('e\n');
      const seen: string[] = [];
      const code = await connection.live({
        script: 'echo live; exit 4',
        become: root('sudo', hosts.password()),
        onStdout: (chunk) => seen.push(chunk.toString()),
        onStderr: () => undefined,
      });
      expect([code, seen]).toEqual([4, ['live\n']]);
    } finally {
      await hosts.exec(host, ['rm', '/etc/sudoers.d/tty']);
    }
  });

  test('is not changed by a sudo that puts commands into a terminal of their own and logs them', async () => {
    await hosts.exec(host, ['sh', '-c', 'echo "Defaults use_pty, log_output" >/etc/sudoers.d/own-tty']);
    try {
      connection = await connect({ ...hosts.target(host, 'operator'), transport });
      const lane = await connection.lane(root('sudo', hosts.password()));
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
      const [reply] = await lane.exchange([{ script: 'cat; echo e >&2', stdin: bytes }]);
      expect(reply?.stdout.equals(bytes)).toBe(true);
      expect(reply?.stderr.toString()).toBe('e\n');
    } finally {
      await hosts.exec(host, ['rm', '/etc/sudoers.d/own-tty']);
    }
  });

  test('shows live output of root', async () => {
    connection = await connect({ ...hosts.target(host, 'operator'), transport });
    const seen: string[] = [];
    const code = await connection.live({
      script: 'id -un',
      become: root('sudo', hosts.password()),
      onStdout: (chunk) => seen.push(chunk.toString()),
      onStderr: () => undefined,
    });
    expect([code, seen]).toEqual([0, ['root\n']]);
  });
});
