import { describe, expect, test } from 'vitest';
import { editCron, variableLine, type CronEdit } from '../../src/formats/cron-edit.ts';
import { cronFields, cronProblem } from '../../src/formats/cron-time.ts';

/** As Debian's crontab(1) takes and refuses them, but for what it reads otherwise than it is written. */
const times: readonly (readonly [field: keyof typeof cronFields, good: string, bad: string])[] = [
  [
    'minute',
    '0 59 05 * */5 */60 5-10 5-5 1-10/2 0-59/70 1,2,3 *,5 1-5,10-20/5',
    '60 99 -1 +5 a 1.5 1- -5 5-60 10-5 5/15 */0 1-10/0 */ /5 *5 1,,2 ,1 1, ~ 5~10 1-5-7 */5/2',
  ],
  ['hour', '0 23 */23 8-18', '24 0x1'],
  ['day', '1 31', '0 32 L 1W ?'],
  ['month', '1 12 jan Jan JAN jan-mar jan,mar 1-mar */2 jan-jun/2', '0 13 january foo dec-jan jan/2 sun'],
  ['weekday', '0 7 sun Sun mon-fri mon,wed 5-7 0-7 mon-fri/2', '8 sunday fri-mon 6-0 fri-sun 1#2 5L jan'],
];

describe('a time of cron', () => {
  test.each(times)('%s', (field, good, bad) => {
    for (const one of good.split(' ')) expect(cronProblem(one, cronFields[field]), one).toBeUndefined();
    for (const one of bad.split(' ')) expect(cronProblem(one, cronFields[field]), one).toBeDefined();
    expect(cronProblem('', cronFields[field])).toBeDefined();
  });
});

describe('a variable of cron', () => {
  const set = (name: string, value: string, more: Partial<CronEdit> = {}): CronEdit => ({
    name,
    line: variableLine(name, value),
    env: true,
    ...more,
  });
  test.each([
    ['blanks around =', 'MAILTO = old\n0 1 * * * x\n', set('MAILTO', 'new'), 'MAILTO="new"\n0 1 * * * x\n'],
    ['blanks before the name', ' \tMAILTO=old\n', set('MAILTO', 'new'), 'MAILTO="new"\n'],
    ['quotes around the name', `"MAILTO" = 'old'\n`, set('MAILTO', 'new'), 'MAILTO="new"\n'],
    ['each of several', 'A=1\nx\nA = 2\ny\n', set('A', '3'), 'A="3"\nx\nA="3"\ny\n'],
    [
      'a name that another begins with',
      'MAILTO2=x\nMAILTOO = y\n',
      set('MAILTO', 'new'),
      'MAILTO="new"\nMAILTO2=x\nMAILTOO = y\n',
    ],
    [
      'a job that holds =',
      '* * * * * MAILTO=x cmd\n#MAILTO=c\n',
      set('MAILTO', 'new'),
      'MAILTO="new"\n* * * * * MAILTO=x cmd\n#MAILTO=c\n',
    ],
    [
      'behind another with blanks',
      'PATH = /bin\nx\n',
      set('A', '1', { insertAfter: 'PATH' }),
      'PATH = /bin\nA="1"\nx\n',
    ],
    ['gone, however written', 'A = 1\n"A"=2\nB=3\n', { name: 'A', env: true }, 'B=3\n'],
  ] as const)('%s', (_, before, edit, after) => {
    expect(editCron(before, edit)).toBe(after);
    expect(editCron(after, edit)).toBe(after);
  });
  test('is quoted with what its value does not hold', () => {
    expect(['a b', 'a"b', `a"b'c`, `"a'`, ''].map((value) => variableLine('X', value))).toEqual([
      'X="a b"',
      `X='a"b'`,
      `X=a"b'c`,
      undefined,
      'X=""',
    ]);
  });
});
