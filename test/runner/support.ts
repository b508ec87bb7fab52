/** A runner of this source: it needs word of an installation, as the boot file of a build leaves it. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { vi } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');

/** For files that call `openRunner`; records of their runs are their own. */
export function useRunner(): void {
  const state = process.env['XDG_STATE_HOME'] || join(homedir(), '.local/state');
  // Throwaway hosts stay where they are.
  vi.stubEnv('PLAY_SANDBOX_DIR', process.env['PLAY_SANDBOX_DIR'] ?? join(state, 'play', 'sandbox'));
  vi.stubEnv('XDG_STATE_HOME', temporaryFolder('state'));
  Object.assign(globalThis, {
    [Symbol.for('play.launch')]: {
      root,
      apiFile: join(root, 'dist', 'play.cjs'),
      markUse: () => undefined,
    },
  });
}

/** Keeps what is written to it; no terminal. */
export class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
