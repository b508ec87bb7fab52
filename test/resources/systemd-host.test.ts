import { expect, test } from 'vitest';
import { handler, type PlaySpec } from '../../src/playbook/index.ts';
import { copy, file, systemd, systemdUnit } from '../../src/resources/index.ts';
import { runPlay, type PlayRun, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('systemd1');
const there: RunPlayOptions = { inventory: 'systemd1,', target: (name) => hosts.target(name, 'root') };
type Options = Parameters<typeof systemd>[0];
type Tasks = ReturnType<NonNullable<PlaySpec['tasks']>>;
const play = (tasks: () => Tasks): PlaySpec => ({ hosts: 'all', become: true, tasks });
const sh = async (script: string): Promise<string> =>
  (await hosts.exec('systemd1', ['sh', '-c', script])).stdout.trim();
const changes = (run: PlayRun) =>
  run.tasks.map((one) => one.changes.map(({ what, from, to }) => `${what}: ${from ?? ''} -> ${to ?? ''}`));
const failure = (run: PlayRun) => run.tasks.find((one) => one.error)?.error;
/** Writes a unit behind play's back, as a package does. */
const unit = (name: string, service: string, install = 'WantedBy=multi-user.target') =>
  sh(
    `printf '%s\n' '[Service]' ${service
      .split('\n')
      .map((line) => `'${line}'`)
      .join(' ')} '[Install]' ${install
      .split('\n')
      .map((line) => `'${line}'`)
      .join(' ')} >/etc/systemd/system/${name}; systemctl daemon-reload`,
  );
/** As update-rc.d(8) and systemd-sysv-generator(8) know it. */
const sysv = `printf '#!/bin/sh\\n### BEGIN INIT INFO\\n# Provides: script\\n# Required-Start: $remote_fs\\n# Required-Stop: $remote_fs\\n# Default-Start: 2 3 4 5\\n# Default-Stop: 0 1 6\\n### END INIT INFO\\nexit 0\\n' >/etc/init.d/script; chmod +x /etc/init.d/script`;
const sleeper = 'ExecStart=/bin/sleep infinity\nExecReload=/bin/true';

const cases: readonly {
  readonly what: string;
  readonly before?: () => Promise<string>;
  readonly options: Options;
  readonly changes: readonly string[];
  readonly is?: string;
  readonly again?: readonly string[];
  readonly shows?: readonly [command: string, output: string];
  readonly fails?: RegExp;
}[] = [
  {
    what: 'start and enable',
    before: () => unit('one.service', sleeper),
    options: { name: 'one', state: 'started', enabled: true },
    changes: ['enabled: no -> yes', 'state: inactive -> started'],
    is: 'active enabled',
  },
  {
    what: 'restart is due each time',
    options: { name: 'one', state: 'restarted' },
    changes: ['state: active -> restarted'],
    again: ['state: active -> restarted'],
    is: 'active enabled',
  },
  {
    what: 'reload is due each time',
    options: { name: 'one.service', state: 'reloaded' },
    changes: ['state: active -> reloaded'],
    again: ['state: active -> reloaded'],
    is: 'active enabled',
  },
  {
    what: 'stop',
    options: { name: 'one', state: 'stopped' },
    changes: ['state: active -> stopped'],
    is: 'inactive enabled',
  },
  {
    what: 'a reload starts what is stopped',
    options: { name: 'one', state: 'reloaded' },
    changes: ['state: inactive -> reloaded'],
    again: ['state: active -> reloaded'],
    is: 'active enabled',
  },
  { what: 'disable', options: { name: 'one', enabled: false }, changes: ['enabled: yes -> no'], is: 'active disabled' },
  {
    what: 'mask',
    options: { name: 'cron', state: 'stopped', masked: true },
    changes: ['masked: no -> yes', 'state: active -> stopped'],
  },
  {
    what: 'unmask and start',
    options: { name: 'cron', state: 'started', masked: false, enabled: true },
    changes: ['masked: yes -> no', 'enabled: no -> yes', 'state: inactive -> started'],
  },
  {
    what: 'a unit that systemd cannot enable',
    options: { name: 'systemd-journald', enabled: true, state: 'started' },
    changes: [],
  },
  { what: 'another name of a unit', options: { name: 'sshd', state: 'started', enabled: true }, changes: [] },
  {
    what: 'a service that runs to its end',
    before: () => unit('job.service', 'Type=oneshot\nExecStart=/bin/touch /run/job'),
    options: { name: 'job', state: 'started' },
    changes: ['state: inactive -> started, in every run, as it runs to its end'],
    again: ['state: inactive -> started, in every run, as it runs to its end'],
  },
  {
    what: 'a timer',
    before: () =>
      sh(
        "printf '[Timer]\\nOnCalendar=yearly\\n[Install]\\nWantedBy=timers.target\\n' >/etc/systemd/system/job.timer; systemctl daemon-reload",
      ),
    options: { name: 'job.timer', state: 'started', enabled: true },
    changes: ['enabled: no -> yes', 'state: inactive -> started'],
  },
  {
    what: 'an instance of a template',
    before: () => unit('many@.service', sleeper),
    options: { name: 'many@a', state: 'started', enabled: true },
    changes: ['enabled: no -> yes', 'state: inactive -> started'],
  },
  {
    what: 'a unit that only names another in Also=',
    before: () =>
      sh(
        "printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nAlso=only.socket\\n' >/etc/systemd/system/only.service; printf '[Socket]\\nListenStream=/run/only.sock\\n[Install]\\nWantedBy=sockets.target\\n' >/etc/systemd/system/only.socket; systemctl daemon-reload",
      ),
    options: { name: 'only', enabled: true },
    changes: ['enabled: no -> yes'],
    shows: ['systemctl is-enabled only.socket', 'enabled'],
  },
  {
    what: 'and disabled again',
    options: { name: 'only', enabled: false },
    changes: ['enabled: yes -> no'],
    shows: ['systemctl is-enabled only.socket', 'disabled'],
  },
  {
    what: 'a SysV script',
    before: () => sh(sysv),
    options: { name: 'script', enabled: true, state: 'started' },
    changes: ['enabled: no -> yes', 'state: inactive -> started'],
    shows: ['ls -d /etc/rc5.d/S??script', '/etc/rc5.d/S01script'],
  },
  { what: 'a SysV script, disabled', options: { name: 'script', enabled: false }, changes: ['enabled: yes -> no'] },
  {
    what: 'a template with a DefaultInstance=',
    before: () =>
      unit('default@.service', sleeper, 'WantedBy=multi-user.target\nDefaultInstance=x').then(() =>
        sh('systemctl enable default@other'),
      ),
    options: { name: 'default@', enabled: true },
    changes: ['enabled: no -> yes'],
    shows: ['systemctl is-enabled default@x', 'enabled'],
  },
  { what: 'an instance of it', options: { name: 'default@y', enabled: true }, changes: ['enabled: no -> yes'] },
  {
    what: 'an instance that is enabled by nothing but another name',
    before: () => unit('named@.service', sleeper, 'Alias=alias@.service'),
    options: { name: 'named@x', enabled: true },
    changes: ['enabled: no -> yes'],
  },
  {
    what: 'a unit by another name of it',
    before: () => unit('real.service', sleeper, 'Alias=also-known.service').then(() => sh('systemctl enable real')),
    options: { name: 'also-known', enabled: true, state: 'started' },
    changes: ['state: inactive -> started'],
  },
  {
    what: 'a unit whose file lies elsewhere',
    before: () =>
      sh(
        "mkdir -p /opt/u; printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/opt/u/elsewhere.service; systemctl link /opt/u/elsewhere.service",
      ),
    options: { name: 'elsewhere', enabled: true },
    changes: ['enabled: no -> yes'],
  },
  {
    what: 'enabled until the next boot is not enabled',
    before: () => unit('soon.service', sleeper).then(() => sh('systemctl enable --runtime soon')),
    options: { name: 'soon', enabled: true },
    changes: ['enabled: no -> yes'],
    shows: ['systemctl is-enabled soon', 'enabled'],
  },
  {
    what: 'enabled until the next boot, and then no more',
    before: () => sh('systemctl disable soon; systemctl enable --runtime soon'),
    options: { name: 'soon', enabled: false },
    changes: ['enabled: yes -> no'],
  },
  {
    what: 'masked until the next boot is not masked',
    before: () => sh('systemctl mask --runtime getty@tty1'),
    options: { name: 'getty@tty1', masked: true },
    changes: ['masked: until the next boot -> yes'],
    shows: ['readlink /etc/systemd/system/getty@tty1.service', '/dev/null'],
  },
  { what: 'unmasked, both', options: { name: 'getty@tty1', masked: false }, changes: ['masked: yes -> no'] },
  {
    what: 'a unit that still runs though its file is gone',
    before: () =>
      unit('lost.service', sleeper).then(() => sh('systemctl enable --now lost; rm /etc/systemd/system/lost.service')),
    options: { name: 'lost', state: 'stopped', enabled: false },
    changes: ['enabled: yes -> no', 'state: active -> stopped'],
    fails: /no unit lost/,
  },
  { what: 'unit files that nobody changed', options: { daemonReload: true }, changes: [] },
  {
    what: 'unit files that were changed',
    before: () =>
      sh(
        'mkdir -p /etc/systemd/system/one.service.d; printf "[Service]\\nNice=1\\n" >/etc/systemd/system/one.service.d/nice.conf',
      ),
    options: { daemonReload: true },
    changes: ['unit files:  -> read again'],
  },
  {
    what: 'unit files of a unit that were changed',
    before: () => sh('printf "[Service]\\nNice=2\\n" >/etc/systemd/system/one.service.d/nice.conf'),
    options: { name: 'one', daemonReload: true },
    changes: ['unit files:  -> read again'],
  },
];

test.each(cases)('$what', async ({ before, options, changes: expected, is, again, shows, fails }) => {
  await before?.();
  const spec = play(() => [systemd(options)]);
  const foretold = await runPlay(spec, { ...there, check: true });
  const real = await runPlay(spec, there);
  expect(failure(real) ?? failure(foretold)).toBeUndefined();
  expect([changes(foretold), changes(real)]).toEqual([[expected], [expected]]);
  if (is !== undefined)
    expect(await sh('systemctl is-active one; systemctl is-enabled one')).toBe(is.replace(' ', '\n'));
  if (shows) expect(await sh(shows[0])).toBe(shows[1]);
  const second = await runPlay(spec, there);
  expect(changes(second)).toEqual([again ?? []]);
  expect(failure(second)?.what ?? '').toMatch(fails ?? /^$/);
});

test('a unit that was started often in the last seconds is restarted all the same', async () => {
  await unit('often.service', sleeper);
  // systemd allows five starts in ten seconds (systemd-system.conf(5), DefaultStartLimitBurst=).
  await sh('for i in 1 2 3 4 5 6; do systemctl restart often; done');
  const real = await runPlay(
    play(() => [systemd({ name: 'often', state: 'restarted' })]),
    there,
  );
  expect(failure(real)).toBeUndefined();
  expect(await sh('systemctl is-active often')).toBe('active');
});

const failures: readonly {
  readonly what: string;
  readonly before?: () => Promise<string>;
  readonly options: Options;
  readonly says: RegExp;
  readonly stderr?: RegExp;
  readonly inCheck?: true | RegExp;
}[] = [
  {
    what: 'a unit that is not',
    options: { name: 'nope', state: 'started' },
    says: /^there is no unit nope\.service on this host$/,
    inCheck: true,
  },
  {
    what: 'a masked unit',
    before: () => sh('systemctl mask masked.service'),
    options: { name: 'masked', state: 'started' },
    says: /is masked.*masked: false/,
    inCheck: true,
  },
  {
    what: 'a service that dies at once',
    before: () => unit('dies.service', 'ExecStart=/bin/sh -c "echo the port is taken >&2; sleep 0.2; exit 3"'),
    options: { name: 'dies', state: 'started' },
    says: /Could not start dies\.service/,
    stderr: /died at once \(exit-code\)[^]*the port is taken/,
  },
  {
    what: 'a service that keeps dying',
    before: () =>
      unit('loops.service', 'ExecStart=/bin/sh -c "echo no config >&2; exit 1"\nRestart=always\nRestartSec=0.2'),
    options: { name: 'loops', state: 'restarted' },
    says: /Could not restart loops\.service/,
    stderr: /died at once[^]*no config/,
    inCheck: /ends at once, with exit code 1/,
  },
  {
    what: 'a service that cannot be executed',
    before: () => unit('broken.service', 'ExecStart=/no/such/program'),
    options: { name: 'broken', state: 'started' },
    says: /Could not start broken\.service/,
    stderr: /no\/such\/program/,
    inCheck: /its program \/no\/such\/program does not exist/,
  },
  {
    what: 'a service whose condition does not hold',
    before: () =>
      sh(
        "printf '[Unit]\\nConditionPathExists=/no\\n[Service]\\nExecStart=/bin/sleep 9\\n' >/etc/systemd/system/cond.service; systemctl daemon-reload",
      ),
    options: { name: 'cond', state: 'started' },
    says: /Could not start/,
    stderr: /condition check/,
    inCheck: /ConditionPathExists=\/no does not hold/,
  },
  {
    what: 'a service that has no reload',
    before: () => unit('noreload.service', 'ExecStart=/bin/sleep infinity').then(() => sh('systemctl start noreload')),
    options: { name: 'noreload', state: 'reloaded' },
    says: /Could not reload/,
    stderr: /not applicable/,
    inCheck: /it has no reload/,
  },
  {
    what: 'a unit whose own file a mask would replace',
    before: () => unit('own.service', sleeper),
    options: { name: 'own', masked: true },
    says: /own\.service cannot be masked: a mask takes the place of \/etc\/systemd\/system\/own\.service/,
    inCheck: true,
  },
  {
    what: 'an instance whose template is masked',
    before: () => sh('ln -sf /dev/null /etc/systemd/system/veiled@.service; systemctl daemon-reload'),
    options: { name: 'veiled@x', masked: false, state: 'started' },
    says: /is masked by .*veiled@\.service.*unmask its template/,
    inCheck: true,
  },
  {
    what: 'a timer without its service',
    before: () =>
      sh("printf '[Timer]\\nOnCalendar=yearly\\n' >/etc/systemd/system/alone.timer; systemctl daemon-reload"),
    options: { name: 'alone.timer', state: 'started' },
    says: /Could not start alone\.timer/,
    inCheck: /it starts alone\.service, which does not exist/,
  },
  {
    what: 'a service whose user is missing',
    before: () => unit('nouser.service', 'User=nobody-here\nExecStart=/bin/sleep infinity'),
    options: { name: 'nouser', state: 'started' },
    says: /Could not start/,
    inCheck: /runs as the user nobody-here, who does not exist/,
  },
  {
    what: 'a service whose folder is missing',
    before: () => unit('nodir.service', 'WorkingDirectory=/no/dir\nExecStart=/bin/sleep infinity'),
    options: { name: 'nodir', state: 'started' },
    says: /Could not start/,
    inCheck: /WorkingDirectory=\/no\/dir does not exist/,
  },
  {
    what: 'a service whose variables are missing',
    before: () =>
      unit('noenv.service', 'EnvironmentFile=-/no/env\nEnvironmentFile=/no/other\nExecStart=/bin/sleep infinity'),
    options: { name: 'noenv', state: 'started' },
    says: /Could not start/,
    inCheck: /EnvironmentFile=\/no\/other does not exist/,
  },
  {
    what: 'a service with nothing to start',
    before: () => unit('empty.service', 'Nice=1'),
    options: { name: 'empty', state: 'started' },
    says: /Could not start/,
    inCheck: /systemd refuses its unit file/,
  },
  {
    what: 'a service that requires another',
    before: () =>
      sh(
        "printf '[Unit]\\nRequires=never.service\\n[Service]\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/needs.service; systemctl daemon-reload",
      ),
    options: { name: 'needs', state: 'started' },
    says: /Could not start/,
    inCheck: /it requires never\.service, which does not exist/,
  },
  {
    what: 'a script whose interpreter is missing',
    before: () =>
      unit('interp.service', 'ExecStart=/opt/interp').then(() =>
        sh("printf '#!/no/python\\n' >/opt/interp; chmod +x /opt/interp"),
      ),
    options: { name: 'interp', state: 'started' },
    says: /Could not start/,
    inCheck: /the interpreter \/no\/python of its program \/opt\/interp does not exist/,
  },
  {
    what: 'a program that nobody may execute',
    before: () =>
      unit('noexec.service', 'ExecStart=/opt/noexec').then(() =>
        sh("printf '#!/bin/sh\\nexec sleep 1000\\n' >/opt/noexec; chmod 0644 /opt/noexec"),
      ),
    options: { name: 'noexec', state: 'started' },
    says: /Could not start/,
    inCheck: /\/opt\/noexec is not executable/,
  },
  {
    what: 'a unit of the moment that shall start at boot',
    before: () => sh('systemd-run --unit=fleeting sleep 1000'),
    options: { name: 'fleeting', enabled: true },
    says: /is transient/,
    inCheck: true,
  },
];

test.each(failures)('fails: $what', async ({ before, options, says, stderr, inCheck }) => {
  await before?.();
  const spec = play(() => [systemd(options)]);
  const foretold = failure(await runPlay(spec, { ...there, check: true }));
  if (inCheck) expect(foretold?.what).toMatch(inCheck === true ? says : inCheck);
  else expect(foretold).toBeUndefined();
  const real = failure(await runPlay(spec, there));
  expect(real?.what).toMatch(says);
  if (stderr) expect(real?.stderr).toMatch(stderr);
});

test('the first drop-in of a unit that runs takes effect with the restart', async () => {
  await unit('two.service', sleeper);
  await sh('systemctl start two');
  const restart = handler('restart two', () => systemd({ name: 'two', state: 'restarted' }));
  const run = await runPlay(
    play(() => [
      systemdUnit({ name: 'two.service', dropIn: 'nice', sections: { Service: { Nice: 3 } } }, { notify: restart }),
    ]),
    there,
  );
  expect(failure(run)).toBeUndefined();
  expect(await sh('ps -o ni= -p "$(systemctl show two -p MainPID --value)"')).toBe('3');
});

test('a unit written by the play is there for later tasks, and its drop-ins take effect with the restart', async () => {
  const restart = handler('restart mine', () => systemd({ name: 'mine', state: 'restarted' }));
  const spec = (nice: number): PlaySpec =>
    play(() => [
      copy(
        {
          dest: '/etc/systemd/system/mine.service',
          content: `[Service]\n${sleeper}\n[Install]\nWantedBy=multi-user.target\n`,
        },
        { notify: restart },
      ),
      file({ path: '/etc/systemd/system/mine.service.d', state: 'directory' }),
      copy(
        { dest: '/etc/systemd/system/mine.service.d/nice.conf', content: `[Service]\nNice=${nice}\n` },
        { notify: restart },
      ),
      systemd({ name: 'mine', state: 'started', enabled: true, daemonReload: true }),
    ]);
  for (const nice of [3, 4]) {
    const foretold = await runPlay(spec(nice), { ...there, check: true });
    const real = await runPlay(spec(nice), there);
    expect(failure(foretold) ?? failure(real)).toBeUndefined();
    expect([real.told, changes(real)]).toEqual([foretold.told, changes(foretold)]);
    expect(await sh('systemctl show mine -p Nice --value; systemctl is-active mine; systemctl is-enabled mine')).toBe(
      `${nice}\nactive\nenabled`,
    );
  }
  expect((await runPlay(spec(4), there)).told.filter((line) => !line.startsWith('ok '))).toEqual([]);
});

/** Restarts these, one behind the other, as handlers of one change. */
const restarts = (...names: readonly string[]): PlaySpec => {
  const notify = names.map((name) => handler(`restart ${name}`, () => systemd({ name, state: 'restarted' })));
  return play(() => [copy({ dest: '/root/notifies', content: names.join() }, { name: 'notifies', notify })]);
};
const owed = async (): Promise<number> => Number(await sh('ls /var/lib/play/owed 2>/dev/null | wc -l'));

test('services that handlers start are watched side by side, and what does not last stays owed', async () => {
  await unit('early.service', sleeper);
  await unit('fades.service', 'ExecStart=/bin/sh -c "sleep 0.6; echo lost its way >&2; exit 3"');
  await unit('late.service', sleeper);
  const run = await runPlay(restarts('early', 'fades', 'late'), there);
  expect(run.told).toEqual([
    'changed notifies',
    'changed handler restart early',
    'failed handler restart fades',
    'changed handler restart late',
  ]);
  const failed = run.tasks.find((one) => one.error)?.error;
  expect(failed?.what).toBe('Could not restart fades.service');
  expect(failed?.stderr).toMatch(/died at once \(exit-code\)[^]*lost its way/);
  expect(run.recap.exit).toBe(2);
  expect(await owed()).toBe(1);
  await unit('fades.service', sleeper);
  const again = await runPlay(restarts('early', 'fades', 'late'), there);
  expect(again.told).toEqual(['ok notifies', 'changed handler restart fades']);
  expect(await owed()).toBe(0);
});

test('behind a service that dies at once no handler starts another', async () => {
  await unit('gone.service', 'ExecStart=/bin/sh -c "exit 3"');
  const began = await sh('systemctl show late -p ExecMainStartTimestampMonotonic --value');
  const run = await runPlay(restarts('early', 'gone', 'late'), there);
  expect(run.told).toEqual(['changed notifies', 'changed handler restart early', 'failed handler restart gone']);
  expect(await sh('systemctl show late -p ExecMainStartTimestampMonotonic --value')).toBe(began);
});
