import { accountProcess, type Found } from '../probes/index.ts';

/** Why userdel(8), or usermod(8) where it changes the uid or home, would refuse: a process of the user runs. */
export function refuseBusy({ name }: { readonly name: string }, uid: number, found: Found): string | undefined {
  if (uid <= 0) return undefined;
  const process = found.get(accountProcess(uid));
  if (process === null) return undefined;
  if (found.changedBefore === undefined) return `a process of ${name} runs (${process.pid} ${process.name}): stop it first`;
  found.assume(`the process ${process.name} of ${name} has ended by then`);
  return undefined;
}
