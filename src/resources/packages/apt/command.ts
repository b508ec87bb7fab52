import { packageText, type PackageSpec } from './packages.ts';

export type AptState = 'present' | 'absent' | 'latest';
export type Upgrade = 'no' | 'safe' | 'full' | 'dist';

/** Options of apt that end up in a command line of apt-get. */
export interface CommandOptions {
  readonly installRecommends: boolean | undefined;
  readonly defaultRelease: string | undefined;
  readonly purge: boolean;
  readonly autoremove: boolean;
  readonly onlyUpgrade: boolean;
  readonly allowDowngrade: boolean;
  readonly allowChangeHeldPackages: boolean;
  readonly force: boolean;
}

function flags(options: CommandOptions): string[] {
  const { installRecommends, defaultRelease } = options;
  return [
    ...(installRecommends === undefined
      ? []
      : [installRecommends ? '--install-recommends' : '--no-install-recommends']),
    ...(defaultRelease === undefined ? [] : [`--target-release=${defaultRelease}`]),
    ...(options.autoremove ? ['--auto-remove'] : []),
    ...(options.purge ? ['--purge'] : []),
    ...(options.allowDowngrade || options.force ? ['--allow-downgrades'] : []),
    ...(options.allowChangeHeldPackages || options.force ? ['--allow-change-held-packages'] : []),
    ...(options.force ? ['--allow-remove-essential', '--allow-unauthenticated'] : []),
  ];
}

/** apt-get's arguments for packages: one call for all of them. */
export function packagesCommand(packages: readonly PackageSpec[], state: AptState, options: CommandOptions): string[] {
  if (state === 'absent')
    return [
      'remove',
      ...flags({ ...options, installRecommends: undefined, defaultRelease: undefined }),
      ...packages.map((one) => one.name),
    ];
  return [
    'install',
    ...flags(options),
    ...(options.onlyUpgrade ? ['--only-upgrade'] : []),
    ...packages.map(packageText),
  ];
}

/** As Ansible maps them: `safe` may install new packages but removes none, `full` and `dist` may do both. */
export function upgradeCommand(upgrade: 'safe' | 'full' | 'dist', options: CommandOptions): string[] {
  return upgrade === 'safe' ? ['upgrade', '--with-new-pkgs', ...flags(options)] : ['dist-upgrade', ...flags(options)];
}

export function autoremoveCommand(options: CommandOptions): string[] {
  return ['autoremove', ...flags({ ...options, autoremove: false })];
}
