/** The words in which plays that were once foretold wrongly are written down. */
import { Reading, type Part, type TaskSpec } from './round.ts';
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

/** Tasks after which it is told what `find` and `stat` saw. */
export function heard(tasks: readonly TaskSpec[]): readonly TaskSpec[] {
  const all: TaskSpec[] = [];
  for (const one of tasks) {
    all.push(one);
    const name = `t${all.length}`;
    if (one.resource === 'find') all.push(task('debug', { msg: new Reading(name, ['files'], 'paths') }));
    if (one.resource === 'stat') all.push(task('debug', { msg: new Reading(name, ['stat', 'exists'], 'text') }));
  }
  return all;
}

/** A repository of git, in `origin`: the branch `main`, and the tag `v1` a commit before. */
export const origin: readonly string[] = [
  'git init -q -b main origin; cd origin; git config user.name n; git config user.email e@example.org',
  'echo one >f; git add .; git commit -qm 1; git tag v1; mkdir s; echo two >s/a; git add .; git commit -qm 2; cd ..',
];
