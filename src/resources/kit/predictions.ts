import { predict, type Prediction, type PathState } from '../../contract/index.ts';
import { content, linkTarget, sha256, stat, tree } from '../../probes/index.ts';

/** What is known of a file once another is put in its place. */
export function replaced(state: PathState): PathState {
  return { ...state, identity: undefined, hasOtherNames: undefined };
}

/** What is known of a path once a directory is made there, whatever was there before. */
export function directoryAt(path: string, state: PathState): Prediction[] {
  return [
    predict(stat(path), state),
    predict(sha256(path), null),
    predict(content(path), { missing: 'not a regular file' }),
    predict(linkTarget(path), null),
    predict(tree(path), { entries: [], mounts: [] }),
  ];
}

/** What is known of a path once it is removed. */
export function gone(path: string): Prediction[] {
  return [
    predict(stat(path), { type: 'absent' }),
    predict(sha256(path), null),
    predict(content(path), { missing: 'absent' }),
    predict(linkTarget(path), null),
    predict(tree(path), { entries: [], mounts: [] }),
  ];
}
