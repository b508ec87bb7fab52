import { ExitCode, PlayError, unknownName } from '../errors/index.ts';
import type { Available } from './available.ts';
import type { PackageStanding, Standing } from './standing.ts';
import { compareVersions, newestOf } from './version.ts';

/** What was asked for on the command line. */
export interface DeployRequest {
  readonly name: string;
  readonly stage: string;
  /** Undefined: the newest there is. */
  readonly version: string | undefined;
  /** The version was typed in, and not found out: who names an old one means it. */
  readonly isNamed: boolean;
  readonly allowDowngrade: boolean;
  readonly skipStages: boolean;
  /** `-y`: nobody is asked. */
  readonly yes: boolean;
}

/** One host of a rollout. */
export interface Move {
  readonly host: string;
  readonly from: string | undefined;
  /** `repair`: the same version is there, half installed. */
  readonly kind: 'first' | 'upgrade' | 'downgrade' | 'repair' | 'none';
}

export interface Rollout {
  readonly name: string;
  readonly stage: string;
  readonly version: string;
  readonly moves: readonly Move[];
  /** Some host gets an older version than it has. */
  readonly isDowngrade: boolean;
}

/**
 * Whether a request may be carried out, and what it comes to on each host. Pure: what is known of hosts and repositories
 * comes in.
 *
 * @param targets the hosts of the stage that are meant
 * @param offers what each of them can be given
 * @throws PlayError that says what stands in the way
 */
export function decide(
  request: DeployRequest,
  standing: PackageStanding,
  targets: readonly Standing[],
  offers: ReadonlyMap<string, Available>,
): Rollout {
  for (const { host } of targets) refuseProblem(host, offers.get(host));
  const version = request.version ?? newestOf([...offers.values()].flatMap(({ candidate }) => candidate ?? []));
  if (version === undefined) throw notAvailable(request, targets);
  const moves = targets.map((one) => moveOf(one, version));
  for (const { host, kind } of moves)
    if (kind !== 'none') refuseUnoffered(request.name, version, host, offers.get(host));
  const rollout = {
    name: request.name,
    stage: request.stage,
    version,
    moves,
    isDowngrade: moves.some(({ kind }) => kind === 'downgrade'),
  };
  if (rollout.isDowngrade) refuseDowngrade(request, rollout);
  if (!request.skipStages && moves.some(({ kind }) => kind === 'first' || kind === 'upgrade'))
    refuseOutOfOrder(rollout, standing);
  return rollout;
}

function moveOf({ host, installed }: Standing, version: string): Move {
  const from = installed?.version;
  if (from === undefined) return { host, from, kind: 'first' };
  const order = compareVersions(version, from);
  const isThere = order === 0 && !installed?.broken;
  return { host, from, kind: isThere ? 'none' : order === 0 ? 'repair' : order > 0 ? 'upgrade' : 'downgrade' };
}

function refuseProblem(host: string, offer: Available | undefined): void {
  if (offer?.problem === undefined) return;
  throw new PlayError(`${host} cannot fetch its package lists`, {
    detail: offer.problem,
    hint: 'Nothing was changed. Fix its sources (apt-get update there), then try again.',
    exitCode: ExitCode.hostFailed,
  });
}

function notAvailable({ name }: DeployRequest, targets: readonly Standing[]): PlayError {
  return new PlayError(`No repository of ${targets.map(({ host }) => host).join(', ')} has the package ${name}`, {
    hint: "Nothing was changed. Check that the source which has it is among apt's sources on the host.",
  });
}

function refuseUnoffered(name: string, version: string, host: string, offer: Available | undefined): void {
  const versions = offer?.versions ?? [];
  if (versions.includes(version)) return;
  const there =
    versions.length === 0
      ? 'They have no version of it.'
      : `They have: ${versions.slice(0, 10).join(', ')}${versions.length > 10 ? ', ...' : ''}.`;
  const close = unknownName('version', version, versions).hint ?? '';
  throw new PlayError(`The repositories of ${host} do not have ${name} ${version}`, {
    hint: [...(close.startsWith('Did you') ? [close] : []), there, 'Nothing was changed.'].join('\n'),
  });
}

/**
 * Going back is never a by-product: the flag says it, or a version that was typed in and a question that was answered.
 */
function refuseDowngrade(request: DeployRequest, { name, stage, version, moves }: Rollout): void {
  if (request.allowDowngrade || (request.isNamed && !request.yes)) return;
  const [first] = moves.filter(({ kind }) => kind === 'downgrade');
  const command = `deploy ${name} ${stage} ${version}`;
  throw new PlayError(`${first?.host ?? stage} runs ${name} ${first?.from ?? ''}, which is newer than ${version}`, {
    hint: request.isNamed
      ? 'With -y nobody is asked; to go back anyway, add --allow-downgrade.'
      : `Nothing was changed. To go back name the version (${command}), or add --allow-downgrade.`,
  });
}

/** What goes to a stage runs on the one before: as new as that, or newer. */
function refuseOutOfOrder({ name, stage, version }: Rollout, standing: PackageStanding): void {
  const at = standing.stages.findIndex((hosts) => hosts[0]?.stage === stage);
  const before = at > 0 ? (standing.stages[at - 1] ?? []) : [];
  for (const { host, stage: earlier, installed } of before) {
    if (installed?.version !== undefined && !installed.broken && compareVersions(installed.version, version) >= 0)
      continue;
    const has =
      installed === undefined
        ? 'is not reached, so nobody knows what it runs'
        : installed.version === undefined
          ? `does not have ${name}`
          : installed.broken
            ? `has ${installed.version} half installed`
            : `runs ${installed.version}`;
    throw new PlayError(`${name} ${version} has not been on stage ${earlier} yet: ${host} ${has}`, {
      hint: `Nothing was changed. Deploy it to ${earlier} first, or skip that with --skip-stages.`,
      ...(installed === undefined ? { exitCode: ExitCode.unreachable } : {}),
    });
  }
}
