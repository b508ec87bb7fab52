/** Secret values, where they come from, and how they are kept out of sight. Imports errors only. */
export { Secret, reveal, secret } from './secret.ts';
