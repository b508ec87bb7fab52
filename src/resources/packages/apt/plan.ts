import {
  predict,
  settled,
  type Change,
  type Found,
  type Prediction,
  type Plan,
  type Question,
} from '../../../contract/index.ts';
import { stat } from '../../../probes/index.ts';
import { aptHost, aptListsSubject, type AptHost } from '../apt-host.probe.ts';
import {
  aptForesight,
  aptSimulation,
  aptSimulationInTurn,
  type AptAction,
  type AptRequest,
  type AptSimulation,
} from '../apt-simulate.probe.ts';
import { debHead } from '../deb-address.probe.ts';
import { debFile } from '../deb-file.probe.ts';
import { packageState } from '../package.probe.ts';
import {
  autoremoveCommand,
  packagesCommand,
  upgradeCommand,
  type AptState,
  type CommandOptions,
  type Upgrade,
} from './command.ts';
import { fetchedPackage, publishedPackage, type WantedAddress } from './deb-address.ts';
import { futureOf } from './future.ts';
import { isSettled, type PackageSpec } from './packages.ts';
import { unmetPin } from './pins.ts';
import { plannedSources, preferencesFor } from './planned-files.ts';
import { askedBy, plannedHost } from './planned-host.ts';
import { aptStep, type AptStepOptions } from './step.ts';

/** A package that apt installed, upgraded, downgraded or removed. */
export interface AptChange {
  /** Its name. */
  readonly name: string;
  /** The version before; null: it was not installed; `unpacked`: an interrupted run left it half installed. */
  readonly from: string | null;
  /** The version after; null: it was removed. */
  readonly to: string | null;
}

/** What later tasks read. */
export interface AptResult {
  /**
   * Each package whose version changed, including dependencies that were installed or removed. Empty if nothing
   * changed.
   */
  readonly packages: readonly AptChange[];
}

export interface WantedPackages extends CommandOptions, AptStepOptions {
  /** A package file on the host, in place of packages. */
  readonly deb?: string | undefined;
  /** The same, published somewhere. */
  readonly address?: WantedAddress | undefined;
  readonly packages: readonly PackageSpec[];
  readonly state: AptState;
  readonly upgrade: Upgrade;
  readonly autoclean: boolean;
  readonly updateCache: boolean;
  /** Seconds; undefined: not asked for. */
  readonly cacheValidTime: number | undefined;
  /** Preferences (apt_preferences(5)) that count for this alone, above those of the host; empty for none. */
  readonly preferences: string;
  /** Check mode: also look into the packages that would come, for what they bring. */
  readonly looksInside: boolean;
}

const nothing: Plan<AptResult> = settled({ packages: [] });

/** The questions that are sure to be needed: none that costs apt's start-up, if dpkg alone can tell. */
export function aptQuestions(wanted: WantedPackages): Question[] {
  return [
    aptHost,
    ...wanted.packages.map((one) => packageState(one.name)),
    ...(wanted.deb === undefined ? [] : [debFile(wanted.deb)]),
    ...(wanted.address === undefined ? [] : [debHead(wanted.address.request)]),
  ];
}

export function planApt(wanted: WantedPackages, found: Found): Plan<AptResult> {
  const host = found.get(aptHost);
  if (wanted.deb !== undefined) return planDeb(wanted, wanted.deb, found);
  if (wanted.address !== undefined) return planAddress(wanted, wanted.address, found);
  const isStale = listsAreStale(wanted, host) || (!host.refreshed && plannedSources(found).files.length > 0);
  const commands = commandsFor(wanted, found);
  const isUpdateAlone =
    commands.length === 0 &&
    wanted.packages.length === 0 &&
    (wanted.updateCache || wanted.cacheValidTime !== undefined);
  if (commands.length === 0) return isUpdateAlone && isStale ? updateAlone(wanted) : nothing;
  return joined(commands.map((command) => planCommand(wanted, command, isStale, found)));
}

