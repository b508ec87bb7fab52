/** Who writes a tree is killed before each command in turn: what is left is swept by a next run that has something to do. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inputBytes } from '../../src/connection/index.ts';
import { treeStep, type Operation } from '../../src/resources/kit/tree/apply.ts';
import { fileEntry } from '../../src/resources/kit/tree/wanted.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const dest = join(temporaryFolder('tree'), 'dest');
const content = Buffer.from('new\n');
const tree = {
  dest,
  entries: ['a', 'sub/b', 'sub/c', 'sub/d'].map((name) => fileEntry(name, content, '0640')),
  delete: false,
  isExcluded: () => false,
  makesDest: true,
};
const file = (name: string): Operation => ['file', name, name, '', '0640'];
const folder: Operation = ['mkdir', 'sub', '0750', ''];
const link: Operation = ['link', 'sub/link', 'b', ''];

const isDone: Readonly<Record<Operation[0], (name: string) => boolean>> = {
  rm: (name) => !existsSync(join(dest, name)),
  mkdir: (name) => isMode(name, 0o750),
  file: (name) => existsSync(join(dest, name)) && readFileSync(join(dest, name)).equals(content) && isMode(name, 0o640),
  link: (name) => names().includes(name) && readlinkSync(join(dest, name)) === 'b',
  attributes: (name) => isMode(name, 0o711),
};

function isMode(name: string, mode: number): boolean {
  const found = statSync(join(dest, name), { throwIfNoEntry: false });
  return found !== undefined && (found.mode & 0o7777) === mode;
}

const names = (): string[] => readdirSync(dest, { recursive: true, encoding: 'utf8' });

/** What changes something; the shell ends with the command number `killed`, before it is run. */
const commands = ['mv', 'rm', 'rmdir', 'mkdir', 'chmod', 'chown', 'ln', 'tar', 'touch', 'sync'];
const counting = [
  'number=$KILLED; next() { number=$((number - 1)); [ "$number" != 0 ] || kill -9 $$; }',
  ...commands.map((name) => `${name}() { next; command ${name} "$@"; }`),
  // Several files in one process: it may be killed between any two of them.
  'mv() { [ "$1" = -f ] || { next; command mv "$@"; return; }; shift 2; while [ $# -gt 1 ]; do next; command mv -f -- "$1" .; shift; done; }',
].join('\n');

function write(operations: readonly Operation[], killed: number): NodeJS.Signals | null {
  const { script, args = [], stdin } = treeStep(tree, undefined, operations);
  const { signal, status, stderr } = spawnSync('sh', ['-c', `${counting}\n${script}`, 'sh', ...args], {
    input: stdin && inputBytes(stdin),
    env: { ...process.env, KILLED: String(killed) },
  });
  if (signal === null) expect(status, stderr.toString()).toBe(0);
  return signal;
}

test.each<{ readonly last: string; readonly operations: readonly Operation[] }>([
  { last: 'a file of a folder in it', operations: [folder, file('a'), file('sub/b')] },
  {
    last: 'one of many in a folder',
    operations: [folder, file('a'), ...['b', 'c', 'd'].map((name) => file(`sub/${name}`))],
  },
  { last: 'the only file', operations: [file('a')] },
  { last: 'a link', operations: [folder, file('sub/b'), link] },
  { last: 'a mode', operations: [folder, file('sub/b'), ['attributes', '.', '0711', '']] },
])('with $last in the end', ({ operations }) => {
  let killed = 1;
  for (; ; killed++) {
    rmSync(dest, { recursive: true, force: true });
    mkdirSync(dest);
    writeFileSync(join(dest, 'old'), 'old\n');
    const isOver = write(operations, killed) === null;
    // A next run does what is left, and nothing where all is right.
    const left = operations
      .filter(([verb, name]) => !isDone[verb](name))
      .map((one): Operation =>
        one[0] === 'mkdir' && existsSync(join(dest, one[1])) ? ['attributes', one[1], one[2], ''] : one,
      );
    if (left.length > 0) write(left, 0);
    expect(
      names().filter((name) => name.includes('.play-')),
      `killed before command ${killed}; then ${left.length} to do`,
    ).toEqual([]);
    if (isOver) break;
  }
  expect(killed).toBeGreaterThan(5);
});
