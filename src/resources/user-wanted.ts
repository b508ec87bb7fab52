import type { Plan } from '../playbook/index.ts';
import { stat, type Found, type User } from '../probes/index.ts';
import type { Secret } from '../secrets/index.ts';

/** A user as wanted, checked. */
export interface WantedUser {
  readonly name: string;
  readonly uid?: number | undefined;
  readonly group?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly append: boolean;
  readonly comment?: string | undefined;
  readonly home?: string | undefined;
  readonly shell?: string | undefined;
  readonly password?: string | Secret | undefined;
  readonly updatePassword: 'always' | 'on_create';
  readonly passwordLock?: boolean | undefined;
  readonly system: boolean;
  readonly createHome: boolean;
  readonly state: 'present' | 'absent';
  readonly remove: boolean;
}

export interface UserResult {
  readonly name: string;
  readonly state: 'present' | 'absent';
  readonly home: string;
}

/** Nothing to do. */
export function unchanged({ name, state }: WantedUser, home: string): Plan<UserResult> {
  return { changes: [], steps: [], after: [], touches: [], result: { name, state, home } };
}

/** Whether a home directory is to be made: Debian's own accounts that shall have none say so by this path. */
export function needsHome({ createHome }: WantedUser, home: string, found: Found): boolean {
  return createHome && home !== '' && home !== '/' && home !== '/nonexistent' && found.get(stat(home)).type === 'absent';
}

/** The user as a later plan shall find its home. */
export function homeStat(name: string, group: string, mode: string, ids: Pick<User, 'uid' | 'gid'>) {
  return { type: 'directory', mode, uid: ids.uid, gid: ids.gid, owner: name, group, size: 0 } as const;
}
