import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { aptSites, signingKeys } from '../../src/sandbox/apt-sources.ts';
import { run } from '../../src/sandbox/command.ts';
import { hostnameOf } from '../../src/sandbox/host-files.ts';
import { withLock } from '../../src/sandbox/lock.ts';
import { overlaps } from '../../src/sandbox/network.ts';
import { PackageCache } from '../../src/sandbox/package-cache.ts';
import { findHost } from '../../src/sandbox/state.ts';
import { bundleSandbox } from '../support/sandbox-bundle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const servers: Server[] = [];
const scratch = (): string => temporaryFolder('sandbox');

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test.each([
  ['deb http://a.example/debian bookworm main', ['a.example:80'], []],
  [
    'deb [arch=amd64 signed-by=/k/a.gpg,/k/b.gpg] https://b.example:8443/x/ stable main',
    ['b.example:8443'],
    ['/k/a.gpg', '/k/b.gpg'],
  ],
  ['# deb http://no.example/ x main\ndeb https://c.example/ x main', ['c.example:443'], []],
  [
    'Types: deb\n# http://no.example/\nURIs: http://d.example/debian https://e.example/\nSigned-By: /k/d.gpg\n',
    ['d.example:80', 'e.example:443'],
    ['/k/d.gpg'],
  ],
] as const)('reads the sites and keys of %j', (text, sites, keys) => {
  const sources = [{ path: '/etc/apt/sources.list', text }];
  expect(aptSites(sources)).toEqual(sites);
  expect(signingKeys(sources)).toEqual(keys);
});

test.each([
  ['10.213.0.0/24', true],
  ['10.213.1.7', true],
  ['10.213.2.0/24', false],
  ['10.0.0.0/8', true],
  ['10.212.255.0/24', false],
  ['0.0.0.0/0', false],
  ['192.0.2.0/24', false],
])('a route to %s is in the way of a fleet at 10.213.0: %s', (route, expected) => {
  expect(overlaps(route, '10.213.0')).toBe(expected);
});

test.each([
  ['web1', 'web1'],
  ['monitoring.example.org', 'monitoring'],
  ['Web_1', 'web-1'],
  ['_.x', 'host'],
  ['x'.repeat(80), 'x'.repeat(63)],
])('%s has the hostname %s', (name, expected) => {
  expect(hostnameOf(name)).toBe(expected);
});

test('a lock lets one in at a time, also when its file is removed meanwhile', async () => {
  const file = join(scratch(), 'some.lock');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await run(['true']);
    inside--;
    await run(['rm', file]); // the last thing done: from here on another may come in
  };
  await Promise.all(Array.from({ length: 6 }, () => withLock(file, work)));
  expect(most).toBe(1);
  expect(existsSync(file)).toBe(false);
});

describe('the package cache', () => {
  /** A site of packages and a cache in front of it. */
  async function cacheBefore(
    limit: number,
    size = 10,
  ): Promise<{ directory: string; fetched: string[]; fetch: (path: string) => Promise<string> }> {
    const directory = scratch();
    const cache = new PackageCache(directory, limit);
    const fetched: string[] = [];
    const site = await serve((path, end) => {
      fetched.push(path);
      end('x'.repeat(size));
    });
    const front = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://site.example');
      const upstream = (): Promise<import('node:http').IncomingMessage> =>
        new Promise((resolve, reject) => get(`${site}${url.pathname}`, resolve).on('error', reject));
      cache.serve(url, response, upstream).catch(() => response.destroy());
    });
    const address = await listen(front);
    return { directory, fetched, fetch: async (path) => (await fetch(`${address}${path}`)).text() };
  }

  test('fetches a file once, also for two who ask at the same time', async () => {
    const { fetched, fetch } = await cacheBefore(1000);
    expect(await Promise.all([fetch('/a.deb'), fetch('/a.deb')])).toEqual(['x'.repeat(10), 'x'.repeat(10)]);
    await fetch('/a.deb');
    expect(fetched).toEqual(['/a.deb']);
  });

  test('stays within its limit, dropping what was not used for longest', async () => {
    const { directory, fetched, fetch } = await cacheBefore(25);
    await fetch('/a.deb');
    for (const name of readdirSync(directory)) utimesSync(join(directory, name), 1, 1);
    await fetch('/b.deb');
    await fetch('/c.deb');
    expect(readdirSync(directory)).toHaveLength(2);
    await fetch('/b.deb');
    expect(fetched).toEqual(['/a.deb', '/b.deb', '/c.deb']);
  });
});

test('says what is missing to who is not root', async () => {
  const directory = scratch();
  const [node = '', ...script] = await bundleSandbox();
  await run(['install', '-m', '755', script[0] ?? '', join(directory, 'sandbox.cjs')]);
  await run(['chmod', '755', directory]);
  const asNobody = [
    'setpriv',
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    node,
    join(directory, 'sandbox.cjs'),
  ];
  const reply = await run([...asNobody, 'start', 'web1'], { env: { PLAY_SANDBOX_DIR: join(directory, 'state') } });
  expect(reply.code).toBe(1);
  expect(reply.stderr).toMatch(/needs root[^]*Alternatives: run as root/);
});

function listen(server: Server): Promise<string> {
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${portOf(server.address())}`));
  });
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' ? (address?.port ?? 0) : 0;

function serve(answer: (path: string, end: (body: string) => void) => void): Promise<string> {
  return listen(
    createServer((request, response) => {
      answer(request.url ?? '', (body) => {
        response.writeHead(200, { 'content-length': body.length });
        response.end(body);
      });
    }),
  );
}

test('who names a host that is not made yet is told how to make it', () => {
  const fleet = { name: 'none', root: scratch(), directory: scratch(), tag: 'psnone' };
  expect(() => findHost(fleet, 'web1')).toThrow(
    expect.objectContaining({
      message: 'Unknown sandbox host "web1"',
      hint: expect.stringMatching(/`play sandbox start web1` makes one/) as string,
    }) as Error,
  );
});
