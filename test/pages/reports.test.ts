/** `--report` and `--output` from the command line, `play graph`, and the files of `play new ci`. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseXml } from '../../src/formats/xml-tree.ts';
import { localWeb, makeProject, sayPlaybook } from '../cli/command-line.ts';

const project = makeProject({ 'inventory/hosts': localWeb, 'playbooks/talk.ts': sayPlaybook });
const read = (name: string): string => readFileSync(join(project.dir, name), 'utf8');

describe('reports', () => {
  test('of a check run are written whole, for their owner alone, and of its plan and record again', async () => {
    const files = ['a.html', 'a.xml', 'a.md'];
    const { code, stdout } = await project.play(
      'talk',
      '-C',
      '--out',
      'plan.json',
      ...files.flatMap((file) => ['--report', file]),
    );
    expect(code).toBe(0);
    expect(stdout).toContain('PLAY RECAP');
    for (const file of files) expect(statSync(join(project.dir, file)).mode & 0o777).toBe(0o600);
    expect(read('a.html')).toContain('<h1>talk</h1>');
    expect(parseXml(read('a.xml')).children.map(({ attributes }) => attributes[0]?.value)).toEqual(['web1', 'web2']);
    expect(read('a.md')).toContain('2 would change');
    const shown = await project.play('show', 'plan.json', '--output', 'markdown');
    expect(shown.stdout).toContain('would change: <code>say change</code> on all 2 hosts');
    const logged = await project.play('log', '1', '--report', 'log.html');
    expect(logged.code).toBe(0);
    expect(read('log.html')).toContain('would change');
    // Nothing half written is left.
    expect(readdirSync(project.dir).filter((name) => /\.\d+$/.test(name))).toEqual([]);
  });

  test('on standard output there is the report alone', async () => {
    const { stdout } = await project.play('talk', '-C', '--output', 'junit');
    expect(parseXml(stdout).name).toBe('testsuites');
  });

  test.each<[string, readonly string[], string]>([
    ['a name that does not say what it is', ['-C', '--report', 'x.pdf'], 'NAME.html is a page'],
    ['a folder that is not there', ['-C', '--report', 'no/x.html'], 'cannot be written'],
    ['a listing', ['--list-tasks', '--report', 'x.html'], 'nothing is run here'],
    ['questions', ['--step', '--output', 'junit'], '--step asks'],
  ])('%s is refused before anything is done', async (_, options, said) => {
    const { code, stderr } = await project.play('talk', ...options);
    expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
  });
});

test('play graph draws the inventory and a playbook', async () => {
  expect((await project.play('graph')).stdout).toContain('["web<br/>web1<br/>web2"]');
  const drawn = await project.play('graph', 'talk', '--format', 'svg', '-t', 'loud');
  const texts = drawn.stdout.match(/<text[^>]*>[^<]*/g)?.map((text) => text.replace(/^.*>/, ''));
  expect(texts).toEqual(['talk: web, 2 hosts', 'say change']);
});

test.each([
  ['github', '.github/workflows/plan.yml', ['jobs', 'plan', 'steps']],
  ['gitlab', '.gitlab-ci.yml', ['plan', 'script']],
])('play new ci %s makes a file that runs a check with reports', async (service, file, path) => {
  const own = makeProject({ 'inventory/hosts': 'web1\n' });
  expect((await own.play('new', 'ci', service)).stdout).toBe(`made ${file}\n`);
  const text = readFileSync(join(own.dir, file), 'utf8');
  const steps = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], parse(text));
  expect(JSON.stringify(steps)).toMatch(/-C --diff .*--out plan\.json --report plan\.md/);
});
