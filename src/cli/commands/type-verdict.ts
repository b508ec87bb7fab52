import { basename } from 'node:path';
import { refuseBadTypes, type TypeVerdict } from '../../project/type-check.ts';
import { warnOf } from '../../report/warnings.ts';
import { timedTypes } from './run-profile.ts';

/** Milliseconds until it is said what is waited for. */
const patience = 1000;

/**
 * Waits for what tsc says of a playbook, and says so on stderr where that takes long: on a terminal as long as it does.
 *
 * @throws PlayError where the types are wrong; warns where nobody could tell
 */
export async function useVerdict(file: string, checking: Promise<TypeVerdict>): Promise<void> {
  const { stderr } = process;
  let isTold = false;
  const timer = setTimeout(() => {
    isTold = true;
    stderr.write(
      `checking the types of ${basename(file)} (--no-typecheck goes without)${stderr.isTTY ? ' ...' : '\n'}`,
    );
  }, patience);
  const verdict = await timedTypes(checking);
  clearTimeout(timer);
  if (isTold && stderr.isTTY) stderr.write(process.env['TERM'] === 'dumb' ? '\n' : '\r\x1b[K');
  refuseBadTypes(verdict);
  if (verdict.kind === 'unchecked') warnOf({ what: `The types of the playbook were not checked: ${verdict.why}` });
}
