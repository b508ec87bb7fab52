import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { ResourceScope } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { mayBeEncrypted, sopsValue } from '../../secrets/index.ts';
import { requireTrustedSource } from '../../trust/index.ts';
import { FileHere, largeFrom, scan } from './file-here.ts';

/** A role's file, as it is copied to hosts. */
export interface RoleFile {
  /** Its content, decrypted. */
  readonly bytes: Buffer;
  /** Whether it was encrypted: with Ansible Vault, age or sops. */
  readonly isSecret: boolean;
}

/**
 * Reads a file of the role, encrypted or not, as Ansible does.
 *
 * @param decrypt false leaves an encrypted file encrypted
 * @throws PlayError if it is missing, naming the places that were searched
 */
export function readRoleFile(
  scope: ResourceScope,
  folder: 'files' | 'templates',
  src: string,
  decrypt = true,
): RoleFile {
  const file = roleFile(scope, folder, src);
  const bytes = readBytes(file, scope, folder, src);
  const plain = decrypt ? scope.openVault(bytes, { file }) : undefined;
  return plain ? { bytes: plain, isSecret: true } : { bytes, isSecret: false };
}

/**
 * The same of a file that is only to be sent: a large one in the clear is not read into memory.
 *
 * @throws PlayError if it is missing, naming the places that were searched
 */
export function openRoleFile(
  scope: ResourceScope,
  folder: 'files',
  src: string,
  decrypt: boolean,
): RoleFile | { readonly bytes: FileHere; readonly isSecret: false } {
  const file = roleFile(scope, folder, src);
  const large = reading(file, scope, folder, src, () => largeInTheClear(file, decrypt));
  return large ? { bytes: large, isSecret: false } : readRoleFile(scope, folder, src, decrypt);
}

function largeInTheClear(file: string, decrypt: boolean): FileHere | undefined {
  if (statSync(file).size < largeFrom) return undefined;
  const scanned = scan(file, sopsValue);
  return decrypt && (scanned.holds || mayBeEncrypted(scanned.head)) ? undefined : new FileHere(file, scanned);
}

function readBytes(file: string, scope: ResourceScope, folder: string, src: string): Buffer {
  return reading(file, scope, folder, src, () => readFileSync(file));
}

function reading<T>(file: string, scope: ResourceScope, folder: string, src: string, read: () => T): T {
  // A part of the playbook, as its code is. What an absolute path names was chosen, and may be anybody's.
  if (!isAbsolute(src)) requireTrustedSource(file);
  try {
    return read();
  } catch (error) {
    throw new PlayError(`The file ${src} cannot be read`, {
      where: file,
      cause: error,
      hint: `It is looked for in ${folder}/ of ${scope.role === null ? 'the playbook' : `the role "${scope.role}"`}, ${join(scope.dir, folder)}, then in ${scope.dir}.`,
    });
  }
}

/** Where a file of the role or playbook is: in its folder for such, else beside it, as Ansible looks for it. */
export function roleFile(scope: Pick<ResourceScope, 'dir'>, folder: 'files' | 'templates', src: string): string {
  if (isAbsolute(src)) return src;
  const places = [join(scope.dir, folder, src), join(scope.dir, src)];
  return places.find((place) => existsSync(place)) ?? join(scope.dir, folder, src);
}

/** The permissions of a file here, for a file on the host that shall have the same. @throws Error where it is not there */
export function modeOf(file: string): string {
  return (statSync(file).mode & 0o7777).toString(8).padStart(4, '0');
}
