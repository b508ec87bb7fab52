/**
 * Secret values, where they come from (environment, file, command, vault), and how they are kept out of sight. Imports
 * errors only.
 */
export {
  Secret,
  exposeSecrets,
  hideSecrets,
  requireSecrets,
  reveal,
  secret,
  secretJson,
  secretsIn,
  sourcesOf,
} from './secret.ts';
export { secretFromCommand, secretFromEnv, secretFromFile } from './sources.ts';
export { Unreadable } from './unreadable.ts';
export { Vault, isVaultText, missingPassword, vaultLabel } from './vault.ts';
export { parseVaultId, vaultPasswordFile, vaultPasswordText, type VaultPassword } from './vault-password.ts';
export { Redactor } from './redact.ts';
export { shortestSearched } from './needles.ts';
