import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWith } from '../../src/connection/connect.ts';
import type { Task } from '../../src/playbook/index.ts';
import { debug, uri } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import { runPlay } from '../support/run-play.ts';
import { skipTests } from '../support/skip-tests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: Server;
let base: string;
let folder: string;
/** How often `/slow` was asked. */
let asked = 0;
/** What `/moving` still tells. */
let moving = 0;

beforeAll(async () => {
  folder = temporaryFolder('uri-test');
  server = createServer((request, response) => {
    const answer = (status: number, body: string, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, headers).end(body);
    const path = request.url ?? '';
    if (path === '/moved') return answer(302, 'go on', { Location: '/fine' });
    if (path === '/to-echo') return answer(302, 'go on', { Location: '/echo' });
    if (path === '/again') return answer(307, 'go on', { Location: '/echo' });
    if (path === '/slow') return answer(++asked % 3 === 0 ? 200 : 503, 'slow');
    if (path === '/moving') return answer(200, `shards\n${--moving}\n`);
    if (path === '/private')
      return answer(
        request.headers.authorization === `Basic ${Buffer.from('al "x" ü:pass \\word').toString('base64')}` ? 200 : 401,
        'private',
      );
    if (path === '/echo')
      return void bodyOf(request).then((body) =>
        answer(
          201,
          `${request.method} ${request.headers['content-type'] ?? ''} ${String(request.headers['x-odd'])} ${body}`,
        ),
      );
    return answer(path.startsWith('/fine') ? 200 : 404, `this is ${path}\nü`);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** A folder of this machine's tools, with only this one to make requests with. */
function toolsWith(tool: string, program: string | undefined): string {
  const path = join(folder, tool);
  if (existsSync(path)) return path;
  mkdirSync(path);
  for (const from of ['/usr/bin', '/bin']) {
    for (const name of readdirSync(from))
      if (name !== 'curl' && name !== 'wget' && !existsSync(join(path, name)))
        symlinkSync(join(from, name), join(path, name));
  }
  if (program !== undefined) symlinkSync(program, join(path, tool === 'curl' ? 'curl' : 'wget'));
  return path;
}

async function ask(path: string, ...options: readonly Parameters<typeof uri>[0][]) {
  const tasks = (): Task[] =>
    options.flatMap((one) => {
      const task = uri(one);
      return [task, debug({ msg: ({ results }) => `${results(task).status} ${results(task).content}` })];
    });
  return runPlay({ hosts: 'all', tasks }, { connect: (target) => connectWith(target, { shell: '/bin/sh', path }) });
}

const password = new Secret('pass \\word', 'a test');

describe.each([
  { tool: 'curl', program: '/usr/bin/curl' },
  { tool: 'wget', program: '/usr/bin/wget' },
  { tool: 'busybox', program: '/usr/bin/busybox' },
])('with $tool', ({ tool, program }) => {
  skipTests(existsSync(program) ? undefined : `there is no ${program} here`);

  test('a body comes back, redirects are followed, other codes may be right', async () => {
    const { tasks } = await ask(
      toolsWith(tool, program),
      { url: `${base}/fine?a=[b]&c='d'`, returnContent: true },
      { url: `${base}/moved`, returnContent: true },
      { url: `${base}/none`, statusCode: [200, 404] },
      { url: `${base}/fine` },
    );
    expect(tasks.map((task) => task.error?.what ?? task.message).filter((text) => text !== null)).toEqual([
      `200 this is /fine?a=[b]&c='d'\nü`,
      '200 this is /fine\nü',
      '404 ',
      '200 ',
    ]);
    expect(tasks.every((task) => task.status === 'ok')).toBe(true);
  });

  test('a wrong code and no answer fail, and say which', async () => {
    const wrong = await ask(toolsWith(tool, program), { url: `${base}/none` });
    expect(wrong.tasks.at(-1)?.error?.what).toMatch(/none answered 404, not 200/);
    const closed = await ask(toolsWith(tool, program), { url: 'http://127.0.0.1:1/' });
    expect(closed.tasks.at(-1)?.error?.what).toMatch(/gave no answer: .*(refused|connect)/i);
  });

  test('it waits for a service', async () => {
    asked = 0;
    const { tasks } = await ask(toolsWith(tool, program), { url: `${base}/slow`, retries: 5, delay: 1 });
    expect(tasks[0]?.status).toBe('ok');
    expect(asked).toBe(3);
  });

  test('it waits for a line of the body, and shows what stands there instead', async () => {
    moving = 3;
    const { tasks } = await ask(
      toolsWith(tool, program),
      { url: `${base}/moving`, searchRegex: '^0$', retries: 5, delay: 1 },
      { url: `${base}/fine`, searchRegex: "^(ü|it's)$" },
      { url: `${base}/fine`, searchRegex: '^this is not' },
    );
    expect(moving).toBe(0);
    expect(tasks.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok', 'failed']);
    expect(tasks.at(-1)?.error?.what).toBe(
      `${base}/fine answered 200, with a body of 15 characters that does not match ^this is not`,
    );
  });

  test('what changes something is sent once and counts as a change', async () => {
    const { tasks } = await ask(toolsWith(tool, program), {
      url: `${base}/echo`,
      method: 'POST',
      statusCode: 201,
      headers: { 'X-Odd': `a "b" 'c' $d` },
      body: { text: 'x\ny "ü"', list: [1] },
      returnContent: true,
    });
    expect(tasks[0]).toMatchObject({ status: 'changed', changes: [{ what: 'request' }] });
    expect(tasks[1]?.message).toBe(`201 POST application/json a "b" 'c' $d {"text":"x\\ny \\"ü\\"","list":[1]}`);
  });

  test('a form, and text whose format only the header tells', async () => {
    const post = { url: `${base}/echo`, method: 'POST', statusCode: 201, returnContent: true } as const;
    const { tasks } = await ask(
      toolsWith(tool, program),
      { ...post, bodyFormat: 'form-urlencoded', body: { 'a b': 'ü&=', 'list': [1, 2], 'none': null, 'yes': true } },
      {
        ...post,
        bodyFormat: 'form-urlencoded',
        body: [
          ['b', 'x y'],
          ['a', password],
        ],
      },
      { ...post, bodyFormat: 'json', body: '{"a":1}' },
      {
        ...post,
        bodyFormat: 'form-multipart',
        body: { n: 1, f: { filename: 'd/a".txt', content: 'x', mimeType: 'text/x' } },
      },
      { ...post, body: [1, [2]] },
      { ...post, body: { a: 1 }, headers: { 'content-type': 'application/vnd.x+json' } },
    );
    const form = 'POST application/x-www-form-urlencoded undefined';
    expect(tasks.flatMap(({ message }) => message ?? [])).toEqual([
      `201 ${form} a+b=%C3%BC%26%3D&list=1&list=2&yes=true`,
      expect.stringMatching(/^201 POST application\/x-www-form-urlencoded undefined b=x\+y&a=pass\+%5Cword$/),
      '201 POST application/json undefined {"a":1}',
      expect.stringMatching(
        /^201 POST multipart\/form-data; boundary=(\S+) undefined --\1\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n--\1\r\nContent-Disposition: form-data; name="f"; filename="a%22.txt"\r\nContent-Type: text\/x\r\n\r\nx\r\n--\1--\r\n$/,
      ),
      '201 POST application/json undefined [1,[2]]',
      '201 POST application/vnd.x+json undefined {"a":1}',
    ]);
  });

  test('redirects are followed as the task says', async () => {
    const post = { method: 'POST', body: 'x', returnContent: true } as const;
    const { tasks } = await ask(
      toolsWith(tool, program),
      { ...post, url: `${base}/to-echo`, statusCode: tool === 'busybox' ? 201 : 302 },
      ...(tool === 'busybox'
        ? []
        : [
            { ...post, url: `${base}/to-echo`, statusCode: 201, followRedirects: 'all' as const },
            { ...post, url: `${base}/again`, statusCode: 201, followRedirects: 'all' as const },
          ]),
      { url: `${base}/moved`, statusCode: 302, followRedirects: 'none', returnContent: true },
    );
    const said = tasks.map((task) => task.error?.what ?? task.message).filter((text) => text !== null);
    if (tool === 'busybox') expect(said.at(-1)).toMatch(/only busybox wget, which follows all redirects/);
    else
      expect(said).toEqual([
        tool === 'wget' ? '302 ' : '302 go on',
        expect.stringMatching(/^201 GET .* $/),
        expect.stringMatching(/^201 POST .* x$/),
        tool === 'wget' ? '302 ' : '302 go on',
      ]);
  });

  test('a password goes along unseen, and other methods; or the error says what is missing', async () => {
    const { tasks } = await ask(toolsWith(tool, program), { url: `${base}/private`, user: 'al "x" ü', password });
    const put = await ask(toolsWith(tool, program), {
      url: `${base}/echo`,
      method: 'PUT',
      body: 'x',
      statusCode: 201,
      returnContent: true,
    });
    if (tool === 'busybox')
      expect([tasks, put.tasks].map(([task]) => task?.error?.what)).toEqual([
        expect.stringMatching(/only busybox wget/),
        expect.stringMatching(/GET, HEAD and POST/),
      ]);
    else expect([tasks[0]?.status, put.tasks[1]?.message]).toEqual(['ok', expect.stringMatching(/^201 PUT .* x$/)]);
  });
});

test('without curl and wget the error says so', async () => {
  const { tasks } = await ask(toolsWith('none', undefined), { url: `${base}/fine` });
  expect(tasks[0]?.error?.what).toMatch(/neither curl nor wget/);
});
