import { readFileSync } from 'node:fs';
import type { Location } from '../../../errors/index.ts';
import type { FoundTrap } from '../../../inventory/index.ts';
import { replaceFile } from '../replace-file.ts';

/** A spelling that was replaced in its file. */
export interface Mended {
  readonly where: Location;
  readonly from: string;
  readonly to: string;
}

/**
 * Writes spellings so that YAML 1.1 and 1.2 read them alike; all else in the files stays, byte for byte. What is
 * encrypted is left as it is.
 *
 * @returns what was replaced, and what is left
 */
export function mendSpellings(traps: readonly FoundTrap[]): {
  readonly mended: readonly Mended[];
  readonly left: readonly FoundTrap[];
} {
  const mended: Mended[] = [];
  const left: FoundTrap[] = [];
  for (const [file, own] of grouped(traps)) {
    const text = readFileSync(file, 'utf8');
    // Of an encrypted file nothing is known but the place, and that is one of the text in the clear.
    if (own.some(({ at, source }) => source === '' || text.slice(at, at + source.length) !== source)) {
      left.push(...own);
      continue;
    }
    replaceFile(file, replacedIn(text, own));
    mended.push(...own.map(({ where, source, instead }) => ({ where, from: source, to: instead })));
  }
  return { mended, left };
}

function grouped(traps: readonly FoundTrap[]): ReadonlyMap<string, readonly FoundTrap[]> {
  const files = new Map<string, FoundTrap[]>();
  for (const trap of traps) {
    const own = files.get(trap.where.file);
    if (own === undefined) files.set(trap.where.file, [trap]);
    else own.push(trap);
  }
  return files;
}

/** From the end on, so that the places before stay right. */
function replacedIn(text: string, traps: readonly FoundTrap[]): string {
  return traps
    .toSorted((a, b) => b.at - a.at)
    .reduce((made, { at, source, instead }) => made.slice(0, at) + instead + made.slice(at + source.length), text);
}
