import { describe, expect, test } from 'vitest';
import { BoundaryReader } from '../../src/connection/boundary-reader.ts';
import { ReplyParser, type Answer } from '../../src/connection/reply-parser.ts';
import { cpuTime } from '../support/cpu-time.ts';

const mark = '=aab=';
const boundary = Buffer.from(mark);

const parse = (stream: Buffer, size: number, limit = 1e9): Answer[] => {
  const answers: Answer[] = [];
  const parser = new ReplyParser(
    boundary,
    () => ({ bytes: limit, why: 'too much' }),
    (answer) => answers.push(answer),
  );
  for (let at = 0; at < stream.length; at += size) parser.push(stream.subarray(at, at + size));
  return answers;
};

describe('replies', () => {
  const stream = Buffer.from(`out\0=aa${mark}err=aa${mark}0 0\n${mark}${mark}1 skip\n==${mark}${mark}2 137\n`);

  test.each([1, 2, 3, 5, 7, 1000])('are the same in chunks of %i', (size) => {
    const replies = parse(stream, size).map((answer) =>
      'reply' in answer
        ? [
            answer.id,
            answer.reply.code,
            answer.reply.stdout.toString(),
            answer.reply.stderr.toString(),
            answer.reply.skipped,
          ]
        : answer,
    );
    expect(replies).toEqual([
      [0, 0, 'out\0=aa', 'err=aa', false],
      [1, -1, '', '', true],
      [2, 137, '==', '', false],
    ]);
  });

  test('are cut at the limit', () => {
    const [answer] = parse(Buffer.from(`123456${mark}12345${mark}0 0\n`), 4, 5);
    expect(answer).toMatchObject({
      reply: { truncated: true, stdout: Buffer.from('12345'), stderr: Buffer.from('12345') },
    });
  });

  test('tell why a lane gives up', () => {
    expect(parse(Buffer.from(`${mark}${mark}7 ! no room in /run\n`), 3)).toEqual([
      { id: 7, gaveUp: 'no room in /run' },
    ]);
    expect(parse(Buffer.from(`${mark}${mark}nonsense\n`), 3)).toEqual([{ id: -1, gaveUp: 'it answered out of step' }]);
  });

  test('of many small chunks take linear time', () => {
    const chunk = Buffer.alloc(1000, 'x');
    const parser = new ReplyParser(
      boundary,
      () => ({ bytes: 1e9, why: 'too much' }),
      () => undefined,
    );
    const time = (count: number): number => {
      const begun = cpuTime();
      for (let index = 0; index < count; index++) parser.push(chunk);
      return cpuTime() - begun;
    };
    time(2000);
    const short = time(5000);
    expect(time(50_000)).toBeLessThan(Math.max(short, 5) * 60);
  });
});

test('bytes that cannot begin a boundary are handed on at once', () => {
  const seen: string[] = [];
  const reader = new BoundaryReader(
    boundary,
    (bytes) => seen.push(bytes.toString()),
    () => seen.push('|'),
  );
  for (const chunk of ['abc', 'd=', 'a', 'x=aab', '=', '=aab==']) reader.push(Buffer.from(chunk));
  expect(seen).toEqual(['abc', 'd', '=ax', '|', '|']);
});
