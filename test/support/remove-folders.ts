/**
 * The folders of a test file go when the file is done, unless it is to be looked into (`PLAY_TEST_KEEP=1`). As vitest
 * `setupFiles`, which are run for each file: what else the files of a worker load is loaded once for all of them.
 */
import { afterAll } from 'vitest';
import { keepsHosts } from './sandbox-fleet.ts';
import { removeTemporaryFolders } from './temporary-folder.ts';

afterAll(() => {
  if (!keepsHosts()) removeTemporaryFolders();
});
