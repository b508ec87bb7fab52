/**
 * What a role (or play) sets once for all its tasks. An option that a task gives itself takes precedence; a role's
 * take precedence over its play's.
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

/**
 * Defaults for system files: owned by root, and readable by everybody. @example defaults: { ...systemFiles,
 * installRecommends: false }
 */
export const systemFiles = { owner: 'root', group: 'root', mode: '0644', directoryMode: '0755' } as const;
