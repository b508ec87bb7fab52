import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { aptHost } from './apt-host.probe.ts';
import type { AptAction, AptSimulation } from './apt-simulate.probe.ts';
import type { AptSurvey, Upgradable } from './apt-survey.probe.ts';
import { aptUpgrade } from './apt-upgrade.ts';
import type { Outdated } from './outdated.probe.ts';
import { packageState } from './package.probe.ts';

const simulation: AptSimulation = {
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
const one = (name: string, versions: Upgradable['versions'], more: Partial<Upgradable> = {}): Upgradable => ({
  name,
  installed: '1.0',
  versions,
  isHeld: false,
  keptBack: null,
  units: [],
  ...more,
});
const version = (text: string, isSecurity = false, phased: number | null = null) => ({
  version: text,
  isSecurity,
  phased,
});

const openssl = one('openssl', [version('1.2'), version('1.1', true)]);
const app = one('app', [version('2.0')], { units: ['app.service'] });

const calm: Outdated = { units: [], flag: null, kernel: null, willAsk: [] };

/**
 * A host with an apt that upgrades whatever no preference keeps as it is, in the way preferences say.
 */
function host(packages: readonly Upgradable[], survey: Partial<AptSurvey> = {}): HostDescription {
  const upgrade = ([command = '', , planned, preferences = '']: readonly string[]): AptSimulation => {
    if (planned !== '') return simulation;
    const [, text = ''] = preferences.split(' ');
    const pins = new Map(
      [
        ...Buffer.from(text, 'base64')
          .toString('utf8')
          .matchAll(/^Package: (\S+)\nPin: version (\S+)\nPin-Priority: 32000$/gm),
      ].map(([, name = '', to = '']) => [name, to]),
    );
    const actions = packages.flatMap(({ name, installed, versions, keptBack }): AptAction[] => {
      const to = pins.get(name) ?? versions[0]?.version ?? installed;
      return to === installed || keptBack !== null ? [] : [{ name, arch: 'amd64', from: installed, to, purge: false }];
    });
    return command.startsWith('upgrade') ? { ...simulation, actions } : simulation;
  };
  const all: AptSurvey = { unfetched: null, isInterrupted: false, isBroken: false, packages, ...survey };
  return {
    answers: [
      predict(aptHost, { listsAge: 3600, refreshed: false, planned: [] }),
      predict(packageState('openssl'), {
        installed: true,
        configFiles: false,
        version: '1.0',
        held: false,
        broken: false,
      }),
      predict(packageState('opnessl'), {
        installed: false,
        configFiles: false,
        version: '',
        held: false,
        broken: false,
      }),
    ],
    answersOfKind: { 'apt-survey': () => all, 'apt-simulate': upgrade, 'outdated-code': () => calm },
  };
}
const pin = (name: string, to: string): string => `Package: ${name}\nPin: version ${to}\nPin-Priority: 32000\n`;
const args = (preferences: string, ...command: readonly string[]): readonly string[] => [
  '300',
  '1',
  'confdef,confold',
  preferences,
  '',
  ...(command.length > 0 ? command : ['upgrade', '--with-new-pkgs']),
];

export const cases = planCases(aptUpgrade, {
  'all there is': {
    options: {},
    host: host([openssl, app]),
    changes: ['package app 1.0 -> 2.0', 'package openssl 1.0 -> 1.2'],
    args: [args('')],
  },
  'security fixes alone, and of those the version of the security archive': {
    options: { security: true },
    host: host([openssl, app]),
    changes: ['package openssl 1.0 -> 1.1'],
    args: [args(`${pin('openssl', '1.1')}\n${pin('app', '1.0')}`)],
    result: {
      packages: [{ name: 'openssl', from: '1.0', to: '1.1', isSecurity: true }],
      keptBack: [],
      phased: [],
      held: [],
      notInstalled: [],
    },
  },
  'some, by name and pattern': {
    options: { only: ['open*', 'openssl', 'opnessl'], exclude: ['app'] },
    host: host([openssl, app]),
    changes: ['package openssl 1.0 -> 1.2'],
    args: [args(pin('app', '1.0'))],
    result: {
      packages: [{ name: 'openssl', from: '1.0', to: '1.2', isSecurity: false }],
      keptBack: [],
      phased: [],
      held: [],
      notInstalled: ['opnessl'],
    },
  },
  'only told': {
    options: { apply: false },
    host: host([app]),
    result: {
      packages: [{ name: 'app', from: '1.0', to: '2.0', isSecurity: false }],
      keptBack: [],
      phased: [],
      held: [],
      notInstalled: [],
    },
  },
  'what is left, and why': {
    options: {},
    host: host([
      one('held', [version('2')], { isHeld: true, keptBack: 'apt keeps it back' }),
      one('phased', [version('2', false, 10)], { keptBack: 'apt keeps it back' }),
      one('back', [version('2')], { keptBack: 'it would remove rival' }),
    ]),
    message:
      'kept back: back 1.0 -> 2: it would remove rival\nphased: phased 1.0 -> 2: 10 of 100 hosts get it by now\non hold: held 1.0 -> 2',
  },
  'lists that cannot be fetched': {
    options: {},
    host: host([], { unfetched: 'Err:1 http://gone.example.org stable Release' }),
    fails: 'the lists of packages cannot be fetched: Err:1 http://gone.example.org stable Release',
    hint: "What is offered is not known. Fix the source, or remove it from the host's sources.",
  },
  'a dpkg that was ended half way': {
    options: {},
    host: host([], { isInterrupted: true }),
    changes: ['interrupted dpkg finished'],
    steps: ['fetch the package lists'],
  },
  'dependencies that are not met': {
    options: {},
    host: host([app], { isBroken: true }),
    changes: ['unmet dependencies mended', 'package app 1.0 -> 2.0'],
    args: [args('', 'upgrade', '--with-new-pkgs', '--fix-broken')],
  },
  'a version in place of a name': {
    options: { only: ['openssl=1.1'] },
    fails:
      'aptUpgrade: option "only", at 0, is "openssl=1.1" (a string), but must be the name of a package, or a pattern: \'linux-image-*\'',
  },
});
