/** A folder of this machine is read as it is: whatever the names and sizes of its files. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTree } from '../../src/resources/kit/tree/local.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const modes = { file: undefined, directory: '0755' };
const all = (): boolean => false;

test.each([0, 1, 65_535, 65_536, 65_537, 300_000])('a file of %i bytes', (size) => {
  const folder = temporaryFolder('tree-here');
  const content = Buffer.alloc(size, 'abcdefg');
  writeFileSync(join(folder, 'file'), content);
  utimesSync(join(folder, 'file'), 5, 1234.7);
  const [entry] = readTree(folder, modes, all);
  expect(entry).toMatchObject({ type: 'file', name: 'file', mode: '0644', size, modified: 1234 });
  expect(entry?.type === 'file' && entry.content?.equals(content)).toBe(true);
});

test('small files do not share their bytes', () => {
  const folder = temporaryFolder('tree-here');
  for (let n = 0; n < 100; n++) writeFileSync(join(folder, `file${n}`), `this is ${n}`);
  for (const entry of readTree(folder, modes, all))
    expect(entry.type === 'file' && entry.content?.toString()).toBe(`this is ${entry.name.slice(4)}`);
});

test('odd names, folders, links, programs, in order', () => {
  const folder = temporaryFolder('tree-here');
  mkdirSync(join(folder, 'b'));
  writeFileSync(join(folder, 'b', "it's\n -n"), '');
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xe9])]), '');
  symlinkSync('nowhere', join(folder, 'a'));
  writeFileSync(join(folder, 'run'), '');
  chmodSync(join(folder, 'run'), 0o700);
  expect(readTree(folder, modes, all)).toMatchObject([
    { type: 'link', name: 'a', target: 'nowhere' },
    { type: 'directory', name: 'b', mode: '0755' },
    { type: 'file', name: "b/it's\n -n", mode: '0644' },
    { type: 'file', name: 'run', mode: '0755' },
    { type: 'file', name: '\udce9', mode: '0644' },
  ]);
});

test('a pipe is no file, and is not waited for', () => {
  const folder = temporaryFolder('tree-here');
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(() => readTree(folder, modes, all)).toThrow('pipe is neither a file nor a directory nor a link');
});
