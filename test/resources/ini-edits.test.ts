import { describe, expect, test } from 'vitest';
import { editIni, type IniEdit } from '../../src/formats/ini-edit.ts';

const set = (section: string, option: string, value: string, more: Partial<IniEdit> = {}): IniEdit => ({
  section,
  option,
  values: [value],
  state: 'present',
  exclusive: true,
  noExtraSpaces: false,
  ignoreSpaces: false,
  modifyInactiveOption: true,
  ...more,
});
const unset = (section: string, option?: string): IniEdit => ({
  ...set(section, '', ''),
  option,
  values: [],
  state: 'absent',
});

const cases: readonly (readonly [name: string, before: string, edit: IniEdit, after: string])[] = [
  [
    'a value over several lines is replaced whole',
    '[job]\nhosts = a\n    b\n\n    c\ntimeout = 5\n',
    set('job', 'hosts', 'd'),
    '[job]\nhosts = d\ntimeout = 5\n',
  ],
  ['and removed whole', '[job]\nhosts =\n  a=1\n  b=2\ntimeout = 5\n', unset('job', 'hosts'), '[job]\ntimeout = 5\n'],
  [
    'a first line that is right is not the value',
    '[job]\nhosts = d\n    b\n',
    set('job', 'hosts', 'd'),
    '[job]\nhosts = d\n',
  ],
  [
    'a comment inside stays',
    '[job]\nhosts = a\n  # why\n    b\n',
    set('job', 'hosts', 'd'),
    '[job]\nhosts = d\n  # why\n',
  ],
  [
    'lines joined by a backslash',
    '[Service]\nExecStart=/bin/a \\\n--b \\\n  --c\nUser=x\n',
    set('Service', 'ExecStart', '/bin/d', { noExtraSpaces: true }),
    '[Service]\nExecStart=/bin/d\nUser=x\n',
  ],
  [
    'joined lines that look like options',
    '[Service]\nExecStart=/bin/a \\\n--b=c \\\n  d=e\nUser=x\n',
    set('Service', 'ExecStart', '/bin/d', { noExtraSpaces: true }),
    '[Service]\nExecStart=/bin/d\nUser=x\n',
  ],
  [
    'a backslash that is escaped joins nothing',
    '[a]\npath = C:\\\\\nx = 1\n',
    set('a', 'path', 'D:'),
    '[a]\npath = D:\nx = 1\n',
  ],
  [
    'what looks like an option in a value is none',
    '[testenv]\nsetenv =\n  A = 1\n  B = 2\n',
    set('testenv', 'A', '3'),
    '[testenv]\nsetenv =\n  A = 1\n  B = 2\nA = 3\n',
  ],
  [
    'brackets in a value begin no section',
    '[a]\nlist =\n  [x]\nb = 1\n',
    set('a', 'b', '2'),
    '[a]\nlist =\n  [x]\nb = 2\n',
  ],
  [
    'a header may be indented',
    '  [a]\n  x=1\n  [b]\n  y=1\n',
    set('a', 'y', '2'),
    '  [a]\n  x=1\n  y = 2\n  [b]\n  y=1\n',
  ],
  [
    'an indented option keeps its column',
    '[user]\n\tname = a\n\temail = b\n',
    set('user', 'name', 'c'),
    '[user]\n\tname = c\n\temail = b\n',
  ],
  [
    'a section that stands twice is one',
    '[a]\ny=1\n[b]\nx=0\n[a]\nx=1\n',
    set('a', 'x', '2'),
    '[a]\ny=1\n[b]\nx=0\n[a]\nx = 2\n',
  ],
  ['an option in both of them', '[a]\nx=1\n[b]\n[a]\nx=2\nz=1\n', set('a', 'x', '3'), '[a]\nx = 3\n[b]\n[a]\nz=1\n'],
  ['gone from both', '[a]\nx=1\n[b]\n[a]\nx=2\nz=1\n', unset('a', 'x'), '[a]\n[b]\n[a]\nz=1\n'],
  ['both gone', '[a]\nx=1\n[b]\nx=2\n[a]\nz=1\n', unset('a'), '[b]\nx=2\n'],
  [
    'a value beside others, in the second',
    '[a]\nx=1\n[a]\nx=2\n',
    set('a', 'x', '2', { exclusive: false }),
    '[a]\nx=1\n[a]\nx=2\n',
  ],
  ['no last line end', '[a]\nx = 1\n    2', set('a', 'x', '3'), '[a]\nx = 3\n'],
];

describe('INI', () => {
  test.each(cases)('%s', (_, before, edit, after) => {
    expect(editIni(before, edit)).toBe(after);
    expect(editIni(after, edit), 'a second time changes nothing').toBe(after);
  });
  test.each([
    ['[a]\nx = 1\n   y = 2\n', set('a', 'x', '3')],
    ['[a]\nx = C:\\\ny = 2\n', set('a', 'x', '3')],
    ['[a]\nx = 1\n   y = 2\n', unset('a', 'x')],
  ])('a line that may be a part of the value or an option is not guessed at: %j', (before, edit) => {
    expect(() => editIni(before, edit)).toThrow(/"y" is indented further than "x"/);
  });
  test('nor touched where the value is right', () => {
    expect(editIni('[a]\nx = 1\n   y = 2\n', set('a', 'x', '1'))).toBe('[a]\nx = 1\n   y = 2\n');
    expect(editIni('[a]\nx = 1\n   y = 2\n', set('a', 'y', '3'))).toBe('[a]\nx = 1\n   y = 3\n');
  });
});
