/**
 * A status endpoint that is stalled is told from one that is down, by whatever client the host has, and by each resource
 * that asks over the network.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWith } from '../../src/connection/connect.ts';
import type { Task } from '../../src/playbook/index.ts';
import { getUrl, prometheusQuery, uri, waitFor } from '../../src/resources/index.ts';
import { runPlay } from '../support/run-play.ts';
import { skipTests } from '../support/skip-tests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('no-answer');
const servers: Server[] = [];
const sockets = new Set<Socket>();

/** A port of this machine at which that is done with each connection, once something was asked there. */
async function port(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', () => answer(socket));
  });
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A port at which nobody takes connections: those that fit into its queue are there already. */
async function fullPort(): Promise<number> {
  const script = `use Socket; socket(L,AF_INET,SOCK_STREAM,0); bind(L,sockaddr_in(0,inet_aton("127.0.0.1"))); listen(L,0);
    my ($p)=sockaddr_in(getsockname(L)); my @c; for (1..2) { socket(my $s,AF_INET,SOCK_STREAM,0); connect($s,sockaddr_in($p,inet_aton("127.0.0.1"))) if $_==1; push @c,$s }
    $|=1; print "$p\\n"; sleep 120`;
  full = spawn('perl', ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  return Number(
    await new Promise<string>((resolve) => full?.stdout?.once('data', (text: Buffer) => resolve(String(text)))),
  );
}

let full: ReturnType<typeof spawn> | undefined;
let ports: Readonly<Record<'stalled' | 'closed' | 'begun' | 'cut' | 'slow' | 'full', number>>;
beforeAll(async () => {
  ports = {
    stalled: await port(() => undefined),
    closed: await port((socket) => socket.end()),
    begun: await port((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello')),
    cut: await port((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello')),
    slow: await port((socket) => setTimeout(() => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 400)),
    full: await fullPort(),
  };
});
afterAll(() => {
  full?.kill();
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

/** A folder of this machine's tools, with only this one to make requests with. */
function toolsWith(tool: string): string {
  const path = join(folder, tool);
  if (existsSync(path)) return path;
  mkdirSync(path);
  for (const from of ['/usr/bin', '/bin'])
    for (const name of readdirSync(from))
      if (name !== 'curl' && name !== 'wget' && !existsSync(join(path, name)))
        symlinkSync(join(from, name), join(path, name));
  symlinkSync(`/usr/bin/${tool}`, join(path, tool === 'curl' ? 'curl' : 'wget'));
  return path;
}

/** What is said of the failures; in check mode of a download that is only foreseen, why it cannot be. */
async function failures(tool: string, tasks: () => readonly Task[], check = false): Promise<(string | undefined)[]> {
  const run = await runPlay(
    { hosts: 'all', ignoreErrors: true, tasks },
    { check, connect: (target) => connectWith(target, { shell: '/bin/sh', path: toolsWith(tool) }) },
  );
  const told = run.tasks.map(({ error }) => (check ? (error?.hint ?? undefined) : error?.what));
  return told.map((text) => text?.replaceAll(/:\d{2,5}\b/g, ':PORT'));
}

const at = (number: number): string => `http://127.0.0.1:${number}/status`;
const who = 'http://127.0.0.1:PORT/status';
const isStalled = 'took the connection and gave no answer within 2 s';
const isRefused = 'gave no answer: the connection is refused: nothing listens there';

const isMuteText = 'gave no answer: nothing came within 2 s: it is stalled or down';

describe.concurrent.each(['curl', 'wget', 'busybox'])('with %s', (tool) => {
  skipTests(existsSync(`/usr/bin/${tool}`) ? undefined : `there is no ${tool} here`);

  test('uri says what is with it', async () => {
    const ask = (number: number, more: object = {}): Task => uri({ url: at(number), timeout: 2, ...more });
    const said = await failures(tool, () => [
      ask(1),
      ask(ports.stalled),
      ask(ports.closed),
      ask(ports.begun),
      ask(ports.cut),
      ask(ports.full),
      uri({ url: 'http://nobody.invalid/status', timeout: 2 }),
      ask(ports.slow),
      ask(ports.slow, { within: 0.2, retries: 1, delay: 1 }),
    ]);
    // busybox wget does not say how far it came.
    const isMute = tool === 'busybox';
    expect(said.slice(0, 8)).toEqual([
      `${who.replace('PORT', '1')} ${isRefused}`,
      isMute ? `${who} ${isMuteText}` : `${who} ${isStalled}: it is stalled, not down`,
      `${who} took the connection and closed it without an answer`,
      expect.stringMatching(/ began to answer 200, and was not done within 2 s: \d+ bytes came$/),
      `${who} began to answer 200, and closed the connection before the end of the answer`,
      isMute
        ? `${who} ${isMuteText}`
        : `${who} gave no answer: nothing accepted the connection within 2 s: it is down, or a firewall is in between`,
      expect.stringMatching(/^http:..nobody.invalid.status gave no answer: (its name cannot be resolved|within 2 s)/),
      undefined,
    ]);
    expect(said[8]).toMatch(/ answered 200 too slowly after 2 tries: after \d+\.\d s, not within 0\.2 s$/);
  });
});

test('a gate on a metric, a download and a wait for a port say the same', async () => {
  const prometheus = (number: number): Task =>
    prometheusQuery({ query: 'up', url: `http://127.0.0.1:${number}`, timeout: 2 });
  const download = (number: number): Task =>
    getUrl({ url: at(number), dest: join(folder, `file${number}`), timeout: 2 });
  const wait = (number: number, more: object = {}): Task =>
    waitFor({ port: number, timeout: 2, connectTimeout: 2, ...more });
  expect(
    await failures('curl', () => [
      prometheus(1),
      prometheus(ports.stalled),
      wait(1),
      wait(ports.full),
      wait(ports.stalled, { state: 'stopped' }),
      waitFor({ path: join(folder, 'log'), searchRegex: 'x', timeout: 2 }),
    ]),
  ).toEqual([
    `Prometheus ${isRefused}`,
    `Prometheus ${isStalled}: it is stalled, not down`,
    'not so after 2 s: 127.0.0.1:1 answers (the connection is refused: nothing listens there)',
    'not so after 2 s: 127.0.0.1:PORT answers (nothing accepted the connection within 2 s: it is down, or a firewall is in between)',
    'not so after 2 s: 127.0.0.1:PORT no longer answers (the connection is accepted)',
    expect.stringContaining('holds x (there is no such file)'),
  ]);
  expect(await failures('curl', () => [download(1), download(ports.stalled)], true)).toEqual([
    `http://127.0.0.1:1/status: the server ${isRefused}`,
    `${who}: the server ${isStalled}: it is stalled, not down`,
  ]);
});
