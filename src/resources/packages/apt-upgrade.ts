import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Plan, type Question } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { flag } from '../kit/schemas.ts';
import { aptHost } from './apt-host.probe.ts';
import { aptSurvey, type AptSurvey, type OfferedVersion, type Upgradable } from './apt-survey.probe.ts';
import { upgradeCommand } from './apt/command.ts';
import { matchesVersion } from './apt/packages.ts';
import { listsAreStale, planCommand, type AptResult, type WantedPackages } from './apt/plan.ts';
import { aptStep } from './apt/step.ts';
import { outdatedCode, unitsOfPrograms } from './outdated.probe.ts';
import { packageState } from './package.probe.ts';

/** A package that is, or could be, upgraded. */
export interface AptUpgradable {
  /** Its name. */
  readonly name: string;
  /** The version that is installed. */
  readonly from: string;
  /** The version that is offered. */
  readonly to: string;
}

/** A package whose version changed. */
export interface AptUpgraded {
  /** Its name. */
  readonly name: string;
  /**
   * The version before; null: newly installed as a dependency; `unpacked`: an interrupted run left it half installed.
   */
  readonly from: string | null;
  /** The version after; null: it was removed, which only `full` may do. */
  readonly to: string | null;
  /** Whether it came from a security archive. */
  readonly isSecurity: boolean;
}

/** A package that apt does not upgrade. */
export interface AptKeptBack extends AptUpgradable {
  /** Why, mostly in apt's words. */
  readonly why: string;
}

/** A package whose upgrade is handed out bit by bit, and is not this host's turn. */
export interface AptPhased extends AptUpgradable {
  /** The percentage of hosts that are offered it so far. */
  readonly percent: number;
}

/** What later tasks read. */
export interface AptUpgradeResult {
  /** Each package whose version changed, or would with `apply: false`. */
  readonly packages: readonly AptUpgraded[];
  /** Wanted upgrades that apt keeps back. */
  readonly keptBack: readonly AptKeptBack[];
  /** Wanted upgrades that are still being phased in. */
  readonly phased: readonly AptPhased[];
  /** Wanted packages that are on hold (apt-mark hold). */
  readonly held: readonly AptUpgradable[];
  /** Names in `only` that are not installed on the host. */
  readonly notInstalled: readonly string[];
}

interface Wanted {
  readonly mode: 'safe' | 'full';
  readonly security: boolean;
  readonly only: readonly string[];
  readonly exclude: readonly string[];
  readonly apply: boolean;
  readonly apt: WantedPackages;
}

const patterns = (description: string) =>
  v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.string(),
          v.regex(/^[a-z0-9*?[\]][a-z0-9+.*?[\]:-]*$/, "must be the name of a package, or a pattern: 'linux-image-*'"),
        ),
      ),
      v.description(description),
    ),
    [],
  );

/** Upgrades of what is installed. */
export const aptUpgrade = defineResource({
  name: 'aptUpgrade',
  summary:
    'Upgrades installed packages: all of them, only security fixes, or some. Reports what is kept back, phased and on hold, and why.',
  options: {
    security: flag(
      'Only what security archives offer: sources whose suite, codename or label ends in `-security`. Of several versions, the newest of theirs.',
      false,
    ),
    only: patterns('Only these packages; shell patterns. Default: all.'),
    exclude: patterns('All but these packages; shell patterns.'),
    mode: v.optional(
      v.pipe(
        v.picklist(['safe', 'full']),
        v.description(
          '`safe` may install what an upgrade needs, and removes nothing; `full` may also remove packages.',
        ),
      ),
      'safe',
    ),
    apply: flag('False: change nothing, only report what could be upgraded.', true),
    cacheValidTime: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.description('Seconds for which downloaded package lists stay valid. Default 0: they are downloaded again.'),
      ),
      0,
    ),
    lockTimeout: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.description('Seconds to wait for another apt or dpkg on the host.'),
      ),
      300,
    ),
  },
  example: `aptUpgrade({ security: true })
aptUpgrade({ only: ['openssl', 'libssl3'] })
const found = aptUpgrade({ exclude: ['linux-*'], apply: false });`,
  title: ({ security, only, apply }) =>
    [
      ...(apply === false ? ['available'] : []),
      ...(security ? ['security'] : []),
      ...(only === undefined || only.length === 0 ? [] : [only.join(', ')]),
    ].join(' '),
  prepare: ({ mode, security, only, exclude, apply, cacheValidTime, lockTimeout }): Wanted => ({
    mode,
    security,
    only,
    exclude,
    apply,
    apt: {
      packages: [],
      state: 'latest',
      upgrade: mode,
      autoclean: false,
      updateCache: true,
      cacheValidTime,
      installRecommends: undefined,
      defaultRelease: undefined,
      purge: false,
      autoremove: false,
      onlyUpgrade: false,
      allowDowngrade: false,
      allowChangeHeldPackages: false,
      force: false,
      dpkgOptions: 'confdef,confold',
      lockTimeout,
      preferences: '',
      // All of a host's upgrades would have to be fetched for it.
      looksInside: false,
    },
  }),
  probes: ({ only }): Question[] => [aptHost, ...plainNames(only).map(packageState)],
  plan: planUpgrade,
});

