/** The runbooks in runbooks/, each carried out on throwaway hosts with the real services. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { playRoot, run, type inTerminal } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';
import { blocksOf, writeFiles } from './pages.ts';
import { runbookProject, sh as shOf } from './runbook-project.ts';

const hosts = useHosts('rb-mon', 'rb-app1', 'rb-app2');
const project = runbookProject({
  'group_vars/all.yml': `
stop_order:
  - { hosts: app, unit: nginx, port: 80, url: 'http://127.0.0.1/', hostsAtATime: 1, health: { url: 'http://127.0.0.1/health', green: fine, yellow: so-so, delay: 1 } }
  - { hosts: monitoring, unit: redis-server, port: 6379, health: { argv: [redis-cli, ping], green: PONG } }
healthy_within: 5
crash_folders: [/var/crash]
silence: [{ name: instance, value: 'rb-app.*', isRegex: true }]
deploy_hosts: app
deploy_package: nginx
deploy_unit: nginx
deploy_health: http://127.0.0.1/
deploy_patience: 6
`,
});

const sh = (host: string, script: string): Promise<string> => shOf(hosts, host, script);

beforeAll(async () => {
  project.fill(hosts, { monitoring: ['rb-mon'], app: ['rb-app1', 'rb-app2'] });
  project.write({
    'playbooks/services.ts': `
import { apt, definePlaybook } from 'play';
export default definePlaybook([
  { hosts: 'app', become: true, tasks: () => [apt({ name: ['nginx', 'curl'], installRecommends: false })] },
  { hosts: 'monitoring', become: true, tasks: () => [apt({ name: ['redis-server', 'prometheus-alertmanager', 'sqlite3', 'curl'], installRecommends: false })] },
]);
`,
  });
  project.write({
    'playbooks/web.ts': `
import { definePlaybook, systemd } from 'play';
export default definePlaybook({ hosts: 'app', become: true, tasks: () => [systemd({ name: 'nginx', state: 'started' })] });
`,
  });
  const { code, stdout, stderr } = await project.play('services');
  expect(code, stdout + stderr).toBe(0);
});

const { runbook } = project;

const states = async (): Promise<string[]> => [
  await sh('rb-app1', 'systemctl is-active nginx; :'),
  await sh('rb-app2', 'systemctl is-active nginx; :'),
  await sh('rb-mon', 'systemctl is-active redis-server; :'),
];

test('services of several hosts are stopped in order and started in reverse, each behind its gate', async () => {
  const check = await runbook('emergency-stop', '-C');
  expect(check.stdout).toMatch(/would ask: This stops nginx on app, then redis-server on monitoring/);
  expect(check.stdout).toMatch(
    /would change {2}rb-app1(?:, rb-app2)? {2}systemd nginx {2}.*\n[^]*would change {2}rb-mon {2}systemd redis-server/,
  );
  expect(check.code).toBe(0);
  expect(await states()).toEqual(['active', 'active', 'active']);

  const stop = await project.answer(['emergency-stop'], [[/Type "stop" to go on: /, 'stop']]);
  expect(stop.code, stop.shown).toBe(0);
  expect(await states()).toEqual(['inactive', 'inactive', 'inactive']);
  // One machine, one clock.
  const since = (host: string, unit: string, property: string): Promise<number> =>
    sh(host, `systemctl show -P ${property} ${unit}`).then(Number);
  expect(await since('rb-mon', 'redis-server', 'InactiveEnterTimestampMonotonic')).toBeGreaterThan(
    await since('rb-app2', 'nginx', 'InactiveEnterTimestampMonotonic'),
  );

  // While they are stopped, nothing else starts them, and everybody can see why.
  const web = await project.play('web', '--no-typecheck');
  expect(web.code, web.stdout).toBe(5);
  expect(web.stdout).toMatch(
    /^held {2}rb-app1(?:, rb-app2)? {2}systemd nginx(?: {2}.*)?\n {4}nginx\.service is held by .*: emergency stop$/m,
  );
  expect(await states()).toEqual(['inactive', 'inactive', 'inactive']);
  const status = await project.play('status');
  for (const [host, unit] of [
    ['rb-app1', 'nginx'],
    ['rb-app2', 'nginx'],
    ['rb-mon ', 'redis-server'],
  ])
    expect(status.stdout).toMatch(
      new RegExp(`^${host}  ${unit}.service is stopped since .*; held by .*: emergency stop$`, 'm'),
    );

  // The second half of the way back does not begin before the first is well.
  await sh('rb-mon', 'systemctl mask --runtime redis-server');
  const held = await runbook('emergency-stop', '--back');
  expect(held.code).toBe(2);
  expect(held.stdout).toContain('stopped at "stop redis-server on monitoring": a host failed');
  expect(await states()).toEqual(['inactive', 'inactive', 'inactive']);

  await sh('rb-mon', 'systemctl unmask --runtime redis-server');
  // Red stops, yellow asks, green goes on.
  expect((await runbook('emergency-stop', '--back')).stdout).toContain('127.0.0.1/health is red: 404');
  expect(await states()).toEqual(['active', 'inactive', 'active']);
  await sh('rb-app1', 'echo so-so >/var/www/html/health');
  await sh('rb-app2', 'echo fine >/var/www/html/health');
  const back = await project.answer(
    ['emergency-stop', '--back'],
    [[/127.0.0.1\/health is yellow: 200, so-so \(6 tries\)\s+Type "yes" to go on anyway: /, 'yes']],
  );
  expect(back.code, back.shown).toBe(0);
  const [redis, first, second] = [
    await since('rb-mon', 'redis-server', 'ActiveEnterTimestampMonotonic'),
    await since('rb-app1', 'nginx', 'ActiveEnterTimestampMonotonic'),
    await since('rb-app2', 'nginx', 'ActiveEnterTimestampMonotonic'),
  ];
  expect(first).toBeGreaterThan(redis);
  expect(second).toBeGreaterThan(first);
  expect(await states()).toEqual(['active', 'active', 'active']);
  expect((await project.play('status')).stdout).toBe('nothing is held or stopped on 3 hosts\n');
});

test('crash dumps are shown, and removed where the name of the host is typed; all else stays', async () => {
  const make = `mkdir -p /var/crash/old && head -c 3000000 /dev/urandom >'/var/crash/old/core.[1]*' && head -c 2000000 /dev/urandom >/var/crash/java.hprof && echo small >/var/crash/core && head -c 2000000 /dev/urandom >/var/crash/keep.txt`;
  await sh('rb-app1', make);
  await sh('rb-app2', make);
  const check = await runbook('disk-full', '-l', 'app', '-C');
  expect(check.stdout).toContain('3 MiB  /var/crash/old/core.[1]*');
  expect(check.code, check.stdout).toBe(0);
  expect(await sh('rb-app1', 'ls /var/crash')).toContain('java.hprof');

  const removal = await project.answer(
    ['disk-full', '-l', 'app', '-f', '1'],
    [
      [/Type "rb-app1" to go on: /, 'rb-app1'],
      [/Type "rb-app2" to go on: /, 'no'],
    ],
  );
  expect(removal.code, removal.shown).toBe(2);
  expect(await sh('rb-app1', 'ls /var/crash /var/crash/old')).toBe(
    '/var/crash:\ncore\nkeep.txt\nold\n\n/var/crash/old:',
  );
  expect(await sh('rb-app2', 'ls /var/crash')).toContain('java.hprof');
});

test('Grafana: dumped, proved by a restore, brought here; restored, and the old database put back', async () => {
  const db = '/var/lib/grafana/grafana.db';
  const ask = (): Promise<string> => sh('rb-mon', `sqlite3 ${db} 'SELECT group_concat(title) FROM dashboard'`);
  await sh(
    'rb-mon',
    `useradd --system grafana; mkdir -p /var/lib/grafana; sqlite3 ${db} "PRAGMA journal_mode=wal; CREATE TABLE dashboard (id INTEGER PRIMARY KEY, title TEXT, body BLOB); INSERT INTO dashboard (title, body) VALUES ('it''s API', x'00ff'), ('fastpath', NULL)"; chown -R grafana:grafana /var/lib/grafana; chmod 640 ${db}
    printf '[Service]\\nUser=grafana\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/grafana-server.service; systemctl daemon-reload; systemctl start grafana-server`,
  );
  const check = await runbook('grafana-backup', '-C');
  expect(check.code, check.stdout).toBe(0);
  const backup = await runbook('grafana-backup', '-e', 'grafana_backup_name=one');
  expect(backup.code, backup.stdout + backup.stderr).toBe(0);
  const dump = join(project.dir, 'backups/rb-mon/grafana-one.sql');
  expect(readFileSync(dump, 'utf8')).toContain("'it''s API'");

  // One that is not whole is not put in place.
  project.write({
    'backups/torn.sql': readFileSync(dump, 'utf8').replace('COMMIT;', '').replace('fastpath', "fast'path"),
  });
  const torn = await runbook('grafana-restore', '-e', 'grafana_dump=../backups/torn.sql');
  expect(torn.code).toBe(2);
  expect(torn.stdout).toContain('stopped at "prove the dump"');

  await sh(
    'rb-mon',
    `sqlite3 ${db} "DELETE FROM dashboard WHERE id = 1; INSERT INTO dashboard (title) VALUES ('later')"`,
  );
  const args = ['grafana-restore', '-e', 'grafana_dump=../backups/rb-mon/grafana-one.sql'];
  const restore = await project.answer(args, [
    [/Type "rb-mon" to go on: /, 'rb-mon'],
    [/Type "yes" to go on: /, 'yes'],
  ]);
  expect(restore.code, restore.shown).toBe(0);
  expect(await ask()).toBe("it's API,fastpath");
  expect(await sh('rb-mon', `stat -c '%U %a' ${db}; systemctl is-active grafana-server; ls /var/backups`)).toMatch(
    /^grafana 640\nactive\n(?![^]*restore)/,
  );
  const back = await runbook(...args, '--back');
  expect(back.code, back.stdout).toBe(0);
  expect(await ask()).toBe('fastpath,later');
});

test('alerts are silent while a package is deployed, and no longer, also where the deploy fails', async () => {
  const silences = async (): Promise<string> =>
    sh('rb-mon', `amtool --alertmanager.url http://127.0.0.1:9093 silence query -o simple | tail -n +2`);
  await sh(
    'rb-mon',
    'until amtool --alertmanager.url http://127.0.0.1:9093 silence query >/dev/null; do sleep 0.2; done',
  );
  // The web server itself tells whether there was a silence when it was started.
  const check = await runbook('silenced-deploy', '-C');
  expect(check.code, check.stdout + check.stderr).toBe(0);
  expect(await silences()).toBe('');

  await sh(
    'rb-app2',
    `mkdir -p /etc/systemd/system/nginx.service.d; printf '[Service]\\nExecStartPre=/bin/sh -c "until [ -e /run/looked ]; do sleep 0.1; done"\\n' >/etc/systemd/system/nginx.service.d/wait.conf; systemctl daemon-reload; rm -f /run/looked`,
  );
  const deploy = runbook('silenced-deploy');
  await sh('rb-app2', 'until systemctl is-active nginx | grep -q activating; do sleep 0.1; done');
  expect(await silences()).toMatch(/instance=~"rb-app\.\*".*play runbook silenced-deploy/);
  await sh('rb-app2', ': >/run/looked');
  const { code, stdout } = await deploy;
  expect(code, stdout).toBe(0);
  expect(await silences()).toBe('');

  await sh('rb-app2', `sed -i 's/try_files .*/return 503;/' /etc/nginx/sites-available/default`);
  const failed = await runbook('silenced-deploy');
  expect(failed.code).toBe(2);
  expect(failed.stdout).toContain('answered 503');
  expect(await silences()).toBe('');
  expect(
    await sh(
      'rb-mon',
      'amtool --alertmanager.url http://127.0.0.1:9093 silence query --expired -o simple | tail -n +2 | wc -l',
    ),
  ).toBe('2');
});

