/** Locks between processes of this machine. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { tellingWait } from './command.ts';

/** A base takes a minute to build, and another run may have to wait for it. */
const longestWait = 1800;

/**
 * Locks fd 9, tells us, and holds it until standard input closes. Who holds the lock may remove its file, as the last
 * thing done: those who waited then hold a file that is no more, and have to queue up again at the new one.
 */
const holderScript = `
while :; do
  exec 9>>"$1" && flock --wait "$2" 9 || exit 1
  [ "$(stat -L -c %d:%i /proc/self/fd/9)" = "$(stat -c %d:%i "$1" 2>/dev/null)" ] && break
done
echo held
exec cat >/dev/null
`;

/**
 * Runs `work` while holding the lock of `file`.
 * Node has no flock(2): a child holds it until the pipe to us closes, which the kernel does also when we are killed.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onNotice: (text: string) => void = () => undefined,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const holder = spawn('sh', ['-c', holderScript, 'play-sandbox-lock', file, String(longestWait)], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // Ctrl-C at the terminal is for us to handle: the lock stays until we let go
  });
  holder.stdin.on('error', () => undefined);
  const asked = new Promise<boolean>((resolve) => {
    holder.stdout.once('data', () => resolve(true));
    holder.once('error', () => resolve(false));
    holder.once('exit', () => resolve(false));
  });
  const held = await tellingWait(
    onNotice,
    () => `another run that starts or removes hosts (it holds ${file})`,
    () => asked,
  );
  if (!held) {
    throw new PlayError('Sandbox: another run is at work on it', {
      where: file,
      hint: 'Wait for it to end, then try again.',
    });
  }
  const released = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await released;
  }
}
