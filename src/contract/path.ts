/** What `lstat` says about a path: links are not followed. */
export type Stat = { readonly type: 'absent' } | PathState;

/** What is at a path. */
export interface PathState {
  /** What it is; `other`: a device, a socket, a pipe. */
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** Four octal digits: `0644`. */
  readonly mode: string;
  /** The number of the user that owns it. Negative: not known yet (a planned account). */
  readonly uid: number;
  /** The number of the group that owns it. Negative: not known yet. */
  readonly gid: number;
  /** The name of that user; `UNKNOWN` if it has none. */
  readonly owner: string;
  /** The name of that group; `UNKNOWN` if it has none. */
  readonly group: string;
  /** In bytes; for a link, the length of its target. */
  readonly size: number;
  /**
   * Identifies the file, whatever its name (device and inode, for regular files). Left out for a file that is only
   * planned.
   */
  readonly identity?: string | undefined;
  /** Whether there are other hard links to it. */
  readonly hasOtherNames?: boolean | undefined;
}
