import { existsSync, readFileSync, statSync } from 'node:fs';
import { readData } from './data.ts';
import { variablesOf } from './read-role.ts';
import type { Variables } from './tree.ts';

/** The variables of a file; undefined for one that is encrypted or holds something else. */
export function variablesIn(file: string): Variables | undefined {
  const text = readFileSync(file, 'utf8');
  if (text.startsWith('$ANSIBLE_VAULT')) return undefined;
  try {
    return variablesOf(readData(text, file));
  } catch {
    return undefined;
  }
}

/** Those of the first of these files that is there. */
export function variablesAt(files: readonly string[]): Variables | undefined {
  const found = files.find((file) => existsSync(file) && statSync(file).isFile());
  return found === undefined ? undefined : variablesIn(found);
}
