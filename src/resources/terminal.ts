import { openSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { ReadStream, WriteStream } from 'node:tty';
import { PlayError } from '../errors/index.ts';

/**
 * Asks the operator, whatever stdin and stdout are.
 *
 * @param instead what to do where nobody can be asked, as a sentence
 * @throws PlayError without a terminal, or when the run is interrupted meanwhile
 */
export async function askOperator(question: string, instead: string, signal: AbortSignal | undefined): Promise<string> {
  const { input, output } = openTerminal(instead);
  // The terminal's own line editing is enough, and what is typed is echoed by it.
  const lines = createInterface({ input, output, terminal: false });
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

/** As terminals, not as files: a file is read ahead by a thread that nothing can call back, for which the end of the run would wait. */
function openTerminal(instead: string): { readonly input: ReadStream; readonly output: WriteStream } {
  try {
    return { input: new ReadStream(openSync('/dev/tty', 'r')), output: new WriteStream(openSync('/dev/tty', 'w')) };
  } catch (cause) {
    throw new PlayError('There is no terminal to ask at', { hint: instead, cause });
  }
}
