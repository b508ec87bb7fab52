import { ExitCode, unknownName } from '../../../errors/index.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import type { Launch } from '../../../project/launch.ts';
import { said } from '../../../report/index.ts';
import { complete, type Answer } from './candidates.ts';
import type { AnyCommand } from './describe.ts';
import { splitLine } from './line.ts';
import { completionScripts } from './scripts.ts';

/** Milliseconds: somebody waits for an answer at the prompt, and an inventory may be a program that does not come back. */
const patience = 3000;

/**
 * `play completion bash|zsh|fish`: what a shell reads to complete command lines of play. `--answer` and `--answer-words` are
 * for these.
 */
export async function runCompletionCommand(
  args: readonly string[],
  launch: Launch,
  commands: ReadonlyMap<string, AnyCommand>,
): Promise<number> {
  const [word, ...typed] = args;
  // The program's own name is the first word of a line.
  if (word === '--answer') return await answer(splitLine(typed[0] ?? '').slice(1), launch, commands);
  if (word === '--answer-words') return await answer(typed, launch, commands);
  const command = makeCommand(
    'play completion',
    'Prints the code that completes play\'s command lines in a shell: eval "$(play completion bash)".',
  )
    .argument('<bash|zsh|fish>')
    .option('--debug', 'show stack traces with errors', false);
  parseWith(command, args);
  const [shell = ''] = command.args;
  if (!isShell(shell)) throw unknownName('shell', shell, Object.keys(completionScripts));
  process.stdout.write(completionScripts[shell]);
  return ExitCode.ok;
}

const isShell = (name: string): name is keyof typeof completionScripts => Object.hasOwn(completionScripts, name);

/** Whatever is wrong with the project: who types is told nothing of it, and completes nothing. */
async function answer(
  words: readonly string[],
  launch: Launch,
  commands: ReadonlyMap<string, AnyCommand>,
): Promise<number> {
  const none: Answer = { candidates: [], files: words.length <= 1 };
  const late = new Promise<Answer>((done) => setTimeout(() => done(none), patience).unref());
  const { candidates, files } = await Promise.race([complete(words, launch, commands).catch(() => none), late]);
  const lines = candidates
    .filter(({ value }) => said(value) === value)
    .map(({ value, text }) => `${value}\t${said(text.split('\n')[0] ?? '')}\n`);
  process.stdout.write(`${files ? 'files' : 'nothing'}\n${lines.join('')}`);
  return ExitCode.ok;
}
