import type { Package } from '../package.probe.ts';

/** A package as a playbook names it: `nginx`, `libc6:i386`, `clickhouse-server=23.9.*`. */
export interface PackageSpec {
  /** With `:arch` where it was given: what dpkg and apt are asked about. */
  readonly name: string;
  /** May hold wildcards, as apt-get itself takes them; undefined: any. */
  readonly version: string | undefined;
}

/**
 * Names as in Debian policy 5.6.1, an architecture, a version (5.6.12) with wildcards. Nothing that apt-get could take
 * for an option.
 */
export const packagePattern = /^[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?(?:=[A-Za-z0-9.+~:*?[\]-]+)?$/;

export function parsePackage(text: string): PackageSpec {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, version: undefined } : { name: text.slice(0, at), version: text.slice(at + 1) };
}

/** What is wrong with a list that wants two things of one package: apt-get(8) goes by the last. */
export function namedTwice(packages: readonly PackageSpec[]): string | undefined {
  const first = new Map(packages.toReversed().map((one) => [one.name, one]));
  const other = packages.find((one) => first.get(one.name)?.version !== one.version);
  return (
    other &&
    `\`name\` wants two things of one package: ${packageText(first.get(other.name) ?? other)} and ${packageText(other)}`
  );
}

export function packageText({ name, version }: PackageSpec): string {
  return version === undefined ? name : `${name}=${version}`;
}

/** Whether a version is the wanted one. Wildcards as in fnmatch(3), which is what apt uses. */
export function matchesVersion(wanted: string | undefined, version: string): boolean {
  if (wanted === undefined || wanted === version) return true;
  if (!/[*?[]/.test(wanted)) return false;
  const pattern = wanted
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`).test(version);
}

/** Whether dpkg's word alone says that a package is as it shall be. For `latest` it never does. */
export function isSettled(
  spec: PackageSpec,
  state: 'present' | 'absent' | 'latest',
  now: Package,
  options: { purge: boolean; onlyUpgrade: boolean },
): boolean {
  switch (state) {
    case 'absent':
      return !now.installed && !(options.purge && now.configFiles) && !now.broken;
    case 'present':
      if (!now.installed) return options.onlyUpgrade && !now.broken;
      return matchesVersion(spec.version, now.version);
    case 'latest':
      // A version that is asked for is not to be left for a newer one.
      if (now.installed && spec.version !== undefined && !/[*?[]/.test(spec.version))
        return spec.version === now.version;
      return !now.installed && options.onlyUpgrade && !now.broken;
  }
}
