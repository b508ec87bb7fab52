import { beforeEach } from 'vitest';

/**
 * Skips the tests of a file or a `describe`, and has the reason printed among the results, which `skipIf` and `runIf`
 * cannot. What their `beforeAll` needs it has to look for itself.
 *
 * @param reason undefined: they run
 */
export function skipTests(reason: string | undefined): void {
  if (reason !== undefined) beforeEach(({ skip }) => skip(reason));
}
