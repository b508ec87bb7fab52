import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { PlayError, startFailure } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import type { Launch } from '../../../project/launch.ts';
import { parseWithConfig } from '../../parse.ts';
import { openGiven, readGiven, sealedAs, tellPeople, vaultFor, writeGiven, type GivenFile } from './opened-file.ts';
import { newSealer, rekeySealer, sealerForAge } from './sealer.ts';
import { addOpening, addOutput, addSealing, type FileFlags } from './vault-options.ts';

/** Who reads a decrypted file: its owner, as with ansible-vault. */
const ownerOnly = 0o700;

/** `play vault encrypt [FILE...]`. */
export async function runEncrypt(args: readonly string[], launch: Launch): Promise<void> {
  const command = fileCommand('encrypt', 'Encrypts files in place, or standard input.');
  const { flags, files } = await read(addSealing(addOutput(addOpening(command))), args, launch);
  for (const { by, where } of files)
    if (by !== undefined) throw new PlayError('This is already encrypted', { where, hint: 'Leave it out.' });
  const sealer = await newSealer(flags);
  for (const { name, bytes } of files) writeGiven(flags.output ?? name, sealer.seal(bytes));
  tellPeople('Encryption successful');
}

/** `play vault decrypt [FILE...]`. */
export async function runDecrypt(args: readonly string[], launch: Launch): Promise<void> {
  const command = fileCommand('decrypt', 'Decrypts files in place, readable only by their owner, or standard input.');
  const { flags, files } = await read(addOutput(addOpening(command)), args, launch);
  const vault = await vaultFor(flags, files);
  // All are opened before the first is written: one that cannot be leaves all of them as they are.
  const opened = files.map((file) => openGiven(file, vault));
  for (const { name, plain } of opened) writeGiven(flags.output ?? name, plain, ownerOnly);
  tellPeople('Decryption successful');
}

/** `play vault view FILE...`. */
export async function runView(args: readonly string[], launch: Launch): Promise<void> {
  const { flags, files } = await read(
    addOpening(fileCommand('view', 'Shows the contents of encrypted files.')),
    args,
    launch,
  );
  const vault = await vaultFor(flags, files);
  for (const file of files) show(openGiven(file, vault).plain);
}

/** `play vault rekey FILE...`. */
export async function runRekey(args: readonly string[], launch: Launch): Promise<void> {
  const command = addSealing(
    addOpening(fileCommand('rekey', 'Encrypts files again, with another password or for other keys.')),
  )
    .option('--new-vault-id <id@file>', 'the new password with its vault id; ID@prompt asks')
    .option('--new-vault-password-file <file>', 'file (or program) that gives the new password');
  const { flags, files } = await read(command, args, launch);
  refuseSops(files);
  const vault = await vaultFor(flags, files);
  const opened = files.map((file) => openGiven(file, vault));
  const isVault = flags.newVaultId !== undefined || flags.newVaultPasswordFile !== undefined;
  const isAge = !isVault && files.every(({ by }) => by === 'age');
  const sealer = isAge ? sealerForAge(flags) : await rekeySealer(flags);
  for (const file of opened) writeGiven(file.name, sealedAs(file, sealer, file.plain));
  tellPeople('Rekey successful');
}

/** @throws PlayError: what sops encrypts has rules and keys that only it keeps */
export function refuseSops(files: readonly GivenFile[]): void {
  for (const { by, where } of files)
    if (by === 'sops')
      throw new PlayError('play only reads sops files', { where, hint: `Use sops itself: sops ${where.file}` });
}

function fileCommand(action: string, description: string): Command {
  return makeCommand(`play vault ${action}`, description).argument(
    '[file...]',
    action === 'encrypt' || action === 'decrypt' ? '- is standard input (default)' : '- is standard input',
  );
}

async function read(
  command: Command,
  args: readonly string[],
  launch: Launch,
): Promise<{ readonly flags: FileFlags; readonly files: readonly GivenFile[] }> {
  await parseWithConfig(command, args, launch);
  const flags = command.opts<FileFlags>();
  const names = command.args;
  const isFilter = command.name().endsWith('crypt');
  if (names.length === 0 && !isFilter) throw new PlayError('Which file?', { hint: `${command.name()} FILE...` });
  if (flags.output !== undefined && names.length > 1)
    throw new PlayError('--output is for the result of one file', { hint: 'Do one file at a time.' });
  if (names.length === 0 && process.stdin.isTTY) tellPeople('Reading standard input');
  return { flags, files: (names.length === 0 ? ['-'] : names).map(readGiven) };
}

/** To the pager where somebody looks, byte for byte elsewhere. */
function show(plain: Buffer): void {
  const pager = process.env['PAGER'] || 'less';
  if (process.stdout.isTTY) {
    const came = spawnSync('/bin/sh', ['-c', pager], { input: plain, stdio: ['pipe', 'inherit', 'inherit'] });
    // Whoever leaves the pager before the end has seen enough.
    if (startFailure(came) === undefined && came.status !== 127) return;
  }
  process.stdout.write(plain);
}
