import { expect, test } from 'vitest';
import { decodeSurvey } from '../../src/resources/packages/apt-survey.probe.ts';
import { decodeOutdated, unitsOfPrograms } from '../../src/resources/packages/outdated.probe.ts';

const survey = (sources: string, policy: string, more = ''): string =>
  `@@update\n@@journal\n@@sim\n${more}@@held\nheld\n@@sources\n${sources}@@policy\n${policy}@@units\napp app.service\n`;
const source = (line: string, release: string): string =>
  ` 500 ${line} Packages\n     release ${release}\n     origin x\n`;
const app = (...lines: readonly string[]): string =>
  `app:\n  Installed: 1.0\n  Candidate: 2.0\n  Version table:\n${lines.join('\n')}\n *** 1.0 500\n        500 http://x stable/main amd64 Packages\n        100 /var/lib/dpkg/status\n     0.9 500\n        500 http://s security/main amd64 Packages\n`;

test.each([
  ['Debian', 'v=12,o=Debian,a=stable-security,n=bookworm-security,l=Debian-Security,c=main,b=amd64', true],
  ['Debian 10', 'v=10,o=Debian,a=oldstable,n=buster,l=Debian-Security,c=main,b=amd64', true],
  ['Ubuntu', 'v=22.04,o=Ubuntu,a=jammy-security,n=jammy,l=Ubuntu,c=main,b=amd64', true],
  ['an origin that is called so', 'v=1,o=Acme-security-tools,a=stable,n=stable,l=Acme,c=main,b=amd64', false],
])('which archives are security archives: %s', (_, release, isSecurity) => {
  const line = 'http://s security/main amd64';
  const [one] = decodeSurvey(
    survey(source(line, release), app('     2.0 500', `        500 ${line} Packages`)),
  ).packages;
  expect(one?.versions).toEqual([{ version: '2.0', isSecurity, phased: null }]);
});

test('versions that are newer alone, what is forbidden left out, phases as numbers', () => {
  const { packages } = decodeSurvey(
    survey(
      '',
      app('     4.0 -1', '        500 http://x Packages', '     3.0 500 (phased 10%)', '     2.0 500 (phased 100%)'),
    ),
  );
  expect(packages).toEqual([
    {
      name: 'app',
      installed: '1.0',
      versions: [
        { version: '3.0', isSecurity: false, phased: 10 },
        { version: '2.0', isSecurity: false, phased: null },
      ],
      isHeld: false,
      keptBack: null,
      units: ['app.service'],
    },
  ]);
});

test('phased updates as newer apts list them', () => {
  const sim =
    'The following upgrades have been deferred due to phasing:\n  app other\nThe following packages will be upgraded:\n  x\n';
  const [one] = decodeSurvey(survey('', app('     2.0 500 (phased 10%)'), sim)).packages;
  expect(one?.keptBack).toBe('apt keeps it back');
});

test('what runs old code, as the host tells it', () => {
  expect(
    decodeOutdated(
      'unit\tapp.service\tnow\tsimple active takes\t/usr/bin/app\nunit\tsession-1.scope\tlater\t\t/usr/bin/sh\nflag\nkernel\t6.1.0-18-amd64\t6.1.0-20-amd64\nasks\tlibc6\ndone\n',
    ),
  ).toEqual({
    units: [
      {
        unit: 'app.service',
        files: ['/usr/bin/app'],
        is: 'now',
        service: { type: 'simple', isActive: true, refusesRestart: false },
      },
      { unit: 'session-1.scope', files: ['/usr/bin/sh'], is: 'later', service: undefined },
    ],
    flag: [],
    kernel: { running: '6.1.0-18-amd64', newest: '6.1.0-20-amd64' },
    willAsk: ['libc6'],
  });
});

test('units that an upgrade may restart: what runs its programs, or what its scripts name', () => {
  const units = decodeOutdated(
    [
      'unit\tpostgresql@15-main.service\tlater\tforking active takes\t/usr/lib/postgresql/15/bin/postgres\t/usr/lib/libpq.so',
      'unit\tnginx.service\trestarted\tforking active takes\t/usr/sbin/nginx',
      'unit\tapp.service\tlater\tsimple active takes\t/usr/bin/python3.11\t/usr/lib/libssl.so.3',
      'unit\tother.service\tlater\tsimple active takes\t/usr/lib/libssl.so.3',
      'unit\told.service\tnow\tsimple active takes\t/usr/bin/old',
      'done',
    ].join('\n'),
  );
  expect(unitsOfPrograms(units)).toEqual(['postgresql@15-main.service', 'nginx.service']);
});
