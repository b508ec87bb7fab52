import { Unknowable, type Found } from '../../contract/index.ts';
import { content, stat } from '../../probes/index.ts';

/**
 * Check mode: whether a file is sure to be there by then, of which nobody can know what it holds: a key that is made on
 * the host. What only reads it is sure to do so, and its result is open.
 */
export function isMadeOnlyThen(path: string, found: Found): boolean {
  if (found.forecast === undefined) return false;
  try {
    found.peek(content(path));
    return false;
  } catch (error) {
    if (!(error instanceof Unknowable)) throw error;
  }
  const at = found.peek(stat(path));
  return at.answer.type === 'file' && at.assumed === undefined;
}
