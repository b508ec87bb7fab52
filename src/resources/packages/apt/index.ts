import * as v from 'valibot';
import { visibleUrl } from '../../../formats/url-text.ts';
import { defineResource } from '../../../playbook/index.ts';
import { parseChecksum } from '../../files/checksum.ts';
import { flag, text } from '../../kit/schemas.ts';
import type { WantedAddress } from './deb-address.ts';
import { namedTwice, packagePattern, parsePackage } from './packages.ts';
import { aptQuestions, planApt, type WantedPackages } from './plan.ts';

export type { AptResult } from './plan.ts';

const packageName = v.pipe(
  v.string(),
  v.regex(packagePattern, "must be a package such as 'nginx', 'nginx=1.22.*' or 'libc6:i386'"),
);
const seconds = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Debian packages, by apt-get. */
export const apt = defineResource({
  name: 'apt',
  summary: "Installs, upgrades and removes Debian packages, and keeps apt's lists and caches.",
  options: {
    name: v.optional(
      v.pipe(
        v.union(
          [packageName, v.array(packageName)],
          "a package such as 'nginx', 'nginx=1.22.*' or 'libc6:i386', or a list of them",
        ),
        v.description(
          'Package or packages. `=VERSION` asks for one version and may hold wildcards; `:ARCH` names a foreign architecture.',
        ),
      ),
    ),
    deb: v.optional(
      v.pipe(
        v.string(),
        v.regex(
          /^(?:\/[^\0\n]+\.deb|(?:https?|ftp):\/\/[^\s]+)$/,
          'must be an address, or the absolute path of a file on the host that ends in .deb',
        ),
        v.description(
          'A package file instead of `name`, on the host or at an address: it is installed, with its dependencies, if the host has no or another version of the package. An older version than the installed one needs `allowDowngrade`. Of an address only the head is fetched where the package is installed already.',
        ),
      ),
    ),
    checksum: v.optional(
      text(
        'With `deb` at an address: what the file must come to, as `sha256:DIGEST`, or where a list of such digests is: `sha256:https://example.org/SHA256SUMS`. Nothing else verifies such a file, so that `http:` and `ftp:` need it. Looked at when the package is installed.',
      ),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent', 'latest']),
        v.description(
          '`present` installs what is missing and upgrades nothing; `latest` upgrades too; `absent` removes.',
        ),
      ),
      'present',
    ),
    updateCache: flag(
      'Update the package lists before installing anything. Without packages: update them now; reported as `ok`.',
      false,
    ),
    cacheValidTime: v.optional(
      v.pipe(
        seconds,
        v.description('Seconds for which the package lists stay valid. Implies `updateCache`. Default: 0.'),
      ),
    ),
    installRecommends: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          'Install recommended packages too. Default: as apt is configured on the host, which is true on a plain Debian.',
        ),
      ),
    ),
    defaultRelease: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9][\w.:/=,-]*$/),
        v.description('The release to prefer, such as `bookworm-backports`.'),
      ),
    ),
    purge: flag('Remove configuration files too.', false),
    autoremove: flag(
      'Remove packages that were installed only as dependencies and are no longer needed. Works alone or with `name`.',
      false,
    ),
    autoclean: flag('Delete downloaded package files that are no longer available. Without `name`.', false),
    upgrade: v.optional(
      v.pipe(
        v.picklist(['no', 'safe', 'full', 'dist']),
        v.description('Upgrade all packages: `safe` removes none, `full` and `dist` may. Without `name`.'),
      ),
      'no',
    ),
    onlyUpgrade: flag('Only upgrade installed packages; skip others.', false),
    allowDowngrade: flag('Allow an older version to replace a newer one.', false),
    allowChangeHeldPackages: flag('Allow changes to packages on hold.', false),
    force: flag(
      'Allow downgrades, changes to held packages, removal of essential packages and packages without a valid signature. Dangerous.',
      false,
    ),
    dpkgOptions: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[a-z-]+(?:,[a-z-]+)*$/, 'must be names from dpkg --force-help, separated by commas'),
        v.description('Options passed to dpkg as `--force-...`. The default keeps changed configuration files.'),
      ),
      'force-confdef,force-confold',
    ),
    lockTimeout: v.optional(
      v.pipe(seconds, v.description('Seconds to wait for another apt or dpkg on the host.')),
      300,
    ),
  },
  example: `apt({ name: ['nginx', 'prometheus=2.42.*'], installRecommends: false, cacheValidTime: 8 * 3600 })
apt({ name: 'exim4-base', state: 'absent', purge: true, autoremove: true })
apt({ upgrade: 'safe', updateCache: true })
apt({ deb: '/var/cache/app/app_1.4.2_amd64.deb' })
apt({ deb: 'https://example.org/app_1.4.2_amd64.deb', checksum: 'sha256:https://example.org/SHA256SUMS' })`,
  validateOptions(options) {
    const { name, state, upgrade, autoremove, autoclean, updateCache, cacheValidTime, deb, checksum } = options;
    if (checksum !== undefined && (deb === undefined || deb.startsWith('/')))
      return '`checksum` needs a `deb` at an address';
    if (deb !== undefined) {
      if (name !== undefined || upgrade !== 'no' || autoclean)
        return '`deb` needs a task of its own, without `name`, `upgrade` or `autoclean`';
      const parsed = checksum === undefined ? undefined : parseChecksum(checksum);
      if (typeof parsed === 'string') return `\`checksum\` ${parsed}`;
      if (visibleUrl(deb) !== deb) return '`deb` must hold no name, token or password; use `getUrl` first';
      if (parsed === undefined && /^(?:http|ftp):/.test(deb))
        return 'over `http:` and `ftp:` nothing verifies the package: give its `checksum`';
      return state === 'present' ? undefined : `state '${state}' needs \`name\`; a file is installed`;
    }
    const packages = listOf(name);
    const twice = namedTwice(packages.map(parsePackage));
    if (twice !== undefined) return twice;
    if (upgrade !== 'no' && packages.length > 0) return 'give either `name` or `upgrade`';
    if (autoclean && (packages.length > 0 || upgrade !== 'no'))
      return '`autoclean` needs a task of its own, without `name` and `upgrade`';
    if (
      name === undefined &&
      upgrade === 'no' &&
      !autoremove &&
      !autoclean &&
      !updateCache &&
      cacheValidTime === undefined
    )
      return 'give `name`, `deb`, `upgrade`, `autoremove`, `autoclean` or `updateCache`';
    const pinned = packages.find((one) => one.includes('='));
    if (state === 'absent' && pinned !== undefined)
      return `a package is removed whatever its version: write '${pinned.replace(/=.*/, '')}'`;
    return undefined;
  },
  defaults: ({ installRecommends }) => ({ installRecommends }),
  title: ({ name, deb, upgrade, autoremove, autoclean }) =>
    deb ||
    listOf(name).join(', ') ||
    (upgrade !== undefined && upgrade !== 'no'
      ? `${upgrade} upgrade`
      : autoremove
        ? 'autoremove'
        : autoclean
          ? 'autoclean'
          : 'update'),
  prepare({
    name,
    deb,
    checksum,
    dpkgOptions,
    cacheValidTime,
    installRecommends,
    defaultRelease,
    ...rest
  }): WantedPackages {
    const packages = [...new Set(listOf(name))].map(parsePackage);
    const isFile = deb === undefined || deb.startsWith('/');
    // Ansible's spelling has each name begin with force-, which dpkg's own --force-NAME repeats.
    return {
      ...rest,
      deb: isFile ? deb : undefined,
      address: isFile ? undefined : addressOf(deb, checksum),
      packages,
      cacheValidTime,
      installRecommends,
      defaultRelease,
      dpkgOptions: dpkgOptions.replace(/(^|,)force-/g, '$1'),
      preferences: '',
      looksInside: true,
    };
  },
  probes: aptQuestions,
  plan: planApt,
});

function addressOf(url: string, checksum: string | undefined): WantedAddress {
  const parsed = checksum === undefined ? undefined : parseChecksum(checksum);
  if (typeof parsed === 'string') throw new Error(parsed);
  const request = {
    url,
    digest: undefined,
    headers: [],
    user: undefined,
    timeout: 3600,
    validateCerts: true,
    isSecret: false,
  };
  return { request, checksum: parsed };
}

function listOf(name: string | readonly string[] | undefined): readonly string[] {
  return name === undefined ? [] : typeof name === 'string' ? [name] : name;
}
