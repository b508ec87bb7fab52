import type { Dice } from './dice.ts';

/** What parsers trip over, and what would look like a line of ours. */
const hostile: readonly string[] = [
  '\0',
  '\0\0',
  '\n',
  '\n\n',
  '\r',
  '\t',
  ' ',
  '-1',
  '0',
  '99999999999999999999',
  '1e999',
  'NaN',
  '0x10',
  '٣',
  "'",
  '"',
  '\\',
  '${x}',
  '`id`',
  '__proto__',
  'constructor',
  'toString',
  '{',
  '}',
  '[',
  ']',
  '[[[[[[[[',
  '{"a":',
  'null',
  'true',
  '[]',
  '{}',
  '""',
  '%s%n',
  '../../../etc',
  '\x1b[2J',
  '\x1b]0;title\x07',
  '\u202e',
  '\ufeff',
  '\u2028',
  '\ud800',
  '=',
  '\nok  web9  FORGED',
  '\rchanged  web9  FORGED',
  '\nPLAY RECAP',
  '\nunreachable  web9  FORGED',
];

/** Bytes like these, made wrong in some way. `others`: what else such bytes may be spliced with. */
export function mutate(bytes: Buffer, dice: Dice, others: readonly Buffer[]): Buffer {
  let mutated = bytes;
  for (let times = 1 + dice.below(4); times > 0; times--) mutated = mutateOnce(mutated, dice, others);
  return mutated;
}

function mutateOnce(bytes: Buffer, dice: Dice, others: readonly Buffer[]): Buffer {
  const at = dice.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + dice.below(dice.chance(0.2) ? 200 : 8));
  const [head, middle, tail] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (dice.below(10)) {
    case 0:
      return Buffer.concat([head, tail]);
    case 1:
      return Buffer.concat([head, middle, middle, tail]);
    case 2:
      return head;
    case 3:
      return tail;
    case 4:
      return Buffer.concat([head, Buffer.from(middle.map((byte) => byte ^ (1 << dice.below(8)))), tail]);
    case 5:
      return Buffer.concat([
        head,
        Buffer.from(Array.from({ length: 1 + dice.below(12) }, () => dice.below(256))),
        tail,
      ]);
    case 6:
      return Buffer.concat([head, dice.one(others).subarray(0, 4096), tail]);
    case 7:
      return mutateJson(bytes, dice) ?? Buffer.concat([head, tail]);
    case 8:
      return Buffer.concat([
        head,
        Buffer.from(dice.one(hostile).repeat(1 + dice.below(dice.chance(0.05) ? 2000 : 3))),
        middle,
        tail,
      ]);
    default:
      return Buffer.concat([head, Buffer.from(dice.one(hostile)), tail]);
  }
}

/** Sound JSON of an unsound shape: what no syntax error gives away. */
function mutateJson(bytes: Buffer, dice: Dice): Buffer | undefined {
  try {
    return Buffer.from(JSON.stringify(mutateValue(JSON.parse(bytes.toString()), dice)));
  } catch {
    return undefined;
  }
}

function mutateValue(value: unknown, dice: Dice): unknown {
  if (dice.chance(0.15))
    return dice.one<unknown>([
      null,
      0,
      -1,
      1e308,
      '',
      'x',
      true,
      [],
      {},
      [[]],
      { length: -1 },
      '\0',
      [null],
      { toString: 1 },
    ]);
  if (Array.isArray(value)) return value.map((one) => mutateValue(one, dice));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(() => !dice.chance(0.1))
      .map(([key, one]) => [key, mutateValue(one, dice)]),
  );
}
