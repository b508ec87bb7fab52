/** Notifications of runs, as a webhook of Slack's form gets them: a server of this machine stands in for Slack. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

vi.setConfig({ testTimeout: 300_000 });

const got: { readonly path: string; readonly type: string | undefined; readonly text: string }[] = [];
let answer: 'ok' | 'refuse' | 'hang' = 'ok';
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      got.push({
        path: request.url ?? '',
        type: request.headers['content-type'],
        text: (JSON.parse(body) as { text: string }).text,
      });
      if (answer !== 'hang') response.writeHead(answer === 'ok' ? 200 : 500).end('ok');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  got.length = 0;
  answer = 'ok';
});

const project = makeProject({
  'inventory/hosts': 'web1 ansible_connection=local\n',
  'playbooks/fine.ts': `
import { definePlaybook, command } from 'play';
export default definePlaybook({ hosts: 'all', tasks: () => [command({ argv: ['true'], changes: 'always' })] });`,
  'playbooks/fails.ts': `
import { definePlaybook, command } from 'play';
const service = { name: 'Onionoo', owner: 'anna', priority: 'high', ifItBreaks: 'call anna <now>' } as const;
export default definePlaybook({ hosts: 'all', service, tasks: () => [command({ argv: ['false'], changes: 'always' })] });`,
});
const configured = (on = ''): void =>
  project.write({
    'play.config.ts': `import { defineConfig, secretFromEnv } from 'play';\nexport default defineConfig({ notify: { url: secretFromEnv('HOOK_URL')${on} } });\n`,
  });
const play = (url: string, ...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), args, {
    cwd: project.dir,
    env: { ...process.env, XDG_STATE_HOME: join(project.dir, '.state'), HOOK_URL: url },
  });
const hook = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/key-of-the-hook`;

test('start, end and failure, with who, the command quoted, and secrets masked', async () => {
  configured();
  expect((await play(hook(), 'fine', '-e', 'api_token=s3cr3t-value note=<!channel>')).code).toBe(0);
  expect(got.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^\S+@\S+: `play fine -e '.*'` began on web1$/),
    expect.stringMatching(/^\S+@\S+: `play fine .*` ended well after \d+ s: 1 changed$/),
  ]);
  expect(got[0]).toMatchObject({ path: '/services/T0/key-of-the-hook', type: 'application/json' });
  expect(got[0]?.text).toContain("'api_token=******** note=&lt;!channel&gt;'");
  expect(JSON.stringify(got)).not.toContain('s3cr3t-value');

  got.length = 0;
  expect((await play(hook(), 'fails')).code).toBe(2);
  expect(got[1]?.text).toMatch(
    /`play fails` failed after \d+ s \(exit code 2\): \d changed, failed: web1\non web1, service Onionoo: priority high, owner anna\. If it breaks: call anna &lt;now&gt;$/,
  );
});

test('on: what is not asked for is not sent; never in check mode', async () => {
  configured(`, on: ['failure']`);
  await play(hook(), 'fine');
  await play(hook(), 'fails', '-C');
  expect(got).toEqual([]);
  await play(hook(), 'fails');
  expect(got).toHaveLength(1);
  configured();
  await play(hook(), 'fine', '-C');
  await play(hook(), 'fine', '--list-tasks');
  expect(got).toHaveLength(1);
});

test.each([
  ['is down', 'http://127.0.0.1:2/key-of-the-hook', 'ok', /the webhook was not reached \(ECONNREFUSED\)/],
  ['is no address', 'key-of-the-hook', 'ok', /the webhook was not reached/],
  ['is not set', '', 'ok', /HOOK_URL is empty/],
  ['answers with an error', undefined, 'refuse', /the webhook answered 500/],
  ['never answers', undefined, 'hang', /did not answer within 5 s/],
] as const)('a webhook that %s is a warning, and nothing to the run', async (_, url, how, reason) => {
  configured(`, on: ['end']`);
  answer = how;
  const outcome = await play(url ?? hook(), 'fine');
  expect(outcome.code).toBe(0);
  expect(outcome.stdout).toContain('changed=1');
  expect(outcome.stderr).toMatch(reason);
  expect(outcome.stdout + outcome.stderr).not.toContain('key-of-the-hook');
});

test('a mistake in the setting is told before anything is run', async () => {
  configured(`, on: ['begin']`);
  const outcome = await play(hook(), 'fine');
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toMatch(/notify\.on/);
});
