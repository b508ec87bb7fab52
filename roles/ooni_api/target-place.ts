import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(import.meta.dirname, 'tor-targets.ts');

/**
 * Where a target is written: targets are made by code, so that its number says nothing to who has the file open.
 *
 * @param wrong the value that is wrong, looked for before the rest of the target
 * @returns undefined for a target of which nothing stands there
 */
export function targetPlace(
  target: unknown,
  wrong?: unknown,
): { readonly file: string; readonly line: number; readonly column: number } | undefined {
  const text = readFileSync(file, 'utf8');
  for (const value of [wrong, ...textsIn(target)]) {
    if (typeof value !== 'string' || value.length < 4) continue;
    // Of one that is there twice the second is too much. An authority's address and port stand apart.
    const at = Math.max(text.lastIndexOf(`'${value}'`), text.lastIndexOf(`'${value.replace(/:\d*$/, '')}'`));
    if (at < 0) continue;
    const before = text.slice(0, at).split('\n');
    return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  }
  return undefined;
}

/** The longest first: certs, fingerprints and addresses tell targets apart, protocols and modes do not. */
function textsIn(target: unknown): string[] {
  const texts = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(texts)
        : [];
  return texts(target).toSorted((a, b) => b.length - a.length);
}
