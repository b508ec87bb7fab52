/** Runbooks that move a service, run it twice, and seal a bucket, with Redis, HAProxy and systemd. */
import { beforeAll, expect, test } from 'vitest';
import { useHosts } from '../support/sandbox.ts';
import { runbookProject, sh } from './runbook-project.ts';

const hosts = useHosts('rb-old', 'rb-new');
const project = runbookProject({
  'group_vars/all.yml': `
move_from: rb-old
move_to: rb-new
move_units: [redis-server]
move_paths: [/var/lib/redis, "/srv/more of it's"]
move_port: 6379
move_patience: 20
move_pointers:
  - { hosts: rb-old, path: /etc/haproxy/haproxy.cfg, from: 'rb-old:6379', to: 'rb-new:6379', unit: haproxy }
copy_hosts: rb-old
copy_unit: fastpath
copy_interval: 1
seal_hosts: rb-old
seal_folder: /srv/shals
seal_buckets: /srv/buckets
`,
  'playbooks/services.ts': `
import { apt, copy, definePlaybook, replace, systemd } from 'play';
export default definePlaybook({ hosts: 'all', become: true, tasks: ({ host }) => [
  apt({ name: ['redis-server', 'rsync', ...(host.name === 'rb-old' ? ['haproxy'] : [])], installRecommends: false }),
  replace({ path: '/etc/redis/redis.conf', regexp: '^(bind|protected-mode) .*', replace: '' }),
  replace({ path: '/etc/redis/redis.conf', regexp: '^# maxclients 10000', replace: 'protected-mode no' }),
  systemd({ name: 'redis-server', state: 'restarted' }),
  ...(host.name === 'rb-old' ? [
    copy({ dest: '/etc/haproxy/haproxy.cfg', content: \`defaults
  mode tcp
  timeout connect 1s
  timeout client 1m
  timeout server 1m
listen redis
  bind :6380
  server one rb-old:6379
\` }),
    systemd({ name: 'haproxy', state: 'restarted' }),
  ] : []),
] });
`,
});
const old = (script: string): Promise<string> => sh(hosts, 'rb-old', script);
const fresh = (script: string): Promise<string> => sh(hosts, 'rb-new', script);

beforeAll(async () => {
  project.fill(hosts, { all: ['rb-old', 'rb-new'] });
  const { code, stdout, stderr } = await project.play('services');
  expect(code, stdout + stderr).toBe(0);
});

const toNew = [/Type "rb-new" to go on: /, 'rb-new'] as const;
const yes = [/Type "yes" to go on: /, 'yes'] as const;

