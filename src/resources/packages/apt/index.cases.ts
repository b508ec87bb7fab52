import { predict } from '../../../contract/index.ts';
import { stat } from '../../../probes/index.ts';
import { planCases, type HostDescription } from '../../../testing/index.ts';
import { aptHost, type AptHost } from '../apt-host.probe.ts';
import type { AptAction, AptSimulation } from '../apt-simulate.probe.ts';
import { packageState, type Package } from '../package.probe.ts';
import { dpkgSelection } from '../selection.probe.ts';
import { apt } from './index.ts';

const none: Package = { installed: false, configFiles: false, version: '', held: false, broken: false };
const nginx: Package = { ...none, installed: true, version: '1.22.1' };

/** What apt-get would do: nothing, but for what is said. */
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
const action = (name: string, from: string | null, to: string | null, purge = false): AptAction => ({
  name,
  arch: to === null ? '' : 'amd64',
  from,
  to,
  purge,
});

/** dpkg's word of packages, apt-get's of what it would do, and how old its lists are (null: there are none). */
function host(
  packages: Readonly<Record<string, Package>>,
  simulated: Partial<AptSimulation> | undefined,
  given: Partial<AptHost> = {},
): HostDescription {
  // What is planned already is not done once more.
  const simulate = ([, , planned]: readonly string[]): AptSimulation =>
    planned === '' ? { ...nothing, ...simulated } : nothing;
  return {
    answers: [
      predict(aptHost, { listsAge: 3600, refreshed: false, planned: [], ...given }),
      ...Object.entries(packages).map(([name, state]) => predict(packageState(name), state)),
    ],
    ...(simulated === undefined
      ? {}
      : {
          answersOfKind: {
            'apt-simulate': simulate,
            'apt-simulate-now': simulate,
            'apt-contents': simulate,
          },
        }),
  };
}
const file = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 9 } as const;
const coming = { actions: [action('nginx', null, '1.22.1'), action('nginx-common', null, '1.22.1')] };
const unknown = { problem: 'Unable to locate package nginx' };

