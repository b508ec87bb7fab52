import { settled, type Found, type Plan } from '../../contract/index.ts';
import { stat } from '../../probes/index.ts';
import type { Secret } from '../../secrets/index.ts';

/** A user as wanted, checked. */
export interface WantedUser {
  readonly name: string;
  readonly uid?: number | undefined;
  readonly nonUnique: boolean;
  readonly group?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly append: boolean;
  readonly comment?: string | undefined;
  readonly home?: string | undefined;
  readonly shell?: string | undefined;
  readonly password?: string | Secret | undefined;
  readonly updatePassword: 'always' | 'on_create';
  readonly passwordLock?: boolean | undefined;
  readonly system: boolean;
  /** Only the host's own files say whether it is there. */
  readonly local: boolean;
  readonly createHome: boolean;
  /** What a new home directory is filled from. Default: what useradd(8) has for it. */
  readonly skeleton?: string | undefined;
  /** The day it ends, or `never`. Default: as it is. */
  readonly expires?: string | undefined;
  readonly state: 'present' | 'absent';
  readonly remove: boolean;
  /** What is in the old home directory goes along to another one. */
  readonly moveHome: boolean;
  /** The key pair that the user shall have. */
  readonly sshKey: WantedSshKey | undefined;
}

export interface WantedSshKey {
  readonly type: 'rsa' | 'ecdsa' | 'ed25519';
  /** Default: as ssh-keygen(1) has it. */
  readonly bits: number | undefined;
  /** Absolute, or below the home directory. */
  readonly file: string;
  readonly comment: string | undefined;
  readonly passphrase: string | Secret | undefined;
}

/** The key pair of an account. */
export interface SshKey {
  /** The file of the private key. Empty without `generateSshKey`, as are the fields below. */
  readonly file: string;
  /** The public key, one line. In check mode, that of a new key cannot be known. */
  readonly publicKey: string;
  /** Its fingerprint, as ssh-keygen(1) prints it: `SHA256:...`. */
  readonly fingerprint: string;
}

export interface UserResult {
  /** The name of the account. */
  readonly name: string;
  /** Whether there is such an account afterwards. */
  readonly state: 'present' | 'absent';
  /** Its home directory, as in passwd(5); for a removed account, the one it had. */
  readonly home: string;
  /** The key of `generateSshKey`. */
  readonly sshKey: SshKey;
}

export const noSshKey: SshKey = { file: '', publicKey: '', fingerprint: '' };

/** Nothing to do. */
export function unchanged({ name, state }: Pick<WantedUser, 'name' | 'state'>, home: string): Plan<UserResult> {
  return settled({ name, state, home, sshKey: noSshKey });
}

/** Whether a home directory is to be made: Debian's own accounts that shall have none say so by this path. */
export function needsHome({ createHome }: WantedUser, home: string, found: Found): boolean {
  return (
    createHome && home !== '' && home !== '/' && home !== '/nonexistent' && found.get(stat(home)).type === 'absent'
  );
}

/**
 * Arguments of useradd(8) and groupadd(8) for a name that LDAP or the like knows, and the host's own files do not. They
 * ask all of them, and refuse it, unless the files are those of another root: `//`, as `/` is taken for none. Numbers
 * would be chosen by these files alone then.
 *
 * @param number the one to give where none is wanted; below zero: not known
 */
export const besideOthers = (option: '-u' | '-g', number: number | undefined): string[] => [
  '-P',
  '//',
  ...(number === undefined || number < 0 ? [] : [option, String(number)]),
];

/** Nothing done, since it cannot be. */
export function refused(wanted: WantedUser, failure: string): Plan<UserResult> {
  return { ...unchanged(wanted, ''), failure };
}

/** Why useradd(8) and groupadd(8) would not take a name; what else breaks things the schema refuses. */
export function refuseName(name: string): string | undefined {
  if (/^[~+]/.test(name)) return `"${name}" cannot be the name of an account: it begins with ${name.slice(0, 1)}`;
  return Buffer.byteLength(name) > 32
    ? `"${name}" cannot be the name of an account: it has more than 32 bytes`
    : undefined;
}
