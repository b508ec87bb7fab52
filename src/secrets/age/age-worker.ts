/**
 * The thread that encrypts and decrypts with the age library: that answers by promises, and values are asked for where
 * nobody can wait for one (`age.ts`). A build has it as a file of its own.
 */
import { parentPort, type MessagePort } from 'node:worker_threads';
import { Decrypter, Encrypter, type Identity } from 'age-encryption';
import type { AgeAnswer, AgeKey, AgeRequest } from './age.ts';
import { passphraseIdentity } from './passphrase-stanza.ts';
import { sshIdentity, sshRecipient } from './ssh-stanzas.ts';

interface Envelope {
  readonly request: AgeRequest;
  readonly reply: MessagePort;
  /** Set once the answer is there. */
  readonly done: Int32Array;
}

parentPort?.on('message', ({ request, reply, done }: Envelope) => {
  void answer(request).then((found) => {
    reply.postMessage(found, []);
    reply.close();
    Atomics.store(done, 0, 1);
    Atomics.notify(done, 0);
  });
});

async function answer(request: AgeRequest): Promise<AgeAnswer> {
  try {
    return { bytes: await ('recipients' in request ? encrypt(request) : decrypt(request)) };
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown);
    return thrown instanceof UnusableKey ? { problem, file: thrown.file } : { problem };
  }
}

async function encrypt({ bytes, recipients }: Extract<AgeRequest, { recipients: unknown }>): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  for (const recipient of recipients)
    encrypter.addRecipient(typeof recipient === 'string' ? recipient : sshRecipient(recipient));
  return await encrypter.encrypt(bytes);
}

async function decrypt({ bytes, keys }: Extract<AgeRequest, { keys: unknown }>): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  for (const key of keys) {
    if (key.kind === 'native') decrypter.addIdentity(key.text);
    else if (key.kind === 'ssh') decrypter.addIdentity(identityOf(key));
    else decrypter.addIdentity(passphraseIdentity(key.text));
  }
  return await decrypter.decrypt(bytes);
}

/** Nothing is wrong with what was to be opened, but with a key. */
class UnusableKey extends Error {
  readonly file: string;

  constructor(message: string, file: string) {
    super(message);
    this.file = file;
  }
}

function identityOf({ text, passphrase, file }: Extract<AgeKey, { kind: 'ssh' }>): Identity {
  try {
    return sshIdentity(text, passphrase);
  } catch (thrown) {
    throw new UnusableKey(thrown instanceof Error ? thrown.message : String(thrown), file);
  }
}
