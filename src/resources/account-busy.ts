import type { Found } from '../contract/index.ts';
import { accountProcess } from '../probes/index.ts';

/** sh: `settled COMMAND`: again where the account is in use (8), as it is for a moment when a lane of ours ends. */
export const settled = `settled() {
  for i in 1 2 3 4 5; do
    code=0; "$@" || code=$?
    [ "$code" = 8 ] || return "$code"
    sleep 0.3 2>/dev/null || sleep 1
  done
  return 8
}
`;

/** Why userdel(8), or usermod(8) where it changes the uid or home, would refuse: a process of the user runs. */
export function refuseBusy({ name }: { readonly name: string }, uid: number, found: Found): string | undefined {
  if (uid <= 0) return undefined;
  const process = found.get(accountProcess(uid));
  if (process === null) return undefined;
  if (found.forecast?.changedBefore === undefined) return `a process of ${name} runs (${process.pid} ${process.name}): stop it first`;
  found.assume(`the process ${process.name} of ${name} has ended by then`);
  return undefined;
}
