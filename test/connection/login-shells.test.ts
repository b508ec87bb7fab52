/** A lane comes up whatever the login shell is and prints. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectWith } from '../../src/connection/connect.ts';
import { Unreachable } from '../../src/connection/index.ts';
import { defaultShell, LANE_PATH, type LaneShell } from '../../src/connection/lane-program.ts';
import { useHosts } from '../support/sandbox.ts';

// A busy machine: these wait for real sshd, PAM and sudo.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const host = 'shells';
const hosts = useHosts(host);

const sh = async (script: string): Promise<void> => {
  const { code, stdout, stderr } = await hosts.exec(host, ['sh', '-ec', script]);
  expect(code, stdout + stderr).toBe(0);
};

beforeAll(async () => {
  await sh(
    'apt-get install -qy fish tcsh busybox >/dev/null 2>&1; mkdir /opt/applets; busybox --install -s /opt/applets',
  );
});
afterAll(async () => await sh('chsh -s /bin/bash admin'));

const probe = async (shell: LaneShell = defaultShell): Promise<string> => {
  const connection = await connectWith({ ...hosts.target(host), transport: 'ssh2' }, shell);
  try {
    const lane = await connection.lane({ user: 'root', method: 'sudo' });
    const stdin = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
    const replies = await lane.exchange([
      { script: 'cat', stdin },
      { script: 'printf "%s\n" "$@"', args: ["it's", '!$ \\ "'], stdin: Buffer.from('short\n') },
      { script: 'sleep 50 & sleep 50', timeout: 1 },
      { script: 'echo skipped', afterSuccess: true, stdin: Buffer.alloc(3_000_000) },
      { script: 'echo "$USER $HOME" >&2' },
    ]);
    expect(replies[0]?.stdout.equals(stdin)).toBe(true);
    expect(replies.slice(1).map(({ code, stdout, stderr }) => [code, stdout.toString(), stderr.toString()])).toEqual([
      [0, `it's\n!$ \\ "\n`, ''],
      [124, '', expect.any(String)],
      [-1, '', ''],
      [0, '', 'root /root\n'],
    ]);
    const live: string[] = [];
    expect(
      await connection.live({
        script: 'echo "$0" | head -c 1; exit 3',
        onStdout: (chunk) => live.push(chunk.toString()),
        onStderr: () => undefined,
      }),
    ).toBe(3);
    expect(live.join('')).toBe('/');
    return lane.greeting.user;
  } finally {
    await connection.close();
  }
};

describe('login shells', () => {
  test.each(['/bin/sh', '/bin/bash', '/usr/bin/fish', '/usr/bin/tcsh', '/bin/busybox-sh'])('%s', async (shell) => {
    if (shell === '/bin/busybox-sh')
      await sh(
        `ln -sf /bin/busybox /opt/applets/sh; grep -qx /opt/applets/sh /etc/shells || echo /opt/applets/sh >>/etc/shells`,
      );
    await sh(`usermod -s ${shell === '/bin/busybox-sh' ? '/opt/applets/sh' : shell} admin`);
    expect(await probe()).toBe('root');
  });

  test('a .bashrc that talks, and one that changes the environment', async () => {
    await sh(
      'usermod -s /bin/bash admin; printf "%s\n" "echo welcome" "echo more >&2" "printf half" "export LC_ALL=de_DE.UTF-8 POSIXLY_CORRECT=1 ENV=/nowhere" "umask 077" "cd /tmp" >/home/admin/.bashrc; echo hello >/etc/motd',
    );
    expect(await probe()).toBe('root');
    await sh('rm /home/admin/.bashrc');
  });

  test('an account without a shell: the error shows what it said', async () => {
    await sh('usermod -s /usr/sbin/nologin admin');
    const error = await probe().then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(Error);
    const connection = await connectWith({ ...hosts.target(host), transport: 'ssh2' }, defaultShell);
    await expect(connection.lane()).rejects.toMatchObject({
      name: 'Unreachable',
      detail: expect.stringContaining('not available'),
    });
    await connection.close();
    expect(Unreachable.name).toBe('Unreachable');
    await sh('usermod -s /bin/bash admin');
  });
});

describe('shells of the lane', () => {
  test.each<[string, LaneShell]>([
    ['dash', { shell: 'dash', path: LANE_PATH }],
    ['bash', { shell: 'bash --posix', path: LANE_PATH }],
    ['busybox with its applets', { shell: '/opt/applets/sh', path: '/opt/applets' }],
  ])('%s', async (_name, shell) => {
    await sh('ln -sf /bin/busybox /opt/applets/sh');
    expect(await probe(shell)).toBe('root');
  });
});
