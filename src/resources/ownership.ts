import type { Change } from '../playbook/index.ts';
import type { PathState } from '../probes/index.ts';
import { resolveMode } from './mode.ts';

/** What may be wanted of a path's permissions. */
export interface WantedAttributes {
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

/** Where permissions differ from what is wanted, with the operand of chown(1) and the mode of chmod(1) to mend them. */
export interface AttributePlan {
  readonly changes: readonly Change[];
  /** Octal. */
  readonly mode: string;
  /** `user:group` for chown, empty to leave it. */
  readonly chown: string;
  /** The state after. */
  readonly after: PathState;
}

/** Compares permissions. `found` is what is there, or what a new one gets by itself. */
export function planAttributes(wanted: WantedAttributes, found: PathState): AttributePlan {
  const mode = resolveMode(wanted.mode, found.mode, found.type === 'directory');
  const changes: Change[] = [];
  const newOwner = wanted.owner !== undefined && !isAccount(wanted.owner, found.owner, found.uid);
  const newGroup = wanted.group !== undefined && !isAccount(wanted.group, found.group, found.gid);
  if (newOwner) changes.push({ what: 'owner', from: accountText(found.owner, found.uid), to: wanted.owner ?? '' });
  if (newGroup) changes.push({ what: 'group', from: accountText(found.group, found.gid), to: wanted.group ?? '' });
  // The mode of a link means nothing.
  if (mode !== found.mode && found.type !== 'link') changes.push({ what: 'mode', from: found.mode, to: mode });
  const chown = newOwner || newGroup ? `${newOwner ? wanted.owner : ''}${newGroup ? `:${wanted.group}` : ''}` : '';
  return { changes, mode, chown, after: { ...found, mode, ...account('owner', 'uid', wanted.owner, newOwner), ...account('group', 'gid', wanted.group, newGroup) } };
}

function account(name: 'owner' | 'group', id: 'uid' | 'gid', wanted: string | undefined, changes: boolean): Partial<PathState> {
  if (!changes || wanted === undefined) return {};
  return /^\d+$/.test(wanted) ? { [name]: wanted, [id]: Number(wanted) } : { [name]: wanted, [id]: -1 };
}

export function isAccount(wanted: string, name: string, id: number): boolean {
  return wanted === name || (/^\d+$/.test(wanted) && Number(wanted) === id);
}

function accountText(name: string, id: number): string {
  return name === 'UNKNOWN' || name === '' ? String(id) : name;
}

/**
 * Mends permissions alone: $1 path, $2 mode or empty, $3 operand of chown or empty. `-h`: a link itself, not what it points to.
 * A fifth digit makes GNU chmod(1) clear the set-group-ID bit of a directory, which four leave as it is.
 */
export const attributeScript = `set -e
[ -z "$3" ] || chown -h -- "$3" "$1"
[ -z "$2" ] || chmod -- "0$2" "$1"`;
