/** The resources of CONTRIBUTING and of docs/own-resources.md do what these pages say: they are taken from there. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Question } from '../../src/contract/index.ts';
import type { ResourceFunction } from '../../src/playbook/index.ts';
import { outcomeOf, planCases, type PlanCases } from '../../src/testing/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { blocksOf, fromOutside, writeFiles } from './pages.ts';

const folder = temporaryFolder('own-resources');
mkdirSync(join(folder, 'resources'));
const [snippet = ''] = blocksOf('CONTRIBUTING.md');
writeFileSync(join(folder, 'resources/greeting.ts'), fromOutside(snippet));
writeFiles(blocksOf('docs/own-resources.md'), folder);

const { greeting } = (await import(join(folder, 'resources/greeting.ts'))) as { readonly greeting: ResourceFunction };
const { cases } = (await import(join(folder, 'resources/modprobe.cases.ts'))) as { readonly cases: PlanCases };
const { kernelModule } = (await import(join(folder, 'resources/modprobe.ts'))) as {
  readonly kernelModule: (name: string) => Question<string>;
};

const options = { path: '/etc/greeting', text: 'Hello' };
const greetings = planCases(greeting, {
  'a new file': {
    options,
    host: { paths: { '/etc': { type: 'directory' } } },
    changes: ['content new file'],
    writes: { '/etc/greeting': 'Hello\n' },
    steps: ['write /etc/greeting'],
    result: { path: '/etc/greeting' },
  },
  'another text': {
    options,
    host: { paths: { '/etc/greeting': { type: 'file', content: 'Bye\n' } } },
    changes: ['content'],
  },
  'right already': { options, host: { paths: { '/etc/greeting': { type: 'file', content: 'Hello\n' } } } },
  'a directory in its place': {
    options,
    host: { paths: { '/etc/greeting': { type: 'directory' } } },
    fails: '/etc/greeting is a directory',
  },
});

describe.each([greetings, cases].map((all) => [all.name, all] as const))('%s', (_, all) => {
  test.each(Object.entries(all.cases))('%s', (__, one) => {
    const { options: _options, host: _host, behind: _behind, ...expected } = one;
    expect(outcomeOf(all, one)).toEqual(expected);
  });
});

test('the probe of the page answers by position', () => {
  const [here = ''] = readdirSync('/sys/module').filter((name) => /^\w+$/.test(name));
  const questions = ['no_such_module', here, 'nor_this_one'].map(kernelModule);
  const [{ kind } = kernelModule('')] = questions;
  const input = questions.map(({ args }) => `${args.join('\0')}\0`).join('');
  const { stdout, stderr } = spawnSync('sh', ['-c', kind.sh], { input });
  const args = questions.map((one) => one.args);
  expect(kind.decode(stdout, args, stderr.toString())).toEqual(['missing', 'loaded', 'missing']);
});
