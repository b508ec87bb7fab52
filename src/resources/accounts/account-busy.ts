import type { Found } from '../../contract/index.ts';
import { accountProcess } from './account-process.probe.ts';

/** sh: `settled COMMAND`: again where the account is in use (8), as it is for a moment when a lane of ours ends. */
export const settled = `settled() {
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    code=0; "$@" || code=$?
    [ "$code" = 8 ] || return "$code"
    sleep 0.3 2>/dev/null || sleep 1
  done
  return 8
}
`;

/**
 * That no process of a user runs, over which userdel(8) would refuse, as would usermod(8) where it changes the uid or
 * home. What is done before may end it.
 * @throws PlayError
 */
export function presumeIdle({ name }: { readonly name: string }, uid: number, found: Found): void {
  const process = uid <= 0 ? null : found.get(accountProcess(uid));
  if (process !== null)
    found.presume(false, {
      failure: `a process of ${name} runs (${process.pid} ${process.name})`,
      hint: 'Stop it first.',
      by: 'changes',
      assume: `the process ${process.name} of ${name} has ended`,
    });
}
