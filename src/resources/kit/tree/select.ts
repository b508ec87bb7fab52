import { visible } from '../../../connection/byte-text.ts';
import { excluder, parentsOf, withParents, type WantedEntry } from './wanted.ts';

/** What of an archive is wanted, and under which names. */
export interface Selection {
  /** Patterns for names as they are in the archive. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** How many leading folders are taken off. */
  readonly strip: number;
}

/** A member of an archive, wherever that lies. */
export interface Packed {
  /** As in the archive. */
  readonly name: string;
  readonly type: WantedEntry['type'];
  /** As it shall be, under the name it gets. */
  as(name: string): WantedEntry;
}

/**
 * The members that are wanted as a tree. Names are matched as they are in the archive, folders are taken off
 * afterwards: as tar(1) does it.
 *
 * @param folderMode of the folders that the archive does not name
 * @returns what is wrong, as a sentence, where a pattern of `include` fits nothing or two members would get one name
 */
export function select(
  members: readonly Packed[],
  { include, exclude, strip }: Selection,
  folderMode: string,
): WantedEntry[] | string {
  const patterns = include.map((pattern) => ({ pattern, fits: excluder([pattern]) }));
  const idle = patterns.find(({ fits }) => !members.some(({ name }) => fits(name)));
  if (idle) return `nothing in it matches ${JSON.stringify(idle.pattern)} of \`include\``;
  const isExcluded = excluder(exclude);
  const certain = members.filter(
    ({ name }) => !isExcluded(name) && (patterns.length === 0 || patterns.some(({ fits }) => fits(name))),
  );
  // Folders that included members lie in come with the permissions they have in the archive.
  const above = new Set(certain.flatMap(({ name }) => [...parentsOf(name)]));
  const wanted =
    patterns.length === 0
      ? certain
      : members.filter(
          (one) => certain.includes(one) || (one.type === 'directory' && above.has(one.name) && !isExcluded(one.name)),
        );
  const byName = new Map<string, Packed>();
  for (const one of wanted) {
    const name = one.name.split('/').slice(strip).join('/');
    if (name === '') continue;
    const other = byName.get(name);
    if (other && (other.type !== 'directory' || one.type !== 'directory'))
      return `${visible(other.name)} and ${visible(one.name)} in it would both become ${visible(name)}; leave one out with \`exclude\``;
    byName.set(name, one);
  }
  return withParents(
    [...byName].map(([name, one]) => one.as(name)),
    folderMode,
  );
}
