import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promptHidden } from '../../../operator/prompt.ts';
import type { ConnectionFlags } from '../../../options/connection-flags.ts';
import type { VaultFlags } from '../../../targets/open-vault.ts';

type Asking = ConnectionFlags & VaultFlags;

/**
 * Asks for what -k, -K, -J and `--vault-id ID@prompt` want, once for both tools: each reads it from a file that only the
 * caller may read.
 *
 * @param folder the caller's own, which is removed in the end
 */
export async function askedOnce<T extends Asking>(flags: T, folder: string): Promise<T> {
  const keep = (text: string): string => {
    const file = join(mkdtempSync(join(folder, 'asked-')), 'password');
    writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
    return file;
  };
  const asked: Partial<Record<keyof Asking, unknown>> = {};
  let login: string | undefined;
  if (flags.askPass) {
    login = await promptHidden('login password', '--connection-password-file FILE');
    Object.assign(asked, { askPass: false, connectionPasswordFile: keep(login) });
  }
  if (flags.askBecomePass) {
    const otherwise = login === undefined ? '' : ' [the login password]';
    const become = await promptHidden(`become password${otherwise}`, '--become-password-file FILE');
    Object.assign(asked, { askBecomePass: false, becomePasswordFile: keep(become === '' ? (login ?? '') : become) });
  }
  if (flags.askVaultPass) {
    const file = keep(await promptHidden('vault password', '--vault-password-file FILE'));
    Object.assign(asked, { askVaultPass: false, vaultPasswordFile: [...flags.vaultPasswordFile, file] });
  }
  const vaultId: string[] = [];
  for (const given of flags.vaultId) {
    const [, id] = /^(.*)@(?:prompt|ask)$/.exec(given) ?? [];
    if (id === undefined) vaultId.push(given);
    else vaultId.push(`${id}@${keep(await promptHidden(`vault password (${id})`, `--vault-id ${id}@FILE`))}`);
  }
  return { ...flags, ...asked, vaultId };
}
