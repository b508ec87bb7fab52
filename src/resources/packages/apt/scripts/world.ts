import type { Stat } from '../../../../contract/index.ts';
import type { ScriptEffect } from './effects.ts';

/** True, false, or not to be told. */
export type Verdict = boolean | undefined;

/** What a script sees of the host while it is followed, and what it does to it. */
export interface World {
  /** What is at a path, links not followed; undefined: not known. */
  at(path: string): Stat | undefined;
  /** Whether it was there before all of these scripts. */
  wasThere(path: string): Verdict;
  /** Where a link points; undefined: not known, or none. */
  linkTarget(path: string): string | undefined;
  hasUser(name: string): Verdict;
  hasGroup(name: string): Verdict;
  /** The groups a user is in; undefined: not known. */
  groupsOf(user: string): readonly string[] | undefined;
  /** Whether dpkg-statoverride(1) has the path. */
  isOverridden(path: string): Verdict;
  /** Whether the package brings a unit of this name. */
  bringsUnit(name: string): boolean;
  /** @param isSure whether the script is sure to get there */
  does(effect: ScriptEffect, isSure: boolean): void;
  /** What is there for tmpfiles.d(5) or sysusers.d(5), by the name of its file. */
  declares(kind: 'sysusers' | 'tmpfiles', file: string): readonly ScriptEffect[];
  /** A command that is not understood was given this path, or may have altered this account. */
  doubtPath(path: string): void;
  doubtAccount(name: string): void;
  /** Something was altered of which nobody knows what it is: all else that the script does is a guess. */
  blur(): void;
}
