import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, PlayError, nearest, unknownName } from '../errors/index.ts';
import { apt } from '../resources/index.ts';
import { promptLine, watchInterrupts } from '../runner/index.ts';
import { available, type Available } from './available.ts';
import { entriesBetween, parseChangelog, type ChangelogEntry } from './changelog.ts';
import type { Context } from './context.ts';
import { decide, type Rollout, type DeployRequest } from './decide.ts';
import { followJournals, type Following } from './follow.ts';
import { allHolds, heldServices } from './held.ts';
import { promotionOf } from './promotion.ts';
import { standingOf, type FleetStanding, type PackageStanding, type Standing } from './standing.ts';
import { startRun } from './start-run.ts';
import { versionsOn, type HostReport } from './survey.ts';

/** `deploy PACKAGE [STAGE] [VERSION]`: the newest version, or the one that is named. @returns the exit code */
export async function runDeploy([name = '', stage, version]: readonly string[], context: Context): Promise<number> {
  const { config } = context;
  refuseUnknown(name, stage, context);
  if (version !== undefined && !/^[A-Za-z0-9][A-Za-z0-9.+~:-]*$/.test(version))
    throw new PlayError(`"${version}" is not a version of a Debian package`);
  const reports = await survey(context);
  const fleet = tell(reports, context);
  return roll(
    {
      ...requestOf(name, context),
      stage: stage ?? config.stages[0]?.name ?? '',
      version,
      isNamed: version !== undefined,
    },
    fleet,
    reports,
    context,
  );
}

/** `promote PACKAGE [STAGE]`: what the stage before runs. @returns the exit code */
export async function runPromote([name = '', stage]: readonly string[], context: Context): Promise<number> {
  refuseUnknown(name, stage, context);
  const reports = await survey(context);
  const fleet = tell(reports, context);
  const promotion = promotionOf(standingIn(fleet, name), stage);
  if (promotion === undefined) {
    context.output.nothing(`Nothing to promote: no stage runs an older ${name} than the one before it.`);
    return ExitCode.ok;
  }
  return roll({ ...requestOf(name, context), ...promotion, isNamed: false }, fleet, reports, context);
}

function requestOf(name: string, { flags }: Context): Omit<DeployRequest, 'stage' | 'version' | 'isNamed'> {
  return { name, allowDowngrade: flags.allowDowngrade, skipStages: flags.skipStages, yes: flags.yes };
}

export function refuseUnknown(name: string, stage: string | undefined, { config }: Context): void {
  const where = { where: { file: config.file } };
  if (!config.packages.includes(name)) throw unknownName('package', name, config.packages, where);
  const stages = config.stages.map((one) => one.name);
  if (stage === undefined || stages.includes(stage)) return;
  const isVersion = /^\d/.test(stage) && nearest(stage, stages).length === 0;
  throw unknownName(
    'stage',
    stage,
    stages,
    isVersion
      ? {
          hint: `The version comes after its stage: deploy ${name} ${stages[0] ?? 'STAGE'} ${stage}. Stages: ${stages.join(', ')}.`,
        }
      : where,
  );
}

export function survey({ config, runner }: Context): Promise<HostReport[]> {
  return versionsOn(
    runner,
    config.stages.flatMap((stage) => stage.hosts),
    config.packages,
  );
}

export function tell(reports: readonly HostReport[], { config, output }: Context): FleetStanding {
  const fleet = standingOf(config.stages, config.packages, reports);
  output.status(fleet);
  output.holds(allHolds(reports));
  return fleet;
}

export function standingIn(fleet: FleetStanding, name: string): PackageStanding {
  return fleet.packages.find((one) => one.name === name) ?? { name, stages: [] };
}

