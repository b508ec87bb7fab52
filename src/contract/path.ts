/** What `lstat` says of a path: links are not followed. */
export type Stat = { readonly type: 'absent' } | PathState;

/** What is at a path. */
export interface PathState {
  /** What it is; `other`: a device, a socket, a pipe. */
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** Four octal digits: `0644`. */
  readonly mode: string;
  /** The number of the user that owns it. Below zero: not known yet (a planned account). */
  readonly uid: number;
  /** The number of the group that owns it. Below zero: not known yet. */
  readonly gid: number;
  /** `UNKNOWN` where the account has no name. */
  readonly owner: string;
  /** `UNKNOWN` where the group has no name. */
  readonly group: string;
  /** Bytes; of a link, the length of what it says. */
  readonly size: number;
  /**
   * Tells which file it is, the same under all its names (device and inode, of regular files). Left out for a file that
   * is only planned.
   */
  readonly identity?: string | undefined;
  /** There are hard links to it. */
  readonly hasOtherNames?: boolean | undefined;
}
