import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { aptHost } from './apt-host.probe.ts';
import type { AptSimulation } from './apt-simulate.probe.ts';
import { packageState, type Package } from './package.probe.ts';
import { packages } from './packages.ts';

const none: Package = { installed: false, configFiles: false, version: '', held: false, broken: false };
const nothing: AptSimulation = {
  problem: null,
  actions: [],
  providers: new Map(),
  offered: new Map(),
  preferences: '',
  notUpdated: null,
  unfetched: null,
  deleted: [],
  contents: [],
  contentsProblem: null,
  removed: [],
  startsNothing: false,
  held: new Map(),
  early: new Set(),
};

const debian = (version: string, to: string | null = version): HostDescription => {
  const simulate = ([, , planned]: readonly string[]): AptSimulation => ({
    ...nothing,
    actions:
      planned === ''
        ? [{ name: 'git', arch: to === null ? '' : 'amd64', from: version === '' ? null : version, to, purge: false }]
        : [],
  });
  return {
    paths: { '/usr/bin/apt-get': { type: 'file', mode: '0755', content: '\u007FELF' } },
    answers: [
      predict(aptHost, { listsAge: 3600, refreshed: false, planned: [] }),
      predict(packageState('git'), version === '' ? none : { ...none, installed: true, version }),
    ],
    answersOfKind: { 'apt-simulate': simulate, 'apt-simulate-now': simulate, 'apt-contents': simulate },
  };
};

const { answers = [] } = debian('');
const bare: HostDescription = { answers };

export const cases = planCases(packages, {
  'installed by apt': {
    options: { name: 'git' },
    host: debian('', '2.39.5'),
    changes: ['package git absent -> 2.39.5'],
    steps: ['install git'],
    args: [['300', '', 'confdef,confold', '', '', 'install', 'git']],
    result: { manager: 'apt', packages: [{ name: 'git', from: null, to: '2.39.5' }] },
  },
  'right already': { options: { name: ['git'] }, host: debian('2.39.5'), result: { manager: 'apt', packages: [] } },
  'removed': {
    options: { name: 'git', state: 'absent', use: 'apt' },
    host: debian('2.39.5', null),
    changes: ['package git 2.39.5 -> absent'],
    steps: ['remove git'],
  },
  'no name that apt knows': {
    options: { name: '@development' },
    host: debian(''),
    fails: '@development is not a Debian package name',
  },
  'two things of one package': {
    options: { name: ['git', 'git=2.*'] },
    host: debian(''),
    fails: '`name` wants two things of one package: git and git=2.*',
  },
  'a host with no package manager that is known': {
    options: { name: 'git' },
    host: bare,
    fails: 'this host has none of the package managers that play knows: apt, dnf',
    hint: 'Looked for: /usr/bin/apt-get, /usr/bin/dnf',
  },
  'one that a command may bring': {
    options: { name: 'git' },
    host: bare,
    behind: { command: true },
    may: 'this host has none of the package managers that play knows: apt, dnf yet ("a command" runs before)',
  },
  'an option in place of a name': {
    options: { name: '--purge' },
    fails: 'packages: option "name" is "--purge" (a string), but must be the name of a package, such as \'git\'',
  },
});
