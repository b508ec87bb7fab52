/**
 * Options that a role (or play) sets once for all its tasks. A task's own options take precedence, and a role's take
 * precedence over its play's.
 */
export interface TaskDefaults {
  /** The owner of files and directories that `copy`, `template`, `assemble`, `getUrl` and `file` write or create. */
  readonly owner?: string;
  /** Their group. */
  readonly group?: string;
  /** Permissions of those files: octal (`'0644'`) or symbolic. */
  readonly mode?: string;
  /** Permissions of directories that `file` creates. */
  readonly directoryMode?: string;
  /** Whether `apt` (and `packages`, if it uses apt) installs recommended packages. */
  readonly installRecommends?: boolean;
}

/**
 * Defaults for system files: owned by root, and readable by everybody.
 *
 * @example defaults: { ...systemFiles, installRecommends: false }
 */
export const systemFiles = { owner: 'root', group: 'root', mode: '0644', directoryMode: '0755' } as const;
