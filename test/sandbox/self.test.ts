import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cgroupName, isPopulated } from '../../src/sandbox/cgroup.ts';
import { run, waitFor, type CommandResult } from '../../src/sandbox/command.ts';
import { listSandbox, removeSandbox, sandboxExec, sandboxSshArgv, stopSandbox } from '../../src/sandbox/index.ts';
import { fileSystemsOf } from '../../src/sandbox/self/file-systems.ts';
import { refuseUncopyable } from '../../src/sandbox/self/requirements.ts';
import { openFleet } from '../../src/sandbox/state.ts';
import { playRoot, run as runIn, type Outcome } from '../cli/command-line.ts';
import { bundleSandbox } from '../support/sandbox-bundle.ts';
import { testFleet } from '../support/sandbox-fleet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { noTraces, tracesOf } from './machine.ts';

/** A fleet of its own, to be removed whole. */
const fleet = `${testFleet()}-self`;
const host = 'copy1';
const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nnone, but it looks like one\n-----END OPENSSH PRIVATE KEY-----\n';

/** Put on this machine for the test: what a copy has to show and what it must not. */
const mark = `play-self-test-${process.pid}`;
const plain = `/etc/${mark}/plain.conf`;
const hidden = {
  'a key by its content': `/etc/${mark}/server.conf`,
  'a vault password file': `/opt/${mark}/.vault-password`,
  'keys of ssh': `/opt/${mark}/.ssh/id_rsa`,
  'a key of a program': `/opt/${mark}/deep/down/tls.key`,
  'a history': `/opt/${mark}/.bash_history`,
};
const socket = `/opt/${mark}/agent`;
const namedVault = `/opt/${mark}/named by the run`;
const source = `/opt/${mark}/source`;
const mountPoint = `/opt/${mark}/mounted`;
const job = `/etc/cron.d/${mark}`;
const ownUnit = `${mark}.service`;

const listener = createServer((connection) => connection.end('this machine'));
const project = temporaryFolder('self');
let self: readonly string[];
let machineBefore: unknown;

beforeAll(async () => {
  self = await bundleSandbox();
  for (const folder of [`/etc/${mark}`, `/opt/${mark}/.ssh`, `/opt/${mark}/deep/down`, source, mountPoint])
    mkdirSync(folder, { recursive: true });
  writeFileSync(plain, 'of the machine\n');
  for (const file of [...Object.values(hidden), namedVault]) writeFileSync(file, key);
  writeFileSync(`/opt/${mark}/deep/down/public.pem`, '-----BEGIN CERTIFICATE-----\n');
  writeFileSync(job, '# no job\n');
  writeFileSync(
    `/etc/systemd/system/${ownUnit}`,
    '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
  );
  listener.listen(socket);
  await once(listener, 'listening');
  writeFileSync(join(project, 'hosts'), `${host}\n`);
  writeFileSync(
    join(project, 'site.ts'),
    `import { copy, definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'all', become: true, tasks: () => [copy({ dest: '${plain}', content: 'of the copy\\n' })] });\n`,
  );
  writeFileSync(join(source, 'note'), 'of the machine\n');
  writeFileSync(join(source, '.netrc'), 'machine x login y password z\n');
  machineBefore = await stateOfMachine();
  // As from a machine that has a file system there; in a mount namespace, since this one shall not.
  const mounted = [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-ec',
    'mount --bind "$1" "$2"; shift 2; exec "$@"',
    'sh',
    source,
    mountPoint,
  ];
  const started = await run([...mounted, ...self, 'start', host], {
    env: { PLAY_SANDBOX_FLEET: fleet, PLAY_SANDBOX_KIND: 'self' },
  });
  expect(started, started.stderr).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await removeSandbox(undefined, { fleet });
  listener.close();
  for (const path of [`/etc/${mark}`, `/opt/${mark}`, job, `/etc/systemd/system/${ownUnit}`])
    rmSync(path, { recursive: true, force: true });
});

const exec = (script: string): Promise<CommandResult> => sandboxExec(host, ['bash', '-c', script], { fleet });
const ssh = (user: string, command: string): Promise<CommandResult> =>
  run(sandboxSshArgv(host, [command], { fleet, user }));
const play = (...args: string[]): Promise<Outcome> =>
  runIn(join(playRoot, 'play'), args, { cwd: project, env: { ...process.env, PLAY_SANDBOX_FLEET: fleet } });

/** What making a copy could have touched by mistake, and nothing else on this machine touches meanwhile. */
async function stateOfMachine(): Promise<unknown> {
  const files = ['/etc/passwd', '/etc/shadow', '/etc/hostname', '/etc/machine-id', '/etc/os-release', plain];
  return {
    files: files.map((file) => [file, statSync(file).mtimeMs, readFileSync(file, 'utf8')]),
    directories: ['/etc/systemd/system', '/etc/ssh', '/home', '/root/.ssh']
      .filter((path) => existsSync(path))
      .map((path) => [path, readdirSync(path)]),
  };
}