test('an artefact is switched to on one host after another; one where it is not well goes back by itself', async () => {
  const pack = async (version: string, page: string): Promise<string> => {
    project.write({ [`artefacts/${version}/index.html`]: page });
    const archive = join(project.dir, `artefacts/${version}.tar.gz`);
    const { code } = await run('tar', ['-czf', archive, '-C', join(project.dir, 'artefacts', version), '.']);
    expect(code).toBe(0);
    return archive;
  };
  const deploy = async (version: string, page: string, ...more: readonly string[]): ReturnType<typeof inTerminal> => {
    const vars = {
      artefact: await pack(version, page),
      artefact_version: version,
      artefact_root: '/srv/site',
      artefact_unit: 'nginx',
      artefact_health: 'http://127.0.0.1:8080/index.html',
      artefact_check: 'test "$(curl -s http://127.0.0.1:8080/index.html)" != broken',
      artefact_patience: 5,
    };
    return project.answer(['artefact-deploy', '-e', JSON.stringify(vars), ...more], [[/Type "yes" to go on: /, 'yes']]);
  };
  const served = (): Promise<string[]> =>
    Promise.all(['rb-app1', 'rb-app2'].map((host) => sh(host, 'curl -s http://127.0.0.1:8080/index.html')));
  for (const host of ['rb-app1', 'rb-app2'])
    await sh(
      host,
      `echo 'server { listen 8080; root /srv/site/current; }' >/etc/nginx/conf.d/site.conf; mkdir -p /etc/systemd/system/nginx.service.d; printf '[Service]\nExecStartPre=/bin/sh -c "! grep refused /srv/site/current/index.html"\n' >/etc/systemd/system/nginx.service.d/wait.conf; systemctl daemon-reload; systemctl restart nginx`,
    );
  const first = await deploy('1.0', 'one');
  expect(first.code, first.shown).toBe(0);
  const check = await deploy('1.1', 'broken', '-C');
  expect(check.code, check.shown).toBe(0);
  expect(await served()).toEqual(['one', 'one']);

  // Not well, and not even started: the first host goes back, the second never gets it.
  for (const [version, page] of [
    ['1.1', 'broken'],
    ['1.2', 'refused'],
  ] as const) {
    const { code, shown } = await deploy(version, page);
    expect(code, shown).toBe(2);
    expect(shown).toContain(`${version} is not well here: what ran before runs again`);
    expect(shown).toMatch(/not begun +rb-app2\b/);
    expect(await served()).toEqual(['one', 'one']);
  }
  const second = await deploy('1.3', 'two');
  expect(second.code, second.shown).toBe(0);
  expect(await served()).toEqual(['two', 'two']);
  const back = await deploy('1.3', 'two', '--back');
  expect(back.code, back.shown).toBe(0);
  expect(await served()).toEqual(['one', 'one']);
});

