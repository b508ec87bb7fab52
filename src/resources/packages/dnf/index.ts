import * as v from 'valibot';
import { defineResource } from '../../../playbook/index.ts';
import { flag } from '../../kit/schemas.ts';
import { dnfQuestions, planDnf, type WantedRpms } from './plan.ts';
import { hasWildcards, isFile, isGroup, specPattern } from './specs.ts';

export type { DnfChange, DnfResult } from './plan.ts';

const example = "a package such as 'nginx', 'nginx-1.20.1', '@development', '/root/tool.rpm'";
const spec = v.pipe(v.string(), v.regex(specPattern, `must be ${example}`));
const word = v.pipe(v.string(), v.regex(/^[\w*?][^\s,]*$/, 'must be one word'));
const words = (description: string) =>
  v.optional(v.pipe(v.union([word, v.array(word)], 'a word, or a list of them'), v.description(description)));

/** Packages of Fedora, RHEL and their kin, by dnf. */
export const dnf = defineResource({
  name: 'dnf',
  summary:
    'Installs, upgrades and removes packages on Fedora, RHEL and their derivatives, with dnf 4. Tested with the dnf in Debian; not yet on a real RHEL or Fedora.',
  options: {
    name: v.optional(
      v.pipe(
        v.union([spec, v.array(spec)], `${example}, or a list of them`),
        v.description(
          "Package or packages, as dnf takes them: with `-VERSION`, `-VERSION-RELEASE` or `.ARCH` after the name, something packages provide (`/usr/bin/dig`), a group (`@development`) or module (`@nodejs:18`), a file on the host or a URL (`/root/tool.rpm`). `'*'` with state `latest`: all installed packages.",
        ),
      ),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent', 'latest']),
        v.description(
          '`present` installs what is missing and upgrades only what a version is given for; `latest` upgrades too; `absent` removes packages and whatever needs them.',
        ),
      ),
      'present',
    ),
    enablerepo: words('Disabled repositories to use, by id.'),
    disablerepo: words('Repositories to ignore, by id; `*`: all except those in `enablerepo`.'),
    exclude: words('Packages to leave alone, whatever requires them.'),
    releasever: v.optional(
      v.pipe(v.string(), v.regex(/^[\w.-]+$/), v.description('The release to take packages from: `9`.')),
    ),
    updateCache: flag(
      "Expire and download dnf's metadata. Without packages: download it now; reported as `ok`. Otherwise dnf's own rules decide (`metadata_expire`).",
      false,
    ),
    updateOnly: flag('With state `latest`: skip packages that are not installed.', false),
    disableGpgCheck: flag(
      'Also install packages without a valid signature. Without this, keys named by repositories (`gpgkey`) are imported when needed.',
      false,
    ),
    allowDowngrade: flag('Allow an older version to replace a newer one.', false),
    allowerasing: flag('Allow dnf to remove packages that are in the way.', false),
    nobest: flag('Take an older version if the newest cannot be installed.', false),
    skipBroken: flag('Skip packages that cannot be installed.', false),
    installWeakDeps: flag(
      '`false`: do not install weak dependencies. Default: as the host says (`install_weak_deps`).',
      true,
    ),
    autoremove: flag(
      'Remove packages that were installed only as dependencies and are no longer needed. Alone, or with state `absent`.',
      false,
    ),
    security: flag('With state `latest`: only security fixes.', false),
    bugfix: flag('With state `latest`: only bug fixes.', false),
    lockTimeout: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.description('Seconds to wait for another dnf on the host.')),
      300,
    ),
  },
  example: `dnf({ name: ['nginx', 'postgresql-server'], enablerepo: 'epel' })
dnf({ name: '*', state: 'latest', security: true })
dnf({ name: 'telnet', state: 'absent', autoremove: true })`,
  validateOptions(options) {
    const { name, state, updateCache, autoremove, updateOnly, security, bugfix } = options;
    const names = listOf(name);
    const twice = names.find((one, i) => names.indexOf(one) !== i);
    if (twice !== undefined) return `${twice} stands twice`;
    if (name === undefined && !updateCache && !autoremove) return 'give `name`, `updateCache` or `autoremove`';
    if (autoremove && names.length > 0 && state !== 'absent') return '`autoremove` goes with state `absent`, or alone';
    if ((updateOnly || security || bugfix) && state !== 'latest')
      return '`updateOnly`, `security` and `bugfix` need state `latest`';
    const every = names.includes('*');
    if (every && (names.length > 1 || state !== 'latest')) return "'*' stands alone, with state `latest`";
    const wild = names.find((one) => one !== '*' && hasWildcards(one) && !isGroup(one));
    if (wild !== undefined && state !== 'absent') return `${wild}: packages are removed by wildcards, not installed`;
    const file = names.find((one) => isFile(one) && state === 'absent');
    return file === undefined ? undefined : `${file}: a package is removed by its name`;
  },
  title: ({ name, autoremove }) => listOf(name).join(', ') || (autoremove ? 'autoremove' : 'metadata'),
  prepare({ name, enablerepo, disablerepo, exclude, releasever, ...rest }): WantedRpms {
    return {
      ...rest,
      releasever,
      names: listOf(name),
      enablerepo: listOf(enablerepo),
      disablerepo: listOf(disablerepo),
      exclude: listOf(exclude),
    };
  },
  probes: dnfQuestions,
  plan: planDnf,
});

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
