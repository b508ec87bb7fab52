import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import type { Launch } from '../../../project/launch.ts';
import { parseWithConfig } from '../../parse.ts';
import { refuseSops } from './file-commands.ts';
import { openGiven, readGiven, realName, sealedAs, vaultFor, writeGiven } from './opened-file.ts';
import { editPrivately } from './private-edit.ts';
import { newSealer, sealerForAge } from './sealer.ts';
import { addOpening, addSealing, type FileFlags } from './vault-options.ts';

/** `play vault edit FILE...`: what was not changed is not written. */
export async function runEdit(args: readonly string[], launch: Launch): Promise<void> {
  const command = addSealing(
    addOpening(makeCommand('play vault edit', 'Opens encrypted files in EDITOR, and encrypts them as they were.')),
  ).argument('<file...>');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<FileFlags>();
  const files = command.args.map(realName).map(readGiven);
  refuseSops(files);
  const vault = await vaultFor(flags, files);
  const opened = files.map((file) => openGiven(file, vault));
  for (const file of opened) {
    // Before anything is typed that could not be kept.
    const sealer = file.sealer ?? sealerForAge(flags);
    const edited = await editPrivately(file.name, file.plain);
    if (!edited.equals(file.plain)) writeGiven(file.name, sealedAs(file, sealer, edited));
  }
}

/** `play vault create FILE`: a new file, written in EDITOR. */
export async function runCreate(args: readonly string[], launch: Launch): Promise<void> {
  const command = addSealing(
    addOpening(makeCommand('play vault create', 'Opens EDITOR for a new file, and encrypts what is written.')),
  ).argument('<file>');
  await parseWithConfig(command, args, launch);
  const [name = ''] = command.args;
  if (existsSync(name))
    throw new PlayError('This file already exists', { where: { file: name }, hint: `play vault edit ${name}` });
  const sealer = await newSealer(command.opts<FileFlags>());
  const written = await editPrivately(name, Buffer.alloc(0));
  mkdirSync(dirname(name), { recursive: true });
  writeGiven(name, sealer.seal(written));
}
