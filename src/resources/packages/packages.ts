import * as v from 'valibot';
import type { Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { useWords, wayOf, wayQuestions } from '../kit/by-host.ts';
import { flag } from '../kit/schemas.ts';
import { withResult } from '../kit/with-result.ts';
import type { AptChange } from './apt/plan.ts';
import { packageManagers, type AnyPackages, type PackageManager } from './managers.ts';

export interface PackagesResult {
  /** The package manager: `apt`, `dnf`. */
  readonly manager: string;
  /**
   * Each package whose version changed, including dependencies that were installed or removed. Empty if nothing
   * changed.
   */
  readonly packages: readonly AptChange[];
}

interface Wanted extends AnyPackages {
  readonly use: string;
}

const managers: Readonly<Record<string, PackageManager>> = packageManagers;
const name = v.pipe(v.string(), v.regex(/^[^-\s\0][^\s\0]*$/, "must be the name of a package, such as 'git'"));

/** Packages, by the package manager that the host has. */
export const packages = defineResource({
  name: 'packages',
  summary:
    "Installs, upgrades and removes packages with the host's own package manager: Ansible's `package`, a word reserved in TypeScript. For options of a particular one, use `apt` or `dnf`.",
  options: {
    name: v.pipe(
      v.union([name, v.array(name)]),
      v.transform((given) => (typeof given === 'string' ? [given] : given)),
      v.description(
        'Package or packages, as they are called on the host. If names differ between hosts, choose by a fact (`name: ({ facts }) => ...`).',
      ),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent', 'latest']),
        v.description(
          '`present` installs what is missing and upgrades nothing; `latest` upgrades too; `absent` removes. Default `present`.',
        ),
      ),
      'present',
    ),
    updateCache: flag('Update the package metadata before installing anything.', false),
    use: v.optional(
      v.pipe(
        v.picklist(useWords(packageManagers)),
        v.description("The package manager. Default `auto`: the host's own."),
      ),
      'auto',
    ),
  },
  example: `packages({ name: ['git', 'rsync'] })
packages({ name: ({ facts }) => (facts.distribution === 'debian' ? 'cron' : 'cronie') })`,
  title: (options) => options.name?.join(', ') ?? '',
  prepare: ({ name: names, ...rest }, { defaults }): Wanted => ({
    ...rest,
    names: [...new Set(names)],
    installRecommends: defaults.installRecommends,
  }),
  probes: (wanted) => wayQuestions(managers, wanted.use, wanted),
  plan(wanted, found): Plan<PackagesResult> {
    const { name: manager, way } = wayOf(managers, wanted.use, 'package managers', found);
    return withResult(way.plan(wanted, found), (result) => ({ manager, packages: result.packages }));
  },
});
