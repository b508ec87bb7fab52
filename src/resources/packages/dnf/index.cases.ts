import { predict } from '../../../contract/index.ts';
import { planCases, type HostDescription } from '../../../testing/index.ts';
import { dnfHost, type DnfHost } from '../dnf-host.probe.ts';
import type { DnfAction, DnfSimulation } from '../dnf-simulate.probe.ts';
import { installedRpms, type InstalledRpm } from '../rpm.probe.ts';
import { dnf } from './index.ts';

const nothing: DnfSimulation = { problem: null, actions: [], groups: [], gone: [], modules: [], after: new Map() };
const rpm = (name: string, evr = '0:1.0-1'): InstalledRpm => ({ name, evr, arch: 'noarch' });
const action = (name: string, from: string | null, to: string | null, more: Partial<DnfAction> = {}): DnfAction => ({
  name,
  arch: 'noarch',
  from,
  to,
  at: null,
  isOlder: false,
  ...more,
});

/** rpm's word of packages, and dnf's of what it would do. */
function host(
  installed: Readonly<Record<string, readonly InstalledRpm[]>>,
  simulated: Partial<DnfSimulation> = {},
  given: DnfHost['dnf'] = '4',
): HostDescription {
  // What is planned already is not done once more.
  const simulate = ([, , planned]: readonly string[]): DnfSimulation =>
    planned === '' ? { ...nothing, ...simulated } : nothing;
  return {
    answers: [
      predict(dnfHost, { dnf: given, planned: [] }),
      ...Object.entries(installed).map(([spec, all]) => predict(installedRpms(spec), all)),
    ],
    answersOfKind: { 'dnf-simulate': simulate, 'dnf-simulate-now': simulate },
  };
}

const base = '--setopt=clean_requirements_on_remove=False';

export const cases = planCases(dnf, {
  'a package with what it needs': {
    options: { name: 'nginx', enablerepo: 'epel', exclude: ['a*', 'b'] },
    host: host(
      { nginx: [] },
      {
        actions: [action('logos', null, '0:9-1'), action('nginx', null, '1:1.20-2')],
        after: new Map([['nginx', [rpm('nginx', '1:1.20-2')]]]),
      },
    ),
    changes: ['package nginx absent -> 1:1.20-2', 'package logos absent -> 9-1'],
    steps: ['install nginx'],
    args: [['300', '--enablerepo=epel', '--exclude=a*', '--exclude=b', base, 'install', 'nginx']],
    result: {
      packages: [
        { name: 'logos', from: null, to: '0:9-1' },
        { name: 'nginx', from: null, to: '1:1.20-2' },
      ],
    },
  },
  'what is there is left as it is': { options: { name: 'nginx' }, host: host({ nginx: [rpm('nginx')] }) },
  'the latest of what is there, and what is not': {
    options: { name: ['nginx', 'vim'], state: 'latest' },
    host: host(
      { nginx: [rpm('nginx')], vim: [] },
      { actions: [action('vim', null, '0:9-1')], after: new Map([['vim', [rpm('vim', '0:9-1')]]]) },
    ),
    changes: ['package vim absent -> 9-1'],
    steps: ['install vim'],
  },
  'only what is there': {
    options: { name: 'vim', state: 'latest', updateOnly: true },
    host: host({ vim: [] }, { actions: [action('vim', null, '0:9-1')] }),
  },
  'all that mends a security problem': {
    options: { name: '*', state: 'latest', security: true },
    host: host({}, { actions: [action('vim', '0:8-1', '0:9-1')] }),
    changes: ['package vim 8-1 -> 9-1'],
    args: [['300', '--security', base, 'upgrade']],
  },
  'removed with what needs it': {
    options: { name: 'perl', state: 'absent', autoremove: true },
    host: host(
      { perl: [rpm('perl')] },
      { actions: [action('git', '0:2-1', null), action('perl', '0:1.0-1', null)], after: new Map([['perl', []]]) },
    ),
    changes: ['package perl 1.0-1 -> absent', 'package git 2-1 -> absent'],
    steps: ['remove perl'],
    args: [['300', '--setopt=clean_requirements_on_remove=True', 'remove', 'perl']],
  },
  'an upgrade that was cut off half way': {
    options: { name: 'vim' },
    host: host(
      { vim: [rpm('vim', '0:8-1'), rpm('vim', '0:9-1')] },
      { actions: [action('vim', '0:8-1', null)], after: new Map([['vim', [rpm('vim', '0:9-1')]]]) },
    ),
    changes: ['package vim 8-1 -> absent, as a newer version is there'],
    steps: ['mend vim'],
    args: [['300', base, 'remove', '--duplicates']],
  },
  'what may be there in several versions': {
    options: { name: 'kernel' },
    host: host(
      { kernel: [rpm('kernel', '0:8-1'), rpm('kernel', '0:9-1')] },
      { problem: 'No duplicated packages found for removal.' },
    ),
  },
  'a group': {
    options: { name: '@tools' },
    host: host({ '@tools': [] }, { groups: ['tools'], actions: [action('make', null, '0:4-1')] }),
    changes: ['group tools installed', 'package make absent -> 4-1'],
  },
  'an older version is refused': {
    options: { name: 'vim-8' },
    host: host({ 'vim-8': [] }, { actions: [action('vim', '0:9-1', '0:8-1', { isOlder: true })] }),
    fails: 'vim is installed in the newer version 9-1',
    hint: 'An older version needs `allowDowngrade: true`.',
  },
  'a package that nobody has': {
    options: { name: 'nosuch' },
    host: host({ nosuch: [] }, { problem: 'Unable to find a match: nosuch' }),
    fails: 'dnf refuses: Unable to find a match: nosuch',
    hint: 'Check the name, and that the repository which has it is there and enabled (`enablerepo`).',
  },
  'a package whose repository a command may add': {
    options: { name: 'nosuch' },
    host: host({ nosuch: [] }, { problem: 'Unable to find a match: nosuch' }),
    behind: { command: true },
    may: 'dnf does not know it yet, but "a command" runs before',
  },
  'metadata alone': {
    options: { updateCache: true },
    host: host({}),
    changes: ['metadata of repositories fetched'],
    args: [['300', '--refresh', base, 'makecache']],
  },
  'a host of Debian': {
    options: { name: 'nginx' },
    host: host({ nginx: [] }, {}, 'none'),
    fails: 'there is no dnf on this host',
    hint: 'dnf is what Fedora, RHEL and their kin have; Debian has apt.',
  },
  'dnf 5': {
    options: { name: 'nginx' },
    host: host({ nginx: [] }, {}, 'other'),
    fails: 'this host has dnf 5',
    hint: 'play asks dnf 4, as RHEL 8 to 10 and their kin have it. Use `command` with a guard here.',
  },
  'nothing asked': { options: {}, fails: 'dnf: give `name`, `updateCache` or `autoremove`' },
  'installed by wildcards': {
    options: { name: 'vim*' },
    fails: 'dnf: vim*: packages are removed by wildcards, not installed',
  },
  'a file removed': {
    options: { name: '/root/a.rpm', state: 'absent' },
    fails: 'dnf: /root/a.rpm: a package is removed by its name',
  },
  'twice': { options: { name: ['a', 'a'] }, fails: 'dnf: a stands twice' },
});
