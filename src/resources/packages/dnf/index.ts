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
    'Installs, upgrades and removes packages of Fedora, RHEL and their kin, by dnf 4. Seen with the dnf that Debian ships; on no real RHEL or Fedora yet.',
  options: {
    name: v.optional(
      v.pipe(
        v.union([spec, v.array(spec)], `${example}, or a list of them`),
        v.description(
          "Package or packages, as dnf takes them: with `-VERSION`, `-VERSION-RELEASE` or `.ARCH` behind the name, something that packages provide (`/usr/bin/dig`), a group (`@development`) or module (`@nodejs:18`), a file on the host or its address (`/root/tool.rpm`). `'*'`, with state `latest`: all that are installed.",
        ),
      ),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent', 'latest']),
        v.description(
          '`present` installs what is missing and upgrades nothing but what a version is given for; `latest` upgrades too; `absent` removes, with what needs it.',
        ),
      ),
      'present',
    ),
    enablerepo: words('Repositories to use that are not enabled, by their ids.'),
    disablerepo: words('Repositories to leave out, by their ids; `*`: all but those of `enablerepo`.'),
    exclude: words('Packages to leave as they are, whatever wants them.'),
    releasever: v.optional(
      v.pipe(v.string(), v.regex(/^[\w.-]+$/), v.description('The release whose packages are taken: `9`.')),
    ),
    updateCache: flag(
      "Take what dnf knows of its repositories for expired, and fetch it anew. Without packages: fetch it now; reported as `ok`. Without this, dnf's own rules decide (`metadata_expire`).",
      false,
    ),
    updateOnly: flag('With state `latest`: leave out what is not installed.', false),
    disableGpgCheck: flag(
      'Install packages without a valid signature too. Without this, keys that the files of repositories name (`gpgkey`) are imported when they are needed.',
      false,
    ),
    allowDowngrade: flag('Allow an older version to replace a newer one.', false),
    allowerasing: flag('Allow dnf to remove packages that are in the way.', false),
    nobest: flag('Take an older version where the newest cannot be installed.', false),
    skipBroken: flag('Leave out what cannot be installed.', false),
    installWeakDeps: flag(
      '`false`: do not install what packages recommend. Else the host says (`install_weak_deps`).',
      true,
    ),
    autoremove: flag(
      'Remove packages that were only installed for others and that nothing needs any more. Alone, or with state `absent`.',
      false,
    ),
    security: flag('With state `latest`: only what mends a security problem.', false),
    bugfix: flag('With state `latest`: only what mends a bug.', false),
    lockTimeout: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.description('Seconds to wait while another dnf is at work on the host.'),
      ),
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
      return '`updateOnly`, `security` and `bugfix` belong to state `latest`';
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
