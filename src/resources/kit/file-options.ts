/** What every `file` task is planned from. */
export interface FileOptions {
  readonly path: string;
  readonly state?: 'file' | 'directory' | 'absent' | 'link' | 'hard' | 'touch' | undefined;
  readonly src?: string | undefined;
  readonly force: boolean;
  readonly recurse: boolean;
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  /** False: a link at the path itself is what this is about. */
  readonly follow?: boolean | undefined;
  /** For `touch`: to be set to the time of the run. */
  readonly touches?: 'both' | 'a' | 'm' | '' | undefined;
}

export interface FileResult {
  /** The path the task was given. */
  readonly path: string;
  /**
   * The state afterwards: `file`, `directory`, `link`, `hard` or `absent`; without the option `state`, the one that was
   * found.
   */
  readonly state: string;
}