test('what a step does always is done after a lost connection too, and on the hosts that did not fail', async () => {
  project.write({
    'runbooks/lost.ts': `
import { defineRunbook, shell } from 'play';
const log = (word: string) => shell({ cmd: 'echo ' + word + ' >>/root/log', changes: 'always' }, { name: word });
export default defineRunbook({ title: 'Lost', description: 'A try.', steps: [
  { name: 'hold', hosts: 'app', become: true, tasks: () => [log('held')], always: () => [log('let go')] },
  { name: 'work', hosts: 'rb-app1', become: true, tasks: () => [shell({ cmd: ': >/root/begun; until [ -e /root/go ]; do sleep 0.05; done; echo worked >>/root/log', changes: 'always' })] },
  { name: 'next', hosts: 'app', become: true, tasks: () => [log('next')] },
] });
`,
  });
  const running = runbook('lost');
  await sh('rb-app1', 'until [ -e /root/begun ]; do sleep 0.05; done');
  // sshd's process of the session, as when a firewall forgets it.
  await sh(
    'rb-app1',
    `for p in $(pgrep -x sshd); do case $(tr '\\0' ' ' </proc/$p/cmdline) in *@notty*) kill -9 $p;; esac; done; : >/root/go`,
  );
  const { code, stdout } = await running;
  expect(code, stdout).toBe(4);
  // What was under way there is waited for.
  expect(await sh('rb-app1', 'cat /root/log')).toBe('held\nworked\nlet go');
  expect(await sh('rb-app2', 'cat /root/log')).toBe('held\nlet go');
  expect(stdout).toContain('stopped at "work": a host failed');
});

