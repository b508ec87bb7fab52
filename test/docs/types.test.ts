/**
 * Types, in one run of tsc: every example in the documents compiles, and tasks that are wrong do not.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { blocksOf, documents, root, type Block } from './documents.ts';
import { wrongCode } from './wrong-code.ts';

const folder = temporaryFolder('examples');
const errors = new Map<string, string[]>();

/** An example as a module: its text begins on line `first`. */
interface Example extends Block {
  readonly file: string;
  readonly text: string;
  readonly first: number;
  /** It stands for itself: a whole file, and no part of one. */
  readonly isWhole: boolean;
}

/** What a part of a file may stand in, in the order in which it is tried. */
const frames: readonly (readonly [before: string, after: string])[] = [
  ['async function example() {', '}'],
  ['async function example() { return [', ']; }'],
  ['async function example() { return ({', '}); }'],
  ['async function example() { return (', '); }'],
];

/** What `import { } from 'play'` knows, by its text: to load it all takes as long as tsc. */
const names = ['src/index.ts', 'src/resources/index.ts'].flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list.split(',').flatMap((name) => /^\s*(?:\w+ as )?(\w+)\s*$/.exec(name)?.[1] ?? []),
  ),
);

const examples: readonly Example[] = documents
  .flatMap(blocksOf)
  .filter(({ language }) => language === 'ts')
  .map((block, index) => {
    const file = `example-${index}.ts`;
    if (/^(?:import|export) /m.test(block.code))
      return { ...block, file, text: block.code, first: 1, isWhole: /^import [^]*from 'play/m.test(block.code) };
    const [before = '', after = ''] = frames.find((frame) => parses(`${frame[0]}\n${block.code}\n${frame[1]}`)) ?? [];
    return { ...block, file, text: `${before}\n${block.code}\n${after}`, first: 2, isWhole: false };
  })
  .map((example) => {
    // What a part uses of play is imported where it comes from.
    if (/from 'play'/.test(example.text)) return example;
    const own = new Set([
      ...[...example.text.matchAll(/\b(?:const|function|let|class) (\w+)/g)].map(([, name]) => name),
      ...[...example.text.matchAll(/^import [^;]*/gm)].flatMap(([clause]) => clause.match(/\w+/g) ?? []),
    ]);
    const used = [...names, 'option', 'v'].filter(
      (name) => !own.has(name) && new RegExp(`(?<![.'\\w])${name}\\b`).test(example.text),
    );
    const runner =
      /\brunner\./.test(example.text) && !own.has('runner')
        ? "declare const runner: import('play/runner').Runner; "
        : '';
    return { ...example, text: `import { ${used.join(', ')} } from 'play'; ${runner}${example.text}` };
  });

function parses(code: string): boolean {
  try {
    transformSync(code, { loader: 'ts', logLevel: 'silent' });
    return true;
  } catch {
    return false;
  }
}

beforeAll(() => {
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  // tsc looks no further where one does not parse.
  for (const { file, text } of examples) if (parses(text)) write(file, text);
  for (const [index, { code }] of wrongCode.entries()) write(`wrong-${index}.ts`, code);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'));
  const entry = (name: string): string[] => [join(root, 'src', name, 'index.ts')];
  write(
    'tsconfig.json',
    JSON.stringify({
      extends: join(root, 'src/project/strict.tsconfig.json'),
      compilerOptions: {
        paths: {
          'play': entry(''),
          'play/runner': entry('runner'),
          'play/testing': entry('testing'),
          'play/roles/*': entry('roles/*'),
        },
      },
      include: ['*.ts'],
    }),
  );
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { stdout } = spawnSync(tsc, ['-p', '.', '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
  for (const line of stdout.split('\n')) {
    const [, file = '', row = '', code = '', text = ''] =
      /^([\w-]+\.ts)\((\d+),\d+\): error (TS\d+): (.*)$/.exec(line) ?? [];
    if (file !== '') errors.set(file, [...(errors.get(file) ?? []), `${row} ${code} ${text}`]);
  }
});

/** What a part may lack: names that the rest of its file has, and the body of a function, in the reference. */
const ofTheRest = /^\d+ (?:TS2304|TS2552|TS2593|TS18004|TS7031|TS7006|TS2391|TS2371) /;
const ofNeighbours = /^\d+ TS2307 Cannot find module '\.{1,2}\//;

test('examples in documents compile', () => {
  const wrong = examples.flatMap(({ file, document, line, first, isWhole }) => {
    const found = (errors.get(file) ?? []).filter((error) => !ofNeighbours.test(error));
    // What hangs on a name that is elsewhere has no type either.
    const open = new Set(
      found.filter((error) => !isWhole && ofTheRest.test(error)).map((error) => Number.parseInt(error, 10)),
    );
    return found
      .filter((error) => !open.has(Number.parseInt(error, 10)))
      .map((error) => `${document}:${Number.parseInt(error, 10) - first + line} ${error.replace(/^\d+ /, '')}`);
  });
  expect(wrong).toEqual([]);
});

test('each is a file, or a part of one', () => {
  const unread = examples.filter(({ text }) => !parses(text));
  expect(unread.map(({ document, line }) => `${document}:${line}`)).toEqual([]);
});

test.each(wrongCode.map((one, index) => ({ ...one, index })))('red: $what', ({ index, says }) => {
  const found = errors.get(`wrong-${index}.ts`) ?? [];
  expect(found.join('\n')).toMatch(says);
  // One mistake, one place.
  expect(new Set(found.map((error) => Number.parseInt(error, 10))).size).toBe(1);
});
