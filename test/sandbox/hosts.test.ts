import { describe, expect, test } from 'vitest';
import { run, type CommandResult } from '../../src/sandbox/command.ts';
import { listSandbox, sandboxSshArgv, startSandbox, stopSandbox } from '../../src/sandbox/index.ts';
import { openFleet } from '../../src/sandbox/state.ts';
import { bundleSandbox } from '../support/sandbox-bundle.ts';
import { useHosts, type LoginUser } from '../support/sandbox.ts';

const plain = 'box1';
const dotted = 'monitoring.example.org';
const hosts = useHosts(plain, dotted);

const ssh = (name: string, user: LoginUser, command: string, input = ''): Promise<CommandResult> =>
  run(sandboxSshArgv(name, [command], { fleet: hosts.fleet, user }), { input });

describe('a sandbox host', () => {
  test.each([
    ['root', 'id -un', 'root'],
    ['admin', 'sudo -n id -un', 'root'],
    ['operator', 'sudo -S -p "" id -un', 'root'],
    ['nosudo', 'id -un', 'nosudo'],
  ] as const)('lets %s in over ssh', async (user, command, expected) => {
    const reply = await ssh(plain, user, command, `${hosts.password()}\n`);
    expect(reply).toMatchObject({ code: 0, stdout: `${expected}\n` });
  });

  test.each([['operator'], ['nosudo']] as const)('refuses sudo without password to %s', async (user) => {
    expect((await ssh(plain, user, 'sudo -n true')).code).toBe(1);
  });

  test('is up without a failed unit, with systemd as PID 1', async () => {
    expect((await ssh(dotted, 'admin', 'systemctl is-system-running; cat /proc/1/comm')).stdout).toBe(
      'running\nsystemd\n',
    );
  });

  test('has the name of the inventory and finds the others by theirs', async () => {
    expect((await ssh(dotted, 'admin', 'hostname; hostname -f')).stdout).toBe('monitoring\nmonitoring.example.org\n');
    const reply = await ssh(
      plain,
      'admin',
      'getent hosts monitoring.example.org; exec 3<>/dev/tcp/monitoring/22 && head -c 4 <&3',
    );
    expect(reply.stdout).toMatch(/^10\.\S+ +monitoring\.example\.org monitoring\nSSH-$/);
  });

  test('reaches neither this machine nor anything beyond', async () => {
    const addressOf = async (...link: string[]): Promise<string> =>
      /inet ([\d.]+)/.exec(
        (await run(['ip', '-4', '-o', 'address', 'show', 'scope', 'global', ...link])).stdout,
      )?.[1] ?? '';
    for (const address of [await addressOf(), await addressOf('dev', openFleet(hosts.fleet).tag), '192.0.2.77']) {
      expect(address).toMatch(/^\d/);
      expect(await hosts.exec(plain, ['bash', '-c', `exec 2>&1 3<>/dev/tcp/${address}/22`])).toMatchObject({ code: 1 });
    }
    expect((await hosts.exec(plain, ['getent', 'hosts', 'debian.org'])).code).toBe(2);
  });

  test('installs packages, through the proxy and only from the apt sites', async () => {
    expect(await ssh(plain, 'admin', 'sudo apt-get install -qy tree && tree --version')).toMatchObject({ code: 0 });
    const gateway = (await hosts.exec(plain, ['ip', 'route', 'show', 'default'])).stdout.split(' ')[2] ?? '';
    for (const request of [
      'GET http://example.org/ HTTP/1.0',
      'CONNECT example.org:443 HTTP/1.0',
      `GET http://${gateway}:22/ HTTP/1.0`,
    ]) {
      const reply = await hosts.exec(plain, [
        'bash',
        '-c',
        `exec 3<>/dev/tcp/${gateway}/3142; printf '%s\\r\\n\\r\\n' "$1" >&3; timeout 5 head -1 <&3`,
        '-',
        request,
      ]);
      expect(reply.stdout, request).toContain(' 403 ');
    }
  });

  test('cannot change what belongs to this machine', async () => {
    const swappiness = async (): Promise<string> => (await run(['cat', '/proc/sys/vm/swappiness'])).stdout;
    const before = await swappiness();
    expect(await hosts.exec(plain, ['sysctl', '-w', 'vm.swappiness=7'])).toMatchObject({ code: 0 });
    expect(await swappiness()).toBe(before);
    // nspawn shows a host what it runs on, by a mount its root can make writable.
    const file = (await run(['stat', '--format=%d:%i', '--dereference', '/etc/os-release'])).stdout;
    const shown = (await hosts.exec(plain, ['stat', '--format=%d:%i', '/run/host/os-release'])).stdout;
    expect(shown).toMatch(/^\d+:\d+\n$/);
    expect(shown).not.toBe(file);
    // Asked, not tried: were one of these not refused, it would be this machine that suffers.
    const ruled = ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger'];
    for (const file of ruled) expect((await hosts.exec(plain, ['test', '-w', file])).code, file).toBe(1);
    const forbidden = { CAP_SYS_MODULE: 16n, CAP_SYS_RAWIO: 17n, CAP_SYS_TIME: 25n, CAP_MKNOD: 27n };
    const show = 'grep CapBnd /proc/self/status';
    for (const reply of [await hosts.exec(plain, ['sh', '-c', show]), await ssh(plain, 'root', show)]) {
      const rights = BigInt(`0x${reply.stdout.trim().split('\t')[1]}`);
      for (const [name, number] of Object.entries(forbidden)) expect((rights >> number) & 1n, name).toBe(0n);
    }
  });

  test('comes back from a reboot', async () => {
    const boot = async (): Promise<string> =>
      (await hosts.exec(dotted, ['cat', '/proc/sys/kernel/random/boot_id']).catch(() => undefined))?.stdout ?? '';
    const before = await boot();
    await hosts.exec(dotted, ['systemctl', 'reboot', '--no-block']);
    await expect.poll(boot, { timeout: 120_000 }).toMatch(new RegExp(`^(?!${before.trim()})[0-9a-f-]{36}\n$`));
    await expect.poll(async () => (await ssh(dotted, 'admin', 'true')).code, { timeout: 120_000 }).toBe(0);
  });

  test('what is run in it ends with it, and holds up no reboot', async () => {
    const running = hosts.exec(dotted, ['sh', '-c', 'systemctl reboot --no-block; exec sleep 600']);
    expect(await running).toMatchObject({ code: expect.toBeOneOf([129, 137, 143]) });
    await expect.poll(async () => (await ssh(dotted, 'admin', 'true')).code, { timeout: 120_000 }).toBe(0);
  }, 240_000);

  test('keeps its disk while it is off, and loses it by a reset', async () => {
    const options = { fleet: hosts.fleet, self: await bundleSandbox() };
    await ssh(plain, 'admin', 'sudo sh -c "echo kept >/srv/note; sync"');
    await stopSandbox([plain], options);
    expect(listSandbox(options).find(({ name }) => name === plain)).toMatchObject({ state: 'stopped', memory: 0 });
    await startSandbox([plain], options);
    expect((await ssh(plain, 'admin', 'cat /srv/note')).stdout).toBe('kept\n');
    await hosts.reset(plain);
    expect((await ssh(plain, 'admin', 'cat /srv/note; command -v tree')).stdout).toBe('');
  });
});
