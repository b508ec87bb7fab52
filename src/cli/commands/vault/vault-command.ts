import { ExitCode, PlayError, unknownName } from '../../../errors/index.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import type { Launch } from '../../../project/launch.ts';
import { runEdit, runCreate } from './edit-command.ts';
import { runEncryptString } from './encrypt-string.ts';
import { runDecrypt, runEncrypt, runRekey, runView } from './file-commands.ts';

/** What follows the word -> nothing, or an error. */
type Action = (args: readonly string[], launch: Launch) => Promise<void>;

const actions: Readonly<Record<string, Action>> = {
  ['encrypt']: runEncrypt,
  ['decrypt']: runDecrypt,
  ['view']: runView,
  ['edit']: runEdit,
  ['create']: runCreate,
  ['rekey']: runRekey,
  ['encrypt-string']: runEncryptString,
  ['encrypt_string']: runEncryptString,
};

/** `play vault ACTION [FILE...]`: what ansible-vault does, and the same with age. */
export async function runVaultCommand(args: readonly string[], launch: Launch): Promise<number> {
  const [word, ...rest] = args;
  if (word === undefined || word === '-h' || word === '--help') {
    const command = makeCommand(
      'play vault',
      'Encrypts and decrypts files and values, as ansible-vault does, or for age.',
    )
      .argument('<encrypt|decrypt|view|edit|create|rekey|encrypt-string>')
      .argument('[file...]')
      .addHelpText('after', '\nplay vault ACTION --help shows what each takes.');
    if (word !== undefined) parseWith(command, ['--help']);
    throw new PlayError('Which vault action?', {
      hint: `One of ${Object.keys(actions).slice(0, -1).join(', ')}.`,
    });
  }
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (!action) throw unknownName('action of play vault', word, Object.keys(actions));
  await action(rest, launch);
  return ExitCode.ok;
}
