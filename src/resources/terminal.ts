import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { PlayError } from '../errors/index.ts';

/**
 * Asks the operator, whatever stdin and stdout are.
 *
 * @param instead what to do where nobody can be asked, as a sentence
 * @throws PlayError without a terminal, or when the run is interrupted meanwhile
 */
export async function askOperator(question: string, instead: string, signal: AbortSignal | undefined): Promise<string> {
  const [input, output] = await Promise.all([opened(createReadStream('/dev/tty')), opened(createWriteStream('/dev/tty'))]).catch((cause: unknown) => {
    throw new PlayError('There is no terminal to ask at', { hint: instead, cause });
  });
  const lines = createInterface({ input, output });
  try {
    return await (signal ? lines.question(question, { signal }) : lines.question(question));
  } catch (cause) {
    throw new PlayError('Interrupted while waiting for an answer', { cause });
  } finally {
    lines.close();
    input.destroy();
    output.destroy();
  }
}

function opened<T extends NodeJS.EventEmitter>(stream: T): Promise<T> {
  return new Promise((resolve, reject) => stream.once('open', () => resolve(stream)).once('error', reject));
}