export const cases = planCases(apt, {
  'installed, with what it needs': {
    options: { name: 'nginx' },
    host: host({ nginx: none }, coming),
    changes: ['package nginx absent -> 1.22.1', 'package nginx-common absent -> 1.22.1'],
    steps: ['install nginx'],
    leaves: [
      predict(packageState('nginx'), nginx),
      predict(dpkgSelection('nginx'), 'install'),
      predict(aptHost, {
        listsAge: 3600,
        refreshed: false,
        planned: ['nginx=1.22.1', 'nginx-common=1.22.1', '@nginx=manual', '@nginx-common=auto'],
      }),
    ],
    args: [['300', '', 'confdef,confold', '', '', 'install', 'nginx']],
    result: {
      packages: [
        { name: 'nginx', from: null, to: '1.22.1' },
        { name: 'nginx-common', from: null, to: '1.22.1' },
      ],
    },
  },
  'installed already: apt is not even asked': {
    options: { name: 'nginx' },
    host: host({ nginx }, undefined),
    result: { packages: [] },
  },
  'only what is missing of a list': {
    options: { name: ['nginx', 'curl'], installRecommends: false },
    host: host({ nginx, curl: none }, { actions: [action('curl', null, '7.88')] }),
    changes: ['package curl absent -> 7.88'],
    args: [['300', '', 'confdef,confold', '', '', 'install', '--no-install-recommends', 'curl']],
  },
  'a version that fits a wildcard': { options: { name: 'nginx=1.22.*' }, host: host({ nginx }, undefined) },
  'another version': {
    options: { name: 'nginx=1.24.0' },
    host: host({ nginx }, { actions: [action('nginx', '1.22.1', '1.24.0')] }),
    changes: ['package nginx 1.22.1 -> 1.24.0'],
    steps: ['install nginx=1.24.0'],
  },
  'an older version is refused': {
    options: { name: 'nginx=1.20.0' },
    host: host({ nginx }, { problem: 'Packages were downgraded and -y was used without --allow-downgrades.' }),
    fails:
      'apt-get refuses: Packages were downgraded and -y was used without --allow-downgrades.\n' +
      'An older version than the installed one needs `allowDowngrade: true`.',
  },
  'a version nobody offers': {
    options: { name: 'nginx=9.9' },
    host: host(
      { nginx: none },
      { problem: "Version '9.9' for 'nginx' was not found", offered: new Map([['nginx', ['1.22.1', '1.18.0']]]) },
    ),
    fails: "apt-get refuses: Version '9.9' for 'nginx' was not found\nOf nginx there is 1.22.1, 1.18.0.",
  },
  'a package apt does not know': {
    options: { name: 'nginx' },
    host: host({ nginx: none }, unknown),
    fails:
      'apt-get refuses: Unable to locate package nginx\n' +
      "Check the name, and that the source which has it is among apt's sources on the host.",
  },
  'lists that could not be fetched, where a package is lacking': {
    options: { name: 'nginx', updateCache: true },
    host: host({ nginx: none }, { ...unknown, notUpdated: 'E: The repository has no Release file.' }),
    fails:
      'apt-get refuses: The repository has no Release file.\nUnable to locate package nginx\n' +
      "Check the name, and that the source which has it is among apt's sources on the host.",
  },
  'lists that could not be fetched, where they are no reason to refuse': {
    options: { name: 'nginx', state: 'latest', updateCache: true },
    host: host({ nginx }, { problem: 'That removes dpkg.', notUpdated: 'E: The repository has no Release file.' }),
    fails: 'apt-get refuses: That removes dpkg.',
  },
  'what a package needs that a planned source may have': {
    options: { name: 'nginx' },
    host: host({ nginx: none }, { problem: 'nginx : Depends: libnginx but it is not installable' }),
    behind: { planned: [predict(stat('/etc/apt/sources.list.d/nginx.sources'), file)] },
    may: "nginx : Depends: libnginx but it is not installable, but an earlier task changes apt's sources",
  },
  'one that a planned source may have': {
    options: { name: 'nginx' },
    host: host({ nginx: none }, unknown),
    behind: { planned: [predict(stat('/etc/apt/sources.list.d/nginx.sources'), file)] },
    may: "apt does not know it yet, but an earlier task changes apt's sources",
  },
  'one that a command may add a source for': {
    options: { name: 'nginx' },
    host: host({ nginx: none }, unknown),
    behind: { command: true },
    may: 'apt does not know it yet, but "a command" runs before',
  },
  'lists that are too old to know it are fetched before': {
    options: { name: 'nginx' },
    host: {
      ...host({ nginx: none }, undefined),
      answersOfKind: {
        'apt-simulate-now': ([, refresh]) => ({ ...nothing, ...(refresh === '1' ? coming : unknown) }),
        'apt-contents': ([, , planned]) => ({ ...nothing, ...(planned === '' ? coming : {}) }),
      },
    },
    changes: ['package nginx absent -> 1.22.1', 'package nginx-common absent -> 1.22.1'],
    args: [['300', '1', 'confdef,confold', '', '', 'install', 'nginx']],
  },
  'a name that several packages stand for': {
    options: { name: 'mail-transport-agent' },
    host: host(
      { 'mail-transport-agent': none, 'exim4': none, 'postfix': none },
      {
        problem: "Package 'mail-transport-agent' has no installation candidate",
        providers: new Map([['mail-transport-agent', ['exim4', 'postfix']]]),
      },
    ),
    fails:
      "apt-get refuses: Package 'mail-transport-agent' has no installation candidate\n" +
      'mail-transport-agent is a virtual package: choose one of exim4, postfix.',
  },
  'one of which is installed': {
    options: { name: 'mail-transport-agent' },
    host: host(
      { 'mail-transport-agent': none, 'exim4': nginx, 'postfix': none },
      {
        problem: "Package 'mail-transport-agent' has no installation candidate",
        providers: new Map([['mail-transport-agent', ['exim4', 'postfix']]]),
      },
    ),
  },
  'on hold': {
    options: { name: 'nginx', state: 'latest' },
    host: host(
      { nginx: { ...nginx, held: true } },
      { problem: 'Held packages were changed and -y was used without --allow-change-held-packages.' },
    ),
    fails:
      'apt-get refuses: Held packages were changed and -y was used without --allow-change-held-packages.\n' +
      'The package is on hold (apt-mark showhold); `allowChangeHeldPackages: true` overrules that.',
  },
  'the newest': {
    options: { name: 'nginx', state: 'latest' },
    host: host({ nginx }, { actions: [action('nginx', '1.22.1', '1.24.0')] }),
    changes: ['package nginx 1.22.1 -> 1.24.0'],
  },
  'the newest already': { options: { name: 'nginx', state: 'latest' }, host: host({ nginx }, {}) },
  'removed, and what needs it': {
    options: { name: 'nginx', state: 'absent' },
    host: host({ nginx }, { actions: [action('nginx', '1.22.1', null), action('munin', '2.0', null)], removed: [] }),
    changes: ['package nginx 1.22.1 -> absent', 'package munin 2.0 -> absent, since it does not go with the others'],
    steps: ['remove nginx'],
  },
  'removed already, its configuration left': {
    options: { name: 'nginx', state: 'absent' },
    host: host({ nginx: { ...none, configFiles: true } }, undefined),
  },
  'its configuration goes too': {
    options: { name: 'nginx', state: 'absent', purge: true },
    host: host({ nginx: { ...none, configFiles: true } }, { actions: [action('nginx', 'removed', null, true)] }),
    changes: ['package nginx removed -> absent, with its configuration'],
    args: [['300', '', 'confdef,confold', '', '', 'remove', '--purge', 'nginx']],
  },
  'left half installed by a run that died': {
    options: { name: 'nginx' },
    host: host({ nginx: { ...none, broken: true } }, { actions: [action('nginx', 'unpacked', '1.22.1')] }),
    changes: ['package nginx unpacked -> 1.22.1'],
  },
  'only upgraded where it is there': {
    options: { name: 'nginx', onlyUpgrade: true },
    host: host({ nginx: none }, undefined),
  },
  'of a foreign architecture': {
    options: { name: 'libc6:i386' },
    host: host({ 'libc6:i386': none }, { actions: [action('libc6:i386', null, '2.36')] }),
    changes: ['package libc6:i386 absent -> 2.36'],
  },
  'no lists yet: they are fetched before': {
    options: { name: 'nginx' },
    host: host({ nginx: none }, coming, { listsAge: null }),
    changes: ['package nginx absent -> 1.22.1', 'package nginx-common absent -> 1.22.1'],
    args: [['300', '1', 'confdef,confold', '', '', 'install', 'nginx']],
  },
  'old lists are no reason where nothing is to be installed': {
    options: { name: 'nginx', cacheValidTime: 60 },
    host: host({ nginx }, undefined),
  },
  'lists that are too old': {
    options: { updateCache: true, cacheValidTime: 600 },
    host: host({}, undefined),
    changes: ['package lists fetched'],
    steps: ['fetch the package lists'],
  },
  'lists are fetched at once where no time is given': {
    options: { updateCache: true },
    host: host({}, undefined, { listsAge: 5 }),
    changes: ['package lists fetched'],
  },
  'lists that are new enough': { options: { cacheValidTime: 7200 }, host: host({}, undefined) },
  'everything is upgraded': {
    options: { upgrade: 'safe' },
    host: host({}, { actions: [action('bash', '5.1', '5.2')] }),
    changes: ['package bash 5.1 -> 5.2'],
    args: [['300', '', 'confdef,confold', '', '', 'upgrade', '--with-new-pkgs']],
  },
  'what nothing needs any more': {
    options: { autoremove: true },
    host: host({}, { actions: [action('libold', '1', null)] }),
    changes: ['package libold 1 -> absent'],
    steps: ['autoremove'],
  },
  'the cache is cleaned': {
    options: { autoclean: true },
    host: host({}, { deleted: ['bash 5.1'] }),
    changes: ['cached package bash 5.1 deleted'],
    steps: ['autoclean'],
  },
  'a pin that nobody can meet': {
    options: { name: 'nginx' },
    host: host(
      { nginx: none },
      {
        ...coming,
        preferences:
          '#file /etc/apt/preferences.d/nginx.pref\nPackage: nginx\nPin: version 1.24.*\nPin-Priority: 1001\n',
        offered: new Map([['nginx', ['1.22.1']]]),
      },
    ),
    fails:
      'nginx is pinned to version 1.24.* by /etc/apt/preferences.d/nginx.pref, which no source offers: ' +
      'there is 1.22.1\nAdd the source which has it, or fix the pin.',
  },
  'a version that is asked for counts more than a pin': {
    options: { name: 'nginx=1.22.1' },
    host: host(
      { nginx: none },
      {
        actions: [action('nginx', null, '1.22.1')],
        preferences: 'Package: nginx\nPin: version 1.24.*\nPin-Priority: 1001\n',
        offered: new Map([['nginx', ['1.22.1']]]),
      },
    ),
    changes: ['package nginx absent -> 1.22.1'],
  },
  'in check mode, with what cannot be looked into': {
    options: { name: 'nginx' },
    host: host({ nginx: none }, { ...coming, contents: null, contentsProblem: '404  Not Found' }),
    behind: {},
    changes: ['package nginx absent -> 1.22.1', 'package nginx-common absent -> 1.22.1'],
    assumed: ['what the packages bring is not known: 404  Not Found'],
  },
  'in check mode, with lists that cannot be fetched': {
    options: { name: 'nginx', updateCache: true },
    host: host({ nginx: none }, { ...coming, notUpdated: 'E: The repository has no Release file.' }),
    behind: {},
    changes: ['package nginx absent -> 1.22.1', 'package nginx-common absent -> 1.22.1'],
    fails: 'Could not install nginx',
    hint: 'E: The repository has no Release file.',
  },
  'in check mode, with lists that cannot be fetched yet': {
    options: { name: 'nginx', updateCache: true },
    host: host({ nginx: none }, { ...coming, notUpdated: 'E: The repository has no Release file.' }),
    behind: { command: true },
    changes: ['package nginx absent -> 1.22.1', 'package nginx-common absent -> 1.22.1'],
    assumed: [
      'the package lists can be fetched by then (E: The repository has no Release file.; but "a command" runs before)',
    ],
  },
  'behind a task that installs it': {
    options: { name: 'nginx' },
    host: host({ nginx: none }, undefined),
    behind: { planned: [predict(packageState('nginx'), nginx)] },
  },
  'removed by a version': {
    options: { name: 'nginx=1.22.1', state: 'absent' },
    fails: "apt: a package is removed whatever its version: write 'nginx'",
  },
  'two versions of one package': {
    options: { name: ['nginx=1.22.1', 'curl', 'nginx'] },
    fails: 'apt: `name` wants two things of one package: nginx=1.22.1 and nginx',
  },
  'what apt-get would take for an option': {
    options: { name: '--reinstall' },
    fails:
      'apt: option "name" is "--reinstall" (a string), but ' +
      "must be a package such as 'nginx', 'nginx=1.22.*' or 'libc6:i386'",
  },
  'a package file with names beside it': {
    options: { deb: '/srv/x.deb', name: 'nginx' },
    fails: 'apt: `deb` needs a task of its own, without `name`, `upgrade` or `autoclean`',
  },
  'nothing to do': {
    options: {},
    fails: 'apt: give `name`, `deb`, `upgrade`, `autoremove`, `autoclean` or `updateCache`',
  },
});