/** A file: the package in it is installed where the host has another version, or none. */
function planDeb(wanted: WantedPackages, path: string, found: Found): Plan<AptResult> {
  const file = found.get(debFile(path));
  if ('is' in file) {
    found.require(false, {
      failure: file.is === 'absent' ? `there is no file ${path}` : `${path} is not a Debian package: ${file.why}`,
      ...(file.is === 'absent' ? { hint: 'Put it there first, with getUrl() or copy().' } : {}),
    });
    return nothing;
  }
  const now = found.get(packageState(file.name));
  if (now.installed && now.version === file.version) return nothing;
  if (found.planned(stat(path)) !== undefined)
    return {
      ...nothing,
      may: `${file.name} ${file.version} comes, and apt can tell what else only once ${path} is there`,
    };
  const isStale = listsAreStale(wanted, found.get(aptHost));
  const command = packagesCommand([{ name: path, version: undefined }], 'present', wanted);
  return planCommand({ ...wanted, packages: [{ name: file.name, version: undefined }] }, command, isStale, found);
}

/** The same of a file that is published: its head tells what it is, and only one that is due is fetched whole. */
function planAddress(wanted: WantedPackages, address: WantedAddress, found: Found): Plan<AptResult> {
  const published = publishedPackage(address, found);
  if ('failure' in published) return { ...nothing, ...published };
  const { name, version } = published;
  const now = found.get(packageState(name));
  if (now.installed && now.version === version) return nothing;
  const fetched = fetchedPackage(address, found);
  if ('failure' in fetched)
    return { ...nothing, changes: [{ what: `package ${name}`, from: now.version, to: version }], ...fetched };
  const isStale = listsAreStale(wanted, found.get(aptHost));
  const command = packagesCommand([{ name: fetched.path, version: undefined }], 'present', wanted);
  const spec = { name, version: undefined };
  return planCommand(
    { ...wanted, address: undefined, packages: [spec], fetched: { path: fetched.path, name } },
    command,
    isStale,
    found,
  );
}

/** Whether the lists are to be fetched before anything is made of them. */
export function listsAreStale(
  { updateCache, cacheValidTime }: Pick<WantedPackages, 'updateCache' | 'cacheValidTime'>,
  host: AptHost,
): boolean {
  if (host.listsAge === null) return true;
  if (!updateCache && cacheValidTime === undefined) return false;
  return host.listsAge >= (cacheValidTime ?? 0);
}

function commandsFor(wanted: WantedPackages, found: Found): string[][] {
  if (wanted.upgrade !== 'no') return [upgradeCommand(wanted.upgrade, wanted)];
  if (wanted.packages.length > 0) {
    const due = wanted.packages.filter(
      (one) => !isSettled(one, wanted.state, found.get(packageState(one.name)), wanted),
    );
    return due.length > 0 ? [packagesCommand(due, wanted.state, wanted)] : [];
  }
  return [...(wanted.autoremove ? [autoremoveCommand(wanted)] : []), ...(wanted.autoclean ? [['autoclean']] : [])];
}

/** Fetching lists leaves the host as good as it was: done, but not reported as a change. */
function updateAlone(wanted: WantedPackages): Plan<AptResult> {
  return {
    changes: [{ what: 'package lists', to: 'fetched' }],
    steps: [aptStep([], true, wanted)],
    after: [fetched({ listsAge: 0, refreshed: true, planned: [] })],
    touches: [aptListsSubject],
    quiet: true,
    again: true,
    result: { packages: [] },
  };
}

function fetched(answer: AptHost): Prediction {
  return { question: aptHost, answer };
}

