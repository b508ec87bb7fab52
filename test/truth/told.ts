/** The words in which plays that were once foretold wrongly are written down. */
import type { Part, TaskSpec } from './round.ts';
import { task } from './world.ts';

export interface Told {
  readonly uses?: readonly Part[];
  /** Lines of sh that bring the host into its state, as root, in `dir`. */
  readonly host?: readonly string[];
  readonly tasks: readonly TaskSpec[];
}

export const dir = '/srv/truth/t9 it\'s "ü"';

export const shell = (cmd: string): TaskSpec =>
  task('shell', { cmd, changes: 'never' }, { keywords: { ignoreErrors: true } });
export const ignored = (one: TaskSpec): TaskSpec => ({ ...one, keywords: { ...one.keywords, ignoreErrors: true } });
