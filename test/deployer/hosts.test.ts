/**
 * The deployer on real hosts. The packages are small ones made here under the names of OONI's own: what those hold is
 * in no repository that can be reached from a test, and the deployer looks at versions, units and changelogs alone.
 */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { inTerminal, makeProject, playRoot, run, type Outcome } from '../cli/command-line.ts';
import { buildRepository, type SmallPackage } from '../support/apt-repository.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = useHosts('dep-test', 'dep-hel', 'dep-prod1', 'dep-prod2');
const names = ['dep-test', 'dep-hel', 'dep-prod1', 'dep-prod2'] as const;

const config = `[environment]
badges_path = /var/www/package_badges
deb_packages = ooni-api fastpath detector
stages = test hel prod
[stage:test]
hosts = dep-test
[stage:hel]
hosts = dep-hel
[stage:prod]
hosts = dep-prod1 dep-prod2
`;
const project = makeProject({ 'backend/deployer.ini': config, 'backend/api/.keep': '' });
const deployer = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'deployer'), ['-i', join(project.dir, 'inventory'), ...args], {
    cwd: join(project.dir, 'backend', 'api'),
  });
const sh = async (host: string, script: string): Promise<string> =>
  (await hosts.exec(host, ['sh', '-c', script])).stdout.trim();
const versionOn = (host: string, name: string): Promise<string> =>
  sh(host, `dpkg-query -W -f '\${db:Status-Abbrev}\${Version}' ${name} 2>/dev/null || echo none`);

const changes = [
  ['2.0~pr1-3', 'Tokens are compared in constant time'],
  ['1.10', 'Answer with JSON'],
  ['1.9', 'The first'],
] as const;
const service = (name: string, version: string): string =>
  `[Unit]\nDescription=${name}\n[Service]\nExecStart=/bin/sh -c 'echo "${name} ${version} is up"; exec sleep infinity'\n[Install]\nWantedBy=multi-user.target\n`;

function versionsOf(name: string, start: string): SmallPackage[] {
  return changes.map(([version], i) => ({
    name,
    version,
    files: {
      [`/lib/systemd/system/${name}.service`]: service(name, version),
      [`/etc/ooni/${name}.conf`]: `version=${version}\n`,
    },
    conffiles: [`/etc/ooni/${name}.conf`],
    postinst: `systemctl daemon-reload\n${start}`,
    changelog: changes.slice(i),
  }));
}

const packages: SmallPackage[] = [
  ...versionsOf('ooni-api', 'systemctl enable -q ooni-api; systemctl restart ooni-api'),
  // As the real one: an upgrade does not restart it.
  ...versionsOf('fastpath', 'systemctl enable -q fastpath; systemctl start fastpath'),
  { name: 'detector', version: '0.3' },
  { name: 'detector', version: '0.4', postinst: 'echo "detector cannot be set up" >&2; exit 7' },
];

beforeAll(async () => {
  const repository = temporaryFolder('repository');
  buildRepository(repository, packages);
  await sh(
    'dep-hel',
    'apt-get update -q && apt-get install -qy --no-install-recommends nginx-light; echo "server { listen 80; location /badges/ { alias /var/www/package_badges/; add_header Cache-Control no-cache; } }" >/etc/nginx/sites-enabled/default; systemctl restart nginx',
  );
  const lines: string[] = [];
  for (const name of names) {
    cpSync(repository, join(hosts.rootPath(name), 'srv/apt'), { recursive: true });
    await sh(
      name,
      'chmod -R a+rX /srv/apt; rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*; echo "deb [trusted=yes] file:/srv/apt ./" >/etc/apt/sources.list; apt-get update -q && apt-get install -qy ooni-api=1.9 fastpath=1.9',
    );
    lines.push(hosts.inventoryLine(name));
  }
  writeFileSync(join(project.dir, 'inventory'), lines.join(''));
});

test('the table shows every host of every stage', async () => {
  const { code, stdout } = await deployer();
  // Columns by runs of blanks: their widths are held by the cases of the table itself.
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/)),
  ).toEqual([
    ['Package', 'test', 'hel', 'prod'],
    ['ooni-api', '1.9 (dep-test)', '1.9 (dep-hel)', '1.9 (dep-prod1)'],
    ['1.9 (dep-prod2)'],
    ['fastpath', '1.9 (dep-test)', '1.9 (dep-hel)', '1.9 (dep-prod1)'],
    ['1.9 (dep-prod2)'],
    ['detector', 'not installed (dep-test)', 'not installed (dep-hel)', 'not installed (dep-prod1)'],
    ['not installed (dep-prod2)'],
  ]);
  expect(code).toBe(0);
});

