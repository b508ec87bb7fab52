import type { Target } from '../connection/index.ts';
import { sandboxTarget, startSandbox } from '../sandbox/index.ts';
import type { ConnectionFlags } from './connection-flags.ts';

/** A throwaway host in place of each real one. `-u` chooses among the sandbox's own users; inventory variables do not count. */
export async function sandboxTargets(hosts: readonly string[], flags: Pick<ConnectionFlags, 'user'>): Promise<ReadonlyMap<string, Target>> {
  const targets = await startSandbox(hosts, { onNotice: (text) => process.stderr.write(`${text}\n`) });
  const { user } = flags;
  return user === undefined ? targets : new Map(hosts.map((host) => [host, sandboxTarget(host, { user })]));
}
