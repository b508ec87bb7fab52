import { describe, expect, test } from 'vitest';
import type { PlaySpec } from '../../src/playbook/index.ts';
import { apt, systemd } from '../../src/resources/index.ts';
import { unitsOf } from '../../src/resources/packages/apt/future-units.ts';
import { runPlay, type PlayRun, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';

describe('a unit that no script of its new package names', () => {
  const own = '/lib/systemd/system/worker.service';
  const assumedOf = (others: Readonly<Record<string, string>>): string | undefined => {
    const files = Object.entries({ [own]: '[Service]\nExecStart=/bin/true\n', ...others });
    const one = {
      name: 'app',
      paths: files.map(([path]) => ({ path, type: 'file' })),
      files: new Map(files.map(([path, text]) => [path, Buffer.from(text)])),
      preinst: '',
      postinst: '',
    };
    const simulation = { startsNothing: false, held: new Map(), early: new Set() };
    const found = { peek: () => ({ answer: { masked: false, type: 'file' } }), plannedBelow: () => [] };
    const told = unitsOf([one as never], new Map(), new Map(), simulation as never, found as never);
    return told.find(({ question }) => question.args[0] === 'worker.service')?.assumed;
  };

  test.each([
    ['nor anything else of it', {}, undefined],
    ['beside one that has nothing to do with it', { '/lib/systemd/system/app.service': '[Service]\n' }, undefined],
    ['which a unit of it wants', { '/lib/systemd/system/app.service': '[Unit]\nWants=worker.service\n' }, /leaves it/],
    ['which has a timer', { '/lib/systemd/system/worker.timer': '[Timer]\nOnBootSec=1\n' }, /leaves it/],
    ['which a generator may have started, as with tor', { '/lib/systemd/system-generators/app': '' }, /leaves it/],
    ['which a link wants', { '/lib/systemd/system/app.target.wants/worker.service': '' }, /leaves it/],
  ])('%s', (_, others, assumed) => {
    if (assumed === undefined) expect(assumedOf(others)).toBeUndefined();
    else expect(assumedOf(others)).toMatch(assumed);
  });
});

const hosts = useHosts('apt3');
const there: RunPlayOptions = { inventory: 'apt3,', target: (name) => hosts.target(name, 'root') };
const sh = (script: string) => hosts.exec('apt3', ['sh', '-c', script]);
const story = (run: PlayRun) =>
  run.tasks.map(({ task, status, changes, error }) => ({
    task,
    status,
    changes: changes.map(({ what, from, to }) => ({ what, from, to })),
    error: error?.what,
  }));

/** What the host has to say about a new service: check mode knows, and nothing of it is a guess. */
const cases: readonly { what: string; before: string; told: readonly string[]; masks?: boolean }[] = [
  { what: 'nothing', before: 'true', told: ['changed', 'ok'] },
  {
    what: 'a policy against starting',
    before: "printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d",
    told: ['changed', 'changed'],
  },
  {
    what: 'a policy in favour',
    before: "printf '#!/bin/sh\\nexit 104\\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d",
    told: ['changed', 'ok'],
  },
  {
    what: 'a preset against it',
    before:
      "mkdir -p /etc/systemd/system-preset; printf 'enable foo*\\ndisable cr*.service\\n' >/etc/systemd/system-preset/10-no.preset",
    told: ['changed', 'changed'],
  },
  {
    what: 'a preset that is overruled',
    before:
      "mkdir -p /etc/systemd/system-preset; echo 'enable cron.service' >/etc/systemd/system-preset/05-yes.preset; echo 'disable *' >/etc/systemd/system-preset/99-no.preset",
    told: ['changed', 'ok'],
  },
  { what: 'a mask', before: 'systemctl mask cron', told: ['changed', 'failed'] },
  { what: 'a mask by the play', before: 'true', masks: true, told: ['ok', 'changed', 'failed'] },
];

test.each(cases)('a new service, and $what on the host', async ({ before, told, masks }) => {
  const clean =
    'export DEBIAN_FRONTEND=noninteractive; systemctl unmask cron; apt-get -qy purge cron; rm -rf /usr/sbin/policy-rc.d /etc/systemd/system-preset';
  await sh(`(${clean}) >/dev/null 2>&1; ${before}`);
  const spec: PlaySpec = {
    hosts: 'all',
    become: true,
    tasks: () => [
      ...(masks ? [systemd({ name: 'cron', masked: true })] : []),
      apt({ name: 'cron' }),
      systemd({ name: 'cron', state: 'started', enabled: true }),
    ],
  };
  const foretold = await runPlay(spec, { ...there, check: true });
  expect(foretold.tasks.map(({ assumed }) => assumed)).toEqual(foretold.tasks.map(() => []));
  const real = await runPlay(spec, there);
  expect(story(real)).toEqual(story(foretold));
  expect(real.tasks.map(({ status }) => status)).toEqual(masks ? ['changed', ...told.slice(1)] : told);
});

test('a start that people wrote into a script, against a preset: it is a guess, and said to be one', async () => {
  await sh(
    "mkdir -p /etc/systemd/system-preset; echo 'disable nginx.service' >/etc/systemd/system-preset/10-no.preset",
  );
  const spec: PlaySpec = {
    hosts: 'all',
    become: true,
    tasks: () => [apt({ name: 'nginx' }), systemd({ name: 'nginx', state: 'started' })],
  };
  const foretold = await runPlay(spec, { ...there, check: true });
  expect(foretold.tasks.map(({ assumed }) => assumed)).toEqual([
    [],
    [expect.stringContaining('installation scripts of nginx-common')],
  ]);
});
