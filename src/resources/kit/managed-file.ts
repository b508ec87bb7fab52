import { settled, type Change, type Found, type Plan } from '../../contract/index.ts';
import { stat } from '../../probes/index.ts';
import { planDirectory } from './directory.ts';
import { folderOf, planFile, type WantedCopy, type WantedFile, type WantedLarge } from './file-content.ts';
import { inOrder } from './in-order.ts';
import { planRemoval } from './removal.ts';

/** A directory that is created if it is missing, and otherwise left alone. */
export interface MissingFolder {
  /** Octal or symbolic. */
  readonly mode: string;
  /** A name or a number. Default: the task's user. */
  readonly owner?: string | undefined;
  /** A name or a number. Default: that user's. */
  readonly group?: string | undefined;
}

/** Plans a file with its whole content, and its folder if that is missing. */
export function planManagedFile<R>(
  file: WantedFile | WantedCopy | WantedLarge,
  folder: MissingFolder | undefined,
  found: Found,
  result: R,
): Plan<R> {
  return inOrder(
    found,
    result,
    (now) => planMissingFolder(folderOf(file.path), folder, now),
    (now) => planFile(file, now, result),
  );
}

export function planMissingFolder(path: string, folder: MissingFolder | undefined, found: Found): Plan<unknown> {
  if (!folder || found.get(stat(path)).type !== 'absent') return settled(undefined);
  const plan = planDirectory({ path, state: 'directory', force: false, recurse: false, ...folder }, found);
  return { ...plan, changes: plan.changes.map((change) => ofFolder(change, path)) };
}

/** The task is about the file: what is told of its folder has to say so. */
function ofFolder(change: Change, folder: string): Change {
  if (change.what.startsWith('/')) return change;
  return { ...change, what: change.what === 'state' ? folder : `${change.what} of ${folder}` };
}

/** Plans the removal of the file at a path, if there is one. */
export function planNoFile<R>(path: string, found: Found, result: R): Plan<R> {
  const now = found.get(stat(path));
  if (now.type === 'directory') return { ...settled(result), failure: `${path} is a directory` };
  return inOrder(found, result, (then) => planRemoval({ path, state: 'absent', force: false, recurse: false }, then));
}
