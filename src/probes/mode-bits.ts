import type { PathState } from '../contract/index.ts';

/**
 * The rights a mode gives to an account: 4 to read, 2 to write, 1 to run or enter, added up (inode(7)). Root's are
 * others, and so are those of an access control list.
 *
 * @param isOfGroup whether the account is in the group of what is there
 * @example modeBits({ mode: '0750', uid: 0 }, 1000, true)  // 5
 */
export function modeBits(
  { mode, uid: owner }: Pick<PathState, 'mode' | 'uid'>,
  uid: number,
  isOfGroup: boolean,
): number {
  return (Number.parseInt(mode, 8) >> (owner === uid ? 6 : isOfGroup ? 3 : 0)) & 0o7;
}