/** What one call of apt-get does. */
export function planCommand(
  wanted: WantedPackages,
  command: readonly string[],
  isStale: boolean,
  found: Found,
): Plan<AptResult> {
  const host = found.get(aptHost);
  let refresh = isStale || host.refreshed;
  const preferences = preferencesFor(wanted, found);
  const { files: sources, isWhole } = plannedSources(found);
  const request = (): AptRequest => ({ command, refresh, planned: host.planned, preferences, sources });
  const ask = (): AptSimulation => simulate(wanted, request(), found);
  let simulation = ask();
  // Lists that do not know a package, or name one that the archive has replaced, may just be old.
  const isAsked = (name: string): boolean =>
    wanted.packages.some((one) => one.version !== undefined && one.name.replace(/:.*/, '') === name.replace(/:.*/, ''));
  const unmetOf = (one: AptSimulation): string | undefined => unmetPin(one, isAsked);
  const isOutdated =
    simulation.problem === null
      ? simulation.contentsProblem !== null || unmetOf(simulation) !== undefined
      : isUnknown(simulation.problem);
  const update = isStale || (isOutdated && !refresh);
  if (update && !refresh) {
    refresh = true;
    simulation = ask();
  }
  const knowsSources = isWhole && simulation.unfetched === null;
  if (simulation.problem !== null) {
    const others = withoutProvided(wanted, simulation, found);
    return others.length < wanted.packages.length
      ? planApt({ ...wanted, packages: others }, found)
      : unplannable(simulation, knowsSources, found);
  }
  if (!knowsSources) found.trust('sources that are planned have nothing newer', 'changes');
  const { deleted } = simulation;
  const actions = sorted(simulation.actions);
  const unmet = unmetOf(simulation);
  if (unmet !== undefined) {
    const why = mayKnowMore(knowsSources, found);
    return why === undefined
      ? { ...nothing, failure: `${unmet}\n${pinHint}` }
      : { ...nothing, may: `${unmet}, but ${why}` };
  }
  const lost = wanted.state === 'absent' ? undefined : actions.find((one) => one.to === null && isWanted(one, wanted));
  if (lost !== undefined)
    return {
      ...nothing,
      failure: `apt would remove ${lost.name}, which is wanted: it conflicts with the others\n${conflictHint}`,
    };
  if (actions.length === 0 && deleted.length === 0) return nothing;
  const step = aptStep(command, update, wanted);
  const changes = [
    ...changesOf(actions, wanted),
    ...deleted.map((one) => ({ what: `cached package ${one}`, to: 'deleted' })),
  ];
  const unmade = update ? whyNoUpdate(simulation, sources.length === 0, found) : undefined;
  if (unmade !== undefined) return { ...nothing, changes, failure: `Could not ${step.label}`, hint: unmade };
  // Nothing else tells that the cache was cleaned.
  const cleaned = actions.length > 0 ? [] : [predict(aptSimulation(request()), { ...simulation, deleted: [] })];
  return {
    changes,
    steps: [step],
    after: [fetched(plannedHost(host, simulation, askedBy(command, wanted.packages), update)), ...cleaned],
    foreseen: () => futureOf(simulation, wanted.dpkgOptions, found),
    touches: [{ on: 'everything' }, { on: 'packages' }],
    result: { packages: actions.map(({ name, from, to }) => ({ name, from, to })) },
  };
}

/** Check mode: why the lists, which are due, will not be fetched, as nothing is installed then. A run tries it again. */
function whyNoUpdate({ notUpdated }: AptSimulation, knowsSources: boolean, found: Found): string | undefined {
  if (notUpdated === null || found.forecast === undefined) return undefined;
  const hope = mayKnowMore(knowsSources, found);
  if (hope !== undefined) found.assume(`the package lists can be fetched by then (${notUpdated}; but ${hope})`);
  return hope === undefined ? notUpdated : undefined;
}

/** What a run must know of every host is asked with all else; what only a change needs, when its turn comes. */
function simulate(wanted: WantedPackages, request: AptRequest, found: Found): AptSimulation {
  const isForetold = found.forecast !== undefined && wanted.looksInside;
  const isAlwaysAsked = wanted.state === 'latest' || wanted.packages.length === 0;
  if (!isAlwaysAsked) return found.get(isForetold ? aptForesight(request) : aptSimulationInTurn(request));
  const simulation = found.get(aptSimulation(request));
  const isSomething = simulation.problem === null && simulation.actions.length > 0;
  return isForetold && isSomething ? found.get(aptForesight(request)) : simulation;
}

/**
 * Packages but for the names that one of several installed packages stands for: there is nothing to choose any more.
 */
function withoutProvided(
  { packages, state }: WantedPackages,
  { providers }: AptSimulation,
  found: Found,
): readonly PackageSpec[] {
  if (state !== 'present') return packages;
  const questions = [...providers.values()].flat().map(packageState);
  found.need(...questions);
  return packages.filter(
    ({ name, version }) =>
      version !== undefined || !providers.get(name)?.some((one) => found.get(packageState(one)).installed),
  );
}

/**
 * Check mode: why apt may have more to offer by then: a source that an earlier task adds and that could not be asked
 * yet, or a command that may add one.
 */
function mayKnowMore(knowsSources: boolean, found: Found): string | undefined {
  return knowsSources ? found.forecast?.mayAddSources : "an earlier task changes apt's sources";
}

