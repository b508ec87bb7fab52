/** Connections that wait for the next run: what they do for it, and when they are not used. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect, Keeping, type Become, type Connection, type Target } from '../../src/connection/index.ts';
import { FrameReader, frames, messageFrame, type Frame } from '../../src/connection/keeper/frames.ts';
import { keeperSocket } from '../../src/connection/keeper/socket-folder.ts';
import { makeProject } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const host = 'keeper';
const hosts = useHosts(host);
const root: Become = { user: 'root', method: 'sudo' };
const kept = 'ssh2 (kept since the last run)';

let runtime: string;
beforeEach(() => {
  runtime = temporaryFolder('keeper');
  vi.stubEnv('XDG_RUNTIME_DIR', runtime);
});
afterEach(() => {
  for (const pid of keepers()) process.kill(pid, 'SIGKILL');
  vi.unstubAllEnvs();
});

/** Processes that keep connections for the test under way. */
function keepers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          /keeper(-process\.ts|\.cjs)/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8')) &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`XDG_RUNTIME_DIR=${runtime}\0`)
        );
      } catch {
        return false;
      }
    });
}

/** A run: connects, becomes others, ends. @returns what carried it */
async function run(
  target: Target,
  {
    accounts = [root],
    work = async () => undefined,
    seconds = 60,
  }: {
    accounts?: readonly Become[];
    work?: (connection: Connection) => Promise<unknown>;
    seconds?: number;
  } = {},
): Promise<string> {
  const keeping = new Keeping(seconds);
  const connection = await connect(target, keeping);
  for (const account of accounts) {
    const [reply] = await (await connection.lane(account)).exchange([{ script: 'id -un' }]);
    expect(reply?.stdout.toString()).toBe(`${account.user}\n`);
  }
  await work(connection);
  await connection.close();
  await keeping.leave(() => true);
  return connection.description;
}

/** Has a run leave its connection, and waits until the next one may have it. */
async function leaveOne(target: Target, options: Parameters<typeof run>[1] = {}): Promise<void> {
  await run(target, options);
  await vi.waitFor(async () => expect(await run(target, options)).toBe(kept), { timeout: 60_000, interval: 200 });
}

const asAdmin = (): Target => ({ ...hosts.target(host), sshArgs: ['-o', 'IdentityAgent=none'] });

describe('the next run', () => {
  test('has connection and lanes at once, and they do all that others do', async () => {
    await leaveOne(asAdmin());
    const bytes = randomBytes(3_000_000);
    await run(asAdmin(), {
      work: async (connection) => {
        expect(connection.description).toBe(kept);
        const lane = await connection.lane(root);
        const replies = await lane.exchange([
          { script: 'cat', stdin: bytes },
          { script: 'echo out; echo err >&2; exit 7' },
        ]);
        expect(replies[0]?.stdout.equals(bytes)).toBe(true);
        expect(replies[1]).toMatchObject({ code: 7, stdout: Buffer.from('out\n'), stderr: Buffer.from('err\n') });
        const said: string[] = [];
        const hear = (chunk: Buffer): void => void said.push(chunk.toString());
        const command = { script: 'echo "$1"; exit 3', args: ["it's"], onStdout: hear, onStderr: hear };
        expect(await connection.live(command)).toBe(3);
        expect(said.join('')).toBe("it's\n");
      },
    });
  });

  test('leaves nothing on the host once its connection is closed', async () => {
    await leaveOne(asAdmin());
    for (const pid of keepers()) process.kill(pid, 'SIGTERM');
    await vi.waitFor(() => expect(keepers()).toEqual([]), { timeout: 60_000 });
    expect(existsSync(join(runtime, 'play/keeper'))).toBe(false);
    const left = ['sh', '-c', 'ls -d /run/play.* /dev/shm/play.* /tmp/play.* 2>/dev/null; pgrep -u admin; true'];
    await vi.waitFor(async () => expect((await hosts.exec(host, left)).stdout).toBe(''), { timeout: 60_000 });
  });

  test('shares the connection with another run beside it', async () => {
    await leaveOne(asAdmin());
    const work = async (connection: Connection): Promise<void> => {
      expect(connection.description).toBe(kept);
      expect(await run(asAdmin())).toBe(kept);
    };
    await run(asAdmin(), { work });
  });

  test('is asked for a password anew', async () => {
    const target: Target = { ...hosts.target(host, 'operator'), sshArgs: ['-o', 'IdentityAgent=none'] };
    const password = { expose: () => hosts.password() };
    await leaveOne(target, { accounts: [{ ...root, password }] });
    // Where the keeper had become root itself, this would be let in.
    const wrong = { ...root, password: { expose: () => 'wrong' } };
    await run(target, {
      accounts: [],
      work: async (connection) => {
        expect(connection.description).toBe(kept);
        await expect(connection.lane(root)).rejects.toThrow('wants a password');
        await expect(connection.lane(wrong)).rejects.toThrow('wrong sudo password');
      },
    });
  });
});

