import { expect, test } from 'vitest';
import { handler, type PlaySpec } from '../../src/playbook/index.ts';
import { apt, copy, file, systemd } from '../../src/resources/index.ts';
import { aptStep } from '../../src/resources/packages/apt/step.ts';
import { runPlay, type PlayRun, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('apt1');
const there: RunPlayOptions = { inventory: 'apt1,', target: (name) => hosts.target(name, 'root') };
const play = (tasks: () => ReturnType<NonNullable<PlaySpec['tasks']>>): PlaySpec => ({
  hosts: 'all',
  become: true,
  tasks,
});
const sh = async (script: string): Promise<string> => (await hosts.exec('apt1', ['sh', '-c', script])).stdout.trim();
const errors = (run: PlayRun) => run.tasks.map((one) => [one.error?.what, one.error?.stderr].join('\n')).join('\n');
/** The host's disk but for what any login writes. */
const snapshot = () =>
  sh(
    String.raw`find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/log -o -path /var/lib/systemd/timers \) -prune -o -printf '%p %m %u %g %T@ %s\n' | sort`,
  );
/** All that a run tells of its tasks: what the check and the run after it must agree in. */
const story = (run: PlayRun) =>
  [...run.tasks]
    .sort((a, b) => a.task.localeCompare(b.task))
    .map((one) => ({
      task: one.task,
      status: one.status,
      changes: one.changes.map(({ what, from, to, text }) => ({
        what,
        from,
        to,
        before: shown(text?.before),
        after: shown(text?.after),
      })),
    }));
const shown = (side: unknown) => (side instanceof Buffer ? side.toString('utf8') : side);

test('check mode foretells an installation, leaves the host as it was, and the second run changes nothing', async () => {
  const spec = play(() => [apt({ name: 'tree' })]);
  const before = await snapshot();
  const foretold = await runPlay(spec, { ...there, check: true });
  expect(await snapshot()).toBe(before);
  expect(foretold.told).toEqual(['changed apt tree']);
  const real = await runPlay(spec, there);
  expect(story(real)).toEqual(story(foretold));
  expect((await runPlay(spec, there)).told).toEqual(['ok apt tree']);
});

test('a package file at an address: its head tells which it is, its checksum whether it is right', async () => {
  await sh(`apt-get install -qy busybox >/dev/null 2>&1; command -v wget curl >/dev/null || ln -sf /bin/busybox /usr/local/bin/wget
rm -rf /srv/web; for v in 1 2; do mkdir -p /srv/web/$v/DEBIAN /srv/web/$v/usr/share/play-web; head -c 3000000 /dev/urandom >/srv/web/$v/usr/share/play-web/data
printf 'Package: play-web\\nVersion: %s\\nArchitecture: all\\nMaintainer: n <a@b>\\nDepends: tree\\nDescription: x\\n' $v >/srv/web/$v/DEBIAN/control; dpkg-deb -b /srv/web/$v /srv/web/$v.deb >/dev/null; done
cd /srv/web; sha256sum 1.deb 2.deb >SUMS; echo x >none.deb; apt-get purge -qy tree >/dev/null 2>&1; systemd-run -q --unit=debs busybox httpd -f -p 127.0.0.1:8098 -h /srv/web`);
  const web = 'http://127.0.0.1:8098';
  const at = (file: string, checksum = `sha256:${web}/SUMS`) =>
    play(() => [apt({ deb: `${web}/${file}`, checksum, allowDowngrade: true })]);
  // What is fetched to look at passes through /var/tmp.
  const disk = async (): Promise<string> => (await snapshot()).replace(/^\/var\/tmp .*\n/m, '');
  const before = await disk();
  const foretold = await runPlay(at('2.deb'), { ...there, check: true });
  expect(await disk()).toBe(before);
  const real = await runPlay(at('2.deb'), there);
  expect(errors(real)).toBe('\n');
  expect(story(real)).toEqual(story(foretold));
  expect(real.tasks[0]?.changes.map(({ what }) => what)).toEqual(['package play-web', 'package tree']);
  expect((await runPlay(at('2.deb'), there)).told).toEqual(['ok apt http://127.0.0.1:8098/2.deb']);
  const wrong = at('1.deb', `sha256:${'0'.repeat(64)}`);
  for (const run of [await runPlay(wrong, { ...there, check: true }), await runPlay(wrong, there)])
    expect(errors(run)).toContain('1.deb is not what it should be');
  for (const [file, says] of [
    ['none.deb', 'none.deb is not a Debian package'],
    ['gone.deb', 'gone.deb cannot be fetched'],
  ] as const)
    expect(errors(await runPlay(at(file), { ...there, check: true }))).toContain(says);
  expect(
    await sh('dpkg-query -W -f "\\${Version}" play-web; ls /var/tmp /tmp | grep "^play" ; systemctl stop debs'),
  ).toBe('2');
});

test('a package file with what it depends on, an older one, and one that is only planned', async () => {
  await sh(`rm -rf /srv/deb; for v in 1 2; do mkdir -p "/srv/deb/a b$v/DEBIAN" "/srv/deb/a b$v/etc/play-test"; echo $v >"/srv/deb/a b$v/etc/play-test/v"
printf 'Package: play-test\\nVersion: %s\\nArchitecture: all\\nMaintainer: n <a@b>\\nDepends: tree\\nDescription: x\\n' $v >"/srv/deb/a b$v/DEBIAN/control"
dpkg-deb -b "/srv/deb/a b$v" "/srv/deb/a b$v.deb" >/dev/null; done; apt-get purge -qy tree >/dev/null 2>&1`);
  const spec = play(() => [apt({ deb: '/srv/deb/a b2.deb' }), file({ path: '/etc/play-test/v', mode: '0600' })]);
  const planned = play(() => [
    copy({ src: '/srv/deb/a b2.deb', remoteSrc: true, dest: '/srv/deb/c.deb' }),
    apt({ deb: '/srv/deb/c.deb' }),
  ]);
  const before = await snapshot();
  const foretold = await runPlay(spec, { ...there, check: true });
  const open = await runPlay(planned, { ...there, check: true });
  expect(open.tasks[1]?.may).toBe('play-test 2 comes, and apt can tell what else only once /srv/deb/c.deb is there');
  expect(await snapshot()).toBe(before);
  const real = await runPlay(spec, there);
  expect(story(real)).toEqual(story(foretold));
  expect(real.tasks[0]?.changes.map(({ what }) => what)).toEqual(['package play-test', 'package tree']);
  expect(await sh('cat /etc/play-test/v; stat -c %a /etc/play-test/v')).toBe('2\n600');
  expect((await runPlay(spec, there)).told.map((line) => line.split(' ')[0])).toEqual(['ok', 'ok']);
  expect((await runPlay(planned, there)).told.map((line) => line.split(' ')[0])).toEqual(['changed', 'ok']);
  const older = await runPlay(
    play(() => [apt({ deb: '/srv/deb/a b1.deb' })]),
    there,
  );
  expect(older.tasks[0]?.error?.what).toContain('allowDowngrade');
  await sh('dpkg --purge play-test tree');
});

test('lists that were fetched to ask apt are not fetched twice', async () => {
  const { script, args = [] } = aptStep([], true, { lockTimeout: 60, dpkgOptions: 'confdef', preferences: '' });
  const asked = '/run/play.1.lists';
  const files = "find . -name '*_*' -type f -exec stat -c '%n %U %a %Y' {} + -exec md5sum {} +";
  const lists = () => sh(`cd /var/lib/apt/lists && ${files} | sort && ls -A partial`);
  const update = (lost: string) =>
    sh(`rm -f /var/lib/apt/lists/${lost} && echo ${Buffer.from(script).toString('base64')} | base64 -d >${asked}/s1
sh ${asked}/s1 ${args.map((arg) => `'${arg}'`).join(' ')} >/dev/null`);
  const before = await lists();
  await sh(`mkdir -p ${asked}/apt && cp -a /var/lib/apt/lists ${asked}/apt/ && touch ${asked}/apt/refreshed`);
  // Hosts of tests have shorter lists than the archive: to fetch them would show.
  await update('*_*');
  expect(await lists()).toBe(before);
  await update('*_Packages');
  expect(await lists()).toBe(before);
  await sh(`rm -rf ${asked}`);
});

test('a play that installs services and configures them goes as check mode says', async () => {
  const restart = handler('restart prometheus', () => systemd({ name: 'prometheus', state: 'restarted' }));
  const reload = handler('reload nginx', () => systemd({ name: 'nginx', state: 'reloaded' }));
  const spec = play(() => [
    apt({ name: ['prometheus', 'prometheus-blackbox-exporter'], installRecommends: false }),
    apt({ name: 'prometheus-alertmanager', installRecommends: false }),
    apt({ name: ['nginx', 'tree'] }),
    systemd({ name: 'prometheus', state: 'started', enabled: true }),
    copy(
      {
        dest: '/etc/default/prometheus',
        content: 'ARGS="--log.level=warn"\n',
        owner: 'root',
        group: 'prometheus',
        mode: '0640',
      },
      { notify: restart },
    ),
    file({ path: '/etc/prometheus/rules', state: 'directory', owner: 'prometheus', mode: '0750' }),
    copy({ dest: '/etc/prometheus/rules/one.yml', content: 'groups: []\n', mode: '0644' }, { notify: restart }),
    file({ path: '/var/lib/prometheus', state: 'directory', owner: 'prometheus', group: 'prometheus' }),
    file({ path: '/etc/systemd/system/prometheus.service.d', state: 'directory' }),
    copy(
      { dest: '/etc/systemd/system/prometheus.service.d/limits.conf', content: '[Service]\nLimitNOFILE=8192\n' },
      { notify: restart },
    ),
    file({ path: '/etc/nginx/sites-enabled/default', state: 'absent' }, { notify: reload }),
    copy(
      {
        dest: '/etc/nginx/conf.d/status.conf',
        content: 'server { listen 127.0.0.1:8080; return 204; }\n',
        mode: '0644',
      },
      { notify: reload },
    ),
    copy(
      { dest: '/etc/nginx/nginx.conf', content: 'events {}\nhttp { include conf.d/*.conf; }\n', mode: '0644' },
      { notify: reload },
    ),
    systemd({ name: 'nginx', state: 'started', enabled: true }),
    systemd({ name: 'prometheus-blackbox-exporter', state: 'stopped', enabled: false }),
  ]);
  const before = await snapshot();
  const foretold = await runPlay(spec, { ...there, check: true });
  expect(errors(foretold).trim()).toBe('');
  expect(await snapshot()).toBe(before);
  const real = await runPlay(spec, there);
  expect(errors(real).trim()).toBe('');
  expect(story(real)).toEqual(story(foretold));
  expect(await sh('systemctl show prometheus -p LimitNOFILE --value; systemctl is-active prometheus nginx')).toBe(
    '8192\nactive\nactive',
  );
  const again = await runPlay(spec, there);
  expect(again.told.filter((line) => !line.startsWith('ok '))).toEqual([]);
});

test('a lost connection ends no dpkg, and the next run waits for it', async () => {
  await sh('apt-get -qy purge nginx nginx-common tree; apt-get -qy autoremove');
  const spec = play(() => [apt({ name: 'nginx' })]);
  const lost = runPlay(spec, there).then(
    (run) => run.recap.hosts['apt1'],
    () => undefined,
  );
  await sh(
    'for i in $(seq 2400); do [ -d /var/lib/dpkg/info ] && pidof dpkg >/dev/null && break; sleep 0.05; done; for p in /proc/[0-9]*; do grep -qs "^sshd: root" $p/cmdline && kill -KILL ${p#/proc/}; done; true',
  );
  expect((await lost)?.unreachable ?? 1).toBe(1);
  const second = await runPlay(spec, there);
  expect(errors(second).trim()).toBe('');
  expect(await sh('dpkg --audit; systemctl is-active nginx')).toBe('active');
});
