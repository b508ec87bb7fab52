/** What `lstat` says of a path: links are not followed. */
export type Stat = { readonly type: 'absent' } | PathState;

/** What is at a path. */
export interface PathState {
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** Four octal digits: `0644`. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** `UNKNOWN` where the account has no name. */
  readonly owner: string;
  readonly group: string;
  readonly size: number;
  /**
   * Tells which file it is, the same under all its names (device and inode, of regular files). Left out of a file that
   * is only planned.
   */
  readonly identity?: string | undefined;
  /** There are hard links to it. */
  readonly hasOtherNames?: boolean | undefined;
}
