/** What `docs/seeds.md` promises is there: commands with their flags, playbooks, runbooks, and the tests that use them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { hostCommands } from '../../src/cli/commands.ts';
import { playRoot, run } from '../cli/command-line.ts';

interface Row {
  readonly by: string;
  readonly commands: readonly string[];
  /** Keywords to look up on the page. */
  readonly words: readonly string[];
  readonly pages: readonly string[];
  readonly tests: readonly string[];
}

const inCode = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

const rows: readonly Row[] = readFileSync(join(playRoot, 'docs/seeds.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (by hand|---)/.test(line))
  .map((line) => {
    const [by = '', now = '', tested = ''] = line.slice(2, -2).split(' | ');
    return {
      by,
      commands: inCode(now).filter((code) => code.startsWith('./')),
      words: inCode(now).filter((code) => !code.startsWith('./')),
      pages: [...now.matchAll(/\]\(([^)#]+)/g)].map(([, page = '']) => page),
      tests: inCode(tested),
    };
  });

/** The words of a line as a shell takes them apart. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

/** The help of what a line runs. */
async function helpOf([program = '', first = '']: readonly string[]): Promise<string> {
  const args = program === './deployer' || first.endsWith('.ts') ? [] : [first];
  return (await run(join(playRoot, program), [...args, '--help'], { cwd: playRoot })).stdout;
}

test('each line of the seeds has something to type or to read, and a test', () => {
  expect(rows.length).toBeGreaterThan(50);
  expect(
    rows.filter(({ commands, pages, tests }) => commands.length + pages.length === 0 || tests.length === 0),
  ).toEqual([]);
  expect(
    rows.flatMap(({ tests }) => tests).filter((name) => !existsSync(join(playRoot, 'test', `${name}.test.ts`))),
  ).toEqual([]);
});

test('each command is one, and takes the flags it is given', async () => {
  const helps = new Map<string, Promise<string>>();
  for (const line of rows.flatMap(({ commands }) => commands)) {
    const words = wordsOf(line);
    const [program = '', first = ''] = words;
    if (program === './play' && first.endsWith('.ts'))
      expect(existsSync(join(playRoot, 'playbooks', first)), line).toBe(true);
    else if (program === './play') expect(Object.keys(hostCommands), line).toContain(first);
    const key = program === './deployer' ? program : first.endsWith('.ts') ? 'a playbook' : first;
    if (!helps.has(key)) helps.set(key, helpOf(words));
    const help = (await helps.get(key)) ?? '';
    const end = words.indexOf('--');
    for (const flag of (end < 0 ? words : words.slice(0, end)).flatMap(flagsOf))
      expect(help, `${line}: ${flag}`).toMatch(new RegExp(`(^|[\\s,])${flag}(?![\\w-])`, 'm'));
  }
});

/** `-CD` are two. */
const flagsOf = (word: string): string[] =>
  word.startsWith('--')
    ? [word.split('=', 1)[0] ?? '']
    : /^-[A-Za-z]+$/.test(word)
      ? Array.from(word.slice(1), (letter) => `-${letter}`)
      : [];

test('the test of a row is about what is typed, or about the page', () => {
  const others = rows.filter(({ commands, words, pages, tests }) => {
    const text = tests.map(sourceOf).join('\n');
    const subjects = [
      ...commands.map((line) => subjectOf(wordsOf(line))),
      ...words,
      // Each page of this folder is carried out by what takes its commands.
      ...pages.flatMap((page) => (page.startsWith('runbooks/') ? 'commandsOf' : (page.match(/[\w-]+(?=\.md$)/) ?? []))),
    ];
    return !subjects.some((subject) => text.includes(subject));
  });
  expect(others.map(({ by, tests }) => `${by}: ${tests.join(', ')}`)).toEqual([]);
});

/** A test's file, with those beside it that it imports. */
function sourceOf(name: string): string {
  const file = join(playRoot, 'test', `${name}.test.ts`);
  const text = readFileSync(file, 'utf8');
  const beside = [...text.matchAll(/from '(\.\/[\w-]+\.ts)'/g)].map(([, path = '']) =>
    readFileSync(join(dirname(file), path), 'utf8'),
  );
  return [text, ...beside].join('\n');
}

/** What a test must name that tries a line: the runbook, the resource, or the command. */
const subjectOf = ([program, first = '', second = '']: readonly string[]): string =>
  program === './deployer' ? first : first === 'runbook' || first === 'resource' ? second : first.replace(/\.ts$/, '');

test('each runbook that is named is one', () => {
  const named = rows.flatMap(({ commands }) => commands.map(wordsOf)).filter(([, first]) => first === 'runbook');
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter(([, , name]) => !existsSync(join(playRoot, 'runbooks', `${name}.ts`)))).toEqual([]);
});
