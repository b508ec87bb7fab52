/** What is asked of a thousand files: every answer, and no run of a tool over more names than its script can sort. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Question } from '../../src/contract/index.ts';
import { content, nothingInTheWay, sha256, writability } from '../../src/probes/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('names');
const log = join(folder, 'arguments');
const bin = join(folder, 'bin');
mkdirSync(bin);
for (const tool of ['sha256sum', 'cat', 'lsattr', 'stat']) {
  writeFileSync(join(bin, tool), `#!/bin/sh\necho $# >>'${log}'\nPATH='${process.env['PATH']}' exec ${tool} "$@"\n`);
  chmodSync(join(bin, tool), 0o755);
}

/** Every seventh is not there, every ninth a link to one that is, and some have odd names. */
const paths = Array.from({ length: 1000 }, (_, n) => join(folder, n % 50 === 0 ? `odd\\ ${n}\n\\name` : `file${n}`));
const isThere = (n: number): boolean => n % 7 !== 3;
for (const [n, path] of paths.entries())
  if (!isThere(n)) continue;
  else if (n % 9 === 4) symlinkSync(paths[0] ?? '', path);
  else writeFileSync(path, `This is ${n}.\n`);
const textOf = (n: number): string => (n % 9 === 4 ? 'This is 0.\n' : `This is ${n}.\n`);

/** Asks in this machine's shell. */
function ask<A>(questions: readonly Question<A>[]): { readonly answers: readonly unknown[]; readonly most: number } {
  const [first] = questions;
  if (first === undefined) throw new Error('no question');
  writeFileSync(log, '');
  const { stdout, stderr } = spawnSync('sh', ['-c', first.kind.sh], {
    input: questions.map(({ args }) => `${args.join('\0')}\0`).join(''),
    env: { PATH: `${bin}:${process.env['PATH']}`, LC_ALL: 'C' },
  });
  const answers = first.kind.decode(
    stdout,
    questions.map(({ args }) => args),
    stderr.toString(),
  );
  return { answers, most: Math.max(0, ...readFileSync(log, 'utf8').split('\n').map(Number)) };
}

test('the hashes of a thousand files', () => {
  const { answers, most } = ask(paths.map(sha256));
  const hash = (text: string): string => spawnSync('sha256sum', { input: text, encoding: 'utf8' }).stdout.slice(0, 64);
  for (const n of [0, 1, 3, 4, 50, 199, 200, 201, 399, 400, 998, 999])
    expect(answers[n], `file ${n}`).toBe(isThere(n) ? hash(textOf(n)) : null);
  expect(answers.filter((one) => one === null)).toHaveLength(paths.filter((_, n) => !isThere(n)).length);
  expect(most).toBeLessThan(500);
});

test('the bytes of a thousand files', () => {
  const { answers, most } = ask(paths.map(content));
  expect(answers).toEqual(
    paths.map((_, n) => (isThere(n) ? { bytes: Buffer.from(textOf(n)) } : { missing: 'absent' })),
  );
  expect(most).toBeLessThan(500);
});

test('what stands in the way of a thousand files', () => {
  const { answers, most } = ask(paths.map(writability));
  expect(answers).toHaveLength(1000);
  for (const one of answers) expect(one).toMatchObject({ isMountPoint: nothingInTheWay.isMountPoint, isSwap: false });
  expect(most).toBeLessThan(500);
});
