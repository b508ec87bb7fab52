import { settled, type Found, type Plan } from '../../contract/index.ts';
import type { WayOfHost } from '../kit/by-host.ts';
import { namedTwice, packagePattern, parsePackage } from './apt/packages.ts';
import { aptQuestions, planApt, type AptChange, type WantedPackages } from './apt/plan.ts';
import { dnfQuestions, planDnf, type WantedRpms } from './dnf/plan.ts';
import { specPattern } from './dnf/specs.ts';

/** What can be asked of any package manager. */
export interface AnyPackages {
  /** As the host's package manager names them. */
  readonly names: readonly string[];
  readonly state: 'present' | 'absent' | 'latest';
  readonly updateCache: boolean;
  /** As the role or play says; undefined: as the host is set up. */
  readonly installRecommends: boolean | undefined;
}

/** A package manager as `packages` uses it. */
export interface PackageManager extends WayOfHost<AnyPackages> {
  readonly plan: (wanted: AnyPackages, found: Found) => Plan<{ readonly packages: readonly AptChange[] }>;
}

const apt: PackageManager = {
  sign: '/usr/bin/apt-get',
  questions: (wanted) =>
    aptQuestions(asApt({ ...wanted, names: wanted.names.filter((one) => packagePattern.test(one)) })),
  plan(wanted, found) {
    const other = wanted.names.find((name) => !packagePattern.test(name));
    const failure =
      other === undefined ? namedTwice(wanted.names.map(parsePackage)) : `${other} is not a Debian package name`;
    return failure === undefined ? planApt(asApt(wanted), found) : { ...settled({ packages: [] }), failure };
  },
};

/** The options of `apt` as they are by default. */
function asApt({ names, state, updateCache, installRecommends }: AnyPackages): WantedPackages {
  return {
    packages: names.map(parsePackage),
    state,
    updateCache,
    installRecommends,
    cacheValidTime: undefined,
    defaultRelease: undefined,
    upgrade: 'no',
    purge: false,
    autoremove: false,
    autoclean: false,
    onlyUpgrade: false,
    allowDowngrade: false,
    allowChangeHeldPackages: false,
    force: false,
    dpkgOptions: 'confdef,confold',
    lockTimeout: 300,
    preferences: '',
    looksInside: true,
  };
}

const dnf: PackageManager = {
  sign: '/usr/bin/dnf',
  questions: (wanted) => dnfQuestions(asDnf(wanted)),
  plan(wanted, found) {
    const other = wanted.names.find((name) => !specPattern.test(name));
    return other === undefined
      ? planDnf(asDnf(wanted), found)
      : { ...settled({ packages: [] }), failure: `${other} is not the name of an rpm package` };
  },
};

/** The options of `dnf` as they are by default. */
function asDnf({ names, state, updateCache, installRecommends = true }: AnyPackages): WantedRpms {
  return {
    names,
    state,
    updateCache,
    installWeakDeps: installRecommends,
    updateOnly: false,
    allowDowngrade: false,
    lockTimeout: 300,
    enablerepo: [],
    disablerepo: [],
    exclude: [],
    releasever: undefined,
    disableGpgCheck: false,
    allowerasing: false,
    nobest: false,
    skipBroken: false,
    autoremove: false,
    security: false,
    bugfix: false,
  };
}

/** The package managers that `packages` knows. Of several that a host has, the first counts. */
export const packageManagers = { apt, dnf } as const satisfies Readonly<Record<string, PackageManager>>;