describe('nothing that waits is used', () => {
  test('by another account, with another key or host key, for a login that is to be fresh', async () => {
    const target = asAdmin();
    await leaveOne(target);
    expect(await run({ ...target, user: 'root' }, { accounts: [] })).toBe('ssh2');
    const folder = temporaryFolder('keeper-keys');
    const key = join(folder, 'key');
    writeFileSync(key, readFileSync(target.privateKeyFile ?? ''), { mode: 0o600 });
    expect(await run({ ...target, privateKeyFile: key })).toBe('ssh2');
    const knownHosts = join(folder, 'known_hosts');
    writeFileSync(knownHosts, readFileSync(target.knownHostsFiles?.[0] ?? '', 'utf8'));
    expect(await run({ ...target, knownHostsFiles: [knownHosts, '/dev/null'] })).toBe('ssh2');
    writeFileSync(knownHosts, '');
    await expect(run({ ...target, knownHostsFiles: [knownHosts] })).rejects.toThrow('is not known');
    expect(await run({ ...target, isFresh: true })).toBe('ssh2');
    const again = new Keeping(60);
    const first = await connect(target, again);
    const second = await connect(target, again);
    expect([first.description, second.description]).toEqual([kept, 'ssh2']);
    await Promise.all([first.close(), second.close()]);
  });

  test('once a change concerns how anybody gets in', async () => {
    await leaveOne(asAdmin());
    // Another run by another way to the same host does so.
    const other = await connect(hosts.target(host, 'root'));
    await other.releaseKept?.();
    await other.close();
    expect(await run(asAdmin(), { work: async (connection) => await connection.releaseKept?.() })).toBe('ssh2');
    expect(await run(asAdmin(), { seconds: 1 })).toBe('ssh2');
  });

  test('of a keeper that was killed or hangs; a later run starts another one', async () => {
    await leaveOne(asAdmin());
    for (const pid of keepers()) process.kill(pid, 'SIGSTOP');
    expect(await run(asAdmin())).toBe('ssh2');
    for (const pid of keepers()) process.kill(pid, 'SIGKILL');
    await leaveOne(asAdmin());
  });

  test('where the host no longer answers by it', async () => {
    await leaveOne(asAdmin());
    await hosts.exec(host, ['sh', '-c', 'pkill -STOP -f "[s]shd: admin"']);
    expect(await run(asAdmin(), { seconds: 1 })).toBe('ssh2');
    await hosts.exec(host, ['sh', '-c', 'pkill -KILL -f "[s]shd: admin"; true']);
  });

  test('after its time: the keeper ends by itself', async () => {
    await run(asAdmin(), { seconds: 1 });
    await vi.waitFor(() => expect(existsSync(join(runtime, 'play/keeper'))).toBe(true), { timeout: 60_000 });
    await vi.waitFor(() => expect(keepers()).toEqual([]), { timeout: 60_000 });
    expect(existsSync(join(runtime, 'play/keeper'))).toBe(false);
  });

  test('of another build, whose keeper ends', async () => {
    await leaveOne(asAdmin());
    const socket = createConnection(join(runtime, 'play/keeper'));
    const replies: Frame[] = [];
    const reader = new FrameReader((one) => replies.push(one));
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    socket.write(messageFrame({ ask: 'attach', by: 'another play', key: '' }));
    const told = (): string[] => replies.map(({ bytes }) => bytes.toString());
    await vi.waitFor(() => expect(told()).toEqual(['{"say":"no"}']), { timeout: 60_000 });
    socket.destroy();
    await vi.waitFor(() => expect(keepers()).toEqual([]), { timeout: 60_000 });
  });
});

