import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, playRoot } from '../cli/command-line.ts';
import { mistakes, type Mistake } from './cases.ts';
import '../support/with-types.ts';

/**
 * Every mistake's rendering stands in one file, which is read by eye when it changes:
 * `PLAY_UPDATE=1 npx vitest run test/errors` writes it anew.
 */
const file = join(import.meta.dirname, 'renderings.txt');
const project = makeProject({});

async function render({ name, files = {}, args }: Mistake, number: number): Promise<string> {
  const dir = `case${number}`;
  mkdirSync(join(project.dir, dir));
  project.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`${dir}/${path}`, text])));
  const { code, stdout, stderr } = await project.playIn(dir, ...args);
  rmSync(join(project.dir, dir), { recursive: true, force: true });
  const said = `${stdout}${stderr}`
    .replaceAll(`${project.dir}/${dir}`, 'PROJECT')
    .replaceAll(project.dir, 'PROJECTS')
    .replaceAll(playRoot, 'PLAY')
    .replaceAll(/(?<=PLAY\/playbooks, which hold ).*(?= site\.ts)/g, '...,')
    .trimEnd();
  return `## ${name}\n$ ./play ${args.join(' ')}\n${said}\n=> ${code}\n`;
}

test('each of the things people get wrong is told with what, where and what to do', async () => {
  expect(mistakes.length).toBeGreaterThanOrEqual(100);
  const rendered: string[] = [];
  for (const [number, mistake] of mistakes.entries()) rendered.push(await render(mistake, number));
  const text = rendered.join('\n');
  if (process.env['PLAY_UPDATE'] === '1') writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : '');
  for (const one of rendered) {
    expect(one).not.toMatch(/internal error|\n\s+at .*node_modules/);
    expect(one).toMatch(/=> [124]\n$/);
  }
});
