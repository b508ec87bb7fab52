import { expect, test } from 'vitest';
import type { PlaySpec, Task } from '../../src/playbook/index.ts';
import { apt, aptPin, command, copy, dpkgSelections, file, systemd } from '../../src/resources/index.ts';
import { runPlay, type PlayRun, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('apt2');
const there: RunPlayOptions = { inventory: 'apt2,', target: (name) => hosts.target(name, 'root') };
type Options = Parameters<typeof apt>[0];
const play = (...list: readonly Options[]): PlaySpec => ({
  hosts: 'all',
  become: true,
  tasks: () => list.map((options) => apt(options)),
});
const sh = async (script: string): Promise<string> => (await hosts.exec('apt2', ['sh', '-c', script])).stdout.trim();
const changes = (run: PlayRun) =>
  run.tasks.map((one) => one.changes.map(({ what, from, to }) => `${what}: ${from ?? ''} -> ${to ?? ''}`));
const failure = (run: PlayRun) => run.tasks.find((one) => one.error)?.error;

/**
 * Each in turn, on the host as the one before left it: what check mode and the run tell, and that a second run is at
 * rest.
 */
const cases: readonly {
  what: string;
  before?: string;
  options: Options;
  changes: readonly (string | RegExp)[];
  check?: string;
  is?: string;
}[] = [
  {
    what: 'a version by wildcard',
    options: { name: 'tree=2.1.*' },
    changes: [/^package tree: absent -> 2\.1\.0-1$/],
    check: "dpkg-query -Wf '${Version}' tree",
    is: '2.1.0-1',
  },
  { what: 'a pinned version that is installed', options: { name: 'tree=2.1.0-1' }, changes: [] },
  {
    what: 'a package of which only the newest will do, and it is there',
    options: { name: 'tree', state: 'latest' },
    changes: [],
  },
  { what: 'present upgrades nothing, whatever apt has', options: { name: ['tree', 'base-files'] }, changes: [] },
  { what: 'a name with an architecture', options: { name: 'tree:amd64' }, changes: [] },
  {
    what: 'an upgrade that may not install',
    options: { name: 'hello', state: 'latest', onlyUpgrade: true },
    changes: [],
  },
  { what: 'several in one go', options: { name: ['hello', 'tree'] }, changes: [/^package hello: absent -> /] },
  { what: 'a virtual package brings what provides it', options: { name: 'awk' }, changes: [] },
  {
    what: 'removal leaves what is not there',
    options: { name: ['hello', 'sl'], state: 'absent' },
    changes: [/^package hello: .* -> absent$/],
    check: 'ls /usr/bin/hello',
    is: '',
  },
  {
    what: 'configuration stays',
    before: 'apt-get -qy install cron',
    options: { name: 'cron', state: 'absent' },
    changes: [/^package cron: .* -> absent$/],
    check: 'ls -d /etc/default/cron',
    is: '/etc/default/cron',
  },
  {
    what: 'purge takes it',
    options: { name: 'cron', state: 'absent', purge: true },
    changes: [/^package cron: .* -> absent, with its configuration$/],
    check: 'ls -d /etc/default/cron',
    is: '',
  },
  {
    what: 'what nothing needs any more',
    before: 'apt-get -qy install jq && apt-mark auto jq libjq1 libonig5',
    options: { autoremove: true },
    changes: [/jq/, /libjq1/, /libonig5/],
  },
  {
    what: 'old files in the cache',
    before:
      'apt-get -qyd install sl && cd /var/cache/apt/archives && mv sl_*.deb sl_1.0_amd64.deb; touch sl_1.0_amd64.deb',
    options: { autoclean: true },
    changes: [/^cached package /],
    check: 'ls /var/cache/apt/archives/sl_1.0_amd64.deb',
    is: '',
  },
  { what: 'an update alone', options: { updateCache: true }, changes: [] },
  { what: 'an update that is not due', options: { cacheValidTime: 3600 }, changes: [] },
  {
    what: 'lists that are missing',
    before: 'apt-get -qy remove hello; rm -rf /var/lib/apt/lists/*',
    options: { name: 'hello' },
    changes: [/^package hello: absent -> /],
  },
  {
    what: 'lists that are too old',
    before: 'apt-get -qy remove hello; touch -d "2 days ago" /var/lib/apt/lists',
    options: { name: 'hello', cacheValidTime: 86400 },
    changes: [/^package hello: absent -> /],
  },
  {
    what: 'an installation that was interrupted',
    before:
      'apt-get -qy purge hello; cd /tmp && apt-get -q download hello && dpkg --unpack hello_*.deb; rm -f hello_*.deb',
    options: { name: 'hello' },
    changes: [/^package hello: unpacked -> /],
  },
];

// A busy machine takes its time over apt's caches.
const patience = 180_000;

test.each(cases)(
  '$what',
  async ({ before, options, changes: expected, check, is }) => {
    if (before !== undefined) await sh(`export DEBIAN_FRONTEND=noninteractive; ${before}`);
    const foretold = await runPlay(play(options), { ...there, check: true });
    const real = await runPlay(play(options), there);
    expect(failure(real) ?? failure(foretold)).toBeUndefined();
    expect(changes(real)).toEqual(changes(foretold));
    expect(changes(real)[0]?.sort()).toEqual(
      expected.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))),
    );
    expect(real.told).toEqual(foretold.told);
    if (check !== undefined) expect(await sh(check)).toBe(is);
    expect((await runPlay(play(options), there)).told).toEqual([expect.stringMatching(/^ok /)]);
  },
  patience,
);

