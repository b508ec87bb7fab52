import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ExitCode, PlayError } from '../../../errors/index.ts';

/** Signals that end us: the text that lies in the clear goes first. */
const ending = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Lets a person edit a text in a folder nobody else may enter, in memory where that can be, which is gone afterwards,
 * also when a signal ends us.
 *
 * @param name the file it will be, whose ending tells the editor what it is
 * @returns the text as it is now
 * @throws PlayError where the editor fails: nothing has changed then
 */
export async function editPrivately(name: string, text: Uint8Array): Promise<Buffer> {
  const folder = mkdtempSync(join(privateRoot(), 'play-vault-'));
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  const file = join(folder, basename(name).replace(/\.age$/, ''));
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    await runEditor(file, clear);
    return readFileSync(file);
  } finally {
    clear();
  }
}

/** Where there is memory for it, no disk keeps what was there. */
function privateRoot(): string {
  const { XDG_RUNTIME_DIR: runtime } = process.env;
  const candidates = [...(runtime ? [runtime] : []), '/dev/shm'];
  return candidates.find(isUsable) ?? tmpdir();
}

function isUsable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}

async function runEditor(file: string, clear: () => void): Promise<void> {
  const editor = process.env['EDITOR'] || process.env['VISUAL'] || 'vi';
  // As git starts it: the variable may hold arguments.
  const child = spawn('/bin/sh', ['-c', `${editor} "$@"`, editor, file], { stdio: 'inherit' });
  const leave = (): void => {
    child.kill('SIGTERM');
    clear();
    process.exit(ExitCode.interrupted);
  };
  // Ctrl-C is the editor's.
  const leaveToEditor = (): void => undefined;
  for (const signal of ending) process.on(signal, leave);
  process.on('SIGINT', leaveToEditor);
  try {
    const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done, fail) => {
      child.once('error', fail);
      child.once('close', (code, signal) => done({ code, signal }));
    });
    if (code !== 0)
      throw new PlayError(
        `The editor ${signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`}`,
        {
          where: `EDITOR ${editor}`,
          hint: 'Nothing was changed. Set EDITOR to one that is installed.',
        },
      );
  } finally {
    for (const signal of ending) process.off(signal, leave);
    process.off('SIGINT', leaveToEditor);
  }
}