test('mistyped names are told before any host is asked', async () => {
  const unknown = await deployer('deploy', 'ooni-pai');
  expect(unknown.stderr).toMatch(/Unknown package "ooni-pai"[\s\S]*"ooni-api"/);
  expect([unknown.code, unknown.stdout]).toEqual([1, '']);
  const version = await deployer('deploy', 'ooni-api', '1.10');
  expect(version.stderr).toContain(
    'The version comes after its stage: deploy ooni-api test 1.10. Stages: test, hel, prod.',
  );
  expect([version.code, version.stdout]).toEqual([1, '']);
  const stage = await deployer('deploy', 'ooni-api', 'prd');
  expect(stage.stderr).toMatch(/Unknown stage "prd"[\s\S]*"prod"/);
  expect([stage.code, stage.stdout]).toEqual([1, '']);
  project.write({ 'backend/typo.ini': config.replace('dep-hel', 'dep-hell') });
  const host = await deployer('--config', '../typo.ini');
  expect(host.stderr).toMatch(/does not know the host "dep-hell"\n {2}at .*typo\.ini:8:9[\s\S]*Did you mean "dep-hel"/);
  expect([host.code, host.stdout]).toEqual([1, '']);
});

test('a dry run tells what would come and leaves the host as it was', async () => {
  const lists =
    'ls -la --time-style=full-iso /var/lib/apt/lists /var/cache/apt/archives; cat /var/lib/dpkg/status | md5sum';
  const before = await sh('dep-test', lists);
  const { code, stdout } = await deployer('deploy', 'ooni-api', '-C');
  expect(stdout).toContain('ooni-api 2.0~pr1-3 to stage test');
  expect(stdout).toMatch(
    /What is new:\n {2}2\.0~pr1-3 .*\n {4}\* Tokens are compared in constant time\n {2}1\.10 .*\n {4}\* Answer with JSON\n/,
  );
  expect(stdout).not.toContain('The first');
  expect(stdout).toMatch(/would change {2}dep-test {2}apt ooni-api=2\.0~pr1-3 {2}package ooni-api 1\.9 -> 2\.0~pr1-3/);
  expect(code).toBe(0);
  expect(await sh('dep-test', lists)).toBe(before);
});

test('a package goes through three stages, in their order, and back', async () => {
  const skipped = await deployer('deploy', 'ooni-api', 'prod', '-y');
  expect(skipped.stderr).toMatch(/ooni-api 2\.0~pr1-3 has not been on stage hel yet: dep-hel runs 1\.9/);
  expect(skipped.code).toBe(1);

  await sh('dep-test', 'echo edited=yes >>/etc/ooni/ooni-api.conf');
  const first = await deployer('deploy', 'ooni-api', '-y');
  expect(first.stderr).toBe('');
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/ooni-api +2\.0~pr1-3 \(dep-test\) +►► +1\.9 \(dep-hel\)/);
  expect(await versionOn('dep-test', 'ooni-api')).toBe('ii 2.0~pr1-3');
  expect(await sh('dep-test', 'cat /etc/ooni/ooni-api.conf')).toBe('version=1.9\nedited=yes');

  for (const stage of ['hel', 'prod']) {
    const promoted = await deployer('promote', 'ooni-api', '-y');
    expect(promoted.stderr).toBe('');
    expect(promoted.stdout).toContain(`ooni-api 2.0~pr1-3 to stage ${stage}`);
  }
  for (const name of names) expect(await versionOn(name, 'ooni-api')).toBe('ii 2.0~pr1-3');
  expect((await deployer('promote', 'ooni-api', '-y')).stdout).toContain('Nothing to promote');
  expect((await deployer('deploy', 'ooni-api', 'prod', '-y')).stdout).toContain(
    'ooni-api 2.0~pr1-3 is on every host of stage prod already.',
  );

  const silent = await deployer('deploy', 'ooni-api', 'prod', '1.9', '-y');
  expect(silent.stderr).toMatch(/runs ooni-api 2\.0~pr1-3, which is newer than 1\.9\n[\s\S]*--allow-downgrade/);
  expect(silent.code).toBe(1);
  const back = await deployer('deploy', 'ooni-api', 'prod', '1.9', '-y', '--allow-downgrade');
  expect(back.stderr).toBe('');
  expect(back.stdout).toMatch(/What is taken back:\n {2}2\.0~pr1-3 /);
  for (const name of ['dep-prod1', 'dep-prod2']) expect(await versionOn(name, 'ooni-api')).toBe('ii 1.9');
});

