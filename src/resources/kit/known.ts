import { known, type Known, type PathState } from '../../contract/index.ts';
import { content, linkTarget, sha256, stat, tree } from '../../probes/index.ts';

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
