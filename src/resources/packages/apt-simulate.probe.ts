import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { decodeContents, type PackageContents, type RemovedPackage, type UnitHold } from './apt-contents.probe.ts';
import { aptListsSubject } from './apt-host.probe.ts';
import { contentsSh, simulateLiveSh, simulateSh } from './apt-sh.probe.ts';

/** What would become of one package. */
export interface AptAction {
  readonly name: string;
  /** dpkg's architecture; empty for removals. */
  readonly arch: string;
  /** Null: not installed. `unpacked`: left half installed by an interrupted run. */
  readonly from: string | null;
  /** Null: removed. */
  readonly to: string | null;
  readonly purge: boolean;
}

/** What apt-get would do. */
export interface AptSimulation {
  /** Why apt-get would refuse, in its own words. */
  readonly problem: string | null;
  readonly actions: readonly AptAction[];
  /** Packages that provide a name which is no package itself, where apt would have to choose. */
  readonly providers: ReadonlyMap<string, readonly string[]>;
  /**
   * Versions that sources offer of the packages that were asked for, where apt refuses, and of those that come, where
   * versions are pinned.
   */
  readonly offered: ReadonlyMap<string, readonly string[]>;
  /** The files of preferences (apt_preferences(5)), where they pin any version. */
  readonly preferences: string;
  /** Why the lists could not be fetched anew; null where they could, or nobody asked. */
  readonly notUpdated: string | null;
  /** Why the lists of sources that are only planned could not be fetched; null where they could, or none are. */
  readonly unfetched: string | null;
  /** Files that `autoclean` would delete from the cache. */
  readonly deleted: readonly string[];
  /** What the packages bring; null when not asked for, or when they could not be fetched (`contentsProblem`). */
  readonly contents: readonly PackageContents[] | null;
  readonly contentsProblem: string | null;
  readonly removed: readonly RemovedPackage[];
  /** Services are not started by packages here: systemd is not running. */
  readonly startsNothing: boolean;
  /** New units that the host itself keeps from being enabled or started. */
  readonly held: ReadonlyMap<string, ReadonlySet<UnitHold>>;
  /** Packages that are set up before all others are unpacked. */
  readonly early: ReadonlySet<string>;
}

/** What to ask apt: the arguments of apt-get, and against which state. */
export interface AptRequest {
  readonly command: readonly string[];
  /** Against lists fetched anew, to a private place. */
  readonly refresh: boolean;
  /** Check mode: as `AptHost.planned`. */
  readonly planned: readonly string[];
  /** Check mode: files of preferences as they will be, by path; null: gone. */
  readonly preferences: readonly PlannedFile[];
  /** Check mode: files of sources as they will be, and keys among them that are only planned. */
  readonly sources: readonly PlannedFile[];
}

/** A file as it will be; null: it will be gone. */
export type PlannedFile = readonly [path: string, text: Buffer | null];

function decode(
  stdout: Buffer,
  questions: readonly (readonly string[])[],
  stderr: string,
): (AptSimulation | ProbeFailure)[] {
  const blocks = stdout.toString('utf8').split(/^@@end\n/m);
  return questions.map((_, i) => {
    const block = blocks[i];
    return block?.startsWith('@@sim ')
      ? decodeBlock(block)
      : new ProbeFailure(stderr.trim() || 'apt-get gave no answer');
  });
}

function decodeBlock(block: string): AptSimulation {
  const [head = '', ...sections] = block.split(/^(?=@@)/m);
  const lines = head.split('\n');
  const code = lines[0]?.slice('@@sim '.length);
  const errors = lines.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3));
  return {
    problem: code === '0' ? null : explain(errors, lines.slice(1)),
    actions: parseActions(lines),
    providers: parseProviders(head),
    deleted: lines.flatMap((line) => /^Del (\S+ \S+)/.exec(line)?.[1] ?? []),
    early: setUpEarly(lines),
    ...decodeVersions(sections),
    ...decodeContents(sections),
  };
}

function decodeVersions(
  sections: readonly string[],
): Pick<AptSimulation, 'offered' | 'preferences' | 'notUpdated' | 'unfetched'> {
  const body = (name: string): string[] =>
    sections
      .find((one) => one.startsWith(`@@${name}\n`))
      ?.split('\n')
      .slice(1) ?? [];
  const offered = new Map<string, string[]>();
  // `NAME | VERSION | SOURCE`, of apt-cache(8)'s madison.
  for (const line of body('offered')) {
    const [name = '', version, source = ''] = line.split('|').map((part) => part.trim());
    if (version === undefined || source.endsWith(' Sources')) continue;
    offered.set(name, [...new Set([...(offered.get(name) ?? []), version])]);
  }
  const said = (name: string): string | null =>
    body(name)
      .filter((line) => line !== '')
      .join('\n') || null;
  return {
    offered,
    preferences: Buffer.from(body('preferences')[0] ?? '', 'base64').toString('utf8'),
    notUpdated: said('notupdated'),
    unfetched: said('unfetched'),
  };
}

