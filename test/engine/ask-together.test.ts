/** Kinds that are asked in one shell say what they say by themselves, and it costs fewer processes. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { toBytes } from '../../src/connection/byte-text.ts';
import { connect, quoteArgument, type LaneReply, type LaneRequest } from '../../src/connection/index.ts';
import type { ProbeKind, Question } from '../../src/contract/index.ts';
import { apart, together } from '../../src/engine/ask-together.ts';
import { asRequests, readAnswers, type Asked } from '../../src/engine/ask.ts';
import { recordsQuestion } from '../../src/engine/host-records.ts';
import {
  binds,
  content,
  groupBy,
  linkTarget,
  localUser,
  realPath,
  self,
  sha256,
  stat,
  unit,
  user,
  way,
} from '../../src/probes/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('together');
const odd = [
  "it's",
  'two words',
  '-rf',
  'zwölf',
  'a\nb',
  'back\\slash',
  '$(id)',
  '`id`',
  '"',
  'end\n',
  '*',
  '\udc80raw',
];
const paths = odd.map((name) => `${folder}/${name}`);
for (const path of paths) writeFileSync(toBytes(path), `of ${path.length}\n`);
mkdirSync(join(folder, 'empty'));
symlinkSync("it's", join(folder, 'link'));
symlinkSync('nowhere\n', join(folder, 'dangling'));
linkSync(join(folder, "it's"), join(folder, 'other name'));
const all = [...paths, ...['empty', 'link', 'dangling', 'other name', 'missing'].map((name) => join(folder, name))];

const questions: readonly Question[] = [
  recordsQuestion,
  self,
  binds,
  ...all.flatMap((path) => [stat(path), way(path), sha256(path), content(path), linkTarget(path), realPath(path)]),
  user('root'),
  user('nobody-at-all'),
  localUser('root'),
  groupBy('0'),
  unit('ssh.service'),
];

/** Carries out a request as a lane does. */
function carryOut({ script, args = [], stdin }: LaneRequest, shell: readonly string[], path?: string): LaneReply {
  const file = join(folder, 'script');
  writeFileSync(file, toBytes(`set -- ${args.map(quoteArgument).join(' ')}; ${script}\n`));
  const [program = '', ...words] = shell;
  const env = { PATH: path ?? process.env['PATH'], LC_ALL: 'C', HOME: '/root' };
  // Questions are sent as a whole; only contents come from files.
  const input = stdin instanceof Uint8Array ? stdin : '';
  const { status, stdout, stderr } = spawnSync(program, [...words, file], { input, env });
  return { code: status ?? -1, stdout, stderr, truncated: false, skipped: false };
}

const isThere = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((one) => existsSync(join(one, program)));
const shells = [['dash'], ['busybox', 'sh'], ['bash', '--posix']].filter(([program = '']) => isThere(program));

const keyOf = ({ kind, args }: Question): string => JSON.stringify([kind.kind, ...args]);

/** What the questions come to. */
function answersBy(sent: ReturnType<typeof apart>, shell: readonly string[]): Map<string, unknown> {
  const answers = new Map<string, unknown>();
  for (const one of sent) {
    const { replies, again } = one.read(carryOut(one.request, shell));
    expect(again).toEqual([]);
    for (const [asked, reply] of replies)
      readAnswers(asked, reply).forEach((answer, i) => answers.set(keyOf(asked.questions[i] as Question), answer));
  }
  return answers;
}

describe.each(shells)('by %s', (...shell) => {
  test('each kind answers as it does by itself, whatever the names', () => {
    const [shared, alone] = [together(asRequests(questions)), apart(asRequests(questions))];
    expect(shared).toHaveLength(1);
    expect(alone.length).toBeGreaterThan(10);
    const [before, here, there] = [answersBy(alone, shell), answersBy(shared, shell), answersBy(alone, shell)];
    expect([...here.keys()].toSorted()).toEqual([...there.keys()].toSorted());
    // Runs of other tests leave records on this machine, and mount something, meanwhile.
    const steady = [...there].filter(([key, answer]) => isDeepStrictEqual(before.get(key), answer));
    expect(steady.length).toBeGreaterThan(there.size - 3);
    for (const [key, answer] of steady) expect(here.get(key), key).toEqual(answer);
    expect(here.get(keyOf(stat(join(folder, "it's"))))).toMatchObject({ type: 'file' });
  });
});

test('it takes neither a shell, nor one that hands on names, nor one that prints, for each kind', () => {
  const [bin, log] = [join(folder, 'bin'), join(folder, 'log')];
  mkdirSync(bin);
  for (const tool of ['sh', 'xargs', 'head', 'stat', 'sha256sum', 'getent', 'id', 'readlink', 'cat', 'setsid']) {
    writeFileSync(
      join(bin, tool),
      `#!/bin/sh\necho ${tool} >>'${log}'\nPATH='${process.env['PATH']}' exec ${tool} "$@"\n`,
    );
    chmodSync(join(bin, tool), 0o755);
  }
  const files = paths.filter((path) => !/[\n\\\udc80]/.test(path));
  const asked = asRequests([
    self,
    ...files.flatMap((path) => [stat(path), way(path), sha256(path), content(path)]),
    user('root'),
    groupBy('root'),
  ]);
  const [sent] = together(asked);
  carryOut(sent?.request as LaneRequest, ['/bin/sh'], `${bin}:${process.env['PATH']}`);
  const started = readFileSync(log, 'utf8').trim().split('\n').toSorted();
  // Who asks; all states; all hashes; all sizes, then all bytes; the user, all groups; the group.
  expect(started).toEqual(['cat', 'getent', 'getent', 'getent', 'id', 'id', 'sha256sum', 'stat', 'stat']);
});

