/** Options of every call of dnf. */
export interface DnfOptions {
  readonly enablerepo: readonly string[];
  readonly disablerepo: readonly string[];
  readonly exclude: readonly string[];
  readonly releasever: string | undefined;
  readonly disableGpgCheck: boolean;
  readonly allowerasing: boolean;
  readonly nobest: boolean;
  readonly skipBroken: boolean;
  readonly installWeakDeps: boolean;
  readonly autoremove: boolean;
  readonly security: boolean;
  readonly bugfix: boolean;
}

/**
 * The arguments of dnf. The simulation and the run get the same.
 *
 * @param isRefreshed metadata that are there count as expired
 */
export function dnfCommand(
  verb: 'install' | 'upgrade' | 'remove' | 'autoremove' | 'makecache',
  names: readonly string[],
  options: DnfOptions,
  isRefreshed: boolean,
): readonly string[] {
  const flags: readonly (readonly [boolean, string])[] = [
    [isRefreshed, '--refresh'],
    [options.disableGpgCheck, '--nogpgcheck'],
    [options.allowerasing, '--allowerasing'],
    [options.nobest, '--nobest'],
    [options.skipBroken && verb === 'install', '--skip-broken'],
    [options.security && verb === 'upgrade', '--security'],
    [options.bugfix && verb === 'upgrade', '--bugfix'],
  ];
  return [
    ...options.disablerepo.map((one) => `--disablerepo=${one}`),
    ...options.enablerepo.map((one) => `--enablerepo=${one}`),
    ...options.exclude.map((one) => `--exclude=${one}`),
    ...(options.releasever === undefined ? [] : [`--releasever=${options.releasever}`]),
    ...flags.flatMap(([isGiven, flag]) => (isGiven ? [flag] : [])),
    ...(options.installWeakDeps ? [] : ['--setopt=install_weak_deps=False']),
    `--setopt=clean_requirements_on_remove=${options.autoremove ? 'True' : 'False'}`,
    verb,
    ...names,
  ];
}