async function roll(
  request: DeployRequest,
  fleet: FleetStanding,
  reports: readonly HostReport[],
  context: Context,
): Promise<number> {
  const { output, flags, runner, config } = context;
  const standing = standingIn(fleet, request.name);
  const targets = targetsOf(standing, request.stage, context);
  const offers = new Map(
    await Promise.all(
      targets.map(
        async (one) =>
          [
            one.host,
            await runner.ask(one.host, available({ ...request, installed: one.installed?.version }), {
              becomeUser: 'root',
            }),
          ] as const,
      ),
    ),
  );
  const rollout = decide(request, standing, targets, offers);
  const due = rollout.moves.filter(({ kind }) => kind !== 'none');
  output.plan(rollout, changesOf(rollout, offers));
  if (due.length === 0) return ExitCode.ok;
  const dueHosts = due.map(({ host }) => host);
  const held = flags.ignoreHold ? [] : heldServices(dueHosts, targets, reports);
  output.leftAlone(held);
  const moving = due.filter(({ host }) => !held.some((one) => one.host === host));
  if (moving.length === 0) return output.end(ExitCode.held);
  if (!flags.check && !flags.yes)
    await confirm(
      `${rollout.isDowngrade ? 'Go back to' : 'Deploy'} ${rollout.name} ${rollout.version} on stage ${rollout.stage}?`,
    );

  let isInstalling = true;
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const signal = watchInterrupts(
    () => isInstalling && say('\nInterrupted: finishing what is being installed. Ctrl-C again quits at once.'),
    () => say('\nLeft at once: an installation goes on, and the next run waits for it.'),
  );
  const following = flags.follow && !flags.check ? await follow(rollout, targets, context) : undefined;
  const exit = await startRun(
    playOf(rollout),
    moving.map(({ host }) => host),
    context,
    signal,
  );
  isInstalling = false;
  if (!flags.check && !signal.aborted) {
    const fresh = await versionsOn(
      runner,
      moving.map(({ host }) => host),
      config.packages,
    );
    output.say('');
    tell(
      reports.map((report) => fresh.find(({ host }) => host === report.host) ?? report),
      context,
    );
  }
  if (following) await followOn(following, context, signal);
  return exit === ExitCode.ok && held.length > 0 ? ExitCode.held : exit;
}

/**
 * The hosts of the stage that are meant. A stage is deployed as a whole: a lost host stops it, unless -l leaves that
 * host out.
 */
export function targetsOf(
  { stages }: PackageStanding,
  stage: string,
  { isMeant }: Context,
  done = 'deployed',
): readonly Standing[] {
  const all = stages.find((hosts) => hosts[0]?.stage === stage) ?? [];
  const targets = all.filter(({ host }) => isMeant(host));
  if (targets.length === 0)
    throw new PlayError(`-l leaves no host of stage ${stage}`, {
      hint: `It has ${all.map(({ host }) => host).join(', ')}.`,
    });
  const lost = targets.filter(({ installed }) => installed === undefined).map(({ host }) => host);
  if (lost.length > 0) {
    throw new PlayError(
      `${lost.join(', ')} of stage ${stage} ${lost.length === 1 ? 'is' : 'are'} unreachable: nothing was ${done}`,
      {
        exitCode: ExitCode.unreachable,
        ...(lost.length < targets.length
          ? {
              hint: `To deploy to the others of the stage: -l '${stages
                .flat()
                .map(({ host }) => host)
                .filter((host) => !lost.includes(host))
                .join(',')}'`,
            }
          : {}),
      },
    );
  }
  return targets;
}

/** Of the host that is furthest behind, or ahead: its way is the longest. */
function changesOf(
  { version, moves }: Rollout,
  offers: ReadonlyMap<string, Available>,
): readonly ChangelogEntry[] | undefined {
  const told = moves.flatMap(({ host, from, kind }) => {
    const text = offers.get(host)?.changelog;
    return text === undefined || kind === 'none' ? [] : [entriesBetween(parseChangelog(text), from, version)];
  });
  return told.toSorted((a, b) => b.length - a.length)[0];
}

export async function confirm(question: string): Promise<void> {
  const answer = await promptLine(`${question} [y/N] `);
  if (answer === undefined)
    throw new PlayError('There is no terminal to ask at', {
      hint: 'Add -y to go ahead, or -C to only look. Nothing was changed.',
    });
  if (!/^\s*y(es)?\s*$/i.test(answer)) throw new PlayError('Not wanted: nothing was changed');
}

/** One host after the other: where the first fails, the others of the stage still have what worked. */
function playOf({ name, stage, version, moves }: Rollout): Parameters<typeof startRun>[0] {
  const kinds = new Map(moves.map(({ host, kind }) => [host, kind]));
  return {
    name: `deploy ${name} to ${stage}`,
    serial: 1,
    tasks: ({ host }) => [
      apt({ name: `${name}=${version}`, updateCache: true, allowDowngrade: kinds.get(host.name) === 'downgrade' }),
    ],
  };
}

function follow(
  { name, moves }: Rollout,
  targets: readonly Standing[],
  { runner, flags }: Context,
): Promise<Following> {
  const followed = moves
    .filter(({ kind }) => kind !== 'none')
    .map(({ host }) => {
      const units = targets.find((one) => one.host === host)?.installed?.services.map(({ unit }) => unit) ?? [];
      // Of a package that is not there yet nobody knows the units; most have one of their own name.
      return { host, units: units.length > 0 ? units : [`${name}.service`] };
    });
  return followJournals(runner, followed, flags.output);
}

async function followOn(following: Following, { flags, output }: Context, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    if (flags.followFor === undefined) output.say('', 'Following the journal; Ctrl-C ends it.');
    const forever = 2 ** 31 - 1;
    await sleep(flags.followFor === undefined ? forever : flags.followFor * 1000, undefined, { signal }).catch(
      () => undefined,
    );
  }
  await following.end();
}