test('going back is asked for: an answer is enough when the version is named, and no is no', async () => {
  const args = [
    '-i',
    join(project.dir, 'inventory'),
    '--config',
    join(project.dir, 'backend', 'deployer.ini'),
    'deploy',
    'ooni-api',
    'hel',
    '1.10',
  ];
  const no = await inTerminal(
    project,
    ['deployer', ...args],
    [[/Go back to ooni-api 1\.10 on stage hel\? \[y\/N\] /, 'n']],
  );
  expect(no.shown).toContain('nothing was changed');
  expect(no.code).toBe(1);
  expect(await versionOn('dep-hel', 'ooni-api')).toBe('ii 2.0~pr1-3');
  const yes = await inTerminal(
    project,
    ['deployer', ...args],
    [[/Go back to ooni-api 1\.10 on stage hel\? \[y\/N\] /, 'y']],
  );
  expect(yes.code).toBe(0);
  expect(await versionOn('dep-hel', 'ooni-api')).toBe('ii 1.10');
  // 1.10 is newer than 1.9, and so is 2.0~pr1 than 1.10.
  expect((await deployer()).stdout).toMatch(
    /ooni-api +2\.0~pr1-3 \(dep-test\) +►► +1\.10 \(dep-hel\) +►► +1\.9 \(dep-prod1\)/,
  );
});

test('without a terminal and without -y nothing is done', async () => {
  const { code, stderr } = await deployer('deploy', 'fastpath');
  expect(stderr).toMatch(/no terminal to ask at[\s\S]*-y/);
  expect(code).toBe(1);
  expect(await versionOn('dep-test', 'fastpath')).toBe('ii 1.9');
});

test('what a package does not restart is told, until somebody does; its journal is followed', async () => {
  const deployed = await deployer('deploy', 'fastpath', 'test', '1.10', '-y');
  expect(deployed.code).toBe(0);
  expect(deployed.stdout).toContain(
    'installed, not restarted  dep-test  fastpath 1.10: fastpath.service still runs the old version',
  );
  expect((await deployer()).stdout).toContain('installed, not restarted  dep-test  fastpath');
  const dry = await deployer('restart', 'fastpath', '-C');
  expect([dry.code, dry.stdout]).toEqual([
    0,
    expect.stringMatching(
      /restart fastpath on stage test\n {2}dep-test {2}fastpath\.service\n[^]*would change {2}dep-test/,
    ),
  ]);
  const restarted = await deployer('restart', 'fastpath', '-y');
  expect([restarted.code, restarted.stderr]).toEqual([0, '']);
  expect((await deployer()).stdout).not.toContain('installed, not restarted');
  expect((await deployer('restart', 'fastpath', '-y')).stdout).toContain(
    'Nothing to restart: what runs of fastpath is what is installed.',
  );

  const followed = await deployer('deploy', 'ooni-api', 'test', '1.10', '-y', '--allow-downgrade', '--follow-for', '5');
  expect(followed.stdout).toMatch(/dep-test.*ooni-api 1\.10 is up/);
  expect(followed.code).toBe(0);
  await expect.poll(() => sh('dep-test', 'pgrep -c journalctl || true')).toBe('0');
});

test('a first deployment ever, a failed one and back from it, and one that nobody can fetch', async () => {
  const first = await deployer('deploy', 'detector', 'test', '0.3', '-y');
  expect(first.stderr).toBe('');
  expect(first.stdout).toMatch(/dep-test +not installed -> 0\.3 +first installation/);
  expect(first.stdout).toContain('The package has no changelog.');
  expect(await versionOn('dep-test', 'detector')).toBe('ii 0.3');

  const failed = await deployer('deploy', 'detector', 'prod', '0.4', '-y', '--skip-stages');
  expect(failed.code).toBe(2);
  expect(failed.stdout).toContain('detector cannot be set up');
  expect(failed.stdout).not.toMatch(/\bat \S+\.ts:/);
  expect(failed.stdout).toMatch(/0\.4 half installed \(dep-prod1\)/);
  // The second host of the stage was spared.
  expect(await versionOn('dep-prod2', 'detector')).toBe('none');
  const back = await deployer('deploy', 'detector', 'prod', '0.3', '-y', '--allow-downgrade', '--skip-stages');
  expect(back.stdout).toMatch(/dep-prod1 +0\.4 -> 0\.3 +downgrade\n +dep-prod2 +not installed -> 0\.3/);
  expect(back.code).toBe(0);
  for (const name of ['dep-prod1', 'dep-prod2']) expect(await versionOn(name, 'detector')).toBe('ii 0.3');

  const missing = await deployer('deploy', 'detector', 'test', '0.5', '-y');
  expect(missing.stderr).toMatch(/repositories of dep-test do not have detector 0\.5[\s\S]*0\.4, 0\.3/);
  expect(missing.code).toBe(1);
});