describe('a copy of this machine', () => {
  test('is up without a failed unit, and lets in over ssh', async () => {
    expect((await ssh('admin', 'systemctl is-system-running; sudo -n id -un; hostname')).stdout).toBe(
      `running\nroot\n${host}\n`,
    );
    expect((await ssh('root', 'id -un')).stdout).toBe('root\n');
    expect((await play('sandbox', 'ssh', '-u', 'operator', host, 'id', '-un')).stdout).toBe('operator\n');
    // Also behind the host, where people write it; what stands behind `--` is for the host.
    expect((await play('sandbox', 'ssh', host, '-u', 'root', '--', 'id', '-un')).stdout).toBe('root\n');
    expect(
      (await play('ssh', '-i', `${host},`, host, '--sandbox=self', '--ssh-extra-args', '-v', '--', 'id', '-un')).stderr,
    ).toContain('debug1: ');
    expect((await ssh('nosudo', 'sudo -n true')).code).toBe(1);
    expect(listSandbox({ fleet })).toMatchObject([{ name: host, kind: 'self', state: 'running' }]);
  });

  test('has the packages of the machine, and an identity of its own', async () => {
    const list = ['dpkg-query', '-W', '-f', '${Package}\\n'];
    const there = new Set((await sandboxExec(host, list, { fleet })).stdout.split('\n'));
    const ours = (await run(list)).stdout.split('\n');
    expect(ours.length).toBeGreaterThan(50);
    expect(ours.filter((name) => !there.has(name))).toEqual([]);
    expect((await exec('cat /etc/machine-id')).stdout).not.toBe(readFileSync('/etc/machine-id', 'utf8'));
    expect((await exec('grep -v "^#" /etc/fstab; cat /etc/resolv.conf')).stdout).toMatch(/^# no name service/);
  });

  test('shows what is plain and nothing that is private', async () => {
    expect((await exec(`cat ${plain}`)).stdout).toBe('of the machine\n');
    expect((await exec(`ls /opt/${mark}/deep/down`)).stdout).toBe('public.pem\n');
    for (const [what, file] of Object.entries(hidden)) expect((await exec(`cat ${file}`)).code, what).toBe(1);
    expect((await exec(`ls ${socket}`)).code).toBe(2);
    expect((await exec('ls /etc/cron.d /etc/cron.daily /var/spool/cron')).stdout).not.toContain(mark);
    expect((await exec('ls -A /mnt /media; ls -A /var/tmp | grep -v ^systemd-private')).stdout).toBe(
      '/media:\n\n/mnt:\n',
    );
    // As umounting what covers them would show.
    expect(
      (
        await exec(
          "for d in tmp dev run; do unshare --mount sh -c 'umount -lR /$1; umount -lR /$1; ls -A /$1' - $d 2>/dev/null; done",
        )
      ).stdout,
    ).toBe('');
  });

  test('has the file systems mounted below /, each for itself', async () => {
    expect((await exec(`cat ${mountPoint}/note; ls -A ${mountPoint}`)).stdout).toBe('of the machine\nnote\n');
    expect(
      (await exec(`echo of the copy >${mountPoint}/note; cat ${source}/note; findmnt -no FSTYPE ${mountPoint}`)).stdout,
    ).toBe('of the machine\noverlay\n');
    expect(readFileSync(join(source, 'note'), 'utf8')).toBe('of the machine\n');
  });

  test('has empty homes, no password of the machine and no host key of it', async () => {
    const keyOfUs = readFileSync(join(openFleet(fleet).directory, 'id_ed25519.pub'), 'utf8');
    expect((await exec('find /root /home -name id_\\* -o -name known_hosts; cat /root/.ssh/*')).stdout).toBe(keyOfUs);
    expect(
      (await exec("cut -d: -f1,2 /etc/shadow | grep -v '^operator:' | grep -v ':\\*$'; ls /etc/shadow-")).stdout,
    ).toBe('');
    const hostKeys = await exec('cat /etc/ssh/ssh_host_*_key');
    for (const name of readdirSync('/etc/ssh').filter((entry) => /^ssh_host_.*_key$/.test(entry)))
      expect(hostKeys.stdout).not.toContain(readFileSync(join('/etc/ssh', name), 'utf8'));
  });

  test('masks the units of the machine, timers among them, and can be told to unmask one', async () => {
    const enabled = async (unit: string): Promise<string> => (await exec(`systemctl is-enabled ${unit}`)).stdout.trim();
    for (const unit of ['apt-daily.timer', 'fstrim.timer', 'systemd-timesyncd.service', ownUnit])
      expect(await enabled(unit), unit).toMatch(/^masked$|^$/);
    expect(await enabled('apt-daily.timer')).toBe('masked');
    expect(await enabled(ownUnit)).toBe('masked');
    expect((await exec(`cat /etc/systemd/system/${ownUnit}`)).stdout).toContain('sleep infinity');
    const active = await exec(
      'systemctl list-units --type=service,timer,socket,path --state=active --plain --no-legend',
    );
    for (const line of active.stdout.trim().split('\n')) expect(line).toMatch(/^(systemd-|dbus|ssh\.service|user)/);
    await exec('systemctl unmask apt-daily.timer');
    expect(await enabled('apt-daily.timer')).toBe('enabled');
  });

  test('cannot reach a device or write to the machine', async () => {
    expect((await exec('grep ^/dev/ /proc/self/mounts')).stdout).toBe('');
    expect((await exec('grep " / overlay " /proc/self/mounts')).stdout).toContain('nodev');
  });
});

describe('--sandbox=self', () => {
  test('lets a playbook change the copy, and the file of the machine stays', async () => {
    const first = await play('./site.ts', '-i', 'hosts', '--sandbox=self', '--diff');
    expect(first, first.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/-of the machine\n\+of the copy\n[^]*changed=1 /),
    });
    expect((await exec(`cat ${plain}`)).stdout).toBe('of the copy\n');
    expect(readFileSync(plain, 'utf8')).toBe('of the machine\n');
    expect((await exec(`cat '${namedVault}'`)).code).toBe(0);
    expect(
      (await play('./site.ts', '--sandbox=self', '-i', 'hosts', '--vault-password-file', namedVault)).stdout,
    ).toContain(' changed=0 ');
    expect((await exec(`cat '${namedVault}'`)).code).toBe(1);
  });

  test('comes back after it was off as it was left, with what is new on the machine hidden', async () => {
    const late = `/opt/${mark}/late`;
    mkdirSync(late);
    writeFileSync(join(late, 'id_ed25519'), key);
    await stopSandbox([host], { fleet, self });
    expect((await play('sandbox', 'start', host)).stdout).toMatch(/^copy1 +self +\w+ +10\.\S+ +running/);
    expect((await exec(`cat ${plain}; ls ${late}; systemctl is-enabled apt-daily.timer`)).stdout).toBe(
      'of the copy\nenabled\n',
    );
    expect((await play('./site.ts', '-i', 'hosts', '--sandbox=self')).stdout).toContain(' changed=0 ');
  });

  test.each([
    [
      '--sandbox',
      /copy1 is a copy of this machine, and a pristine Debian was asked for\n[^]*--sandbox=self[^]*play sandbox reset --kind=pristine copy1/,
    ],
    ['--sandbox=pristine', /copy1 is a copy of this machine/],
  ])('%s for this host is an error that says what to do', async (option, said) => {
    const refused = await play('./site.ts', '-i', 'hosts', option);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(said) });
  });

  test('takes its value behind = alone', async () => {
    expect((await play('--sandbox', './site.ts', '-i', 'hosts', '--list-hosts')).stdout).toContain(host);
  });
});

