import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkConfig } from '../../src/deployer/config-check.ts';
import { findConfig, readConfig } from '../../src/deployer/config.ts';
import { PlayError } from '../../src/errors/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A file as the runbooks show it, with a stage nobody uses. */
const theirs = `[environment]
## Location on the path where SVG badges are stored
badges_path = /var/www/package_badges
deb_packages = ooni-api fastpath
   analysis  detector
stages: test hel prod

## An unused stage
[stage:alpha]
hosts = localhost
[stage:test]
hosts = ams-pg-test.ooni.org
[stage:hel]
HOSTS = backend-hel.ooni.org
[stage:prod]
hosts = backend-fsn.ooni.org
        backend-two.ooni.org
`;

test('their file is read as it is', () => {
  const { config, mistakes } = checkConfig(theirs, 'deployer.ini');
  expect(mistakes).toEqual([]);
  expect(config).toMatchObject({
    badgesPath: '/var/www/package_badges',
    packages: ['ooni-api', 'fastpath', 'analysis', 'detector'],
    stages: [
      { name: 'test', hosts: ['ams-pg-test.ooni.org'] },
      { name: 'hel', hosts: ['backend-hel.ooni.org'] },
      { name: 'prod', hosts: ['backend-fsn.ooni.org', 'backend-two.ooni.org'] },
    ],
  });
  expect(config.placeOf('backend-two.ooni.org')).toEqual({ file: 'deployer.ini', line: 17, column: 9 });
});

const good =
  '[environment]\ndeb_packages = a1 b2\nstages = test prod\n[stage:test]\nhosts = h1\n[stage:prod]\nhosts = h2\n';

test.each([
  [
    'a misspelt section',
    good.replace('[environment]', '[enviroment]'),
    [
      ['There is no section [environment]', 1, /"enviroment"/],
      ['Unknown section [enviroment]', 1, /"environment"/],
    ],
  ],
  [
    'a misspelt stage',
    good.replace('stages = test prod', 'stages = test prd'),
    [['The stage "prd" has no section [stage:prd]', 3, /Did you mean "prod"/]],
  ],
  [
    'a misspelt setting',
    good.replace('hosts = h2', 'host = h2'),
    [
      ['[stage:prod] does not set hosts', 6, /hosts =/],
      ['Unknown setting "host"', 7, /"hosts"/],
    ],
  ],
  ['commas', good.replace('a1 b2', 'a1, b2'), [['"a1," is not a package name', 2, /spaces/]]],
  [
    'a comment behind a value',
    good.replace('h2', 'h2 # the big one'),
    [['A comment needs a line of its own', 7, /part of it/]],
  ],
  [
    'names twice',
    good.replace('a1 b2', 'a1 a1').replace('h2', 'h1'),
    [
      ['The package "a1" is named twice', 2, /line 2/],
      ['The host "h1" is in two stages', 7, /line 5/],
    ],
  ],
  [
    'a section twice',
    `${good}[stage:test]\nhosts = h3\n`,
    [['The section [stage:test] appears again here', 8, /line 4/]],
  ],
  ['a setting twice', good.replace('hosts = h2', 'hosts = h2\nhosts = h3'), [['"hosts" is set again', 8, /line 7/]]],
  [
    'what is nothing',
    `hosts = x\n${good}rubbish\n`,
    [
      ['"hosts" comes before the first section', 1, /\[environment\]/],
      ['This is not a section', 9, /name = value/],
    ],
  ],
  [
    'empty values',
    good.replace('a1 b2', '').replace('h1', ''),
    [
      ['deb_packages names no package', 2, undefined],
      ['hosts names no host', 5, undefined],
    ],
  ],
  [
    'a relative path',
    good.replace('deb_packages', 'badges_path = www/badges\ndeb_packages'),
    [['badges_path must be an absolute path', 2, undefined]],
  ],
  [
    'what ssh would take for an option',
    good.replace('h1', '-oProxyCommand=x'),
    [['"-oProxyCommand=x" is not a host name', 5, undefined]],
  ],
  ['a user', good.replace('h1', 'root@h1'), [['"root@h1" is not a host name', 5, /ansible_user/]]],
] as const)('%s: told with its line and what is meant', (_, text, expected) => {
  const { mistakes } = checkConfig(text, 'deployer.ini');
  const found = [...mistakes].sort((a, b) => (a.where.line ?? 0) - (b.where.line ?? 0));
  expect(found.map(({ what }) => what)).toHaveLength(expected.length);
  for (const [i, [what, line, hint]] of expected.entries()) {
    expect(found[i]?.what).toContain(what);
    expect(found[i]?.where.line).toBe(line);
    if (hint) expect(found[i]?.hint).toMatch(hint);
  }
});

const folder = temporaryFolder('deployer');

test('the nearest file upwards counts, under either name; none is an error', () => {
  mkdirSync(join(folder, 'a/b/c'), { recursive: true });
  expect(() => findConfig(join(folder, 'a/b/c'))).toThrow('There is no deployer.ini');
  writeFileSync(join(folder, 'deployer.ini'), good);
  expect(findConfig(join(folder, 'a/b/c'))).toBe(join(folder, 'deployer.ini'));
  writeFileSync(join(folder, 'a/b/.deployer.ini'), good);
  expect(findConfig(join(folder, 'a/b/c'))).toBe(join(folder, 'a/b/.deployer.ini'));
});

test('several mistakes are one error that tells them all, in the order of lines', () => {
  const file = join(folder, 'bad.ini');
  writeFileSync(file, good.replace('a1 b2', 'a1, b2').replace('hosts = h2', 'host = h2'));
  let thrown: unknown;
  try {
    readConfig(file);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(PlayError);
  expect(thrown).toMatchObject({ exitCode: 1, where: { file } });
  expect(String((thrown as PlayError).detail).match(/^line \d/gm)).toEqual(['line 2', 'line 6', 'line 7']);
});
