/** The files of the tutorial are a project that play takes: no compiler checks options, making the tasks does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject } from '../cli/command-line.ts';
import { blocksOf, root } from './documents.ts';

const document = 'docs/tutorial.md';
const lines = readFileSync(join(root, document), 'utf8').split('\n');

/** Each file is named by its first line, or by the line above the block. */
const files = blocksOf(document).flatMap(({ line, language, code }): [string, string][] => {
  if (language === 'sh') return [];
  const above = lines.slice(0, line - 2).findLast((text) => text !== '') ?? '';
  const path = /^\/\/ (\S+)\n/.exec(code)?.[1] ?? /`([\w./-]+\/[\w.-]+)`[^`]*$/.exec(above)?.[1];
  return path === undefined ? [] : [[path, code]];
});

test('the project of the tutorial has its tasks', async () => {
  expect(files.map(([path]) => path)).toEqual([
    'roles/site/index.ts',
    'roles/site/templates/index.html.hbs',
    'roles/site/templates/site.conf.hbs',
    'playbooks/site.ts',
    'group_vars/web.yml',
    'test/site.test.ts',
  ]);
  const project = makeProject({ ...Object.fromEntries(files), 'inventory/hosts': '[web]\nweb1.example.org\n' });
  const { stdout, stderr, code } = await project.play('site.ts', '--list-tasks');
  expect(stderr).toBe('');
  expect(stdout).toContain('site : template /etc/nginx/sites-enabled/default');
  expect(code).toBe(0);
});
