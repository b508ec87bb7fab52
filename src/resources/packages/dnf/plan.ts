import { predict, settled, type Change, type Found, type Plan, type Question } from '../../../contract/index.ts';
import { content } from '../../../probes/index.ts';
import { inOrder } from '../../kit/in-order.ts';
import { dnfHost, requireDnf, type DnfHost } from '../dnf-host.probe.ts';
import {
  dnfSimulation,
  dnfSimulationInTurn,
  type DnfAction,
  type DnfRequest,
  type DnfSimulation,
} from '../dnf-simulate.probe.ts';
import { rpmKeys } from '../rpm-keys.probe.ts';
import { installedRpms, type InstalledRpm } from '../rpm.probe.ts';
import { dnfCommand, type DnfOptions } from './command.ts';
import { isFile, isGroup, mayMean, nameOf, shownVersion } from './specs.ts';
import { dnfStep } from './step.ts';

/** A package that dnf installed, upgraded, downgraded or removed. */
export interface DnfChange {
  /** Its name. */
  readonly name: string;
  /** The version before, with its epoch (`0:1.2-3.el9`); null: it was not installed. */
  readonly from: string | null;
  /** The version after; null: it was removed. */
  readonly to: string | null;
}

/** What later tasks read. */
export interface DnfResult {
  /**
   * Each package whose version changed, including dependencies that were installed or removed. Empty if nothing
   * changed.
   */
  readonly packages: readonly DnfChange[];
}

export interface WantedRpms extends DnfOptions {
  readonly names: readonly string[];
  readonly state: 'present' | 'latest' | 'absent';
  readonly updateOnly: boolean;
  readonly updateCache: boolean;
  readonly allowDowngrade: boolean;
  /** Seconds to wait for dnf's lock. */
  readonly lockTimeout: number;
}

type Outcome = Plan<DnfResult>;
/** `mend`: an upgrade that was cut off half way has left two versions of a package. */
type Verb = 'install' | 'upgrade' | 'remove' | 'autoremove' | 'mend';

const nothing: Outcome = settled({ packages: [] });

/** The questions that are sure to be needed: none that starts dnf, if rpm alone can tell. */
export function dnfQuestions({ names }: WantedRpms): Question[] {
  return [dnfHost, ...names.filter((one) => one !== '*').map((one) => installedRpms(one))];
}

export function planDnf(wanted: WantedRpms, found: Found): Outcome {
  requireDnf(found);
  const calls = callsFor(wanted, found);
  if (calls.length === 0)
    return wanted.updateCache && wanted.names.length === 0 && !wanted.autoremove ? makeCache(wanted) : nothing;
  const [first] = calls;
  if (first !== undefined && calls.length === 1) return planCall(wanted, first, found);
  const done: Outcome[] = [];
  const plan = inOrder(
    found,
    nothing.result,
    ...calls.map((call) => (now: Found) => {
      const part = planCall(wanted, call, now);
      done.push(part);
      return part;
    }),
  );
  return {
    ...plan,
    ...(done.some((one) => one.unforeseen) ? { unforeseen: true } : {}),
    result: { packages: done.flatMap((one) => one.result.packages) },
  };
}

interface Call {
  readonly verb: Verb;
  readonly names: readonly string[];
}

/** Which calls of dnf it takes. dnf installs what is missing by one, and upgrades what is there by another. */
function callsFor(wanted: WantedRpms, found: Found): Call[] {
  const { names, state, autoremove, updateOnly } = wanted;
  if (names.length === 0) return autoremove ? [{ verb: 'autoremove', names: [] }] : [];
  const due = names.filter((one) => state === 'latest' || !isSettled(one, state, found));
  if (due.includes('*')) return [{ verb: 'upgrade', names: [] }];
  const twice = state === 'absent' ? [] : names.filter((one) => isTwice(found.get(installedRpms(one))));
  const mended = twice.length > 0 ? [{ verb: 'mend' as const, names: twice }] : [];
  if (due.length === 0) return mended;
  if (state !== 'latest') return [...mended, { verb: state === 'absent' ? 'remove' : 'install', names: due }];
  const isThere = (one: string): boolean => !isFile(one) && !isGroup(one) && found.get(installedRpms(one)).length > 0;
  const [old, fresh] = [due.filter(isThere), updateOnly ? [] : due.filter((one) => !isThere(one))];
  return [
    ...mended,
    ...(fresh.length > 0 ? [{ verb: 'install' as const, names: fresh }] : []),
    ...(old.length > 0 ? [{ verb: 'upgrade' as const, names: old }] : []),
  ];
}

