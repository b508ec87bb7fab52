/**
 * Whom files of this machine are believed from: configuration, inventories, playbooks, programs and caches count only
 * where nobody but we, root and the owner of this installation could have written them. Imports errors.
 */
export { distrust, trustInstaller, type Distrust } from './trust.ts';
export { requireTrusted, requireTrustedSource, trustedSources, forgetTrustedSources } from './require-trusted.ts';