test('the example of the documentation is one', async () => {
  const [example = ''] = blocksOf('docs/runbooks-as-code.md').filter((code) => code.includes('defineRunbook'));
  writeFiles([example], project.dir);
  project.write({ 'inventory/more': '[balancer]\nrb-mon\n[web]\nrb-app1\n' });
  const { code, stdout, stderr } = await project.play('runbook', 'swap-certificate', '--doc');
  expect(stdout, stderr).toContain('type `rb-app1`');
  expect(code).toBe(0);
  // Types, too: `-C` does not begin with wrong ones. There is no haproxy here.
  const check = await project.play('runbook', 'swap-certificate', '-C');
  expect(check.stdout, check.stderr).toContain('step 2/3 drain');
});

test('each has a page, and a name in the list', async () => {
  const { stdout } = await project.play('runbook');
  const names = [...stdout.matchAll(/^(\S+) {2}/gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThanOrEqual(5);
  const asCode = readFileSync(join(playRoot, 'docs/runbooks-as-code.md'), 'utf8');
  for (const name of names) {
    if (['lost', 'swap-certificate'].includes(name)) continue;
    const page = await runbook(name, '--doc');
    expect(page.stdout, page.stderr).toMatch(/^# \S/);
    expect((await runbook(name, 'status')).code).toBe(0);
    expect(asCode).toContain(`\`${name}\``);
    expect(existsSync(join(playRoot, 'runbooks', `${name}.ts`))).toBe(true);
  }
});