test('runs of ./play follow each other over one connection, until one changes an account or is told not to', async () => {
  vi.stubEnv('PLAY_NO_PERSIST', '');
  const secret = 'of-the-environment';
  vi.stubEnv('PLAY_TEST_SECRET', secret);
  const project = makeProject({
    'inventory': hosts.inventoryLine(host),
    'playbooks/site.ts': `
import { copy, definePlaybook, user } from 'play';
export default definePlaybook({ hosts: 'all', become: true, tasks: () => [
  copy({ dest: '/etc/kept', content: 'yes\\n' }, { tags: 'file' }),
  user({ name: 'kept' }, { tags: 'account' }),
] });
`,
  });
  const how = async (...args: readonly string[]): Promise<string | undefined> => {
    const { stdout, stderr } = await project.play('site', '-i', 'inventory', '-v', '--no-typecheck', ...args);
    expect(stderr).toBe('');
    return /^connected +\S+ +(.+), /m.exec(stdout)?.[1];
  };
  // Nobody sits at a terminal here.
  expect(await how('-C')).toBe('ssh2');
  expect(keepers()).toEqual([]);
  await vi.waitFor(async () => expect(await how('-C', '--persist', '60')).toBe(kept), { timeout: 60_000 });
  const [keeper] = keepers();
  expect(readFileSync(`/proc/${keeper}/environ`, 'utf8')).not.toContain(secret);
  expect(await how('-t', 'file', '--persist', '60')).toBe(kept);
  expect(await how('-C', '--no-persist')).toBe('ssh2');
  expect(await how('--persist', '60')).toBe(kept);
  expect(await how('--persist', '1')).toBe('ssh2');
});

test('its socket lies where nobody else gets to, or there is none', () => {
  const own = join(runtime, 'play');
  const elsewhere = keeperSocket(true);
  expect(elsewhere).toBe(join(own, 'keeper'));
  const inTemporary = temporaryFolder('keeper-elsewhere');
  vi.stubEnv('TMPDIR', inTemporary);
  const isUsed = (): boolean => keeperSocket(true) === join(own, 'keeper');
  chmodSync(own, 0o755);
  expect(isUsed()).toBe(false);
  chmodSync(own, 0o700);
  expect(isUsed()).toBe(true);
  // The folder it lies in is others' to change.
  chmodSync(runtime, 0o777);
  expect(isUsed()).toBe(false);
  chmodSync(runtime, 0o1777);
  expect(isUsed()).toBe(true);
  renameSync(own, join(runtime, 'elsewhere'));
  symlinkSync(join(runtime, 'elsewhere'), own);
  expect(isUsed()).toBe(false);
  if (process.getuid?.() !== 0) return;
  unlinkSync(own);
  mkdirSync(own, { mode: 0o700 });
  chownSync(own, 65534, 65534);
  expect(isUsed()).toBe(false);
});

test('frames come out as they went in, however they are cut', () => {
  const sent: Frame[] = [
    { kind: 'j', bytes: Buffer.from('{}') },
    { kind: 'i', bytes: Buffer.alloc(0) },
    { kind: 'o', bytes: randomBytes(2000) },
    { kind: 'e', bytes: Buffer.from('x') },
  ];
  const stream = Buffer.concat(sent.flatMap(({ kind, bytes }) => frames(kind, bytes)));
  for (const size of [1, 4, 5, 6, 1000, stream.length]) {
    const got: Frame[] = [];
    const reader = new FrameReader(({ kind, bytes }) => got.push({ kind, bytes: Buffer.from(bytes) }));
    for (let at = 0; at < stream.length; at += size) reader.push(Buffer.from(stream.subarray(at, at + size)));
    expect(got).toEqual(sent);
  }
  expect(() => new FrameReader(() => undefined).push(Buffer.from('GET / HTTP/1.1'))).toThrow('not a frame');
});
