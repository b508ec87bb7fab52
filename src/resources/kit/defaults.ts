import type { TaskDefaults } from '../../contract/index.ts';

/** What a role's `defaults` mean for a resource that places a file. */
export const fileDefaults = ({ owner, group, mode }: TaskDefaults) => ({ owner, group, mode });

/** What they mean for one that makes a directory. */
export const directoryDefaults = ({ owner, group, directoryMode }: TaskDefaults) => ({
  owner,
  group,
  mode: directoryMode,
});
