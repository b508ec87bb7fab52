/** What every transport must keep, over a real sshd and a real sudo. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  connect,
  ConnectionLost,
  type ByteSource,
  type Connection,
  type Lane,
  type LaneReply,
  type LaneRequest,
  type Target,
} from '../../src/connection/index.ts';
import { useHosts } from '../support/sandbox.ts';

// A busy machine: these wait for real sshd, PAM and sudo.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const host = 'conform';
const hosts = useHosts(host);

const targets: Record<string, () => Target> = {
  ssh2: () => ({ ...hosts.target(host), transport: 'ssh2' }),
  openssh: () => ({ ...hosts.target(host), transport: 'openssh' }),
  local: () => ({ name: 'here', address: 'here', transport: 'local' }),
};

/** Seconds that nobody else on this machine sleeps, whose processes include those of all throwaway hosts. */
const long = 4_000_000 + process.pid;

const text = (reply: LaneReply | undefined): string => reply?.stdout.toString() ?? '';

describe.each(Object.keys(targets))('%s', (transport) => {
  let connection: Connection;
  let lane: Lane;

  const run = async (...requests: (LaneRequest | string)[]): Promise<LaneReply[]> =>
    await lane.exchange(requests.map((request) => (typeof request === 'string' ? { script: request } : request)));
  const one = async (request: LaneRequest | string): Promise<LaneReply> => {
    const [reply] = await run(request);
    if (reply === undefined) throw new Error('no reply');
    return reply;
  };
  /** Waits until a script on the host succeeds. */
  const until = async (script: string): Promise<void> => {
    expect((await one({ script: `until { ${script}\n}; do sleep 0.05; done`, timeout: 20 })).code).toBe(0);
  };

  beforeAll(async () => {
    const target = targets[transport]?.();
    if (target === undefined) throw new Error(transport);
    connection = await connect(target);
    lane = await connection.lane();
  });
  afterAll(async () => await connection?.close());

  test('says who it is', async () => {
    const [user, uid, home, name] = text(await one('id -un; id -u; echo ~; uname -n'))
      .trim()
      .split('\n');
    expect(lane.greeting).toEqual({ user, uid: Number(uid), home, hostname: name });
    expect(connection.description).toBe(transport);
  });

  test.each([
    ['every byte', Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))],
    ['nothing', Buffer.alloc(0)],
    ['text without a last line feed', Buffer.from('a\n b')],
    ['strings', Buffer.from('a\0\0 b\\0%s\t$x\0-n\0')],
    ['strings with line feeds', Buffer.from('a\n\0b\0')],
    ['strings that end with a line feed', Buffer.from('a\0b\n')],
    ['short lines', Buffer.from('  a\\n\\\n\tb\n\n')],
    ['just above a block', randomBytes(65537)],
    ['50 MB', randomBytes(50_000_000)],
  ])('passes %s both ways', async (_what, bytes) => {
    const reply = await one({ script: 'cat; echo "" >&2', stdin: bytes, maxOutput: 60_000_000 });
    expect(reply.code).toBe(0);
    expect(reply.stdout.equals(bytes)).toBe(true);
    expect(reply.stderr.toString()).toBe('\n');
  });

  /** Bytes that come in pieces; fewer than promised where it breaks off. */
  const source = (pieces: readonly Buffer[], length = Buffer.concat(pieces).length): ByteSource => ({
    length,
    async *chunks() {
      for (const piece of pieces) yield await Promise.resolve(piece);
    },
    read: () => Buffer.concat(pieces),
  });

  test.each([
    ['nothing', []],
    ['a byte', [Buffer.from('x')]],
    ['a block', [randomBytes(65_536)]],
    ['many pieces', Array.from({ length: 100 }, () => randomBytes(100_003))],
  ])('passes what is read while it is sent: %s', async (_what, pieces) => {
    const sent = { script: 'cat; echo "" >&2', stdin: source(pieces), maxOutput: 20_000_000 };
    const [first, ...others] = await run(sent, 'echo next', { ...sent, timeout: 60 });
    expect(first?.stdout.equals(Buffer.concat([...pieces, Buffer.from('.\n')]))).toBe(true);
    expect(text(others[0])).toBe('next\n');
    expect(others[1]?.stdout.equals(first?.stdout ?? Buffer.alloc(0))).toBe(true);
  });

  test('tells a script where what it is sent breaks off or is too much, and goes on', async () => {
    const pieces = [randomBytes(100_000), randomBytes(100_000)];
    const broken: ByteSource = {
      ...source(pieces),
      async *chunks() {
        yield* source(pieces.slice(0, 1)).chunks();
        throw new Error('no more of it');
      },
    };
    const script = 'dd bs=100000 count=2 iflag=fullblock 2>/dev/null | wc -c; IFS= read -r end; echo "$end"';
    const replies = await run(
      { script, stdin: source(pieces) },
      { script, stdin: broken },
      { script, stdin: source(pieces.slice(0, 1), 200_000) },
      { script: 'dd bs=100000 count=1 iflag=fullblock 2>/dev/null | wc -c; cat', stdin: source(pieces, 100_000) },
      'echo next',
    );
    expect(replies.map(text)).toEqual(['200000\n.\n', '200000\n!\n', '200000\n!\n', '100000\n!\n', 'next\n']);
  });

  test('goes on behind a script that leaves its input, fails amid it, is ended, or is skipped', async () => {
    const stdin = source(Array.from({ length: 30 }, () => randomBytes(100_000)));
    const replies = await run(
      { script: 'echo left', stdin },
      { script: 'head -c 5 >/dev/null; echo amid; exit 3', stdin },
      { script: `echo slow; sleep ${long}`, stdin, timeout: 1 },
      { script: 'echo never', stdin, afterSuccess: true },
      'echo next',
    );
    expect(replies.map((reply) => [reply.code, text(reply)])).toEqual([
      [0, 'left\n'],
      [3, 'amid\n'],
      [124, 'slow\n'],
      [-1, ''],
      [0, 'next\n'],
    ]);
  });

  test('passes arguments as they are', async () => {
    const args = ['', ' ', "it's", '$HOME `id` \\ "', 'a\nb', '-n', 'ünï', '!x', '*'];
    expect(text(await one({ script: 'for a do printf "%s|" "$a"; done', args }))).toBe(`${args.join('|')}|`);
  });

  test('runs scripts of megabytes', async () => {
    const script = `cat <<'end'\n${'0123456789abcdef\n'.repeat(200_000)}end\n`;
    expect((await one(script)).stdout.length).toBe(17 * 200_000);
  });

  test('tells codes, signals and which output is which', async () => {
    const replies = await run('echo out; echo err >&2; exit 3', 'kill -9 $$', 'nonsense-command', 'if');
    expect(replies.map(({ code }) => code)).toEqual([3, 137, 127, 2]);
    expect([text(replies[0]), replies[0]?.stderr.toString()]).toEqual(['out\n', 'err\n']);
  });

  test('answers many requests of one exchange in order, as they come', async () => {
    const before = lane.exchanges;
    const seen: number[] = [];
    const requests = Array.from({ length: 60 }, (_, index) => ({ script: 'echo "$1"', args: [String(index)] }));
    const replies = await lane.exchange(requests, (reply, index) => {
      expect(text(reply)).toBe(`${index}\n`);
      seen.push(index);
    });
    expect(replies.map((reply) => text(reply))).toEqual(requests.map((_, index) => `${index}\n`));
    expect(seen).toEqual(requests.map((_, index) => index));
    expect(lane.exchanges).toBe(before + 1);
  });

  test('skips what is to run after success, once something failed in the same exchange', async () => {
    const after = (script: string): LaneRequest => ({ script, afterSuccess: true, stdin: randomBytes(3000) });
    const replies = await run('true', after('echo a'), 'false', after('echo b'), 'echo c', after('echo d'));
    expect(replies.map((reply) => (reply.skipped ? 'skipped' : text(reply)))).toEqual([
      '',
      'a\n',
      '',
      'skipped',
      'c\n',
      'skipped',
    ]);
    expect(replies[3]?.code).toBe(-1);
    expect((await one(after('echo again'))).skipped).toBe(false);
  });

  test('what only asks is no failure to those behind it, whatever its code', async () => {
    const replies = await run({ script: 'exit 3', asks: true }, { script: 'echo a', afterSuccess: true });
    expect(replies.map(({ code }) => code)).toEqual([3, 0]);
  });

  test('runs a long script again that it was sent before, also where it was skipped then', async () => {
    const long = (word: string): string => `echo ${word}; read -r a && echo "$a" # ${'x'.repeat(3000)}`;
    const replies = await run(
      'false',
      { script: long('one'), afterSuccess: true },
      { script: long('two'), timeout: 9 },
      { script: long('one'), stdin: Buffer.from('in\n') },
    );
    expect(replies.map(text)).toEqual(['', '', 'two\n', 'one\nin\n']);
    expect(
      (
        await run(
          long('one'),
          { script: long('two'), timeout: 9, stdin: Buffer.from('a\n') },
          { script: long('two'), args: ['x'] },
        )
      ).map(text),
    ).toEqual(['one\n', 'two\na\n', 'two\n']);
  });

  test('ends a kept script that takes too long', async () => {
    const script = `sleep "$(cat)" # ${'x'.repeat(3000)}`;
    const [quick, slow, next] = await run(
      { script, stdin: Buffer.from('0'), timeout: 1 },
      { script, stdin: Buffer.from(String(long)), timeout: 1 },
      { script, stdin: Buffer.from('0'), timeout: 1 },
    );
    expect([quick?.code, slow?.code, next?.code]).toEqual([0, 124, 0]);
    await until(`! pgrep -xf "sleep ${long}" >/dev/null`);
  });

  test('keeps concurrent exchanges apart', async () => {
    const replies = await Promise.all(['a', 'b', 'c'].map((word) => run(`echo ${word}`, `echo ${word}${word}`)));
    expect(replies.map((pair) => pair.map(text).join(''))).toEqual(['a\naa\n', 'b\nbb\n', 'c\ncc\n']);
  });

  test('ends a script that takes too long, with its children, and goes on', async () => {
    const replies = await run(
      { script: `echo begun; sleep ${long} & sleep ${long}; echo late`, timeout: 1 },
      'echo next',
    );
    expect(replies.map((reply) => [reply.code, text(reply)])).toEqual([
      [124, 'begun\n'],
      [0, 'next\n'],
    ]);
    await until(`! pgrep -xf "sleep ${long}" >/dev/null`);
    expect((await one({ script: 'echo quick', timeout: long })).code).toBe(0);
    await until(`! pgrep -xf "sleep ${long}" >/dev/null`);
  });

  test('gives scripts an empty stdin, never the stream of requests', async () => {
    const replies = await run(
      'cat; echo end',
      { script: 'read -r a; echo "$a"', stdin: Buffer.from('one\ntwo\n') },
      'cat; echo still',
    );
    expect(replies.map(text)).toEqual(['end\n', 'one\n', 'still\n']);
  });

  test('does not wait for daemons, nor hears them in later answers', async () => {
    const begun = performance.now();
    await run(
      '( while sleep 0.02; do echo noise; echo noise >&2; done ) & echo $! >/tmp/play-test-noise',
      'echo started',
    );
    for (let round = 0; round < 10; round++) expect(text(await one('echo clean; sleep 0.03'))).toBe('clean\n');
    expect(performance.now() - begun).toBeLessThan(60_000);
    await run('kill "$(cat /tmp/play-test-noise)"; rm /tmp/play-test-noise');
  });

  test('shows neither scripts nor arguments nor input in any argv or environment', async () => {
    const word = randomBytes(12).toString('hex');
    const script = `: ${word}; cat >/dev/null; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null`;
    const reply = await one({ script, args: [word], stdin: Buffer.from(word) });
    expect(reply.stdout.length).toBeGreaterThan(100);
    expect(reply.stdout.includes(word)).toBe(false);
  });

  test('cuts output at its limit and says so', async () => {
    const replies = await run(
      { script: 'head -c 1000 /dev/zero', maxOutput: 999 },
      { script: 'head -c 1000 /dev/zero', maxOutput: 1000 },
    );
    expect(replies.map((reply) => [reply.stdout.length, reply.truncated])).toEqual([
      [999, true],
      [1000, false],
    ]);
  });

  test('runs scripts in a clean place of their own', async () => {
    const [place, environment, ids] = await run(
      'pwd; umask; echo "$HOME"',
      'env',
      'read -r self name state parent group session rest </proc/$$/stat; echo "$session $group $self"',
    );
    expect(text(place)).toBe(`/\n0022\n${lane.greeting.home}\n`);
    const names = text(environment)
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
      .filter((name) => name !== 'XDG_RUNTIME_DIR' && name !== '_');
    expect(names.sort()).toEqual(['HOME', 'LC_ALL', 'LOGNAME', 'PATH', 'PWD', 'USER']);
    expect(text(environment)).toMatch(/^PATH=.*\/usr\/sbin/m);
    const [session, group, self] = text(ids).trim().split(/\s+/);
    expect([session, group]).toEqual([self, self]);
  });

  test('leaves no file behind, and takes those of dead lanes along', async () => {
    const base = text(await one('case $0 in */play.*) d=${0%/*}; echo "${d%/*}";; esac')).trim();
    // Process numbers end well below this one.
    await run({
      script:
        'mkdir -m 700 "$1/play.99999999.abcdef" "$1/playground" /tmp/play.99999999.apt.abcdef; : >"$1/play.99999999.abcdef/s1"',
      args: [base],
    });
    const other = await connect(targets[transport]?.() ?? connection.target);
    const second = await other.lane();
    const [own] = await second.exchange([{ script: 'd=${0%/*}; stat -c %a "$d"; echo "$d"' }]);
    const [mode, directory] = text(own).trim().split('\n');
    expect([mode, directory?.startsWith(`${base}/play.`)]).toEqual(['700', true]);
    expect(text(await one({ script: 'cd "$1"; echo play* /tmp/play*', args: [base] }))).not.toContain('99999999');
    expect((await one({ script: 'rmdir "$1/playground"', args: [base] })).code).toBe(0);
    await other.close();
    await until(`! [ -e '${directory}' ]`);
    // Its own script and outputs, the scripts that are kept, and the watchdog's note.
    expect(text(await one('ls ${0%/*}')).trim()).toMatch(/^e(\d+)\n(?:k.*\n)*o\1\ns\1(?:\nw)?$/);
  });

  test('shows live output as it comes, and ends with the script, not with its daemons', async () => {
    const seen: string[] = [];
    const begun = performance.now();
    // What comes next is said once what came before was heard: two streams have no order.
    const heard = `/tmp/play-test-heard-${randomBytes(4).toString('hex')}`;
    const notes: Promise<unknown>[] = [];
    const hear = (chunk: string): void => {
      seen.push(chunk);
      notes.push(one({ script: ': >"$1.$2"', args: [heard, String(seen.length)] }));
    };
    const code = await connection.live({
      script: `till() { until [ -e "$1" ]; do sleep 0.02; done; }
echo "$1"; till "$2.1"; echo two >&2; till "$2.2"; sleep ${long} & printf three; exit 5`,
      args: ['one', heard],
      onStdout: (chunk) => hear(chunk.toString()),
      onStderr: (chunk) => hear(`! ${chunk.toString()}`),
    });
    expect([code, seen]).toEqual([5, ['one\n', '! two\n', 'three']]);
    expect(performance.now() - begun).toBeLessThan(60_000);
    await Promise.all(notes);
    await one({ script: `rm "$1".*; pkill -xf "sleep ${long}"`, args: [heard] });
  });

  test('adds nothing of its own to live output where a signal ends the script', async () => {
    const seen: string[] = [];
    const code = await connection.live({
      script: 'echo out; echo err >&2; kill -TERM $$; sleep 60',
      onStdout: (chunk) => seen.push(chunk.toString()),
      onStderr: (chunk) => seen.push(chunk.toString()),
    });
    expect([code, seen.sort()]).toEqual([143, ['err\n', 'out\n']]);
  });

  test('passes live output of megabytes whole', async () => {
    let length = 0;
    const code = await connection.live({
      script: 'head -c 20000000 /dev/zero',
      onStdout: (chunk) => (length += chunk.length),
      onStderr: () => undefined,
    });
    expect([code, length]).toEqual([0, 20_000_000]);
  });

  test('opens a new lane after one was lost; what ran runs on', async () => {
    const other = await connect(targets[transport]?.() ?? connection.target);
    const doomed = await other.lane();
    const file = `/tmp/play-test-lost-${randomBytes(4).toString('hex')}`;
    const arrived: string[] = [];
    const exchange = doomed.exchange(
      [
        { script: 'echo first' },
        { script: 'echo $PPID >"$1.pid"; until [ -e "$1.go" ]; do sleep 0.05; done; echo done >"$1"', args: [file] },
        { script: 'echo third' },
      ],
      (reply) => arrived.push(text(reply)),
    );
    const caught = exchange.then(
      () => undefined,
      (error: unknown) => error,
    );
    await until(`[ -s ${file}.pid ]`);
    // The connection, not the lane: sshd's process of the session, or here the lane's end of the pipes.
    if (transport === 'local') await other.close();
    else
      await hosts.exec(host, [
        'sh',
        '-c',
        `p=$(cat ${file}.pid); while [ "$(cat /proc/$p/comm)" != sshd ]; do p=$(awk '/^PPid/{print $2}' /proc/$p/status); done; kill -9 $p`,
      ]);
    const error = await caught;
    await one({ script: ': >"$1.go"', args: [file] });
    if (transport !== 'local') {
      expect(error).toBeInstanceOf(ConnectionLost);
      expect(error instanceof ConnectionLost ? error.replies.map(text) : []).toEqual(['first\n']);
      await expect(doomed.exchange([{ script: 'true' }])).rejects.toBeInstanceOf(ConnectionLost);
    }
    await until(`[ -s ${file} ]`);
    await one({ script: 'rm "$1" "$1.pid" "$1.go"', args: [file] });
    await other.close();
  });
});
