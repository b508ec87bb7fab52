import { resolve } from 'node:path';
import type { Target } from '../connection/index.ts';
import { sandboxTarget, startSandbox } from '../sandbox/index.ts';
import { parseVaultId } from '../secrets/index.ts';
import type { HostFlags } from './host-flags.ts';

/** What of the command line matters to throwaway hosts. */
type SandboxFlags = Pick<HostFlags, 'sandbox' | 'user' | 'vaultPasswordFile' | 'vaultId' | 'privateKey' | 'connectionPasswordFile' | 'becomePasswordFile'>;

/** A throwaway host in place of each real one. `-u` chooses among the sandbox's own users; inventory variables do not count. */
export async function sandboxTargets(hosts: readonly string[], flags: SandboxFlags): Promise<ReadonlyMap<string, Target>> {
  const kind = flags.sandbox || undefined;
  const targets = await startSandbox(hosts, { onNotice: (text) => process.stderr.write(`${text}\n`), kind, hide: secretFiles(flags) });
  const { user } = flags;
  return user === undefined ? targets : new Map(hosts.map((host) => [host, sandboxTarget(host, { user })]));
}

/** Keys and passwords that this run was told of: a copy of this machine does not have them. */
function secretFiles(flags: SandboxFlags): string[] {
  const ofVaults = flags.vaultId.flatMap((given) => {
    const { from } = parseVaultId(given);
    return from === 'prompt' ? [] : [from.file];
  });
  const files = [...flags.vaultPasswordFile, ...ofVaults, process.env['ANSIBLE_VAULT_PASSWORD_FILE'], flags.privateKey, flags.connectionPasswordFile, flags.becomePasswordFile];
  return files.flatMap((file) => (file ? [resolve(file)] : []));
}