function plainNames(only: readonly string[]): string[] {
  return only.filter((name) => !/[*?[]/.test(name));
}

function planUpgrade(wanted: Wanted, found: Found): Plan<AptUpgradeResult> {
  const host = found.get(aptHost);
  const isStale = listsAreStale(wanted.apt, host);
  const base = upgradeCommand(wanted.mode, wanted.apt);
  const question = aptSurvey(base, isStale || host.refreshed);
  const survey = found.get(question);
  const notInstalled = plainNames(wanted.only).filter((name) => {
    const { installed, broken } = found.get(packageState(name));
    return !installed && !broken;
  });
  const nothing = settled<AptUpgradeResult>({ packages: [], keptBack: [], phased: [], held: [], notInstalled });
  if (survey.unfetched !== null)
    return {
      ...nothing,
      failure: `the lists of packages cannot be fetched: ${survey.unfetched}`,
      hint: "What is offered is not known. Fix the source, or remove it from the host's sources.",
    };
  const chosen = survey.packages.flatMap((one) => {
    const target = targetOf(one, wanted);
    return target === undefined ? [] : [{ one, target }];
  });
  const command = survey.isBroken ? [...base, '--fix-broken'] : base;
  const apt = { ...wanted.apt, preferences: preferencesOf(survey, wanted) };
  const { result: came, conclude: _, report: __, imperative: ___, ...plan } = planCommand(apt, command, isStale, found);
  if (plan.failure !== undefined || plan.may !== undefined) return { ...plan, result: nothing.result };
  const result = resultOf(came, chosen, notInstalled);
  const told = { result, detail: { ...result }, ...messageOf(result) };
  if (!wanted.apply) return { ...nothing, ...told };
  const mended: Change[] = [
    ...(survey.isInterrupted ? [{ what: 'interrupted dpkg', to: 'finished' }] : []),
    ...(survey.isBroken ? [{ what: 'unmet dependencies', to: 'mended' }] : []),
  ];
  const upgraded = new Set(result.packages.map(({ name }) => name));
  const isLeft = ({ name }: Upgradable): boolean => !upgraded.has(name);
  const after = predict(question, {
    ...survey,
    isInterrupted: false,
    isBroken: false,
    packages: survey.packages.filter(isLeft),
  });
  if (plan.changes.length > 0)
    return {
      ...plan,
      ...told,
      changes: [...mended, ...plan.changes],
      after: [...plan.after, after],
      // A package may start units of its own, and restarts what runs its programs, whichever package has the unit.
      units: [
        ...survey.packages.filter((one) => !isLeft(one)).flatMap(({ units }) => units),
        ...unitsOfPrograms(found.get(outdatedCode(result.packages.map(({ name }) => name)))),
      ],
    };
  if (mended.length === 0) return { ...nothing, ...told };
  const steps = [aptStep([], false, apt)];
  return { ...nothing, ...told, changes: mended, steps, after: [after], touches: [{ on: 'everything' }] };
}

/** The version a package is to get; undefined: it is to stay. */
function targetOf(one: Upgradable, { security, only, exclude }: Wanted): OfferedVersion | undefined {
  const plain = one.name.replace(/:.*/, '');
  const isOne = (list: readonly string[]): boolean =>
    list.some((pattern) => matchesVersion(pattern, plain) || matchesVersion(pattern, one.name));
  if ((only.length > 0 && !isOne(only)) || isOne(exclude)) return undefined;
  return one.versions.find(({ isSecurity }) => isSecurity || !security);
}

/**
 * apt chooses by priority: what is to stay, and what is to get another version than the newest, has that version pinned
 * above all else (apt_preferences(5)). So `upgrade` stays what it is: it marks nothing as installed by hand, and honours
 * holds and phases.
 */
function preferencesOf({ packages }: AptSurvey, wanted: Wanted): string {
  return packages
    .flatMap((one) => {
      const target = targetOf(one, wanted);
      if (target !== undefined && target === one.versions[0]) return [];
      return [`Package: ${one.name}\nPin: version ${target?.version ?? one.installed}\nPin-Priority: 32000\n`];
    })
    .join('\n');
}

function resultOf(
  { packages }: AptResult,
  chosen: readonly { readonly one: Upgradable; readonly target: OfferedVersion }[],
  notInstalled: readonly string[],
): AptUpgradeResult {
  const done = new Map(packages.map((one) => [one.name, one]));
  const left = chosen
    .filter(({ one }) => !done.has(one.name))
    .map(({ one, target }) => ({ one, target, step: { name: one.name, from: one.installed, to: target.version } }));
  return {
    packages: packages.map((one) => ({
      ...one,
      isSecurity: chosen.some(({ one: { name }, target }) => name === one.name && target.isSecurity),
    })),
    held: left.filter(({ one }) => one.isHeld).map(({ step }) => step),
    phased: left.flatMap(({ one, target: { phased }, step }) =>
      one.isHeld || phased === null ? [] : [{ ...step, percent: phased }],
    ),
    keptBack: left
      .filter(({ one, target }) => !one.isHeld && target.phased === null)
      .map(({ one, step }) => ({
        ...step,
        why: one.keptBack ?? 'it needs packages that are not to be upgraded',
      })),
    notInstalled,
  };
}

function messageOf({ held, phased, keptBack }: AptUpgradeResult): { readonly message?: string } {
  const step = ({ name, from, to }: AptUpgradable): string => `${name} ${from} -> ${to}`;
  const lines = [
    ...keptBack.map((one) => `kept back: ${step(one)}: ${one.why}`),
    ...phased.map((one) => `phased: ${step(one)}: ${one.percent} of 100 hosts get it by now`),
    ...held.map((one) => `on hold: ${step(one)}`),
  ];
  return lines.length === 0 ? {} : { message: lines.join('\n') };
}
