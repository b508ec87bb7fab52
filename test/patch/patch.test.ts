/**
 * `play patch` on real hosts, from sources of their own: a security archive and one that is none, packages that are held,
 * phased, kept back, libraries that services run, and a reboot.
 */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { makeProject, type Outcome } from '../cli/command-line.ts';
import { buildRepository, type SmallPackage } from '../support/apt-repository.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const names = ['patch1', 'patch2'] as const;
const hosts = useHosts(...names);
const project = makeProject({
  'play.config.ts': `
import { command, defineConfig } from 'play';
const note = (what) => () => [command({ argv: ['sh', '-c', 'echo ' + what + ' >>/root/drained'], changes: 'always' }, { name: what })];
export default defineConfig({ patch: {
  exclude: ['base-files'],
  gate: { retries: 1, delay: 0.2 },
  preTasks: note('drain'),
  postTasks: note('ready'),
} });`,
});

const service = (name: string): NonNullable<SmallPackage['files']> => ({
  [`/lib/systemd/system/${name}.service`]:
    '[Service]\nEnvironment=LD_PRELOAD=/usr/lib/libdemo.so.1\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
});
const start = (name: string): string => `systemctl daemon-reload; systemctl enable -q --now ${name}.service`;
const selfish = (version: string): SmallPackage => ({
  name: 'selfish',
  version,
  files: service('selfish'),
  control: ['Depends: libdemo'],
  postinst: `${start('selfish')}; deb-systemd-invoke restart selfish.service`,
});
const asking = 'touch /run/reboot-required; echo asking >>/run/reboot-required.pkgs';

beforeAll(async () => {
  // Any library does: what counts is that dpkg puts another file in its place.
  const library = readFileSync(join(hosts.rootPath('patch1'), 'usr/lib/x86_64-linux-gnu/libz.so.1'));
  const demo = (version: string): SmallPackage => ({
    name: 'libdemo',
    version,
    files: { '/usr/lib/libdemo.so.1': library },
  });
  const plain = (name: string, version: string, ...control: string[]): SmallPackage => ({ name, version, control });
  const folder = temporaryFolder('archives');
  buildRepository(join(folder, 'installed'), [
    demo('1.0'),
    selfish('1.0'),
    { name: 'demo', version: '1.0', files: service('demo'), control: ['Depends: libdemo'], postinst: start('demo') },
    ...['both', 'plain', 'held', 'phased', 'back', 'rival', 'broken'].map((name) => plain(name, '1.0')),
    { name: 'asking', version: '1.0', postinst: asking },
  ]);
  buildRepository(join(folder, 'security'), [demo('1.1'), selfish('1.1'), plain('both', '2.0')], {
    suite: 'stable-security',
    codename: 'bookworm-security',
  });
  buildRepository(
    join(folder, 'stable'),
    [
      plain('plain', '2.0'),
      plain('both', '3.0'),
      plain('held', '2.0'),
      plain('phased', '2.0', 'Phased-Update-Percentage: 0'),
      plain('back', '2.0', 'Breaks: rival'),
      plain('broken', '2.0', 'Depends: nowhere'),
      { name: 'asking', version: '2.0', postinst: asking },
    ],
    { suite: 'stable', codename: 'bookworm' },
  );
  for (const name of names) cpSync(folder, join(hosts.rootPath(name), 'srv/apt'), { recursive: true });
  await Promise.all(
    names.map((name) =>
      on(
        name,
        `cd /srv/apt; dpkg -i installed/*.deb >/root/dpkg.log 2>&1 || { tail -n 5 /root/dpkg.log >&2; exit 1; }
rm -f /run/reboot-required*; apt-mark auto libdemo; apt-mark hold held
rm -rf /etc/apt/sources.list.d/* /etc/apt/sources.list /var/lib/apt/lists/*
printf 'deb [trusted=yes] file:/srv/apt/%s ./\\n' security stable >/etc/apt/sources.list.d/own.list
# Preferences of the host's own choose otherwise, and do not count for what is chosen here.
printf 'Package: both plain\\nPin: release n=bookworm\\nPin-Priority: 999\\n' >/etc/apt/preferences.d/own`,
      ),
    ),
  );
  project.write({ hosts: names.map((name) => hosts.inventoryLine(name)).join('') });
});

