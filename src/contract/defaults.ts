/**
 * What a role (or play) says once for all its tasks. An option that a task gives itself goes before it; a role's go before
 * those of its play.
 */
export interface TaskDefaults {
  /** Who owns the files and directories that `copy`, `template`, `assemble`, `getUrl` and `file` place. */
  readonly owner?: string;
  /** The group that owns them. */
  readonly group?: string;
  /** Permissions of such files: octal (`'0644'`) or symbolic. */
  readonly mode?: string;
  /** Permissions of directories that `file` makes. */
  readonly directoryMode?: string;
  /** Whether `apt`, and `packages` by it, install recommended packages. */
  readonly installRecommends?: boolean;
}

/** How files of the system are: root's, and readable by all. @example defaults: { ...systemFiles, installRecommends: false } */
export const systemFiles = { owner: 'root', group: 'root', mode: '0644', directoryMode: '0755' } as const;