/** Whether a package is there in two versions. Of those that may be (kernels) dnf knows. */
function isTwice(all: readonly InstalledRpm[]): boolean {
  const names = all.map(({ name, arch }) => `${name}.${arch}`);
  return new Set(names).size < names.length;
}

/** Whether rpm alone can tell that nothing is to be done. What a group has, only dnf knows. */
function isSettled(spec: string, state: 'present' | 'absent', found: Found): boolean {
  if (isGroup(spec)) return false;
  const isPlanned = found.get(dnfHost).planned.some((one) => mayMean(spec, nameOf(one)));
  const isExact = found.planned(installedRpms(spec)) !== undefined;
  if (isPlanned && !isExact) return false;
  const isThere = found.get(installedRpms(spec)).length > 0;
  return state === 'present' ? isThere : !isThere;
}

/** Fetching metadata leaves the host as good as it was: done, but not reported as a change. */
function makeCache(wanted: WantedRpms): Outcome {
  return {
    ...nothing,
    changes: [{ what: 'metadata of repositories', to: 'fetched' }],
    steps: [
      dnfStep(dnfCommand('makecache', [], wanted, true), 'fetch the metadata of repositories', wanted.lockTimeout),
    ],
    quiet: true,
    again: true,
  };
}

function planCall(wanted: WantedRpms, { verb, names }: Call, found: Found): Outcome {
  const host = found.get(dnfHost);
  const command =
    verb === 'mend'
      ? dnfCommand('remove', ['--duplicates'], wanted, false)
      : dnfCommand(verb, names, wanted, wanted.updateCache);
  const { files: repositories, isWhole } = plannedRepositories(found);
  const isPrivate = found.forecast !== undefined;
  // What is to be upgraded is left to dnf: a version that is only planned would hold it.
  const planned = verb === 'upgrade' ? host.planned.filter((one) => !isNamed(nameOf(one), names)) : host.planned;
  const getsKey = found.planned(rpmKeys) !== undefined;
  const request: DnfRequest = { state: wanted.state, command, planned, repositories, names, isPrivate, getsKey };
  const isAlwaysAsked = wanted.state === 'latest' || verb === 'autoremove' || names.some(isGroup);
  const simulation = found.get((isAlwaysAsked ? dnfSimulation : dnfSimulationInTurn)(request));
  if (verb === 'mend' && simulation.problem?.startsWith('No duplicated packages')) return nothing;
  if (simulation.problem !== null) return refused(simulation.problem, isWhole, found);
  if (!isWhole) found.trust('repositories that are planned have nothing newer', 'changes');
  const actions = [...simulation.actions, ...plannedGone(verb, names, host, simulation)].flatMap((one) =>
    fromPlanned(one, host),
  );
  const older = wanted.allowDowngrade ? undefined : actions.find((one) => isAsked(one, names) && one.isOlder);
  if (older !== undefined)
    return {
      ...nothing,
      failure: `${older.name} is installed in the newer version ${shownVersion(older.from ?? '')}`,
      hint: 'An older version needs `allowDowngrade: true`.',
    };
  const changes = changesOf(simulation, actions, names, verb);
  if (changes.length === 0) return nothing;
  return {
    changes,
    steps: [dnfStep(command, `${verb} ${names.join(', ')}`.trim(), wanted.lockTimeout)],
    after: [
      predict(dnfHost, plannedHost(host, actions)),
      ...actions.map((one) =>
        predict(installedRpms(one.name), one.to === null ? [] : [{ name: one.name, evr: one.to, arch: one.arch }]),
      ),
      ...[...simulation.after].map(([spec, all]) => predict(installedRpms(spec), all)),
      // Nothing is left to do then: only dnf knows about groups.
      ...(isAlwaysAsked
        ? [predict(dnfSimulation({ ...request, planned: plannedHost(host, actions).planned }), done(simulation))]
        : []),
    ],
    touches: [{ on: 'everything' }, { on: 'packages' }],
    // What packages bring is not looked into.
    unforeseen: actions.some((one) => one.to !== null),
    result: { packages: actions.map(({ name, from, to }) => ({ name, from, to })) },
  };
}

const done = (simulation: DnfSimulation): DnfSimulation => ({
  ...simulation,
  actions: [],
  groups: [],
  gone: [],
  modules: [],
});

