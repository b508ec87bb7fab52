import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';

/** What opens an age file: a secret key of age's own, a key of SSH, or a passphrase. */
export type AgeKey =
  | { readonly kind: 'native'; readonly text: string }
  | { readonly kind: 'ssh'; readonly text: string; readonly passphrase: string | undefined; readonly file: string }
  | { readonly kind: 'passphrase'; readonly text: string };

/** Whom a file is encrypted for: `age1...`, or a public key of SSH as it is on the wire. */
export type AgeRecipient = string | Uint8Array;

export type AgeRequest =
  | { readonly bytes: Uint8Array; readonly recipients: readonly AgeRecipient[] }
  | { readonly bytes: Uint8Array; readonly keys: readonly AgeKey[] };

/** The bytes, or what the library said in place of them, and of which file with a key. */
export type AgeAnswer = { readonly bytes: Uint8Array } | { readonly problem: string; readonly file?: string };

let worker: Worker | undefined;
/** For a thread that could not start, which cannot say so: the longest passphrase takes seconds. */
const mostMilliseconds = 120_000;

/**
 * Has the library encrypt or decrypt, and waits for it: a Secret is opened where its text is needed, which may be amid a
 * template. Only the first request of a process loads the library.
 */
export function askAge(request: AgeRequest): AgeAnswer {
  worker ??= startWorker();
  const { port1, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  worker.postMessage({ request, reply: port2, done }, [port2]);
  Atomics.wait(done, 0, 0, mostMilliseconds);
  const answer: { readonly message: AgeAnswer } | undefined = receiveMessageOnPort(port1);
  port1.close();
  return answer?.message ?? { problem: 'it gave no answer' };
}

/** Beside the bundle lies the thread as it was built; beside the source, its own source. */
function startWorker(): Worker {
  const built = join(import.meta.dirname, 'age-worker.cjs');
  const started = existsSync(built)
    ? new Worker(built)
    : new Worker(join(import.meta.dirname, 'age-worker.ts'), {
        execArgv: ['--import', join(import.meta.dirname, '..', '..', 'testing', 'register.mjs')],
      });
  started.unref();
  return started;
}