const refusals: readonly {
  readonly what: string;
  readonly before?: string;
  readonly options: Options;
  readonly says: RegExp;
}[] = [
  {
    what: 'a package that is not',
    options: { name: 'no-such-package' },
    says: /Unable to locate package no-such-package[^]*Check the name/,
  },
  {
    what: 'a name that several packages could stand for',
    options: { name: 'mail-transport-agent' },
    says: /choose one of .*postfix/,
  },
  {
    what: 'a version that is not',
    options: { name: 'sl=9.*' },
    says: /Version '9\.\*' for 'sl' was not found\nOf sl there is 5/,
  },
  {
    what: 'a version of a name that others provide too',
    options: { name: 'exim4=9.*' },
    says: /Version '9\.\*' for 'exim4' was not found\nOf exim4 there is 4/,
  },
  {
    what: 'a version that no source has, pinned',
    before: 'printf "Package: s?\nPin: version 9.*\nPin-Priority: 999\n" >/etc/apt/preferences.d/sl',
    options: { name: 'sl' },
    says: /sl is pinned to version 9\.\* by \/etc\/apt\/preferences\.d\/sl, which no source offers: there is 5/,
  },
  {
    what: 'a package on hold',
    before: 'apt-mark hold tree',
    options: { name: 'tree', state: 'absent' },
    says: /allowChangeHeldPackages: true/,
  },
  {
    what: 'an older version',
    before: 'apt-mark unhold tree; sed -i "/^Package: tree$/,/^$/s/^Version: .*/Version: 9.0/" /var/lib/dpkg/status',
    options: { name: 'tree=2.1.0-1' },
    says: /allowDowngrade: true/,
  },
];

test.each(refusals)(
  'refused, in check mode too: $what',
  async ({ before, options, says }) => {
    if (before !== undefined) await sh(before);
    for (const check of [true, false])
      expect(failure(await runPlay(play(options), { ...there, check }))?.what).toMatch(says);
  },
  patience,
);

test('a downgrade that is allowed', async () => {
  expect(changes(await runPlay(play({ name: 'tree=2.1.0-1', allowDowngrade: true }), there))).toEqual([
    ['package tree: 9.0 -> 2.1.0-1'],
  ]);
});

