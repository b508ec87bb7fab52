import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { aptHost, type AptHost } from './apt-host.probe.ts';
import { packageFacts } from './package-facts.ts';
import { packageList } from './package-list.probe.ts';

const one = (name: string, version: string, arch = 'amd64') => ({ name, version, arch, source: 'apt' });
const host: HostDescription = {
  answers: [predict(packageList, [one('dpkg', '1.21'), one('libc6', '2.36'), one('libc6', '2.36', 'i386')])],
};
const planned = (...all: readonly string[]) => [
  predict<AptHost>(aptHost, { listsAge: 1, refreshed: false, planned: all }),
];

export const cases = planCases(packageFacts, {
  'what is installed': {
    options: {},
    host,
    result: {
      packages: { dpkg: [one('dpkg', '1.21')], libc6: [one('libc6', '2.36'), one('libc6', '2.36', 'i386')] },
    },
  },
  'with what is planned': {
    options: {},
    host,
    behind: { planned: planned('nginx=1.22', '-libc6:i386', 'dpkg=1.22', '!dpkg=hold') },
    assumed: ['nginx is a package of amd64'],
    result: { packages: { dpkg: [one('dpkg', '1.22')], libc6: [one('libc6', '2.36')], nginx: [one('nginx', '1.22')] } },
  },
  'behind a command': { options: {}, host, behind: { command: true }, isOpen: true },
  'a host without dpkg': {
    options: {},
    host: { answers: [predict(packageList, 'no dpkg')] },
    fails: 'this host has no packages that play knows how to list: apt',
  },
});
