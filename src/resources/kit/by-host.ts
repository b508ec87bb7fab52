import type { Found, Question } from '../../contract/index.ts';
import { stat } from '../../probes/index.ts';

/** One of several ways to do a thing, of which a host has one: a package manager, an init system. */
export interface WayOfHost<W> {
  /** The path that is there on hosts that have it. */
  readonly sign: string;
  /** What is sure to be asked where it is the host's way. */
  readonly questions: (wanted: W) => readonly Question[];
}

/** Ways by their names. Of several that a host has, the first counts. */
export type WaysOfHost<Way> = Readonly<Record<string, Way>>;

/** What an option `use` may be. */
export const useWords = <Name extends string>(ways: Readonly<Record<Name, unknown>>): ('auto' | Name)[] => [
  'auto',
  ...(Object.keys(ways) as Name[]),
];

/**
 * What is asked at first. Most hosts have the first way: what it asks comes along with what the choice needs, and saves an
 * exchange there.
 *
 * @param use the name of a way, or `auto`
 */
export function wayQuestions<W>(ways: WaysOfHost<WayOfHost<W>>, use: string, wanted: W): Question[] {
  const all = Object.values(ways);
  const asked = use === 'auto' ? all[0] : ways[use];
  return [...(use === 'auto' ? all.map(({ sign }) => stat(sign)) : []), ...(asked?.questions(wanted) ?? [])];
}

/**
 * The way that the host has, or that `use` names.
 *
 * @param what for the failure: `package managers`
 */
export function wayOf<Way extends { readonly sign: string }>(
  ways: WaysOfHost<Way>,
  use: string,
  what: string,
  found: Found,
): { readonly name: string; readonly way: Way } {
  const all = Object.entries(ways);
  const chosen = all.find(([name, { sign }]) =>
    use === 'auto' ? found.get(stat(sign)).type !== 'absent' : name === use,
  );
  found.require(chosen !== undefined, {
    failure: `this host has none of the ${what} that play knows: ${all.map(([name]) => name).join(', ')}`,
    hint: `Looked for: ${all.map(([, { sign }]) => sign).join(', ')}`,
  });
  const [name, way] = chosen;
  return { name, way };
}
