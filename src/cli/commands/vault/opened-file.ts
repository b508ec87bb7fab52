import { readFileSync, realpathSync } from 'node:fs';
import { ExitCode, PlayError, type Location } from '../../../errors/index.ts';
import { promptHidden } from '../../../operator/prompt.ts';
import {
  ageBytes,
  ageText,
  encryptionOf,
  isBinaryAge,
  Vault,
  vaultLabel,
  vaultPasswordText,
} from '../../../secrets/index.ts';
import { openVault, type VaultFlags } from '../../../targets/open-vault.ts';
import { replaceFile } from '../replace-file.ts';
import { vaultSealer, type Sealer } from './sealer.ts';

/** A file as it is, before anything is done with it. */
export interface GivenFile {
  /** As it was named; `-` is standard input. */
  readonly name: string;
  readonly where: Location;
  readonly bytes: Buffer;
  readonly by: ReturnType<typeof encryptionOf>;
  /** It is an age file without armour, and shall stay one. */
  readonly isBinary: boolean;
}

export interface OpenedFile extends GivenFile {
  readonly plain: Buffer;
  /** What encrypts it as it was; undefined for age, whose files do not tell whom they are for. */
  readonly sealer: Sealer | undefined;
}

/** @throws PlayError for a file that cannot be read */
export function readGiven(name: string): GivenFile {
  const where = { file: name === '-' ? 'standard input' : name };
  try {
    const bytes = readFileSync(name === '-' ? 0 : name);
    const isBinary = isBinaryAge(bytes);
    return { name, where, bytes, isBinary, by: isBinary ? 'age' : encryptionOf(bytes.toString('utf8')) };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'There is no such file' : `This file cannot be read (${String(code)})`;
    throw new PlayError(why, { where, hint: 'Check its path and permissions.', cause });
  }
}

/** The vault of the command line; whoever has nothing to open vault text with is asked for its password. */
export async function vaultFor(flags: VaultFlags, files: readonly GivenFile[]): Promise<Vault> {
  const vault = await openVault(flags);
  const isMissing = files.some(({ by, bytes, where }) => {
    const lock = by === 'vault' ? vault.missing(bytes.toString('utf8'), where) : undefined;
    return lock !== undefined;
  });
  if (!isMissing) return vault;
  const typed = vaultPasswordText(await promptHidden('vault password', '--vault-password-file FILE'));
  return new Vault([typed], vault.identities);
}

/** @throws PlayError for one in the clear, and where nothing opens it */
export function openGiven(given: GivenFile, vault: Vault): OpenedFile {
  const { by, bytes, where, isBinary } = given;
  const text = isBinary ? ageText(bytes) : bytes.toString('utf8');
  if (by === undefined) throw new PlayError('This is not encrypted', { where, hint: 'Leave it out.' });
  if (by !== 'vault') {
    // Not `decrypt`: what age encrypted need not be text.
    const plain = vault.decryptFile(bytes, where) ?? bytes;
    return { ...given, plain, sealer: undefined };
  }
  const { plain, password } = vault.unlock(text, where);
  return { ...given, plain, sealer: vaultSealer(password, vaultLabel(text) ?? 'default') };
}

/** Encrypted text in the form the file had. */
export function sealedAs({ isBinary, where }: GivenFile, sealer: Sealer, plain: Uint8Array): string | Buffer {
  const text = sealer.seal(plain);
  return isBinary && sealer.tag === '!age' ? ageBytes(text, where) : text;
}

/** Writes to a file or standard output. @param mask see `replaceFile` */
export function writeGiven(name: string, content: string | Uint8Array, mask?: number): void {
  if (name === '-') {
    process.stdout.write(content);
    return;
  }
  try {
    replaceFile(name, content, mask);
  } catch (cause) {
    throw new PlayError(`This file cannot be written (${String((cause as NodeJS.ErrnoException).code)})`, {
      where: { file: name },
      hint: 'Check its folder and permissions. The file is unchanged.',
      exitCode: ExitCode.usage,
      cause,
    });
  }
}

/** People hear that it is done; what reads the output does not. */
export function tellPeople(text: string): void {
  if (process.stdout.isTTY) process.stderr.write(`${text}\n`);
}

/** The file a link leads to: it is that which is encrypted. */
export function realName(name: string): string {
  return name === '-' ? name : realpathSync(name);
}
