import { openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { ExitCode, PlayError } from '../errors/index.ts';

/**
 * Asks at the terminal without echo, whatever stdin and stdout are.
 *
 * @param instead what to use where there is no terminal
 * @throws PlayError without a terminal, or when interrupted
 */
export async function promptHidden(question: string, instead: string): Promise<string> {
  let input: ReadStream;
  let output: WriteStream;
  try {
    input = new ReadStream(openSync('/dev/tty', 'r'));
    output = new WriteStream(openSync('/dev/tty', 'w'));
  } catch (cause) {
    throw new PlayError(`There is no terminal to ask for the ${question} at`, { hint: `Use ${instead}.`, cause });
  }
  output.write(`${question}: `);
  input.setRawMode(true);
  input.setEncoding('utf8');
  try {
    return await readLine(input);
  } finally {
    input.setRawMode(false);
    output.write('\n');
    input.destroy();
    output.destroy();
  }
}

async function readLine(input: ReadStream): Promise<string> {
  let typed = '';
  for await (const chunk of input) {
    for (const character of String(chunk)) {
      if (character === '\r' || character === '\n' || character === '\x04') return typed;
      if (character === '\x03') throw new PlayError('Interrupted', { exitCode: ExitCode.interrupted });
      if (character === '\x7f' || character === '\b') typed = typed.slice(0, -1);
      else if (character === '\x15') typed = '';
      else typed += character;
    }
  }
  return typed;
}
