/**
 * Secret values, where they come from (environment, file, command, prompt, credential, vault, age, sops), and how they
 * are kept out of sight. Imports trust and errors.
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
export { secretFromCommand, secretFromCredential, secretFromEnv, secretFromFile, secretFromPrompt } from './sources.ts';
export { Unreadable } from './unreadable.ts';
export { Vault, type PlainText } from './vault.ts';
export { isVaultText, seal, vaultLabel } from './vault-format.ts';
export { encryptionOf, mayBeEncrypted, missingKey, type Lock } from './encrypted.ts';
export { sopsValue } from './sops/sops.ts';
export { askAge, type AgeRecipient } from './age/age.ts';
export { ageBytes, ageText, isBinaryAge } from './age/age-text.ts';
export { ageIdentityFile, ageIdentityText, needsPassphrase, type AgeIdentity } from './age/identities.ts';
export { parseRecipient, readRecipients } from './age/recipients.ts';
export { parseVaultId, vaultPasswordFile, vaultPasswordText, type VaultPassword } from './vault-password.ts';
export { Redactor } from './redact.ts';
export { shortestSearched } from './needles.ts';
