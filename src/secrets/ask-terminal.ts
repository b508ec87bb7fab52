import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { ExitCode, PlayError } from '../errors/index.ts';

/** Keys, as a terminal sends them that is told to do nothing by itself. */
const [interrupt, endOfInput, erase, backspace, clearLine, enter, newline] = [3, 4, 0x7f, 8, 0x15, 13, 10];

/**
 * Asks at the terminal without echo, and waits: for secrets that are first needed where nobody can wait for a promise.
 *
 * @returns undefined without a terminal
 * @throws PlayError when interrupted
 */
export function askAtTerminal(question: string): string | undefined {
  let terminal: number;
  try {
    terminal = openSync('/dev/tty', 'r+');
  } catch {
    return undefined;
  }
  const stty = (...args: readonly string[]): string =>
    spawnSync('stty', args, { stdio: [terminal, 'pipe', 'ignore'], encoding: 'utf8' }).stdout ?? '';
  const before = stty('-g').trim();
  try {
    // Ctrl-C as well comes as a key: as a signal it would leave the terminal without echo.
    stty('-echo', '-icanon', '-isig', 'min', '1');
    writeSync(terminal, `${question}: `);
    return readLine(terminal);
  } finally {
    if (before !== '') stty(before);
    writeSync(terminal, '\n');
    closeSync(terminal);
  }
}

function readLine(terminal: number): string {
  const typed: number[] = [];
  const byte = Buffer.alloc(1);
  while (readSync(terminal, byte) > 0) {
    const [key = 0] = byte;
    if (key === enter || key === newline || key === endOfInput) break;
    if (key === interrupt) throw new PlayError('Interrupted', { exitCode: ExitCode.interrupted });
    if (key === clearLine) typed.length = 0;
    else if (key === erase || key === backspace) eraseLast(typed);
    else typed.push(key);
  }
  return Buffer.from(typed).toString('utf8');
}

/** A character of UTF-8: its last byte, and those it continues. */
function eraseLast(typed: number[]): void {
  let last = typed.pop();
  while (last !== undefined && (last & 0xc0) === 0x80) last = typed.pop();
}
