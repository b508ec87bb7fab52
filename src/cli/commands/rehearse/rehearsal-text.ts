/** What people are told of twins and rehearsals. */
import type { TwinMade } from '../../../sandbox/twin/portrait.ts';
import type { Scrubbed } from './portrait-of.ts';
import type { ServicesChange } from './services.ts';
import type { Survey } from './survey.ts';
import type { LostUnit } from './twin-services.ts';

export interface TwinStory {
  readonly survey: Survey;
  readonly scrubbed: Scrubbed;
  readonly made: TwinMade;
  readonly lost: readonly LostUnit[];
  /** Of the kernel of this machine, which twins run on. */
  readonly kernel: string;
}

const few = 8;

/** All of them, or the first few and how many more. */
function some(all: readonly string[], isWhole: boolean): string[] {
  if (isWhole || all.length <= few) return [...all];
  return [...all.slice(0, few), `... and ${all.length - few} more: -v lists them`];
}

const list = (all: readonly string[], isWhole: boolean): string =>
  isWhole || all.length <= few ? all.join(', ') : `${all.slice(0, few).join(', ')} and ${all.length - few} more (-v)`;

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** What a twin has of its host, what was taken out, and what could not be had. */
export function twinLines(story: TwinStory, isWhole: boolean): string[] {
  const { survey, made } = story;
  const { system, packages } = survey;
  return [
    `twin of Debian ${system.version} (${system.release}), ${made.same} of ${count(packages.length, 'package')} in the host's version`,
    ...indented([...scrubbedLines(story, isWhole), ...missingLines(story, isWhole)]),
  ];
}

function scrubbedLines({ survey, scrubbed }: TwinStory, isWhole: boolean): string[] {
  const { portrait, places, leftOut } = scrubbed;
  const { withPassword } = survey.accounts;
  const keys = portrait.keys.map(({ path }) => path);
  return [
    ...(keys.length > 0
      ? [`scrubbed: private keys, which did not leave the host; others in their place: ${list(keys, isWhole)}`]
      : []),
    ...(withPassword.length > 0 ? [`scrubbed: passwords of ${list(withPassword, isWhole)}`] : []),
    ...(places.length > 0
      ? [
          `scrubbed: ${count(places.length, 'value')} in ${count(new Set(places.map(({ path }) => path)).size, 'file')} of /etc`,
          ...indented(
            some(
              places.map(({ path, line, what }) => `${path}${line === undefined ? '' : `:${line}`} ${what}`),
              isWhole,
            ),
          ),
        ]
      : []),
    ...(leftOut.length > 0 ? [`not copied, by name or size: ${list(leftOut, isWhole)}`] : []),
  ];
}

function missingLines({ survey, scrubbed, made, lost, kernel }: TwinStory, isWhole: boolean): string[] {
  const kept = scrubbed.portrait.masked.filter((name) => survey.services.units.get(name)?.active === 'active');
  const { mounts, data, peers } = survey.outside;
  const other = made.otherVersion.map(({ name, wanted, got }) => `${name} ${wanted}, here ${got}`);
  const missing = made.missing.map(({ name, version }) => `${name} ${version}`);
  return [
    ...(other.length > 0
      ? ['missing: these versions, which the archive no longer has', ...indented(some(other, isWhole))]
      : []),
    ...(missing.length > 0 ? ['missing: packages', ...indented(some(missing, isWhole))] : []),
    ...(made.trouble === '' ? [] : ['apt said', ...indented(some(made.trouble.split('\n'), isWhole))]),
    `not had: kernel ${survey.system.kernel}; twins run on that of this machine, ${kernel}${made.leftOut.length > 0 ? ` (left out: ${list(made.leftOut, isWhole)})` : ''}`,
    ...(mounts.length > 0
      ? [
          `missing: mounts ${list(
            mounts.map(({ at, type, source }) => `${at} (${type}, ${source})`),
            isWhole,
          )}`,
        ]
      : []),
    ...(data.length > 0 ? [`missing: what is in ${list(data, isWhole)}`] : []),
    ...(peers.length > 0 ? [`missing: other hosts it is connected to: ${list(peers, isWhole)}`] : []),
    ...(made.firewall === undefined ? [] : [`missing: the firewall: ${made.firewall}`]),
    ...(kept.length > 0 ? [`kept from running: ${list(kept, isWhole)}`] : []),
    ...(lost.length > 0
      ? [
          'missing: units that run on the host',
          ...indented(
            some(
              lost.map(({ unit, why }) => `${unit}: ${why}`),
              isWhole,
            ),
          ),
        ]
      : []),
  ];
}

/** What a rehearsal did to the services of a twin. @param said the last words of a unit that is broken */
export function servicesLines(change: ServicesChange, said: ReadonlyMap<string, readonly string[]>): string[] {
  const { changed, restarted, failed, listensNoMore, listensNow } = change;
  const old = failed.filter((name) => !changed.some(({ unit }) => unit === name));
  const lines = [
    ...changed.flatMap(({ unit, before, after, isBroken }) => [
      `${isBroken ? 'BROKEN  ' : ''}${unit}: ${before} -> ${after}`,
      ...indented(said.get(unit) ?? []),
    ]),
    ...(restarted.length > 0 ? [`restarted: ${restarted.join(', ')}`] : []),
    ...(old.length > 0 ? [`failed before and after: ${old.join(', ')}`] : []),
    ...listensNoMore.map((socket) => `no longer listens: ${socket}`),
    ...listensNow.map((socket) => `listens now: ${socket}`),
  ];
  return lines.length === 0 ? ['services: as before'] : ['services, before -> after', ...indented(lines)];
}
