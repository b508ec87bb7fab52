import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { detachedLog } from '../../../operator/detach.ts';
import { recordsFolder } from '../../../operator/run-files.ts';
import type { Launch } from '../../../project/launch.ts';
import { Tail } from './follow.ts';

/**
 * `--detach`: a process of its own that reads, checks and asks for passwords as ever, at this terminal; once it has begun on
 * hosts, this one leaves it. @returns 0 then, else what it ended with
 */
export async function startDetached(args: readonly string[], launch: Launch): Promise<number> {
  const log = join(recordsFolder(), `${process.pid}.log`);
  const out = openLog(log);
  const child = spawn(process.execPath, [...process.execArgv, launch.apiFile, ...args], {
    // Its terminal stays this one, for what it asks before it begins; what it prints does not go there.
    stdio: ['ignore', out, out, 'ipc'],
    env: { ...process.env, [detachedLog]: log },
  });
  closeSync(out);
  const tail = new Tail(log);
  const printing = setInterval(() => tail.print(), 50);
  const came = await new Promise<{ readonly run: string } | { readonly code: number }>((done) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && 'run' in message) done({ run: String(message.run) });
    });
    child.once('error', () => done({ code: ExitCode.internal }));
    child.once('exit', (code) => done({ code: code ?? ExitCode.internal }));
  });
  clearInterval(printing);
  tail.print();
  tail.close();
  if ('code' in came) {
    rmSync(log, { force: true });
    return came.code;
  }
  child.unref();
  process.stderr.write(`The run goes on in the background. Come back to it with: play resume ${came.run}\n`);
  return ExitCode.ok;
}

function openLog(log: string): number {
  try {
    mkdirSync(recordsFolder(), { recursive: true, mode: 0o700 });
    return openSync(log, 'w', 0o600);
  } catch (cause) {
    throw new PlayError('The output of a detached run cannot be kept', {
      where: { file: log },
      detail: cause instanceof Error ? cause.message : String(cause),
      hint: 'Leave out --detach, or name a writable folder: XDG_STATE_HOME.',
      cause,
    });
  }
}