test('a service moves with its data, without a lost write; the key reads these folders alone and goes; --back', async () => {
  await old(
    `mkdir -p "/srv/more of it's/a b" && echo mine >"/srv/more of it's/a b/file" && chown -R redis: "/srv/more of it's"`,
  );
  await fresh('touch /var/lib/redis/stale; redis-cli set who new');
  await old('redis-cli -p 6380 set who old');
  const check = await project.runbook('move-service', '-C');
  expect(check.code, check.stdout + check.stderr).toBe(0);
  expect(await old('grep -c play-move /root/.ssh/authorized_keys || :')).toBe('0');

  // Counts until nobody takes it any more.
  await old(
    `systemd-run --unit=writer sh -c 'while n=$(redis-cli -p 6380 incr count) && [ "$n" -gt 0 ]; do echo "$n" >/root/count; done'`,
  );
  // The new host takes its time to stop, so that there is time to look at the key. The plus: the unit may run nothing else.
  await fresh(
    `mkdir -p /etc/systemd/system/redis-server.service.d; printf '[Service]\\nExecStop=+/bin/sh -c "until [ -e /run/looked ]; do sleep 0.1; done"\\n' >/etc/systemd/system/redis-server.service.d/wait.conf; systemctl daemon-reload`,
  );
  const refused = project.answer(['move-service'], [[toNew[0], 'no']]);
  await fresh('until systemctl is-active redis-server | grep -q deactivating; do sleep 0.1; done');
  const ssh =
    'ssh -i /root/.play-move-from-rb-old/key -o StrictHostKeyChecking=no -o BatchMode=yes -o ConnectTimeout=5';
  expect(await fresh(`${ssh} root@rb-old id 2>&1 </dev/null || :`)).not.toContain('uid=');
  expect(await fresh(`rsync -e '${ssh}' root@rb-old::0/ 2>/dev/null`)).toContain('dump.rdb');
  expect(
    await fresh(`rsync -e '${ssh}' /etc/hostname root@rb-old::0/x >/dev/null 2>&1 && echo written || echo refused`),
  ).toContain('refused');
  expect(await fresh(`rsync -e '${ssh}' root@rb-old::0/../../../etc/shadow /tmp/ 2>&1; ls /tmp`)).not.toContain(
    'shadow',
  );
  expect(await old('grep play-move /root/.ssh/authorized_keys')).toMatch(
    /^restrict,expiry-time="\d{12}",command="rsync /m,
  );
  await fresh(': >/run/looked');
  const { code, shown } = await refused;
  expect(code, shown).toBe(2);
  expect(await old('systemctl is-active redis-server; grep -c play-move /root/.ssh/authorized_keys || :')).toBe(
    'active\n0',
  );
  expect(await fresh('ls -d /root/.play-move* 2>/dev/null || :')).toBe('');

  const move = await project.answer(['move-service'], [toNew, yes]);
  expect(move.code, move.shown).toBe(0);
  expect(await old('redis-cli -p 6380 get who')).toBe('old');
  expect(await old('systemctl is-active redis-server || :')).toBe('inactive');
  const written = Number(await old('cat /root/count'));
  expect(written).toBeGreaterThan(10);
  // One that was taken and not confirmed may be there as well.
  expect([written, written + 1]).toContain(Number(await old('redis-cli -p 6380 get count')));
  expect(await fresh(`ls /var/lib/redis; cat "/srv/more of it's/a b/file"; stat -c %U "/srv/more of it's"`)).toMatch(
    /^dump\.rdb\nmine\nredis$/,
  );
  expect(await old('grep -c play-move /root/.ssh/authorized_keys || :; ls -d /run/play-move* 2>/dev/null || :')).toBe(
    '0',
  );

  const back = await project.answer(['move-service', '--back'], [[/Type "rb-old" to go on: /, 'rb-old']]);
  expect(back.code, back.shown).toBe(0);
  expect(await old('redis-cli get who; redis-cli -p 6380 get who; systemctl is-enabled redis-server')).toBe(
    'old\nold\nenabled',
  );
  expect(await fresh('systemctl is-active redis-server || :')).toBe('inactive');
});

test('a host that is no other, a unit or folder that is not there, a disk that is too small: refused before anything', async () => {
  const refusal = async (vars: Readonly<Record<string, unknown>>): Promise<string> => {
    const { code, stdout } = await project.runbook('move-service', '-e', JSON.stringify(vars), '-C');
    expect(code).toBe(2);
    expect(stdout).toContain('would stop at "look"');
    return stdout;
  };
  expect(await refusal({ move_to: 'rb-old' })).toContain('rb-old is both the old host and the new one');
  expect(await refusal({ move_units: ['redis'] })).toContain('there is the unit redis');
  expect(await refusal({ move_paths: ['/srv/none'] })).toContain('there is the folder /srv/none');
  await fresh('mkdir -p /srv/small; mount -t tmpfs -o size=1m none /srv/small');
  await old('mkdir -p /srv/small && head -c 5000000 /dev/zero >/srv/small/big');
  expect(await refusal({ move_paths: ['/srv/small'] })).toMatch(
    /the data takes \d MiB more than what it replaces, and 1 MiB are free/,
  );
});