/** Check mode: what earlier tasks will have installed, and this one removes. dnf does not know of it yet. */
function plannedGone(
  verb: Verb,
  names: readonly string[],
  { planned }: DnfHost,
  { actions }: DnfSimulation,
): DnfAction[] {
  if (verb !== 'remove') return [];
  return planned
    .filter((one) => !one.startsWith('-') && !isFile(one) && isNamed(nameOf(one), names))
    .filter((one) => !actions.some(({ name }) => name === nameOf(one)))
    .map((one) => ({ name: nameOf(one), arch: partsOf(one).arch, from: null, to: null, at: null, isOlder: false }));
}

/** Check mode: with the version that earlier tasks will have installed in place of the present one. */
function fromPlanned(action: DnfAction, { planned }: DnfHost): DnfAction[] {
  const then = planned.find((one) => !one.startsWith('-') && !isFile(one) && nameOf(one) === action.name);
  if (then === undefined) return [action];
  const from = partsOf(then).evr;
  return from === action.to ? [] : [{ ...action, from }];
}

const isNamed = (name: string, names: readonly string[]): boolean => names.some((spec) => mayMean(spec, name));

function partsOf(nevra: string): { readonly evr: string; readonly arch: string } {
  const [, evr = '', arch = ''] = /-(\d+:[^-]*-[^-]*)\.([^.]*)$/.exec(nevra) ?? [];
  return { evr, arch };
}

function plannedHost(host: DnfHost, actions: readonly DnfAction[]): DnfHost {
  const names = new Set(actions.map((one) => one.name));
  return {
    ...host,
    planned: [
      ...host.planned.filter((one) => isFile(one) || !names.has(nameOf(one))),
      ...actions.map((one) =>
        one.to === null
          ? `-${one.name}-${one.from ?? ''}.${one.arch}`
          : (one.at ?? `${one.name}-${one.to}.${one.arch}`),
      ),
    ],
  };
}

/** Check mode: files of repositories that earlier tasks write or remove. */
function plannedRepositories(found: Found): {
  readonly files: DnfRequest['repositories'];
  readonly isWhole: boolean;
} {
  const planned = found.plannedBelow('/etc/yum.repos.d').filter(({ path }) => path.endsWith('.repo'));
  const files = planned.flatMap(({ path, after }): [string, Buffer | null][] => {
    if (after.type === 'absent') return [[path, null]];
    const text = found.get(content(path));
    return 'bytes' in text ? [[path, text.bytes]] : [];
  });
  return { files, isWhole: files.length === planned.length };
}

function refused(problem: string, isWhole: boolean, found: Found): Outcome {
  const isUnknown = /Unable to find a match|No match for argument/.test(problem);
  const why = isWhole ? found.forecast?.mayAddSources : 'an earlier task changes repositories';
  if (isUnknown && why !== undefined) return { ...nothing, may: `dnf does not know it yet, but ${why}` };
  const hint = hints.find(([pattern]) => pattern.test(problem))?.[1];
  return { ...nothing, failure: `dnf refuses: ${problem}`, ...(hint === undefined ? {} : { hint }) };
}

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /Unable to find a match|No match for argument/,
    'Check the name, and that the repository which has it is there and enabled (`enablerepo`).',
  ],
  [/Failed to download metadata/, 'The repository cannot be reached; `disablerepo` leaves it out.'],
  [/GPG public keys/, 'Have rpm trust the key of the repository: rpmKey(), or `gpgkey` of yumRepository().'],
  [/protected packages/, 'That would remove a package the system cannot do without.'],
];

function isAsked(action: DnfAction, names: readonly string[]): boolean {
  return action.at !== null || isNamed(action.name, names);
}

/** The packages that were asked for first, then what comes along or goes. */
function changesOf(
  { groups, gone, modules }: DnfSimulation,
  actions: readonly DnfAction[],
  names: readonly string[],
  verb: Verb,
): Change[] {
  const removed = verb === 'mend' ? 'absent, as a newer version is there' : 'absent';
  const asked = actions.filter((one) => isAsked(one, names));
  const others = actions.filter((one) => !isAsked(one, names));
  return [
    ...groups.map((one) => ({ what: `group ${one}`, to: 'installed' })),
    ...gone.map((one) => ({ what: `group ${one}`, to: 'absent' })),
    ...modules.map((one) => ({ what: `module ${one}`, to: 'enabled' })),
    ...[...asked, ...others].map((one) => ({
      what: `package ${one.name}`,
      from: one.from === null ? 'absent' : shownVersion(one.from),
      to: one.to === null ? removed : shownVersion(one.to),
      ...(one.to !== null && others.includes(one) && names.length > 0 ? { along: true as const } : {}),
    })),
  ];
}
