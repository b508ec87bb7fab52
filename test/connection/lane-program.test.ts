/** The lane's program itself: what it does with frames that no proper client sends, and with no room. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { connect, ConnectionLost, inputBytes, type ByteSource } from '../../src/connection/index.ts';
import { encodeBoundary, encodeRequest } from '../../src/connection/lane-frame.ts';
import { laneCommand } from '../../src/connection/lane-program.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A busy machine: these wait for real sshd, PAM and sudo.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const directory = temporaryFolder('test');

/** Starts a lane, sends bytes, hangs up; resolves with all it printed, once it has ended. */
const talk = (bytes: Buffer): Promise<string> =>
  new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', `exec ${laneCommand('nonce')}`]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('close', () => resolve(output));
    child.stdin.end(bytes);
  });

const frames = (script: string, stdin?: Buffer): Buffer =>
  Buffer.concat([
    encodeBoundary('=edge='),
    ...encodeRequest({ script, ...(stdin === undefined ? {} : { stdin }) }, { id: 0, first: true, last: true }),
  ]);

describe('a lane', () => {
  test('passes through every login shell as one word a quote', () => {
    const command = laneCommand('nonce');
    expect(command).not.toMatch(/\n|\\\\|![^ ]/);
    expect(command.split("'").length).toBe(7);
  });

  test('says first of all who it is', async () => {
    expect(await talk(Buffer.alloc(0))).toMatch(/^\nnonce\t\S+\t\d+\t\/\S*\t\S+\n$/);
  });

  test('answers, and ends with its input', async () => {
    expect(await talk(frames('echo hello'))).toMatch(/\nhello\n=edge==edge=0 0\n$/);
  });

  test.each([
    ['a script of lines', 'touch "$1"\n', undefined],
    ['a script of bytes', `touch "$1" # ${'ü'.repeat(5000)}`, undefined],
    ['input of lines', 'touch "$1"', Buffer.from('one\ntwo\n')],
    ['much input', 'touch "$1"', Buffer.alloc(2_000_000)],
  ])('runs nothing of a request cut short: %s', async (_what, script, stdin) => {
    const file = join(directory, 'ran');
    const whole = frames(script.replace('"$1"', file), stdin);
    for (const cut of [1, 2, 3, Math.floor(whole.length / 3)]) {
      await talk(whole.subarray(0, whole.length - cut));
      expect(existsSync(file), `cut by ${cut}`).toBe(false);
    }
    await talk(whole);
    expect(existsSync(file)).toBe(true);
    rmSync(file);
  });

  test('lets a script whose input is cut short know that it is', async () => {
    const file = join(directory, 'whole');
    const bytes = Buffer.alloc(200_000, 'x');
    const stdin: ByteSource = { length: bytes.length, chunks: () => Readable.from([bytes]), read: () => bytes };
    const script = `dd bs=200000 count=1 iflag=fullblock >/dev/null; IFS= read -r end; [ "$end" = . ] && touch ${file}`;
    const sent = encodeRequest({ script, stdin }, { id: 0, first: true, last: true });
    const parts = sent.map((part) => ('chunks' in part ? inputBytes(part) : part));
    const whole = Buffer.concat([encodeBoundary('=edge='), ...parts]);
    for (const cut of [4, 5, 1000, 199_000]) {
      await talk(whole.subarray(0, whole.length - cut));
      expect(existsSync(file), `cut by ${cut}`).toBe(false);
    }
    await talk(whole);
    expect(existsSync(file)).toBe(true);
  });

  test('runs what it has read though nobody hears the answers', async () => {
    const file = join(directory, 'unheard');
    const child = spawn('/bin/sh', ['-c', `exec ${laneCommand('nonce')}`]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const requests = ['echo a; sleep 0.2', 'echo b', `touch ${file}`].map((script, id) =>
      encodeRequest({ script }, { id, first: id === 0, last: id === 2 }),
    );
    child.stdout.destroy();
    child.stdin.end(Buffer.concat([encodeBoundary('=edge='), ...requests.flat()]));
    await new Promise((resolve) => child.once('exit', resolve));
    expect(existsSync(file)).toBe(true);
  });
});

test('a lane that was killed leaves no watchdog, once its script is done', async () => {
  const child = spawn('/bin/sh', ['-c', `exec ${laneCommand('nonce')}`], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const watched = (): string => spawnSync('pgrep', ['-g', String(child.pid)]).stdout.toString();
  child.stdin.write(
    Buffer.concat([
      encodeBoundary('=edge='),
      ...encodeRequest({ script: 'echo begun; sleep 5', timeout: 60 }, { id: 0, first: true, last: true }),
    ]),
  );
  await expect.poll(() => watched().trim().split('\n').length).toBe(3);
  child.kill('SIGKILL');
  await ended;
  expect(watched()).not.toBe('');
  await expect.poll(watched).toBe('');
});

describe('without room', () => {
  const hosts = useHosts('noroom');

  test('a lane gives up rather than run half a script', async () => {
    const connection = await connect({ ...hosts.target('noroom'), transport: 'ssh2' });
    const lane = await connection.lane();
    const { code } = await hosts.exec('noroom', ['mount', '-o', 'remount,size=200k', '/dev/shm']);
    expect(code).toBe(0);
    const error = await lane
      .exchange([{ script: 'echo fine' }, { script: 'cat', stdin: Buffer.alloc(3_000_000) }])
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConnectionLost);
    expect(error).toMatchObject({
      message: 'the lane on noroom gave up',
      detail: expect.stringContaining('cannot store'),
    });
    expect(error instanceof ConnectionLost ? error.replies.length : 0).toBe(1);
    const again = await connection.lane();
    expect((await again.exchange([{ script: 'echo fine' }]))[0]?.code).toBe(0);
    await connection.close();
  });
});
