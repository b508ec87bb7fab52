import { PlayError } from '../../../errors/index.ts';
import type { PlannedPatch } from '../../../plans/index.ts';

/** What a command line of `play patch` chooses. */
export interface PatchChoices {
  readonly security: boolean;
  readonly full: boolean;
  readonly only: readonly string[];
  readonly exclude: readonly string[];
  /** Restart services that run replaced files. */
  readonly restart: boolean;
  /** Reboot hosts that need it. */
  readonly rebootIfNeeded: boolean;
  readonly rebootTimeout: number;
  readonly serial?: readonly (number | string)[];
  readonly gate: readonly string[];
}

/**
 * The same as its plan keeps it.
 *
 * @throws PlayError for gates: a plan may be anybody's, and would have hosts ask any address
 */
export function patchOptionsOf(chosen: PatchChoices): PlannedPatch {
  if (chosen.gate.length > 0)
    throw new PlayError('--gate is not kept in plans: anybody who edits one could make hosts request any address', {
      hint: 'Gates of the project are part of it: `patch: { gate }` in play.config.ts.',
    });
  const { security, full, only, exclude, restart, rebootIfNeeded, rebootTimeout, serial } = chosen;
  return {
    ...(security ? { security } : {}),
    ...(full ? { full } : {}),
    ...(only.length > 0 ? { only: [...only] } : {}),
    ...(exclude.length > 0 ? { exclude: [...exclude] } : {}),
    ...(restart ? { restart } : {}),
    ...(rebootIfNeeded ? { rebootIfNeeded, rebootTimeout } : {}),
    ...(serial === undefined ? {} : { serial: serial.map(String) }),
  };
}

/** The arguments that derive it again. */
export function patchArguments(patch: PlannedPatch): string[] {
  return [
    ...(patch.security ? ['--security'] : []),
    ...(patch.full ? ['--full'] : []),
    ...(patch.only ?? []).map((name) => `--only=${name}`),
    ...(patch.exclude ?? []).map((name) => `--exclude=${name}`),
    ...(patch.restart ? ['--restart'] : []),
    ...(patch.rebootIfNeeded ? ['--reboot-if-needed'] : []),
    ...(patch.rebootTimeout === undefined ? [] : [`--reboot-timeout=${patch.rebootTimeout}`]),
    ...(patch.serial === undefined ? [] : [`--serial=${patch.serial.join(',')}`]),
  ];
}
