import { settled, type Found, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { aptHost } from './apt-host.probe.ts';
import { packageList, type InstalledPackage } from './package-list.probe.ts';

export interface PackageFactsResult {
  /** The installed packages, by name. Some have more than one entry, for several architectures. */
  readonly packages: Readonly<Record<string, readonly InstalledPackage[]>>;
}

/** The packages of a host. */
export const packageFacts = defineResource({
  name: 'packageFacts',
  summary:
    'Lists the installed packages, for later tasks. Changes nothing; in check mode it includes planned installations and removals.',
  options: {},
  example: `const installed = packageFacts({});
file({ path: '/etc/nginx/stray.conf', state: 'absent' }, { when: ({ results }) => 'nginx' in results(installed).packages })`,
  title: () => '',
  prepare: () => undefined,
  probes: () => [packageList],
  plan(_, found: Found): Plan<PackageFactsResult> {
    const now = found.get(packageList);
    found.require(now !== 'no dpkg', { failure: 'this host has no packages that play knows how to list: apt' });
    const packages: Record<string, InstalledPackage[]> = {};
    for (const one of asPlanned(now, found)) (packages[one.name] ??= []).push(one);
    const isOpen = found.mayDiffer();
    return { ...settled({ packages }), ...(isOpen ? { unforeseen: true, bringsNothing: true } : {}) };
  },
});

/** Check mode: the list once what is planned before is installed and removed. */
function asPlanned(now: readonly InstalledPackage[], found: Found): readonly InstalledPackage[] {
  const planned = found.planned(aptHost)?.planned ?? [];
  let all = now;
  for (const one of planned) {
    const gone = /^[-~](.+)$/.exec(one)?.[1];
    const [, name, version] = /^([^=~!-][^=]*)=(.*)$/.exec(one) ?? [];
    if (gone !== undefined) all = all.filter((other) => !isOf(other, gone));
    else if (name !== undefined && version !== undefined) all = withVersion(all, name, version, found);
  }
  return all;
}

/** A name is of all architectures, unless it says which: `libc6:i386`. */
function isOf(one: InstalledPackage, name: string): boolean {
  const [plain, arch] = name.split(':');
  return one.name === plain && (arch === undefined || arch === one.arch || (arch === 'any' && one.arch !== ''));
}

function withVersion(
  all: readonly InstalledPackage[],
  name: string,
  version: string,
  found: Found,
): readonly InstalledPackage[] {
  if (all.some((one) => isOf(one, name))) return all.map((one) => (isOf(one, name) ? { ...one, version } : one));
  const [plain = name, arch] = name.split(':');
  const native = all.find((one) => one.name === 'dpkg')?.arch ?? '';
  found.assume(`${plain} is a package of ${arch ?? native}`);
  return [...all, { name: plain, version, arch: arch ?? native, source: 'apt' }].toSorted((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
  );
}