const isWanted = (action: AptAction, { packages }: WantedPackages): boolean =>
  packages.some((one) => one.name.replace(/:.*/, '') === action.name.replace(/:.*/, ''));

const conflictHint = 'Leave one of them out.';

const pinHint = 'Add the source which has it, or fix the pin.';

function unplannable(
  { problem, providers, offered, notUpdated }: AptSimulation,
  knowsSources: boolean,
  found: Found,
): Plan<AptResult> {
  if (problem === null) return nothing;
  const isLacking = isUnknown(problem) || lacksDependency.test(problem);
  const why = mayKnowMore(knowsSources, found);
  if (isLacking && why !== undefined)
    return { ...nothing, may: `${isUnknown(problem) ? 'apt does not know it yet' : problem}, but ${why}` };
  const versions = [...problem.matchAll(/^Version .* for '([^']+)' was not found$/gm)].flatMap(([, name = '']) =>
    offered.has(name) ? [`Of ${name} there is ${offered.get(name)?.join(', ') ?? ''}.`] : [],
  );
  const choices = [...providers]
    .filter(([name]) => !offered.has(name))
    .map(([name, list]) => `${name} is a virtual package: choose one of ${list.join(', ')}.`);
  const told = [...versions, ...choices];
  const hint = told.length > 0 ? told.join('\n') : hints.find(([pattern]) => pattern.test(problem))?.[1];
  // Lists that could not be fetched explain what is lacking, and no other refusal.
  const lists = isLacking && notUpdated !== null ? `${notUpdated.replaceAll(/^E: /gm, '')}\n` : '';
  return { ...nothing, failure: `apt-get refuses: ${lists}${problem}${hint === undefined ? '' : `\n${hint}`}` };
}

const isUnknown = (problem: string): boolean =>
  /Unable to locate|was not found|no installation candidate/.test(problem);

/** What a package needs is in no source, or only in a version that does not do. */
const lacksDependency = /\bDepends: .*\bbut (?:it is not installable|\S+ is (?:to be )?installed)/;

const hints: readonly (readonly [RegExp, string])[] = [
  [/--allow-downgrades/, 'An older version than the installed one needs `allowDowngrade: true`.'],
  [
    /--allow-change-held-packages/,
    'The package is on hold (apt-mark showhold); `allowChangeHeldPackages: true` overrules that.',
  ],
  [/--allow-remove-essential/, 'That would remove a package the system cannot do without.'],
  [/^Version .* was not found/m, 'To list the versions: apt-cache madison NAME.'],
  [
    /Unable to locate package|no installation candidate/,
    "Check the name, and that the source which has it is among apt's sources on the host.",
  ],
];

/** By name: the order in which apt configures packages is only known in check mode. */
function sorted(actions: readonly AptAction[]): readonly AptAction[] {
  return actions.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The packages that were asked for first, then what comes along or goes. */
function changesOf(actions: readonly AptAction[], { packages }: WantedPackages): Change[] {
  const asked = new Set(packages.map((one) => one.name.replace(/:.*/, '')));
  const isAsked = (action: AptAction): boolean => asked.has(action.name.replace(/:.*/, ''));
  return [...actions.filter(isAsked), ...actions.filter((one) => !isAsked(one))].map((action) => ({
    what: `package ${action.name}`,
    from: action.from ?? 'absent',
    to:
      action.to ??
      (isAsked(action) || packages.length === 0
        ? gone(action)
        : `${gone(action)}, since it does not go with the others`),
    ...(action.to === null || isAsked(action) || packages.length === 0 ? {} : { along: true }),
  }));
}

function gone({ purge }: AptAction): string {
  return purge ? 'absent, with its configuration' : 'absent';
}

function joined(plans: readonly Plan<AptResult>[]): Plan<AptResult> {
  const [only] = plans;
  if (only && plans.length === 1) return only;
  const failed = plans.find((plan) => plan.failure !== undefined);
  if (failed) return failed;
  return {
    changes: plans.flatMap((plan) => plan.changes),
    steps: plans.flatMap((plan) => plan.steps),
    after: plans.flatMap((plan) => plan.after),
    touches: plans.flatMap((plan) => plan.touches),
    foreseen: () => plans.flatMap((plan) => plan.foreseen?.() ?? []),
    result: { packages: plans.flatMap((plan) => plan.result.packages) },
  };
}
