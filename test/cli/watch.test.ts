/** `--watch` plans again at every save, tells what is new in the plan, and waits out what is wrong. */
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { withTypes } from '../support/with-types.ts';
import { makeProject, playRoot } from './command-line.ts';

withTypes();

const host = temporaryFolder('host');
const playbook = (tasks: string): string => `import { copy, definePlaybook, template } from 'play';
import { word } from './word.ts';
export default definePlaybook({ hosts: 'all', tasks: () => [${tasks}] });
`;
const first = `copy({ dest: '${host}/a', content: word }, { name: 'first' })`;
const second = `template({ src: 'b.hbs', dest: '${host}/b' }, { name: 'second' })`;
const project = makeProject({
  'inventory/hosts': 'localhost ansible_connection=local\n',
  'group_vars/all.yml': 'greeting: hello\n',
  'playbooks/word.ts': "export const word = 'one\\n';\n",
  'playbooks/site.ts': playbook(`${first}, ${second}`),
  'playbooks/templates/b.hbs': '{{greeting}} world\n',
});

const child = spawn(join(playRoot, 'play'), ['site.ts', '--watch', '-CD'], {
  cwd: project.dir,
  env: { ...process.env, XDG_STATE_HOME: temporaryFolder('state') },
});
const ended = new Promise<number | null>((done) => child.once('close', done));
let shown = '';
for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (shown += chunk.toString()));
afterAll(() => child.kill('SIGKILL'));

/**
 * What is shown from now on, up to the end of a plan that shows this. On a busy machine one save may be seen twice, so that
 * the first plan to end need not be the one that is waited for.
 */
async function planShows(what: RegExp, change: () => void): Promise<string> {
  const from = shown.length;
  change();
  const whole = new RegExp(`(?:${what.source})[^]*(?: \\(\\d+\\.\\d\\d s\\)|waiting for the next save)\\n`);
  await expect.poll(() => shown.slice(from)).toMatch(whole);
  return shown.slice(from);
}

test('each save is planned, and nothing is done', async () => {
  const begun = await planShows(/\+hello world/, () => undefined);
  for (const text of ['+one', '2 tasks would change on 1 host']) expect(begun).toContain(text);
  await expect.poll(() => shown).toContain('watching');
  const save = (name: string, text: string) => (): void => project.write({ [name]: text });

  const variables = await planShows(/\+goodbye world/, save('group_vars/all.yml', 'greeting: goodbye\n'));
  expect(variables).toContain('saved group_vars/all.yml');
  expect(variables).not.toContain('first');

  await planShows(/\+goodbye moon/, save('playbooks/templates/b.hbs', '{{greeting}} moon\n'));

  const imported = await planShows(/\+two/, save('playbooks/word.ts', "export const word = 'two\\n';\n"));
  expect(imported).not.toContain('second');

  await planShows(
    /the plan is unchanged: 2 tasks would change on 1 host/,
    save('playbooks/site.ts', `\n${playbook(`${first}, ${second}`)}`),
  );

  await planShows(/type error/, save('playbooks/word.ts', "export const word: number = 'five';\n"));
  await planShows(/error: [^]*playbooks\/word\.ts:1/, save('playbooks/word.ts', "export const word = 'three\\n;\n"));
  await planShows(/\+three/, save('playbooks/word.ts', "export const word = 'three\\n';\n"));

  const without = await planShows(/no longer {2}localhost {2}second/, save('playbooks/site.ts', playbook(first)));
  expect(without).toContain('1 task would change');
  await planShows(/saved group_vars[^]*unchanged/, () => rmSync(join(project.dir, 'group_vars'), { recursive: true }));

  expect(existsSync(join(host, 'a'))).toBe(false);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

test('what does not go with it is told', async () => {
  expect((await project.play('site.ts', '--watch')).stderr).toContain(
    'Add --sandbox, or -C to plan against the real hosts',
  );
  expect((await project.play('site.ts', '--watch', '-C', '--out', 'plan.json')).stderr).toContain(
    '--watch and --out do not go together',
  );
});