test(
  'it waits while another apt is at work, and says who it is when that takes too long',
  async () => {
    // A lock as apt takes it: fcntl(2), which flock(1) cannot do.
    const holder =
      'perl -e \'use Fcntl; open F, ">>", "/var/lib/dpkg/lock-frontend"; $l = pack("s s x![q] q q i", F_WRLCK, 0, 0, 0, 0); fcntl F, F_SETLK, $l or die; open O, ">", "/tmp/held"; sleep shift\'';
    const held = 'until [ -e /tmp/held ]; do sleep 0.05; done; rm /tmp/held';
    await sh(`${holder} 60 >/dev/null 2>&1 & echo $! >/tmp/holder; ${held}`);
    const late = failure(await runPlay(play({ name: 'tree', state: 'absent', lockTimeout: 1 }), there));
    expect(late?.stderr).toMatch(/lock-frontend is held by process \d+ \(perl /);
    expect(late?.stderr).toContain('after 1 s');
    await sh('kill "$(cat /tmp/holder)"');
    await sh(`${holder} 3 >/dev/null 2>&1 & ${held}`);
    expect((await runPlay(play({ name: 'tree', state: 'absent' }), there)).told).toEqual(['changed apt tree']);
  },
  patience,
);

test(
  'later tasks see what earlier ones will have installed and removed',
  async () => {
    const spec: PlaySpec = {
      hosts: 'all',
      become: true,
      tasks: () => [
        apt({ name: 'nginx-common' }),
        // Brings only itself: its dependency is there by then.
        apt({ name: 'nginx' }),
        file({ path: '/etc/nginx/conf.d/mine.conf', state: 'touch' }),
        systemd({ name: 'nginx', state: 'stopped' }),
        apt({ name: 'nginx', state: 'absent', purge: true, autoremove: true }),
        copy({ dest: '/etc/logrotate.d/nginx', content: '# none\n' }),
      ],
    };
    const foretold = await runPlay(spec, { ...there, check: true });
    const real = await runPlay(spec, there);
    expect(failure(real)).toBeUndefined();
    expect(changes(real)).toEqual(changes(foretold));
    expect(changes(real)[1]).toEqual([expect.stringMatching(/^package nginx: absent/)]);
  },
  patience,
);

test.each([
  [
    'a pin that is only planned',
    'sl',
    /sl is pinned to version 9\.\* by \/etc\/apt\/preferences\.d\/own\.pref, which no source offers/,
  ],
  [
    'a package no source has: a pin is no source, and a command that has nothing to do with apt adds none',
    'no-such-package',
    /Unable to locate package no-such-package/,
  ],
])(
  'fails in check mode as in the run: %s',
  async (_, name, says) => {
    await sh('rm -f /etc/apt/preferences.d/*; rm -f /root/made');
    const spec: PlaySpec = {
      hosts: 'all',
      become: true,
      tasks: () => [
        aptPin({ name: 'own', package: 'sl', pin: 'version 9.*', priority: 999 }),
        command({ cmd: 'touch /root/made', creates: '/root/made' }),
        apt({ name }),
      ],
    };
    for (const check of [true, false]) {
      const run = await runPlay(spec, { ...there, check });
      expect(run.told.map((line) => line.split(' ')[0])).toEqual(['changed', 'changed', 'failed']);
      expect(failure(run)?.what).toMatch(says);
      await sh(check ? 'true' : 'rm -f /etc/apt/preferences.d/own.pref /root/made');
    }
  },
  patience,
);

/** What dpkg was told of a package, and what apt does with it, one after the other. */
const sequences: readonly {
  readonly what: string;
  readonly before: string;
  readonly tasks: () => readonly Task[];
  readonly told: readonly string[];
}[] = [
  {
    what: 'held, then to be removed',
    before: 'apt-get -qy install sl',
    tasks: () => [dpkgSelections({ name: 'sl', selection: 'hold' }), apt({ name: 'sl', state: 'absent' })],
    told: ['changed', 'failed'],
  },
  {
    what: 'held no longer, then removed, then not to be held',
    before: 'apt-get -qy install sl; apt-mark hold sl',
    tasks: () => [
      dpkgSelections({ name: 'sl', selection: 'install' }),
      apt({ name: 'sl', state: 'absent' }),
      dpkgSelections({ name: 'sl', selection: 'deinstall' }),
      apt({ name: 'sl', state: 'absent', purge: true }),
    ],
    told: ['changed', 'changed', 'ok', 'ok'],
  },
  {
    what: 'removed with its configuration left, installed again and held',
    before: 'apt-mark unhold sl; apt-get -qy install cron',
    tasks: () => [
      apt({ name: 'cron', state: 'absent' }),
      dpkgSelections({ name: 'cron', selection: 'deinstall' }),
      apt({ name: 'cron', state: 'absent', purge: true }),
      apt({ name: 'cron' }),
      dpkgSelections({ name: 'cron', selection: 'hold' }),
    ],
    told: ['changed', 'ok', 'changed', 'changed', 'changed'],
  },
];

test.each(sequences)(
  'in sequence, in check mode as in the run: $what',
  async ({ before, tasks, told }) => {
    await sh(`export DEBIAN_FRONTEND=noninteractive; { ${before}; } >/dev/null 2>&1`);
    for (const check of [true, false]) {
      const run = await runPlay({ hosts: 'all', become: true, tasks }, { ...there, check });
      expect(
        run.told.map((line) => line.split(' ')[0]),
        check ? 'check mode' : 'the run',
      ).toEqual(told);
    }
  },
  patience,
);
