import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { run, waitFor } from '../../src/sandbox/command.ts';
import { removeSandbox, sandboxExec, sandboxSshArgv, startSandbox } from '../../src/sandbox/index.ts';
import { openFleet } from '../../src/sandbox/state.ts';
import { bundleSandbox } from '../support/sandbox-bundle.ts';
import { testFleet } from '../support/sandbox-fleet.ts';
import { noTraces, tracesOf } from './machine.ts';

/** A fleet of its own: the one of the other tests stays up beside it. */
const fleet = `${testFleet()}-leaks`;
let self: readonly string[];

beforeAll(async () => {
  self = await bundleSandbox();
});

afterEach(async () => {
  await removeSandbox(undefined, { fleet });
});

test('leaves ports and firewall of this machine alone, and nothing behind once removed', async () => {
  const reached: number[] = [];
  const listeners = await Promise.all([80, 443, 9090].map((port) => listen(port, reached)));
  await startSandbox(['leak1'], { fleet, self });
  try {
    await run(['nft', '-f', '-'], {
      input:
        'table inet play_leak_test {\n  set ports {\n    type inet_service; elements = { 80, 443, 9090 }\n  }\n}\n',
    });
    const firewall = async (): Promise<string> => (await run(['nft', 'list', 'ruleset'])).stdout;
    const before = await firewall();
    expect(before).toContain('play_leak_test');
    const install =
      'apt-get install -qy nginx-light nftables && nft flush ruleset && nft add table inet mine && ss -Hltn sport = :80 && exec 3<>/dev/tcp/127.0.0.1/80';
    const inside = await sandboxExec('leak1', ['bash', '-c', install], { fleet });
    expect(inside, inside.stderr).toMatchObject({ code: 0 });
    expect(await firewall()).toBe(before);
    expect(listeners.filter(({ mine, server }) => mine && !server.listening)).toEqual([]);
    expect(reached).toEqual([]);
  } finally {
    await run(['nft', 'delete', 'table', 'inet', 'play_leak_test']);
    for (const { server } of listeners) server.close();
  }
  await removeSandbox(undefined, { fleet });
  expect(await tracesOf(fleet)).toEqual(noTraces);
});

/** Moments of a start: what exists once it got that far. */
const moments: [string, (directory: string) => boolean][] = [
  ['the fleet is named', (directory) => existsSync(directory)],
  ['the network is being made', (directory) => existsSync(join(directory, 'id_ed25519'))],
  ['the proxy is being started', (directory) => existsSync(join(directory, 'network.json'))],
  ['the disk is made', (directory) => existsSync(join(directory, 'hosts/1/upper'))],
  ['the host boots', (directory) => existsSync(join(directory, 'hosts/1/console.log'))],
];

test.each(moments)('a start killed when %s is cleaned up, and can be repeated', async (_name, reached) => {
  const { directory } = openFleet(fleet);
  const [node = '', ...script] = self;
  const starting = spawn(node, [...script, 'start', 'killed1', 'killed2'], {
    stdio: 'ignore',
    env: { ...process.env, PLAY_SANDBOX_FLEET: fleet },
  });
  const ended = once(starting, 'exit');
  expect(await waitFor(() => reached(directory) || undefined, 20, 1)).toBe(true);
  starting.kill('SIGKILL');
  await ended;
  await startSandbox(['killed1'], { fleet, self });
  expect((await run(sandboxSshArgv('killed1', ['true'], { fleet }))).code).toBe(0);
  await removeSandbox(undefined, { fleet });
  expect(await tracesOf(fleet)).toEqual(noTraces);
});

test('a start killed early leaves nothing after rm alone', async () => {
  const { directory } = openFleet(fleet);
  const [node = '', ...script] = self;
  const starting = spawn(node, [...script, 'start', 'killed1'], {
    stdio: 'ignore',
    env: { ...process.env, PLAY_SANDBOX_FLEET: fleet },
  });
  const ended = once(starting, 'exit');
  await waitFor(() => existsSync(join(directory, 'hosts/1/console.log')) || undefined, 20, 1);
  starting.kill('SIGKILL');
  await ended;
  await removeSandbox(undefined, { fleet });
  expect(await tracesOf(fleet)).toEqual(noTraces);
});

test('what a removal killed half way leaves is taken up by a start, and by rm', async () => {
  const { directory, tag } = openFleet(fleet);
  await startSandbox(['half1'], { fleet, self });
  // The first thing a removal takes away: with the rest in place the hosts would be looked for by the default route.
  expect((await run(['ip', 'link', 'delete', tag])).code).toBe(0);
  await startSandbox(['half1'], { fleet, self });
  expect((await run(sandboxSshArgv('half1', ['true'], { fleet }))).code).toBe(0);
  await removeSandbox(undefined, { fleet });
  mkdirSync(join(`${directory}.removed`, 'hosts/1/upper'), { recursive: true });
  await removeSandbox(undefined, { fleet });
  expect(await tracesOf(fleet)).toEqual(noTraces);
});

test('the last host removed by its name takes network and proxy along', async () => {
  await startSandbox(['last1', 'last2'], { fleet, self });
  await removeSandbox(['last1'], { fleet });
  expect((await run(sandboxSshArgv('last2', ['true'], { fleet }))).code).toBe(0);
  await removeSandbox(['last2'], { fleet });
  expect(await tracesOf(fleet)).toEqual(noTraces);
});

test('two starts at once end with the same hosts', async () => {
  const [one, two] = await Promise.all([
    startSandbox(['both1'], { fleet, self }),
    startSandbox(['both1', 'both2'], { fleet, self }),
  ]);
  expect(one.get('both1')).toEqual(two.get('both1'));
  expect((await run(sandboxSshArgv('both2', ['getent', 'hosts', 'both1'], { fleet }))).code).toBe(0);
});

/** Where something else has the port already, that is the listener which has to stay. */
function listen(port: number, reached: number[]): Promise<{ mine: boolean; server: Server }> {
  const server = createServer((socket) => {
    reached.push(port);
    socket.destroy();
  });
  return new Promise((resolve) => {
    server.once('error', () => resolve({ mine: false, server }));
    server.listen(port, '0.0.0.0', () => resolve({ mine: true, server }));
  });
}