async function on(host: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await hosts.exec(host, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${host}: code ${code}: ${stderr}\n${script}`);
  return stdout.trim();
}
const patch = (...args: readonly string[]): Promise<Outcome> =>
  project.play('patch', '-i', 'hosts', '-l', 'all', ...args);
/** What is told of all hosts together, behind the recap. */
const summary = ({ stdout, stderr }: Outcome): string[] => {
  const [, told] = /PLAY RECAP[^\n]*\n[\s\S]*?\n\n(?:patch.*assumption.*\n)*\n?([\s\S]*)$/.exec(stdout) ?? [];
  if (told === undefined) throw new Error(stdout + stderr);
  return told.trimEnd().split('\n');
};
const version = (host: string, name: string): Promise<string> => on(host, `dpkg-query -Wf '\${Version}' ${name}`);

test('check mode tells of all hosts what the run does, and why the rest is left', async () => {
  const check = await patch('-C', '--exit-code');
  expect(check.code).toBe(3);
  expect(summary(check)).toEqual([
    'asking, plain 1.0 -> 2.0 on patch1, patch2',
    'both 1.0 -> 3.0 on patch1, patch2',
    'libdemo, selfish 1.0 -> 1.1 on patch1, patch2',
    'kept back      back 1.0 -> 2.0 on patch1, patch2: it would remove rival',
    'kept back      broken 1.0 -> 2.0 on patch1, patch2: depends: nowhere but it is not installable',
    'phased         phased 1.0 -> 2.0 on patch1, patch2: 0 of 100 hosts get it by now',
    'on hold        held 1.0 -> 2.0 on patch1, patch2: apt-mark unhold',
    'runs old code  demo.service on patch1, patch2: --restart restarts it',
    'needs reboot   asked for by asking on patch1, patch2',
    '2 hosts: 2 would be upgraded, 2 need a reboot',
  ]);
  expect(
    await on(
      'patch1',
      'dpkg-query -Wf "\\${Version} " plain libdemo; ls /root/drained /run/reboot-required 2>&1 | wc -l',
    ),
  ).toBe('1.0 1.0 2');
});

test('a gate that fails stops it before the next host', async () => {
  const run = await patch('--only', 'plain', '--serial', '1', '--gate', 'http://127.0.0.1:9/health');
  expect(run.code).toBe(2);
  expect(run.stdout).toMatch(
    /stopped {2}roll-out of "patch": the gate fails on patch1\n.*\n {4}not begun {5}patch2\n {4}go on .* -l patch1,patch2/,
  );
  expect(run.stdout).not.toContain('go back');
  expect([await version('patch1', 'plain'), await version('patch2', 'plain')]).toEqual(['2.0', '1.0']);
});

test('what is held is left alone, by host and by unit', async () => {
  await project.play('hold', 'patch1', 'selfish.service', '-b', '-i', 'hosts', '--reason', 'a core to look at');
  await project.play('hold', 'patch2', '-b', '-i', 'hosts', '--reason', 'a disk');
  await on('patch1', 'touch /run/reboot-required');
  const run = await patch('--security', '--reboot-if-needed');
  await on('patch1', 'rm /run/reboot-required');
  expect(run.code).toBe(5);
  expect(run.stdout).toMatch(
    /held {2}patch1 {2}upgrade packages\n {4}selfish.service is held by .*\nheld {2}patch1 {2}reboot\n/,
  );
  expect(summary(run).at(-1)).toBe('2 hosts: 1 needs a reboot, 2 held');
  expect(await version('patch1', 'libdemo')).toBe('1.0');
  for (const name of names) await on(name, 'rm /var/lib/play/holds/*.hold');
});

test('security fixes alone; services that run old libraries are restarted; the second run changes nothing', async () => {
  await on('patch1', 'rm -f /root/drained');
  const before = await on('patch1', 'systemctl show -P MainPID demo cron');
  const events = async (...more: readonly string[]): Promise<Readonly<Record<string, unknown>>[]> =>
    (await patch('--security', '--restart', '--output', 'jsonl', ...more)).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .filter(({ event }) => event === 'patch');
  const [foretold] = await events('-C', '--out', 'plan.json');
  // One more that its archive has: not what was signed off.
  await on('patch2', 'apt-mark unhold held; apt-mark hold libdemo');
  const moved = await project.play('apply', 'plan.json', '-i', 'hosts', '-C');
  expect([moved.code, moved.stderr]).toEqual([1, expect.stringMatching(/patch2 {2}upgrade packages/) as string]);
  await on('patch2', 'apt-mark hold held; apt-mark unhold libdemo');
  const applied = await project.play('apply', 'plan.json', '-i', 'hosts', '--output', 'jsonl');
  const [done] = applied.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter(({ event }) => event === 'patch');
  expect(done).toMatchObject({
    counts: { upgraded: 2, needReboot: 0, failed: 0 },
    hosts: names.map((host) => ({
      host,
      status: 'fine',
      isUpgraded: true,
      restarted: ['demo.service'],
      upgrades: {
        packages: [
          { name: 'both', from: '1.0', to: '2.0', isSecurity: true },
          { name: 'libdemo', from: '1.0', to: '1.1', isSecurity: true },
          { name: 'selfish', from: '1.0', to: '1.1', isSecurity: true },
        ],
      },
    })),
  });
  expect({ ...done, check: true }).toEqual(foretold);
  expect(
    await on(
      'patch1',
      'apt-mark showauto libdemo; cat /root/drained; systemctl is-active demo selfish; grep -l "libdemo.*deleted" /proc/[0-9]*/maps | wc -l',
    ),
  ).toBe('libdemo\ndrain\nready\nactive\nactive\n0');
  const after = await on('patch1', 'systemctl show -P MainPID demo cron');
  expect(after.split('\n\n')[0]).not.toBe(before.split('\n\n')[0]);
  expect(after.split('\n\n')[1]).toBe(before.split('\n\n')[1]);
  const [again] = await events();
  expect(again).toMatchObject({ counts: { upgraded: 0, nothing: 2, failed: 0 } });
  expect(await on('patch1', 'cat /root/drained')).toBe('drain\nready');
});

test('an interrupted dpkg is finished, and another apt waited for; a name that no host has is told', async () => {
  await on(
    'patch1',
    `dpkg --unpack /srv/apt/security/libdemo*.deb >/dev/null
setsid perl -e 'use Fcntl; open F, ">", "/var/lib/dpkg/lock-frontend"; my $l = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; sleep 3' >/dev/null 2>&1 </dev/null &`,
  );
  const run = await patch('-l', 'patch1', '--only', 'opnessl,libdemo');
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(summary(run)).toEqual([
    'libdemo 1.1 (an interrupted installation is finished) on patch1',
    'runs old code  demo.service on patch1: --restart restarts it',
    'runs old code  selfish.service on patch1: --restart restarts it',
    'opnessl is installed on none of these hosts',
    '1 host: 1 upgraded',
  ]);
  expect(await on('patch1', 'dpkg --audit')).toBe('');
});

test('a source that cannot be fetched fails the host: what is offered is not known', async () => {
  const list = '/etc/apt/sources.list.d/dead.list';
  await on('patch1', `echo 'deb http://127.0.0.1:9/debian stable main' >${list}`);
  const { code, stdout } = await patch('-l', 'patch1', '-C');
  await on('patch1', `rm ${list}`);
  expect(code).toBe(2);
  expect(stdout).toMatch(
    /would fail {2}patch1 {2}what can be upgraded\n {4}the lists of packages cannot be fetched: [EW]: .*127\.0\.0\.1:9/,
  );
});

test('hosts that need it are rebooted, and fail where they do not come back as they were', async () => {
  // Comes up only as long as the host is not rebooted.
  await on(
    'patch2',
    `touch /run/before; printf '[Service]\\nExecStartPre=/usr/bin/test -e /run/before\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/once.service; systemctl enable -q --now once`,
  );
  const boot = await Promise.all(names.map((name) => on(name, 'cat /proc/1/stat | cut -d " " -f 22')));
  const run = await patch('--reboot-if-needed', '--only', 'asking');
  expect(run.code).toBe(2);
  expect(run.stdout).toMatch(
    /failed {2}patch2 {2}units are up as before \(gate after\)\n {4}once.service has failed \(2 tries/,
  );
  expect(run.stdout).not.toMatch(/failed {2}patch1/);
  expect(summary(run)).toEqual([
    'asking 1.0 -> 2.0 on patch1, patch2',
    'rebooted       asked for by asking on patch1, patch2',
    '2 hosts: 2 upgraded, 2 rebooted, 1 failed',
  ]);
  const now = await Promise.all(names.map((name) => on(name, 'cat /proc/1/stat | cut -d " " -f 22')));
  expect(now.every((time, i) => time !== boot[i])).toBe(true);
});

test('mistakes of the command line are told before a host is asked', async () => {
  const say = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await project.play('patch', '-i', 'hosts', ...args);
    return `${code} ${stderr.split('\n').slice(0, 2).join('|')}`;
  };
  expect(await say()).toMatch(/^1 error: On which hosts\?/);
  expect(await say('-l', 'all', '--serial', 'ten')).toMatch(
    /^1 error: --serial: "ten" is neither a number of hosts nor a percentage/,
  );
  expect(await say('-l', 'all', '--out', 'plan.json')).toMatch(/^1 error: --out is for --check/);
  expect(await say('-l', 'all', '-C', '--out', 'plan.json', '--gate', 'http://localhost')).toMatch(
    /^1 error: --gate is not kept in plans/,
  );
  expect(await say('-l', 'all', '--only', 'a=1')).toMatch(/^1 error: --only: "a=1" is not a package name/);
  expect(await say('-l', 'all', '--securty')).toMatch(/^1 error: Unknown option "--securty"\|.*--security/);
});