test('names what a machine lacks that cannot be copied, and the alternative', () => {
  const bare = join(project, 'bare');
  mkdirSync(bare);
  expect(() => refuseUncopyable(bare)).toThrow(
    /cannot be copied: it is neither Debian.*; it has no dpkg; it has no apt; it has no systemd/,
  );
  expect(() => refuseUncopyable()).not.toThrow();
});

test('copies file systems on disks, and names the others', () => {
  const line = (at: string, type: string): string => `1 1 254:0 / ${at} rw - ${type} x rw`;
  const mounts = [
    line('/', 'ext4'),
    line('/proc', 'proc'),
    line('/var', 'xfs'),
    line('/var/lib/docker', 'ext4'),
    line('/usr', 'nfs4'),
    line('/usr/lib', 'ext4'),
    line('/bin', 'autofs'),
    line('/etc/hosts', 'ext4'),
    line('/opt\\040x', 'ext4'),
    line('/home', 'ext4'),
  ];
  expect(fileSystemsOf(['/proc', '/home', '/var/lib/docker'], mounts.join('\n'))).toEqual({
    copied: ['/', '/var'],
    leftOut: ['/usr (nfs4)', '/usr/lib (ext4)'],
  });
});

/** Moments of making a copy: what is there once it got that far. */
const moments: [string, (directory: string) => boolean][] = [
  ['keys are hidden', (directory) => existsSync(join(directory, 'hosts/2/upper.part'))],
  ['it is furnished', () => isPopulated(cgroupName(openFleet(fleet), 'd2'))],
  ['it boots', (directory) => existsSync(join(directory, 'hosts/2/console.log'))],
];

test('killed while it is made, in whatever moment, it leaves nothing behind rm; the machine is as it was', async () => {
  const { directory } = openFleet(fleet);
  const [node = '', ...script] = self;
  for (const [moment, reached] of moments) {
    const starting = spawn(node, [...script, 'start', 'killed'], {
      stdio: 'ignore',
      env: { ...process.env, PLAY_SANDBOX_FLEET: fleet, PLAY_SANDBOX_KIND: 'self' },
    });
    const ended = once(starting, 'exit');
    expect(await waitFor(() => reached(directory) || undefined, 120, 1), moment).toBe(true);
    starting.kill('SIGKILL');
    await ended;
    await removeSandbox(['killed'], { fleet, self });
    expect(existsSync(join(directory, 'hosts/2')), moment).toBe(false);
  }
  await removeSandbox(undefined, { fleet, self });
  expect(await tracesOf(fleet)).toEqual(noTraces);
  expect(await stateOfMachine()).toEqual(machineBefore);
});
