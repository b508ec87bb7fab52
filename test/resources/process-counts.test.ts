/** How many processes of the host many files cost: time says little on a busy machine. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inputBytes } from '../../src/connection/index.ts';
import type { Step } from '../../src/contract/index.ts';
import { packSteps } from '../../src/engine/pack.ts';
import { writeStep } from '../../src/resources/kit/file-content.ts';
import { treeStep, type Operation } from '../../src/resources/kit/tree/apply.ts';
import { fileEntry } from '../../src/resources/kit/tree/wanted.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const here = temporaryFolder('processes');
const programs = ['mv', 'dd', 'chmod', 'chown', 'touch', 'cat', 'sync', 'stat', 'tar', 'xargs', 'ln', 'rm', 'mkdir'];

/** Carries a step out here. @returns how often it started which program */
function carriedOut({ script, args = [], stdin }: Pick<Step, 'script' | 'args' | 'stdin'>): Record<string, number> {
  const told = join(here, 'told');
  writeFileSync(told, '');
  const counting = programs.map((name) => `${name}() { echo ${name} >>'${told}'; command ${name} "$@"; }`).join('\n');
  const { status, stderr } = spawnSync('sh', ['-c', `${counting}\n${script}`, 'sh', ...args], {
    input: stdin && inputBytes(stdin),
  });
  expect(status, stderr.toString()).toBe(0);
  const counts: Record<string, number> = {};
  for (const name of readFileSync(told, 'utf8').trim().split('\n')) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

test('files of one folder of a tree are put in place by one process, 200 at a time', () => {
  const dest = join(here, 'tree');
  mkdirSync(dest);
  const names = [
    ...Array.from({ length: 450 }, (_, i) => `-a 'q' $x/${i}\n`),
    ...Array.from({ length: 50 }, (_, i) => `b/${i} ü`),
  ];
  const content = (name: string): Buffer => Buffer.from(`This is ${name}`);
  const tree = {
    dest,
    entries: names.map((name) => fileEntry(name, content(name), '0644')),
    delete: false,
    isExcluded: () => false,
    makesDest: true,
  };
  const folders = [...new Set(names.map((name) => name.slice(0, name.indexOf('/'))))];
  const operations: Operation[] = [
    ...folders.map((name): Operation => ['mkdir', name, '0755', '']),
    ...names.map((name): Operation => ['file', name, name, '', '=0644']),
  ];
  const counts = carriedOut(treeStep(tree, undefined, operations));
  // Three of the first folder, one of the second, and that of the last file, which is moved beside its place first.
  expect(counts['mv']).toBeLessThanOrEqual(6);
  // Those of the folders.
  expect(counts['chmod'] ?? 0).toBeLessThanOrEqual(folders.length);
  for (const name of names) expect(readFileSync(join(dest, name))).toEqual(content(name));
  expect(readdirSync(dest).toSorted()).toEqual(folders.toSorted());
});

test('short files cost a process each, to be renamed', () => {
  const folder = join(here, 'files');
  mkdirSync(folder);
  const texts = Array.from({ length: 100 }, (_, i) =>
    `  text ${i} \\n %s "$x"\t\n\n#`.repeat(1 + (i % 3)).concat('\n'),
  );
  const after = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 } as const;
  const attributes = { changes: [], after, mode: '0644', chown: '', aclAfter: [] };
  const steps = texts.map((text, i) =>
    writeStep({ path: join(folder, `file ${i}`), content: Buffer.from(text) }, attributes, undefined, {
      isInPlace: false,
      isOurs: true,
    }),
  );
  const [packed, ...others] = packSteps(steps);
  expect(others).toEqual([]);
  const counts = carriedOut(packed?.request ?? { script: 'false' });
  expect(counts['mv']).toBe(100);
  expect(counts['dd'] ?? 0).toBe(0);
  const all = Object.values(counts).reduce((sum, one) => sum + one, 0);
  expect(all).toBeLessThan(115);
  for (const [i, text] of texts.entries()) expect(readFileSync(join(folder, `file ${i}`), 'utf8')).toBe(text);
});
