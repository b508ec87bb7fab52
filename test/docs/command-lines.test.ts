/** Every command line of play in the documents is taken by the parser that reads it when it is typed. */
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { hostCommands } from '../../src/cli/commands.ts';
import { runInventoryCommand } from '../../src/cli/commands/inventory-command.ts';
import { runLintCommand } from '../../src/cli/commands/lint/lint-command.ts';
import { runWhyCommand } from '../../src/cli/commands/why.ts';
import { parseRun } from '../../src/cli/parse.ts';
import { PlayError } from '../../src/errors/index.ts';
import { splitWords } from '../../src/inventory/index.ts';
import type { Launch } from '../../src/project/launch.ts';
import { Redactor } from '../../src/secrets/index.ts';
import { blocksOf, documents } from './documents.ts';

/** Thrown in place of what a command does: its arguments were taken. */
class Taken extends Error {}

// Of commander and not of a module of ours, which vitest cannot replace where a file before this one has loaded it: the
// commands would be carried out.
const parseReally = Command.prototype.parse;
beforeAll(() => {
  vi.spyOn(Command.prototype, 'parse').mockImplementation(function (this: Command, ...given) {
    parseReally.apply(this, given);
    throw new Taken();
  });
});
afterAll(() => vi.restoreAllMocks());

const launch: Launch = {
  root: '/',
  isPackage: false,
  packageName: 'play',
  version: '0',
  buildId: '0',
  apiFile: '/',
  load: () => undefined,
  roles: () => ({}),
  importFile: async () => undefined,
  markUse: () => undefined,
};

interface CommandLine {
  readonly at: string;
  readonly line: string;
}

/** `$ ./play x -C \` and what follows it, without the comment behind it, one for each command. */
const lines: readonly CommandLine[] = documents
  .flatMap(blocksOf)
  .flatMap(({ document, line: first, language, code }) => {
    if (!['', 'sh'].includes(language)) return [];
    return code
      .replaceAll(/\\\n\s*/g, ' ')
      .split('\n')
      .flatMap((line, index): CommandLine[] => {
        const typed = /^\s*(?:\$ |# )?(?:npx play|\.\/play|play) (.*)$/.exec(line)?.[1];
        return typed === undefined ? [] : [{ at: `${document}:${first + index}`, line: typed }];
      });
  });

/** The words of the first command of a line of sh. */
function wordsOf(line: string): readonly string[] | undefined {
  // A comment, or what is said of it behind a gap; then what the shell makes of the rest.
  const [whole = ''] = /^(?:'[^']*'|"[^"]*"|(?!\s+#\s|\s{3})[^'"])*/.exec(line) ?? [];
  const [command = ''] = /^(?:'[^']*'|"[^"]*"|(?!\s(?:\||&&|>|<|;)\s)[^'"])*/.exec(whole) ?? [];
  const words = splitWords(command);
  return typeof words === 'string' ? undefined : words.map(({ text }) => text);
}

/** What is no command line, but the form of one. */
const isForm = (line: string): boolean =>
  /\s\.\.\.(?:\s|$)|\[[A-Z-]|\S\|\S.*\s|[<>][a-z]/.test(line.replace(/'[^']*'/g, "''"));

async function parse([command = '', ...rest]: readonly string[]): Promise<void> {
  const own = { inventory: runInventoryCommand, lint: runLintCommand, why: runWhyCommand } as const;
  if (command in own) await own[command as keyof typeof own](rest, launch);
  else if (Object.hasOwn(hostCommands, command)) await hostCommands[command]?.(rest, launch, new Redactor());
  else await parseRun([command, ...rest], launch);
}

// `sandbox` and `completion` are parsed where they are carried out, and `resume` takes whatever its run takes.
const told = lines.filter(({ line }) => !isForm(line) && !/^(?:sandbox|resume|completion)\b/.test(line));

test('there are many of them', () => {
  expect(told.length).toBeGreaterThan(60);
});

test('each is taken', async () => {
  const refused: string[] = [];
  for (const { at, line } of told) {
    const words = wordsOf(line);
    if (words === undefined) {
      refused.push(`${at} ${line}: no words`);
      continue;
    }
    try {
      await parse(words);
      refused.push(`${at} ${line}: it was not parsed`);
    } catch (thrown) {
      if (thrown instanceof Taken) continue;
      refused.push(`${at} ${line}: ${thrown instanceof PlayError ? thrown.message : String(thrown)}`);
    }
  }
  expect(refused).toEqual([]);
});
