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
  const terminal = openTerminal();
  if (terminal === undefined)
    throw new PlayError(`There is no terminal to ask for the ${question}`, { hint: `Use ${instead}.` });
  return await ask(terminal, `${question}: `, false);
}

/**
 * Asks at the terminal and shows what is typed. @returns undefined without a terminal @throws PlayError when
 * interrupted
 */
export async function promptLine(question: string, signal?: AbortSignal): Promise<string | undefined> {
  const terminal = openTerminal();
  return terminal === undefined ? undefined : await ask(terminal, question, true, signal);
}

export function hasTerminal(): boolean {
  const terminal = openTerminal();
  terminal?.input.destroy();
  terminal?.output.destroy();
  return terminal !== undefined;
}

interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

function openTerminal(): Terminal | undefined {
  try {
    return { input: new ReadStream(openSync('/dev/tty', 'r')), output: new WriteStream(openSync('/dev/tty', 'w')) };
  } catch {
    return undefined;
  }
}

async function ask(
  { input, output }: Terminal,
  question: string,
  echo: boolean,
  signal?: AbortSignal,
): Promise<string> {
  const interrupted = new PlayError('Interrupted', { exitCode: ExitCode.interrupted });
  const giveUp = (): void => {
    input.setRawMode(false);
    input.destroy(interrupted);
  };
  // First: what is typed ahead must not be shown either.
  input.setRawMode(true);
  output.write(question);
  input.setEncoding('utf8');
  signal?.addEventListener('abort', giveUp);
  try {
    return await readLine(input, echo ? output : undefined);
  } finally {
    signal?.removeEventListener('abort', giveUp);
    if (!input.destroyed) input.setRawMode(false);
    output.write('\n');
    input.destroy();
    output.destroy();
  }
}

async function readLine(input: ReadStream, echo: WriteStream | undefined): Promise<string> {
  let typed = '';
  for await (const chunk of input) {
    for (const character of String(chunk)) {
      if (character === '\r' || character === '\n' || character === '\x04') return typed;
      if (character === '\x03') throw new PlayError('Interrupted', { exitCode: ExitCode.interrupted });
      if (character === '\x7f' || character === '\b') {
        if (typed !== '') echo?.write('\b \b');
        typed = typed.slice(0, -1);
      } else if (character === '\x15') {
        echo?.write('\b \b'.repeat(typed.length));
        typed = '';
      } else {
        echo?.write(character);
        typed += character;
      }
    }
  }
  return typed;
}
