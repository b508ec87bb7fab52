import type { Known } from '../playbook/index.ts';
import { content, linkTarget, sha256, stat, tree, type PathState, type Question } from '../probes/index.ts';

/** The answer a question will have after a change, with types that fit. `assumed`: why it is a guess. */
export function known<A>(question: Question<A>, answer: A, assumed?: string): Known {
  return { question: question, answer, ...(assumed === undefined ? {} : { assumed }) };
}

/** What is known of a file once another is put in its place. */
export function replaced(state: PathState): PathState {
  return { ...state, identity: undefined, hasOtherNames: undefined };
}

/** What is known of a path once it is removed. */
export function gone(path: string): Known[] {
  return [
    known(stat(path), { type: 'absent' }),
    known(sha256(path), null),
    known(content(path), { missing: 'absent' }),
    known(linkTarget(path), null),
    known(tree(path), { entries: [], mounts: [] }),
  ];
}
