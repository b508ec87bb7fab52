import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HostKeyUnknown,
  connect,
  recordPresentedKey,
  type Connection,
  type Target,
} from '../../../connection/index.ts';
import { PlayError } from '../../../errors/index.ts';
import { hasTerminal, promptLine } from '../../../operator/prompt.ts';
import { shortPath } from '../../../report/index.ts';

export interface Trusted {
  readonly connection: Connection;
  /** The target that knows the key. */
  readonly target: Target;
}

/**
 * Connects to a host that may never have been seen. A new key is shown and, once somebody vouches for it, recorded:
 * that very key. In check mode it goes into a file that is gone when the process ends.
 *
 * @throws Unreachable; a changed key is refused, never asked about
 */
export async function connectTrusting(
  target: Target,
  { accepts, check, say }: { readonly accepts: boolean; readonly check: boolean; readonly say: (line: string) => void },
): Promise<Trusted> {
  // Recording is done here, with what was shown: a second connection could be shown another key.
  const { acceptNewHostKeys: _, ...asking } = target;
  try {
    return { connection: await connect(asking), target: asking };
  } catch (thrown) {
    if (!(thrown instanceof HostKeyUnknown)) throw thrown;
    const { presented } = thrown;
    // OpenSSH does not tell which key it was shown, so it records the key itself where that was asked for.
    if (presented === undefined) return await byOpenSsh(thrown, target, accepts && !check);
    say(`host key  ${target.name} shows ${presented.text}`);
    if (!accepts) await ask(thrown, target.name);
    const file = check ? join(temporaryFolder(), 'known_hosts') : presented.file;
    recordPresentedKey({ ...presented, file });
    say(`host key  ${check ? 'would be recorded' : 'recorded'} in ${shortPath(presented.file)}`);
    const known = check ? { ...asking, knownHostsFiles: [file] } : asking;
    return { connection: await connect(known), target: known };
  }
}

async function byOpenSsh(error: HostKeyUnknown, target: Target, accepts: boolean): Promise<Trusted> {
  if (!accepts) throw error;
  const known = { ...target, acceptNewHostKeys: true };
  return { connection: await connect(known), target: known };
}

async function ask(error: HostKeyUnknown, host: string): Promise<void> {
  if (!hasTerminal()) throw error;
  const answer = await promptLine(
    `Compare it on the console of ${host}: for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done\nIs it the same (yes/no)? `,
  );
  if (!/^y(?:es)?$/i.test((answer ?? '').trim()))
    throw new PlayError(`The host key of ${host} was not accepted`, { hint: 'Nothing was changed.' });
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'play-host-key-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
