import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveProxy } from '../../src/sandbox/proxy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const directory = temporaryFolder('proxy');
const servers: NetServer[] = [];
let site: number;
let elsewhere: number;

beforeAll(async () => {
  elsewhere = await listen(createServer((_request, response) => response.end('elsewhere')));
  site = await serve((asked, response) => {
    if (asked.url === '/moved') response.writeHead(302, { location: `http://127.0.0.1:${elsewhere}/new` });
    if (asked.headers['if-modified-since'] !== undefined) response.writeHead(304);
    response.end(asked.url === '/moved' ? '' : `site ${asked.url}`);
  });
});

afterAll(() => {
  for (const server of servers) server.close();
});

test('passes on requests to its sites, conditional ones too', async () => {
  const proxy = await startProxy();
  expect(await through(proxy, `http://127.0.0.1:${site}/InRelease`)).toEqual({ status: 200, body: 'site /InRelease' });
  expect(
    await through(proxy, `http://127.0.0.1:${site}/InRelease`, {
      'if-modified-since': 'Mon, 01 Jan 2024 00:00:00 GMT',
    }),
  ).toEqual({ status: 304, body: '' });
});

test('follows a site to its mirror, where nobody could go directly', async () => {
  const proxy = await startProxy();
  expect(await through(proxy, `http://127.0.0.1:${site}/moved`)).toEqual({ status: 200, body: 'elsewhere' });
  expect((await through(proxy, `http://127.0.0.1:${elsewhere}/new`)).status).toBe(403);
});

test.each(['ftp://127.0.0.1/', '/local', 'http://127.0.0.1:1/', 'http://localhost/'])('refuses %s', async (url) => {
  expect((await through(await startProxy(), url)).status).toBe(403);
});

test('opens tunnels to its sites only', async () => {
  const proxy = await startProxy();
  expect(await tunnel(proxy, `127.0.0.1:${site}`)).toContain('site /inside');
  expect(await tunnel(proxy, `127.0.0.1:${elsewhere}`)).toBe('403');
});

test('goes through the proxy of the machine, with its password', async () => {
  const seen: (string | undefined)[] = [];
  const machine = await serve((asked, response) => {
    seen.push(asked.url, asked.headers['proxy-authorization']);
    response.end('by proxy');
  });
  const proxy = await startProxy(`http://user:p%40ss@127.0.0.1:${machine}`);
  const url = `http://127.0.0.1:${site}/x`;
  expect(await through(proxy, url)).toEqual({ status: 200, body: 'by proxy' });
  expect(seen).toEqual([url, `Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
});

test('opens tunnels through the proxy of the machine', async () => {
  const proxy = await startProxy(`http://127.0.0.1:${await startProxy()}`);
  expect(await tunnel(proxy, `127.0.0.1:${site}`)).toContain('site /inside');
});

test('says that a site does not answer', async () => {
  const proxy = await startProxy(undefined, ['127.0.0.1:9']);
  expect((await through(proxy, 'http://127.0.0.1:9/')).status).toBe(502);
  expect((await through(proxy, 'http://127.0.0.1:9/a.deb')).status).toBe(502);
});

async function startProxy(upstream?: string, sites = [`127.0.0.1:${site}`]): Promise<number> {
  const listening = new NetServer();
  const port = await listen(listening);
  serveProxy(listening, { sites, cacheDirectory: directory, ...(upstream !== undefined && { upstream }) });
  return port;
}

function serve(answer: RequestListener): Promise<number> {
  return listen(createServer(answer));
}

function listen(server: NetServer): Promise<number> {
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(portOf(server.address())));
  });
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' ? (address?.port ?? 0) : 0;

async function through(
  proxy: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port: proxy, path, headers: { ...headers, connection: 'close' } }, resolve)
      .on('error', reject)
      .end();
  });
  return { status: reply.statusCode ?? 0, body: reply.statusCode === 200 ? await bodyOf(reply) : (reply.resume(), '') };
}

/** What comes back for `GET /inside`, or the status of a refusal. */
function tunnel(proxy: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: proxy, method: 'CONNECT', path })
      .on('connect', (reply, socket) => {
        if (reply.statusCode !== 200) return resolve(String(reply.statusCode));
        bodyOf(socket).then(resolve, reject);
        socket.write('GET /inside HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
      })
      .on('error', reject)
      .end();
  });
}

async function bodyOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text;
}