const kindOf = (kind: string, more: Partial<ProbeKind<string>>): ProbeKind<string> => ({
  kind,
  arity: 1,
  sh: 'cat',
  together: 'printf "%s\\n" "$@"',
  decode: (stdout, asked) => asked.map((_, i) => stdout.toString().split('\n')[i] ?? ''),
  depends: () => [],
  ...more,
});
const two = (kind: ProbeKind<string>): Question[] => [
  { kind, args: ['one'] },
  { kind, args: ['two'] },
];
const read = (sent: ReturnType<typeof apart>): readonly (readonly [string, unknown])[] =>
  sent.flatMap((one) =>
    one
      .read(carryOut(one.request, ['sh']))
      .replies.map(([asked, reply]): [string, unknown] => [asked.kind.kind, readAnswers(asked, reply)]),
  );

test('a part that ends its shell, fails, or sets things concerns no other', () => {
  const sent = together(
    asRequests([
      ...two(kindOf('ends', { together: 'printf "%s\\n" "$@"; exit 3' })),
      ...two(
        kindOf('sets', { together: 'IFS=x; cd /; over() { :; }; mark=; set -f; printf "%s\\n" "$@"; echo said >&2' }),
      ),
      ...two(kindOf('lacks', { together: 'no-such-tool-here "$@"' })),
      ...two(kindOf('last', {})),
    ]),
  );
  expect(sent).toHaveLength(1);
  const answers = new Map(read(sent));
  for (const kind of ['ends', 'sets', 'last']) expect(answers.get(kind), kind).toEqual(['one', 'two']);
  expect(answers.get('lacks')).toMatchObject([{ message: expect.stringContaining('not found') }, {}]);
});

test('a part that says more than its kind may is too long, and no other', () => {
  const sent = together(asRequests([...two(kindOf('long', { maxOutput: 3 })), ...two(kindOf('last', {}))]));
  const answers = new Map(read(sent));
  expect(answers.get('long')).toMatchObject([{ message: 'the answers about long are too long' }, {}]);
  expect(answers.get('last')).toEqual(['one', 'two']);
});

const names = (asked: readonly Asked[]): string[] =>
  asked.map(({ kind, questions: own }) => `${kind.kind} ${own.map(({ args }) => args.join()).join('+')}`);

test('what was asked before one that hangs is answered, its own questions go one by one, those behind it once more', () => {
  const [sent] = together(asRequests(['first', 'hangs', 'behind'].flatMap((kind) => two(kindOf(kind, {})))));
  const whole = carryOut(sent?.request as LaneRequest, ['sh']);
  const mark = sent?.request.args?.[0] ?? '';
  const cut = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.indexOf(mark, bytes.indexOf(mark) + 1) + 4);
  const told = sent?.read({ ...whole, code: 124, stdout: cut(whole.stdout), stderr: cut(whole.stderr) });
  expect(told?.replies.map(([{ kind }]) => kind.kind)).toEqual(['first']);
  expect(names(told?.again ?? [])).toEqual(['hangs one', 'hangs two', 'behind one+two']);
});

test(
  'a lane ends one that hangs once its own time is up, however long those before it took',
  { timeout: 60_000 },
  async () => {
    const connection = await connect({ name: 'here', address: 'localhost', transport: 'local' });
    try {
      const lane = await connection.lane();
      const [sent] = together(
        asRequests([
          ...two(kindOf('slow', { timeout: 3, together: 'sleep 2; printf "%s\\n" "$@"' })),
          ...two(kindOf('slow too', { timeout: 3, together: 'sleep 2; printf "%s\\n" "$@"' })),
          ...two(kindOf('hangs', { timeout: 1, together: 'sleep 1000' })),
          ...two(kindOf('behind', { timeout: 300 })),
        ]),
      );
      const [reply, after] = await lane.exchange([
        sent?.request as LaneRequest,
        { script: 'echo "$1"', args: ['on'], timeout: 30 },
      ]);
      const told = sent?.read(reply as LaneReply);
      expect(told?.replies.map(([asked, one]) => readAnswers(asked, one))).toEqual([
        ['one', 'two'],
        ['one', 'two'],
      ]);
      expect(names(told?.again ?? [])).toEqual(['hangs one', 'hangs two', 'behind one+two']);
      expect(after).toMatchObject({ code: 0, stdout: Buffer.from('on\n') });
    } finally {
      await connection.close();
    }
  },
);

test('what one shell would take long for is asked by itself', () => {
  const many = Array.from({ length: 400 }, (_, n) => stat(`/srv/${n}`));
  const long = Array.from({ length: 20 }, (_, n) => sha256(`/${'x'.repeat(2000)}${n}`));
  const kinds = (asked: readonly Question[]): number => together(asRequests(asked)).length;
  expect(kinds([...many, self, binds])).toBe(2);
  expect(kinds([...long, self, binds])).toBe(2);
  expect(kinds([self])).toBe(1);
  expect(together(asRequests([self]))[0]?.request.script).toBe('id; id -G');
});
