import { isUtf8 } from 'node:buffer';
import { PlayError, type Location } from '../errors/index.ts';
import { ageBytes, ageText, damagedAge, isBinaryAge, recipientsOf } from './age/age-text.ts';
import { askAge, type AgeKey } from './age/age.ts';
import { unusableKey, type AgeIdentity } from './age/identities.ts';
import { encryptionOf, lockOf, mayBeEncrypted, missingKey, type Lock } from './encrypted.ts';
import { Secret, learnSecret } from './secret.ts';
import { openSops, type SopsPlain } from './sops/sops.ts';
import { parseEnvelope, unseal } from './vault-format.ts';
import type { VaultPassword } from './vault-password.ts';

/** What vault text was opened to, and by which password. */
export interface Unlocked {
  readonly plain: Buffer;
  readonly password: VaultPassword;
}

/** A text that can be read, and what of it is secret: nothing, all, or the values that begin at these places. */
export interface PlainText {
  readonly text: string;
  readonly secret: 'nothing' | 'all' | ReadonlySet<number>;
}

/** The passwords and identities of a run, and what they open: vault text of Ansible's, age files, files of sops. */
export class Vault {
  readonly passwords: readonly VaultPassword[];
  readonly identities: readonly AgeIdentity[];

  constructor(passwords: readonly VaultPassword[] = [], identities: readonly AgeIdentity[] = []) {
    this.passwords = passwords;
    this.identities = identities;
  }

  /** What would have to be given to open this text; undefined where something was, or nothing has to be. */
  missing(text: string, where: Location): Lock | undefined {
    const lock = lockOf(text, where);
    const given = lock?.by === 'vault' || lock?.by === 'passphrase' ? this.passwords : this.identities;
    return given.length > 0 ? undefined : lock;
  }

  /**
   * The plain text of vault or age text. The password whose id is the text's label is tried first, then all others, as
   * Ansible does.
   *
   * @throws PlayError when nothing was given, nothing fits, or the text is damaged
   */
  decrypt(text: string, where: Location): string {
    return this.#open(text, where).toString('utf8');
  }

  /** A file of variables, whatever it is encrypted with, or in the clear. @throws PlayError as `decrypt` */
  read(text: string, where: Location): PlainText {
    const by = encryptionOf(text);
    if (by === undefined) return { text, secret: 'nothing' };
    if (by !== 'sops') return { text: this.decrypt(text, where), secret: 'all' };
    const plain = this.#openSops(text, where);
    return { text: plain.text, secret: plain.secretAt };
  }

  /**
   * The bytes of an encrypted file, undefined for one in the clear; where they are text it is masked from now on, line by
   * line. @throws PlayError as `decrypt`
   */
  decryptFile(bytes: Buffer, where: Location): Buffer | undefined {
    if (!mayBeEncrypted(bytes)) return undefined;
    const text = isBinaryAge(bytes) ? ageText(bytes) : bytes.toString('latin1');
    const by = encryptionOf(text);
    if (by === undefined) return undefined;
    if (by === 'sops') {
      const plain = this.#openSops(bytes.toString('utf8'), where);
      for (const secret of plain.secrets) new Secret(() => secret, where.file).expose();
      return Buffer.from(plain.text);
    }
    const plain = this.#open(text, where);
    if (isUtf8(plain)) learnSecret(plain.toString('utf8'), where.file);
    return plain;
  }

  /** What vault text holds, with the password that opened it. @throws PlayError as `decrypt` */
  unlock(text: string, where: Location): Unlocked {
    const envelope = parseEnvelope(text, where);
    const lock = this.missing(text, where);
    if (lock) throw missingKey(lock, where);
    const ordered = [...this.passwords].sort(
      (a, b) => Number(b.id === envelope.label) - Number(a.id === envelope.label),
    );
    for (const password of ordered) {
      const plain = unseal(envelope, password.text());
      if (plain !== undefined) return { plain, password };
    }
    const tried = ordered.map(({ id, source }) => (id === 'default' ? source : `${id} (${source})`)).join(', ');
    throw new PlayError('No vault password opens this', {
      where,
      hint: `Tried: ${tried}.${envelope.label === undefined ? '' : ` It was encrypted with the vault id "${envelope.label}".`}`,
    });
  }

  #open(text: string, where: Location): Buffer {
    return encryptionOf(text) === 'age' ? this.#openAge(text, where) : this.unlock(text, where).plain;
  }

  #openSops(text: string, where: Location): SopsPlain {
    const lock = this.missing(text, where);
    if (lock) throw missingKey(lock, where);
    return openSops(text, where, (key) => this.#tryAge(ageBytes(key, where)));
  }

  #openAge(text: string, where: Location): Buffer {
    const lock = this.missing(text, where);
    if (lock) throw missingKey(lock, where);
    const bytes = ageBytes(text, where);
    const plain = this.#tryAge(bytes, where);
    if (plain) return plain;
    const tried = (lockOf(text, where)?.by === 'passphrase' ? this.passwords : this.identities).map(
      ({ source }) => source,
    );
    throw new PlayError('No age identity opens this', {
      where,
      hint: `Tried: ${tried.join(', ')}. It is encrypted for: ${recipientsOf(bytes).join(', ')}.`,
    });
  }

  /** @param where of what is damaged; without, nothing is said of that */
  #tryAge(bytes: Buffer, where?: Location): Buffer | undefined {
    const isForPassphrase = recipientsOf(bytes).includes('scrypt');
    const keys: readonly AgeKey[] = isForPassphrase
      ? this.passwords.map((password): AgeKey => ({ kind: 'passphrase', text: password.text().toString('utf8') }))
      : this.identities.flatMap((identity) => identity.keys());
    const answer = askAge({ bytes, keys });
    if ('bytes' in answer) return Buffer.from(answer.bytes);
    if (answer.file !== undefined) throw unusableKey(answer.problem, answer.file);
    if (where !== undefined && !/no identity matched/.test(answer.problem)) throw damagedAge(answer.problem, where);
    return undefined;
  }
}