/** apt's errors, with its list of what does not fit where it tells one. */
function explain(errors: readonly string[], lines: readonly string[]): string {
  const unmet = lines.indexOf('The following packages have unmet dependencies:');
  const detail =
    unmet < 0
      ? []
      : lines
          .slice(unmet + 1)
          .filter((line) => line.startsWith(' '))
          .map((line) => line.trim());
  return [...detail, ...(errors.length > 0 ? errors : lines.slice(-5))].join('\n').trim();
}

/** The lines of `apt-get -s` that say what would be done. */
export function parseActions(lines: readonly string[]): AptAction[] {
  const actions = new Map<string, AptAction>();
  for (const line of lines) {
    const gone = /^(Remv|Purg) (\S+)(?: \[([^\]]*)\])?/.exec(line);
    if (gone) {
      // Without a version it was removed before, and only its configuration is left.
      const [, verb, name = '', from = 'removed'] = gone;
      actions.set(name, {
        name,
        arch: '',
        from,
        to: null,
        purge: verb === 'Purg' || (actions.get(name)?.purge ?? false),
      });
      continue;
    }
    const done = /^(Inst|Conf) (\S+) (?:\[([^\]]*)\] )?\((\S+) .*?\[([a-z0-9-]+)\]\)/.exec(line);
    if (!done) continue;
    const [, verb, name = '', from, to = '', arch = ''] = done;
    // What is only configured was unpacked before.
    if (verb === 'Conf' && actions.has(name)) continue;
    actions.set(name, { name, arch, from: verb === 'Conf' ? 'unpacked' : (from ?? null), to, purge: false });
  }
  return [...actions.values()];
}

/** Packages whose scripts run while others are still to be unpacked: what these bring is not there yet. */
function setUpEarly(lines: readonly string[]): Set<string> {
  const last = lines.findLastIndex((line) => line.startsWith('Inst '));
  return new Set(lines.slice(0, Math.max(last, 0)).flatMap((line) => /^Conf ([^\s:]+)/.exec(line)?.[1] ?? []));
}

function parseProviders(text: string): Map<string, string[]> {
  const found = text.matchAll(/^Package (\S+) is a virtual package provided by:\n((?: {2}.*\n)+)/gm);
  return new Map(
    [...found].map(([, name = '', list = '']) => [
      name,
      list
        .trim()
        .split('\n')
        .map((line) => line.trim().split(' ')[0] ?? ''),
    ]),
  );
}

// Sources and preferences decide what apt would do.
const depends: ProbeKind['depends'] = () => [{ on: 'packages' }, aptListsSubject, { on: 'below', path: '/etc/apt' }];

const aheadKind: ProbeKind<AptSimulation> = {
  kind: 'apt-simulate',
  arity: 5,
  timeout: 300,
  sh: simulateSh,
  decode,
  depends,
};
const inTurnKind: ProbeKind<AptSimulation> = {
  ...aheadKind,
  kind: 'apt-simulate-now',
  sh: simulateLiveSh,
  inTurn: true,
};
const contentsKind: ProbeKind<AptSimulation> = {
  ...aheadKind,
  kind: 'apt-contents',
  sh: contentsSh,
  timeout: 1200,
  inTurn: true,
};

function filesText(files: readonly PlannedFile[]): string {
  return files.map(([path, text]) => `${path} ${text === null ? '-' : text.toString('base64')}`).join('\n');
}

function args({ command, refresh, planned, preferences, sources }: AptRequest): string[] {
  return [command.join('\n'), refresh ? '1' : '', planned.join('\n'), filesText(preferences), filesText(sources)];
}

/** What apt-get would do, asked together with all else: for what every run must know (`latest`, `upgrade`). */
export function aptSimulation(request: AptRequest): Question<AptSimulation> {
  return { kind: aheadKind, args: args(request) };
}

/**
 * What apt-get is about to do, asked in a run when the task's turn comes: once it is known that it will do something.
 */
export function aptSimulationInTurn(request: AptRequest): Question<AptSimulation> {
  return { kind: inTurnKind, args: args(request) };
}

/**
 * What apt-get would do, and what the packages it would install hold. They are fetched to a private place and removed
 * again.
 */
export function aptForesight(request: AptRequest): Question<AptSimulation> {
  return { kind: contentsKind, args: args(request) };
}
