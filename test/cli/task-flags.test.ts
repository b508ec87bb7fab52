import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostCommands } from '../../src/cli/commands.ts';
import { inTerminal, localWeb, makeProject, playRoot, run, sayPlaybook } from './command-line.ts';
import '../support/with-types.ts';

const project = makeProject({
  'inventory/hosts': localWeb,
  'playbooks/site.ts': sayPlaybook
    .replace("'never', 'broken'", "'broken'")
    .replace("say({ text: 'change' }", "say({ text: 'more change' }), say({ text: 'change' }"),
});
/** The record of failed runs goes where the test is. */
const env = { ...process.env, XDG_STATE_HOME: join(project.dir, 'state') };
const play = (...args: readonly string[]) => run(join(playRoot, 'play'), args, { cwd: project.dir, env });

test('help names every command', async () => {
  const { stdout } = await play('--help');
  const named = new Set([...stdout.matchAll(/^ {2}play (\S+)/gm)].map(([, name]) => name));
  expect(Object.keys(hostCommands).filter((name) => !named.has(name))).toEqual([]);
});

test('--start-at-task leaves out what comes before, by name or glob', async () => {
  const { stdout } = await play('site', '--list-tasks', '--start-at-task', 'say c*');
  expect(stdout).not.toContain('say nothing');
  expect(stdout).toMatch(/say change.*\n.*say fail/);
  expect((await play('site', '--list-tasks', '--start-at-task', 'say nothing')).stdout).toContain('say nothing');
});

test('what stands in place of a run is JSON lines too with --output jsonl', async () => {
  const events = async (...options: string[]): Promise<unknown[]> => {
    const { code, stdout, stderr } = await play('site', '--output', 'jsonl', ...options);
    expect([code, stderr]).toEqual([0, '']);
    return stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  };
  const recap = { event: 'recap', hosts: {}, exit: 0 };
  expect(await events('--syntax-check')).toEqual([{ event: 'syntax', playbook: 'playbooks/site.ts' }, recap]);
  const listing = {
    event: 'listing',
    playbook: 'playbooks/site.ts',
    play: expect.any(String),
    pattern: 'web',
    tags: ['talk'],
  };
  expect(await events('--list-hosts')).toEqual([{ ...listing, hosts: ['web1', 'web2'] }, recap]);
  expect(await events('--list-tasks', '--list-tags')).toEqual([
    {
      ...listing,
      tasks: expect.arrayContaining([expect.objectContaining({ role: null, task: 'say nothing' })]),
      taskTags: expect.any(Array),
    },
    recap,
  ]);
});

test('--syntax-check touches nothing, and finds what a run would refuse', async () => {
  expect(await play('site', '--syntax-check')).toEqual({
    code: 0,
    stdout: '\nplaybook: playbooks/site.ts\n',
    stderr: '',
  });
  project.write({
    'playbooks/bad.ts': `import { definePlaybook } from 'play';\nconst name: string = 7;\nexport default definePlaybook({ hosts: 'web', name: String(name) });\n`,
  });
  expect(await play('bad', '--syntax-check')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Type 'number' is not assignable") as string,
  });
});

test('options that make no sense here are accepted with a notice', async () => {
  const { code, stderr } = await play('site', '--list-hosts', '--flush-cache', '--sftp-extra-args', '-x');
  expect(stderr).toMatch(/--flush-cache has no effect: play keeps no facts/);
  expect(stderr).toMatch(/--sftp-extra-args has no effect/);
  expect(code).toBe(0);
});

test('-l @failed means the hosts the last run failed on; a run that fixes them ends that', async () => {
  expect((await play('site', '-l', 'web2')).code).toBe(2);
  expect((await play('site', '-C', '-t', 'quiet')).code).toBe(0);
  const again = await play('site', '-l', '@failed', '-t', 'quiet');
  expect(again.stderr).toMatch(/^@failed: web2 \(the run of site\.ts that ended 20.*Z\)\n/);
  expect(again.stdout).toMatch(/web2 .*ok=1/);
  expect(again.stdout).not.toContain('web1');
  expect((await play('site', '-l', '@failed')).stderr).toContain('no failed run of site.ts on record');
});

test('--ask (--step) shows each change and asks: no, yes, all, quit', async () => {
  const asked = (name: string): RegExp =>
    new RegExp(`Perform task: ${name} on web1 \\(N\\)o/\\(y\\)es/\\(a\\)ll/\\(q\\)uit: `);
  const { shown, code } = await inTerminal(
    project,
    ['site', '-l', 'web1', '--step', '--skip-tags', 'broken'],
    [
      [asked('say more change'), 'n'],
      [asked('say change'), 'y'],
    ],
  );
  expect(shown.replace(/\x1b\[[0-9;]*[mK]/g, '')).toMatch(
    /would change {2}web1 {2}say more change\r\n {4}mode 0644 -> 0600/,
  );
  expect(shown).toContain('1 changed');
  expect(code).toBe(0);
  const all = await inTerminal(
    project,
    ['site', '-l', 'web1', '--ask', '--skip-tags', 'broken'],
    [[asked('say more change'), 'a']],
  );
  expect(all.shown).toContain('2 changed');
  const left = await inTerminal(
    project,
    ['site', '-l', 'web1', '--ask', '--skip-tags', 'broken'],
    [[asked('say more change'), 'q']],
  );
  expect(left.shown).not.toMatch(asked('say change'));
  expect(left.code).toBe(99);
});