test('a second copy runs beside the first as it does, is waited for, and ends', async () => {
  await old(`useradd --system fastpath; mkdir -p /etc/ooni /srv/fastpath; echo 'KEY=two words' >/etc/ooni/env
printf '[Service]\\nUser=fastpath\\nWorkingDirectory=/srv/fastpath\\nEnvironment="A=b c" D=e\\nEnvironmentFile=-/etc/ooni/env\\nEnvironmentFile=-/none\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/fastpath.service; systemctl daemon-reload; systemctl start fastpath`);
  const first = 'systemctl show -P MainPID fastpath';
  const pid = await old(first);
  const copy = (script: string, ends = 'by itself', ...more: readonly string[]): ReturnType<typeof project.runbook> =>
    project.runbook(
      'run-two-copies',
      '-e',
      JSON.stringify({ copy_command: ['/bin/sh', '-c', script], copy_ends: ends }),
      ...more,
    );
  const work = 'sleep 1; echo "$(id -un) $PWD $A $D $KEY"; systemctl show -P CPUWeight fastpath-copy';
  const check = await copy(work, 'by itself', '-C');
  expect(check.code, check.stdout).toBe(0);
  expect(await old('systemctl is-active fastpath-copy || :')).toBe('inactive');
  const done = await copy(work);
  expect(done.code, done.stdout).toBe(0);
  expect(done.stdout).toContain('fastpath /srv/fastpath b c e two words\n');
  expect(done.stdout).toMatch(/^ +20$/m);
  expect(await old('systemctl is-active fastpath-copy || :')).toBe('inactive');

  const bad = await copy('echo bad; exit 3');
  expect(bad.code).toBe(2);
  expect(bad.stdout).toMatch(/bad\n[^]*it did not end well: .*ExecMainStatus=3/);
  const told = await copy('sleep 100', 'when told');
  expect(told.stdout).toContain('stopped at "wait"');
  expect(told.code).toBe(2);
  expect(await old('systemctl is-active fastpath-copy')).toBe('active');
  const back = await copy('sleep 100', 'when told', '--back');
  expect(back.code, back.stdout).toBe(0);
  expect(await old('systemctl is-active fastpath-copy || :')).toBe('inactive');
  expect(await old(first)).toBe(pid);
});

test('a bucket is sealed as its user where it is empty, and nowhere else', async () => {
  await old(
    'useradd --system benchmark; mkdir -p /srv/shals /srv/buckets/2026-01-02 /srv/buckets/2026-01-03; echo x >/srv/buckets/2026-01-03/.report; echo sealed >/srv/shals/2026-01-04; chown -R benchmark: /srv/shals /srv/buckets; chmod 700 /srv/shals',
  );
  const seal = (
    days: readonly string[],
    answer: string,
    ...more: readonly string[]
  ): ReturnType<typeof project.answer> =>
    project.answer(
      ['seal-bucket', '-e', JSON.stringify({ seal_days: days }), ...more],
      [[new RegExp(`Type "${answer}" to go on: `), answer], yes],
    );
  expect((await seal(['2026-01-03'], '2026-01-03')).shown).toContain('the bucket of 2026-01-03 has 1 files');
  expect((await seal(['2026-01-04'], '2026-01-04')).shown).toContain(
    '2026-01-04 is sealed already, and not as an empty one',
  );
  expect((await seal(['2199-01-01'], '2199-01-01')).shown).toContain('2199-01-01 is not over');
  expect((await seal(['2026-02-30'], '2026-02-30')).shown).toContain('must be a day');
  const days = ['2026-01-01', '2026-01-02'];
  const check = await seal(days, '2 days', '-C');
  expect(check.code, check.shown).toBe(0);
  expect(await old('ls /srv/shals')).toBe('2026-01-04');
  const done = await seal(days, '2 days');
  expect(done.code, done.shown).toBe(0);
  expect(await old('cd /srv/shals; sha256sum </dev/null | cmp - 2026-01-02; stat -c "%U %a" 2026-01-01')).toBe(
    'benchmark 644',
  );
  const again = await seal(days, '2 days', '--new');
  expect(again.shown).toContain('rb-old is right: nothing changed');
  const back = await seal(days, '2 days', '--back');
  expect(back.code, back.shown).toBe(0);
  expect(await old('ls /srv/shals')).toBe('2026-01-04');
});