test('a playbook with `present` leaves what the deployer rolled out', async () => {
  project.write({
    'playbooks/api.ts':
      "import { apt, definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'dep-test', become: true, tasks: () => [apt({ name: 'ooni-api' })] });\n",
  });
  const before = await versionOn('dep-test', 'ooni-api');
  const { stdout } = await project.play('api', '-i', 'inventory', '--no-typecheck');
  expect(stdout).toMatch(/changed=0/);
  expect(await versionOn('dep-test', 'ooni-api')).toBe(before);
});

test('what is held is left alone, and named below the table', async () => {
  const play = (...args: readonly string[]): Promise<Outcome> =>
    run(join(playRoot, 'play'), [...args, '-i', join(project.dir, 'inventory')], { cwd: project.dir });
  const before = await versionOn('dep-test', 'ooni-api');
  const other = before.endsWith('1.9') ? '1.10' : '1.9';
  const deploy = ['deploy', 'ooni-api', 'test', other, '-y', '--allow-downgrade'];
  const held = /^held {2}dep-test is left alone: ooni-api\.service is held by \S+ since \d\d:\d\d: under watch$/m;

  expect((await play('hold', 'dep-test', 'ooni-api', '--reason', 'under watch')).code).toBe(0);
  expect((await deployer()).stdout).toMatch(/^held {2}dep-test {2}ooni-api\.service is held by .*: under watch$/m);
  const left = await deployer(...deploy);
  expect(left.stdout).toMatch(held);
  expect(left.code).toBe(5);
  expect(await versionOn('dep-test', 'ooni-api')).toBe(before);
  expect((await deployer(...deploy, '--ignore-hold')).code).toBe(0);
  expect(await versionOn('dep-test', 'ooni-api')).toBe(`ii ${other}`);
  await play('unhold', 'dep-test', 'ooni-api');

  // The host as a whole.
  await play('hold', 'dep-test', '--reason', 'new disk');
  const whole = await deployer('deploy', 'ooni-api', 'test', before.slice(3), '-y', '--allow-downgrade');
  expect(whole.stdout).toMatch(/^held {2}dep-test {2}held by .*: new disk$/m);
  expect(whole.code).toBe(5);
  expect(await versionOn('dep-test', 'ooni-api')).toBe(`ii ${other}`);
  await play('unhold', 'dep-test');
  expect((await deployer('deploy', 'ooni-api', 'test', before.slice(3), '-y', '--allow-downgrade')).code).toBe(0);
});

test('a webhook that play.config.ts names hears of a deployment, by the command of the deployer', async () => {
  const said: string[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => said.push((JSON.parse(chunk.toString()) as { text: string }).text));
    request.on('end', () => response.end('ok'));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  project.write({
    'play.config.ts': `import { defineConfig } from 'play';\nexport default defineConfig({ notify: { url: 'http://127.0.0.1:${port}/hook' } });\n`,
  });
  const before = await versionOn('dep-test', 'ooni-api');
  const other = before.endsWith('1.9') ? '1.10' : '1.9';
  for (const version of [other, before.slice(3)])
    expect((await deployer('deploy', 'ooni-api', 'test', version, '-y', '--allow-downgrade')).code).toBe(0);
  rmSync(join(project.dir, 'play.config.ts'));
  server.close();
  expect(said).toHaveLength(4);
  expect(said[0]).toMatch(
    /^\S+@\S+: `play deployer .*deploy ooni-api test \S+ -y --allow-downgrade` began on dep-test$/,
  );
  expect(said[1]).toMatch(/ ended well after \d+ s: 1 changed$/);
});

