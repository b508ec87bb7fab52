import type { PathState } from '../contract/index.ts';
import { closedBelow, modeBits, stat, type Self } from '../probes/index.ts';
import { listing } from '../probes/listing.ts';
import { allThatIsThere, below, type Here } from '../resources/kit/tree/here.ts';
import type { FoundView } from './found-view.ts';
import { wayTo } from './subjects.ts';

/** A folder that keeps an account from removing it, or one above it. */
export interface Hindrance {
  readonly folder: string;
  readonly what: string;
}

/**
 * Why an account cannot remove a folder with all that is in it: rm(1) needs to write at every level, and what it has
 * removed by then is gone. So in a run this is asked before it begins.
 */
export function hindranceTo(path: string, me: Self, found: FoundView): Hindrance | undefined {
  const isWayAsFound = !found.changesAsker && !wayTo(path).some((one) => found.isPlanned(stat(one)));
  const isAsFound = isWayAsFound && found.plannedBelow(path).length === 0;
  return isAsFound ? hindranceNow(path, found) : hindranceThen(path, { me, isWayAsFound }, found);
}

function hindranceNow(path: string, found: FoundView): Hindrance | undefined {
  for (const { name, why } of found.get(closedBelow(path))) {
    const folder = name === '' ? path : below(path, name);
    if (why === 'write') return unwritable(folder);
    if (why === 'sticky') return stickyAgainst(folder);
    if (why === 'unread' && isFilledUnseen(folder, found)) return unreadable(folder);
  }
  return undefined;
}

/** An empty folder goes also where nobody may look into it. In a run, rm(1) will tell. */
function isFilledUnseen(folder: string, found: FoundView): boolean {
  return found.check && (found.asRoot(listing(folder, 1))?.length ?? 0) > 0;
}

/** Once planned changes below it are made: by what is planned of folders, and what the host says of all others. */
function hindranceThen(
  path: string,
  { me, isWayAsFound }: { readonly me: Self; readonly isWayAsFound: boolean },
  found: FoundView,
): Hindrance | undefined {
  found.need(closedBelow(path));
  const all = allThatIsThere(path, path, found);
  const closed = new Map(found.get(closedBelow(path)).map(({ name, why }) => [name, why]));
  const top = found.get(stat(path));
  if (top.type !== 'directory') return undefined;
  const entries = new Map<string, Here[]>();
  for (const [name, at] of all) {
    const folder = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    entries.set(folder, [...(entries.get(folder) ?? []), at]);
  }
  for (const [name, within] of entries) {
    const folder = name === '' ? path : below(path, name);
    const at = name === '' ? top : all.get(name);
    if (at === undefined) continue;
    // Where the account may not go there yet, the host cannot tell what it may do there.
    const isPlanned = !isWayAsFound || found.isPlanned(stat(folder));
    if (isPlanned ? !mayChangeIn(at, me) : closed.has(name) && closed.get(name) !== 'sticky') return unwritable(folder);
    const isSticky = (Number.parseInt(at.mode, 8) & 0o1000) !== 0;
    if (isSticky && at.uid !== me.uid && within.some((one) => one.uid !== me.uid)) return stickyAgainst(folder);
  }
  return undefined;
}

function mayChangeIn(at: PathState, me: Self): boolean {
  return modeBits(at, me.uid, me.gids.includes(at.gid)) === 0o7;
}

const unwritable = (folder: string): Hindrance => ({ folder, what: `may not write in ${folder}` });
const unreadable = (folder: string): Hindrance => ({ folder, what: `may not look into ${folder}` });
const stickyAgainst = (folder: string): Hindrance => ({
  folder,
  what: `may not replace or remove what is not theirs in ${folder}, which is sticky`,
});
