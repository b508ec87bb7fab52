import type { Found, Step } from '../../contract/index.ts';
import { lacksOf } from '../kit/program-need.ts';

/** A tool called by its words alone; what it asks is answered with no, since it has no input. */
export function toolStep(...words: readonly string[]): Step {
  return { script: 'LC_ALL=C "$@" >&2', args: words, timeout: 3600, label: words.join(' ') };
}

/** What is on a device is forgotten, before something else is made of it. */
export const clearStep = (path: string): Step => toolStep('wipefs', '--all', '--quiet', path);

/** That these programs are there; what a package planned before may bring is taken to come. */
export function presumeTools(programs: readonly string[], packageName: string, found: Found): void {
  const [lack] = lacksOf({ chdir: '/', programs }, found);
  if (lack !== undefined) found.presume(false, { ...lack, hint: `Install it first: apt({ name: '${packageName}' })` });
}