test('a host that another run is changing is left to it', async () => {
  project.write({
    'playbooks/occupy.ts':
      "import { definePlaybook, shell } from 'play';\nexport default definePlaybook({ hosts: 'dep-hel', become: true, tasks: () => [shell({ cmd: 'touch /run/held; until [ -e /run/go ]; do sleep 0.1; done', changes: 'always' })] });\n",
  });
  const holding = project.play('occupy', '-i', 'inventory', '--no-typecheck');
  await sh('dep-hel', 'for i in $(seq 1200); do [ -e /run/held ] && break; sleep 0.1; done');
  const { code, stdout } = await deployer('deploy', 'fastpath', 'hel', '1.10', '-y', '--skip-stages', '--wait', '0');
  await sh('dep-hel', 'touch /run/go');
  expect(stdout).toMatch(/dep-hel is held by .*play occupy/);
  expect(code).toBe(2);
  expect((await holding).code).toBe(0);
  expect(await versionOn('dep-hel', 'fastpath')).toBe('ii 1.9');
});

test('badges are written whole, for everybody to read, and not twice', async () => {
  const { code, stderr } = await deployer('refresh_badges');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(await sh('dep-test', 'stat -c "%a %U" /var/www/package_badges /var/www/package_badges/*.svg')).toBe(
    '755 root\n644 root\n644 root\n644 root',
  );
  expect(await sh('dep-hel', 'cat /var/www/package_badges/ooni-api.svg')).toContain('>1.10</text>');
  const served = await sh(
    'dep-hel',
    String.raw`su -s /bin/sh www-data -c 'bash -c "exec 3<>/dev/tcp/127.0.0.1/80; printf \"GET /badges/detector.svg HTTP/1.0\r\n\r\n\" >&3; cat <&3"'`,
  );
  expect(served).toMatch(
    /^HTTP\/1\.1 200 OK[\s\S]*Content-Type: image\/svg\+xml[\s\S]*Cache-Control: no-cache[\s\S]*>not installed<\/text>/,
  );
  expect((await deployer('refresh_badges')).stdout).toMatch(/changed=0/);
});

test('programs get JSON lines, and are not asked', async () => {
  const { stdout } = await deployer('--json');
  const status = JSON.parse(stdout) as {
    readonly packages: readonly { readonly package: string; readonly hosts: readonly Record<string, unknown>[] }[];
  };
  expect(status.packages[0]).toMatchObject({
    package: 'ooni-api',
    hosts: [
      {
        stage: 'test',
        host: 'dep-test',
        version: '1.10',
        relation: 'first',
        services: [{ unit: 'ooni-api.service', active: 'active', restarted: true }],
      },
      { stage: 'hel', relation: 'equal' },
      { host: 'dep-prod1', version: '1.9', relation: 'pending' },
      {},
    ],
  });
  expect((await deployer('deploy', 'fastpath', '--json')).stderr).toMatch(/--json is for programs/);
  const events = (await deployer('deploy', 'fastpath', '-C', '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string });
  expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['status', 'plan', 'task', 'recap']));
  const nothing = (await deployer('promote', 'ooni-api', 'hel', '-y', '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string });
  expect(nothing.map(({ event }) => event)).toEqual(['status', 'plan', 'recap']);
});

test('an unreachable host says so, is not taken for one without the package, and is not deployed past', async () => {
  await sh('dep-prod2', 'systemctl stop ssh.socket ssh 2>/dev/null; true');
  const table = await deployer('-T', '5');
  expect(table.stdout).toMatch(/unreachable \(dep-prod2\)/);
  expect(table.stdout).toMatch(/^unreachable {2}dep-prod2 {2}\S/m);
  expect(table.code).toBe(4);
  const stopped = await deployer('deploy', 'ooni-api', 'prod', '1.10', '-y', '-T', '5');
  expect(stopped.stderr).toMatch(/dep-prod2 of stage prod is unreachable: nothing was deployed/);
  expect(stopped.code).toBe(4);
  expect(await versionOn('dep-prod1', 'ooni-api')).toBe('ii 1.9');
  const others = await deployer(
    'deploy',
    'ooni-api',
    'prod',
    '1.10',
    '-y',
    '-T',
    '5',
    '--skip-stages',
    '-l',
    'dep-prod1',
  );
  expect(others.stderr).toBe('');
  expect(await versionOn('dep-prod1', 'ooni-api')).toBe('ii 1.10');
});
