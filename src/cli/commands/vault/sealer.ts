import { PlayError } from '../../../errors/index.ts';
import { promptHidden } from '../../../operator/prompt.ts';
import { warnOf } from '../../../report/warnings.ts';
import {
  ageText,
  askAge,
  parseRecipient,
  readRecipients,
  seal,
  vaultPasswordText,
  type AgeRecipient,
  type VaultPassword,
} from '../../../secrets/index.ts';
import { vaultPasswords, type VaultFlags } from '../../../targets/open-vault.ts';
import type { FileFlags, SealFlags } from './vault-options.ts';

/** Encrypts what it is given, always in the same way. */
export interface Sealer {
  /** The tag of a single value in YAML. */
  readonly tag: '!vault' | '!age';
  seal(plain: Uint8Array): string;
}

export function vaultSealer({ id, text }: VaultPassword, label = id): Sealer {
  if (/[^\x20-\x7e]/.test(label))
    warnOf({ what: `The vault id "${label}" is not ASCII: ansible-vault writes such files, and cannot read them` });
  return { tag: '!vault', seal: (plain) => seal(plain, text(), label) };
}

function ageSealer(recipients: readonly AgeRecipient[]): Sealer {
  return {
    tag: '!age',
    seal: (plain) => {
      const answer = askAge({ bytes: plain, recipients });
      if ('bytes' in answer) return ageText(answer.bytes);
      throw new PlayError(`age cannot encrypt this: ${answer.problem}`, { hint: 'Check the recipients.' });
    },
  };
}

/**
 * What encrypts new text: age where recipients are given, else the vault password, which is asked for where none is;
 * recipients of the project where it has no vault password.
 *
 * @throws PlayError where several passwords are given and none is chosen
 */
export async function newSealer(flags: VaultFlags & SealFlags): Promise<Sealer> {
  const given = ageSealerOf(flags);
  if (given) return given;
  const passwords = await vaultPasswords(flags, askTwice);
  if (passwords.length > 0) return vaultSealer(chosen(passwords, flags));
  return projectSealer(flags) ?? vaultSealer(vaultPasswordText(await askTwice('vault password', instead)));
}

/** The same for text that was opened by what `flags` name: the new password is another one. */
export async function rekeySealer(flags: FileFlags): Promise<Sealer> {
  const given = ageSealerOf(flags);
  if (given) return given;
  const { newVaultId, newVaultPasswordFile: file } = flags;
  if (newVaultId !== undefined && file !== undefined)
    throw new PlayError('--new-vault-id and --new-vault-password-file both give the new password', {
      hint: 'Use one of them.',
    });
  const isAsked = newVaultId === undefined && file === undefined;
  if (isAsked && flags.encryptVaultId === undefined) {
    const project = projectSealer(flags);
    if (project) return project;
  }
  const passwords = await vaultPasswords(
    {
      vaultPasswordFile: file === undefined ? [] : [file],
      // A known id may be the new one as well.
      vaultId: newVaultId === undefined ? (flags.encryptVaultId === undefined ? [] : flags.vaultId) : [newVaultId],
      askVaultPass: isAsked && flags.encryptVaultId === undefined,
      ageIdentity: [],
    },
    askTwice,
  );
  return vaultSealer(chosen(passwords, flags));
}

/** For text that age encrypted: whom it was for its header does not tell. @throws PlayError where nobody is named */
export function sealerForAge(flags: SealFlags): Sealer {
  const sealer = ageSealerOf(flags) ?? projectSealer(flags);
  if (sealer) return sealer;
  throw new PlayError('Which recipients should age encrypt it for? An age file does not name them', {
    hint: 'Add --age-recipient KEY or --age-recipients-file FILE, or write ageRecipients into play.config.ts.',
  });
}

function ageSealerOf({ ageRecipient, ageRecipientsFile }: SealFlags): Sealer | undefined {
  const recipients = [
    ...ageRecipient.map((given) => parseRecipient(given, { file: '--age-recipient' })),
    ...ageRecipientsFile.flatMap(readRecipients),
  ];
  return recipients.length === 0 ? undefined : ageSealer(recipients);
}

function projectSealer({ ageRecipients = [] }: SealFlags): Sealer | undefined {
  const recipients = ageRecipients.flatMap((given) =>
    /^(?:age1|ssh-)/.test(given) ? [parseRecipient(given, { file: 'play.config.ts' })] : readRecipients(given),
  );
  return recipients.length === 0 ? undefined : ageSealer(recipients);
}

function chosen(passwords: readonly VaultPassword[], { encryptVaultId }: SealFlags): VaultPassword {
  const wanted = encryptVaultId ?? (process.env['ANSIBLE_VAULT_ENCRYPT_IDENTITY'] || undefined);
  const ids = passwords.map(({ id }) => id);
  const [first] = passwords;
  for (const id of ids)
    if (id.includes(';')) throw new PlayError(`A vault id has no semicolon: ${id}`, { hint: 'Choose another name.' });
  if (wanted === undefined && first !== undefined && passwords.length === 1) return first;
  if (wanted === undefined)
    throw new PlayError(`There are several vault ids to encrypt with: ${ids.join(', ')}`, {
      hint: 'Choose one: --encrypt-vault-id ID.',
    });
  const found = passwords.find(({ id }) => id === wanted);
  if (found) return found;
  throw new PlayError(`No password is given for the vault id "${wanted}"`, {
    hint: `Given: ${ids.join(', ') || 'none'}. Add --vault-id ${wanted}@FILE.`,
  });
}

const instead = '--vault-password-file FILE';

/** A password nobody can mistype. */
async function askTwice(what: string, spared: string): Promise<string> {
  const first = await promptHidden(`new ${what}`, spared);
  if (first.trim() === '') throw new PlayError('The vault password is empty');
  if ((await promptHidden(`new ${what}, again`, spared)) === first) return first;
  throw new PlayError('The two passwords differ', { hint: 'Try again.' });
}
