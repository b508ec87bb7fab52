import type { ByThen, Need } from '../../contract/index.ts';

/**
 * The need for a program that a resource works with, and whose absence its question told.
 *
 * @param packageName Debian's package that brings it
 * @param by what planned before may bring it; null where the question was told already
 * @example found.require(!('missing' in answer), toolNeed('git', 'git'))
 */
export function toolNeed(program: string, packageName: string, by: ByThen | null = 'changes'): Need {
  return { failure: `${program} is not installed`, hint: `Install it first: apt({ name: '${packageName}' })`, by };
}
