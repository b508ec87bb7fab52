import { ExitCode, PlayError, unknownName } from '../errors/index.ts';
import type { PackageStanding, Standing } from './standing.ts';
import { compareVersions } from './version.ts';

/** What a stage gets, since the one before runs it. */
export interface Promotion {
  readonly stage: string;
  readonly version: string;
}

/**
 * Finds what `promote` means: the first stage that has something older than the one before, or the stage that was
 * named.
 *
 * @returns undefined when every stage has what the one before runs
 * @throws PlayError where the stage before does not run one version, has it half installed, or is not known
 */
export function promotionOf({ name, stages }: PackageStanding, wanted: string | undefined): Promotion | undefined {
  if (stages.length < 2)
    throw new PlayError('There is only one stage, so there is nothing to promote', {
      hint: `deploy ${name} deploys to it.`,
    });
  if (wanted !== undefined) {
    const at = stages.findIndex((hosts) => hosts[0]?.stage === wanted);
    if (at < 0)
      throw unknownName(
        'stage',
        wanted,
        stages.flatMap((hosts) => hosts[0]?.stage ?? []),
      );
    if (at === 0)
      throw new PlayError(`${wanted} is the first stage: there is no stage before it`, {
        hint: `deploy ${name} ${wanted} gives it the newest version.`,
      });
    return { stage: wanted, version: versionOf(name, stages[at - 1] ?? []) };
  }
  for (const [i, hosts] of stages.entries()) {
    if (i === 0) continue;
    // Behind a stage that nobody knows may lie the one that is meant.
    const before = stages[i - 1] ?? [];
    refuseUnreached(name, [...before, ...hosts]);
    refuseBroken(name, before);
    if (before.every(({ installed }) => installed?.version === undefined)) continue;
    if (hosts.some(({ relation }) => relation === 'pending'))
      return { stage: hosts[0]?.stage ?? '', version: versionOf(name, before) };
  }
  return undefined;
}

function versionOf(name: string, hosts: readonly Standing[]): string {
  refuseUnreached(name, hosts);
  refuseBroken(name, hosts);
  const [first] = hosts;
  const version = first?.installed?.version;
  const stage = first?.stage ?? '';
  if (version === undefined)
    throw new PlayError(`Stage ${stage} does not have ${name}, so that there is nothing to promote`, {
      hint: `deploy ${name} ${stage} puts it there.`,
    });
  const other = hosts.find(
    ({ installed }) => installed?.version === undefined || compareVersions(installed.version, version) !== 0,
  );
  if (other) {
    throw new PlayError(
      `The hosts of stage ${stage} run different versions of ${name}: ${first?.host ?? ''} ${version}, ${other.host} ${other.installed?.version ?? 'none'}`,
      {
        hint: `Deploy one version to all of ${stage} first, or name the version to promote: deploy ${name} STAGE VERSION.`,
      },
    );
  }
  return version;
}

function refuseBroken(name: string, hosts: readonly Standing[]): void {
  const broken = hosts.find(({ installed }) => installed?.broken === true);
  if (broken === undefined) return;
  throw new PlayError(
    `${broken.host} of stage ${broken.stage} has ${name} ${broken.installed?.version ?? ''} half installed, so that there is nothing to promote`,
    {
      hint: `Nothing was changed. Install it again, or an older one: deploy ${name} ${broken.stage} VERSION.`,
    },
  );
}

function refuseUnreached(name: string, hosts: readonly Standing[]): void {
  const unknown = hosts.find(({ installed }) => installed === undefined);
  if (unknown)
    throw new PlayError(
      `What ${unknown.host} of stage ${unknown.stage} runs of ${name} is not known: it was not reached`,
      { exitCode: ExitCode.unreachable, hint: 'Nothing was changed.' },
    );
}
