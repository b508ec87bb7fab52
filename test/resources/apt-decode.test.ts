import { describe, expect, test } from 'vitest';
import { parseListing } from '../../src/resources/packages/apt-contents.probe.ts';
import { parseActions } from '../../src/resources/packages/apt-simulate.probe.ts';
import { aptSimulation } from '../../src/resources/packages/apt-simulate.probe.ts';
import { isSettled, matchesVersion, packagePattern, parsePackage } from '../../src/resources/packages/apt/packages.ts';

describe('what apt-get says it would do', () => {
  const cases: readonly [line: string, action: object][] = [
    ['Inst tree (2.1.0-1 Debian:12.15/oldstable [amd64])', { name: 'tree', from: null, to: '2.1.0-1', arch: 'amd64' }],
    [
      'Inst libc6:i386 [2.36-9] (2.36-10 Debian:12/stable, Debian-Security:12/stable [i386]) []',
      { name: 'libc6:i386', from: '2.36-9', to: '2.36-10', arch: 'i386' },
    ],
    [
      'Inst foo [1.0] (1.1 x [all]) [bar:amd64 on foo:amd64] [bar:amd64 ]',
      { name: 'foo', from: '1.0', to: '1.1', arch: 'all' },
    ],
    ['Conf hello (2.10-3 Debian:12/stable [amd64])', { name: 'hello', from: 'unpacked', to: '2.10-3' }],
    ['Remv cron [3.0pl1-162]', { name: 'cron', from: '3.0pl1-162', to: null, purge: false }],
    ['Purg cron [3.0pl1-162]', { name: 'cron', to: null, purge: true }],
    ['Purg cron', { name: 'cron', from: 'removed', to: null, purge: true }],
  ];
  test.each(cases)('%s', (line, action) =>
    expect(parseActions(['Reading package lists...', line])).toEqual([expect.objectContaining(action)]),
  );

  test('a package is unpacked, then configured: one action', () => {
    expect(parseActions(['Inst a (1 x [all])', 'Conf a (1 x [all])'])).toHaveLength(1);
    expect(parseActions(['Remv a [1]', 'Purg a [1]'])).toEqual([expect.objectContaining({ purge: true })]);
  });

  test('a refusal keeps what does not fit together', () => {
    const said =
      '@@sim 100\nThe following packages have unmet dependencies:\n a : Depends: b (>= 2) but 1 is to be installed\nE: Unable to correct problems, you have held broken packages.\n@@end\n';
    const { kind, args } = aptSimulation({
      command: ['install', 'a'],
      refresh: false,
      planned: [],
      preferences: [],
      sources: [],
    });
    const [answer] = kind.decode(Buffer.from(said), [args], '');
    expect(answer).toMatchObject({
      problem:
        'a : Depends: b (>= 2) but 1 is to be installed\nUnable to correct problems, you have held broken packages.',
      actions: [],
    });
  });

  test('answers come by position, and none is an error', () => {
    const { kind, args } = aptSimulation({
      command: ['install', 'a'],
      refresh: false,
      planned: [],
      preferences: [],
      sources: [],
    });
    const answers = kind.decode(Buffer.from('@@sim 0\nInst a (1 x [all])\n@@end\n'), [args, args], 'mktemp: no space');
    expect(answers).toEqual([expect.objectContaining({ problem: null }), { message: 'mktemp: no space' }]);
  });
});

describe('what a package lists', () => {
  const cases: readonly [line: string, path: object][] = [
    [
      'drwxr-xr-x root/root         0 2023-01-01 00:00 ./etc/nginx/',
      { path: '/etc/nginx', type: 'directory', mode: '0755' },
    ],
    [
      '-rwsr-xr-x root/shadow   31200 2023-01-01 00:00 ./usr/bin/chage',
      { path: '/usr/bin/chage', type: 'file', mode: '4755', group: 'shadow', size: 31200 },
    ],
    ['drwxrws--T root/mail         0 2023-01-01 00:00 ./var/mail/', { mode: '3770', group: 'mail' }],
    [
      'lrwxrwxrwx root/root         0 2023-01-01 00:00 ./usr/bin/a b -> ../c',
      { path: '/usr/bin/a b', type: 'link', target: '../c' },
    ],
    [
      'hrw-r--r-- root/root         0 2023-01-01 00:00 ./usr/x link to ./usr/y',
      { path: '/usr/x', type: 'file', target: '' },
    ],
  ];
  test.each(cases)('%s', (line, path) => expect(parseListing(line)).toEqual([expect.objectContaining(path)]));
  test('nothing else', () => expect(parseListing('tar: something')).toEqual([]));
});

describe('packages as a playbook names them', () => {
  test.each([
    ['nginx', true],
    ['libc6:i386', true],
    ['g++', true],
    ['a=1:2.3-4+deb12u1~x', true],
    ['a=23.9.*', true],
    ['-y', false],
    ['a b', false],
    ['a;b', false],
    ['Nginx', false],
    ['lib*', false],
    ['a=', false],
    ['', false],
  ])('%s: %s', (text, is) => expect(packagePattern.test(text)).toBe(is));

  test.each([
    ['23.9.*', '23.9.1.2', true],
    ['23.9.*', '23.10.1', false],
    ['1.2', '1.2', true],
    ['1.2', '1.20', false],
    ['1.?', '1.2', true],
    ['1+2*', '1+2.3', true],
    [undefined, '9', true],
  ])('version %s of %s: %s', (wanted, version, is) => expect(matchesVersion(wanted, version)).toBe(is));

  const package_ = (over: object) => ({
    installed: true,
    configFiles: false,
    version: '1.0',
    held: false,
    broken: false,
    ...over,
  });
  const plain = { purge: false, onlyUpgrade: false };
  test.each([
    ['a', 'present', {}, plain, true],
    ['a=1.*', 'present', {}, plain, true],
    ['a=2', 'present', {}, plain, false],
    ['a', 'present', { installed: false, broken: true }, plain, false],
    ['a', 'present', { installed: false }, { purge: false, onlyUpgrade: true }, true],
    ['a', 'latest', {}, plain, false],
    ['a=1.0', 'latest', {}, plain, true],
    ['a', 'absent', {}, plain, false],
    ['a', 'absent', { installed: false, configFiles: true }, plain, true],
    ['a', 'absent', { installed: false, configFiles: true }, { purge: true, onlyUpgrade: false }, false],
  ] as const)('%s %s, found %o, %o: settled %s', (text, state, over, options, is) =>
    expect(isSettled(parsePackage(text), state, package_(over), options)).toBe(is),
  );
});
