import { describe, expect, test } from 'vitest';
import { editAuthorizedKeys } from '../../src/formats/authorized-keys-edit.ts';
import { editBlock } from '../../src/formats/block-edit.ts';
import { editCron } from '../../src/formats/cron-edit.ts';
import { editIni } from '../../src/formats/ini-edit.ts';
import { editJson } from '../../src/formats/json-edit.ts';
import { editKnownHosts } from '../../src/formats/known-hosts-edit.ts';
import { editLine } from '../../src/formats/line-edit.ts';
import { editLocales } from '../../src/formats/locale-edit.ts';
import { toRegExp } from '../../src/formats/regexp.ts';
import { replaceAll } from '../../src/formats/replace-edit.ts';
import { editSysctl } from '../../src/formats/sysctl-edit.ts';
import { encodingOf, singleByteEncoding, utf8 } from '../../src/formats/text-bytes.ts';
import { editText } from '../../src/formats/text-edit.ts';
import { editXml } from '../../src/formats/xml-edit.ts';
import { xmlEncodingOf } from '../../src/formats/xml-encoding.ts';
import { parseXmlPath } from '../../src/formats/xml-path.ts';
import { editYaml } from '../../src/formats/yaml-edit.ts';

const line = (text: string) => ({ state: 'present', line: text, backrefs: false, firstMatch: false }) as const;
const data = (key: string, value: string) =>
  ({ key: [key], value, state: 'present', merge: false, append: false }) as const;
const option = (value: string) =>
  ({
    section: 's',
    option: 'o',
    values: [value],
    state: 'present',
    exclusive: true,
    noExtraSpaces: false,
    ignoreSpaces: false,
    modifyInactiveOption: true,
  }) as const;
const xml = (value: string) =>
  ({
    path: parseXmlPath('/a/b') ?? { steps: [], attribute: undefined },
    attribute: undefined,
    value,
    state: 'present',
    addChildren: [],
    setChildren: undefined,
  }) as const;
const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAINWb7VEgq+WYZ26SxkhcFcBBuzf1oGfXIZ7KPZPSxQdQ';

/** Every editor, a text it leaves alone (`%`: odd bytes go there), and what it adds. */
const editors: readonly (readonly [name: string, before: string, edit: (bytes: Buffer) => Buffer, added: string])[] = [
  ['lineinfile', 'a %\nb\n', (bytes) => editText(bytes, line('größe'), editLine), 'größe'],
  [
    'blockinfile',
    'a %\nb\n',
    (bytes) => editText(bytes, { state: 'present', block: 'größe\nx', begin: '# B', end: '# E' } as const, editBlock),
    'größe',
  ],
  [
    'replace',
    'a %\nb\n',
    (bytes) => editText(bytes, { regexp: toRegExp('^b$', { multiline: true }), replace: 'größe' }, replaceAll),
    'größe',
  ],
  ['iniFile', '# %\n[s]\nx=%\n', (bytes) => editText(bytes, option('größe'), editIni), 'o = größe'],
  ['jsonFile', '{\n  "x": "%"\n}\n', (bytes) => editText(bytes, data('k', 'größe'), editJson), '"k": "größe"'],
  ['yamlFile', '# %\nx: "%"\n', (bytes) => editText(bytes, data('k', 'größe'), editYaml), 'k: größe'],
  [
    'xmlFile',
    '<a>\n  <!-- % -->\n  <c>%</c>\n</a>\n',
    (bytes) => editText(bytes, xml('größe'), editXml, xmlEncodingOf),
    '<b>größe</b>',
  ],
  [
    'cron',
    '# %\n0 1 * * * echo %\n',
    (bytes) => editText(bytes, { name: 'größe', line: '5 * * * * x', env: false }, editCron),
    '#Ansible: größe',
  ],
  [
    'authorizedKey',
    `# %\nssh-ed25519 ${blob.replace('Q', 'R')} %\n`,
    (bytes) =>
      editText(
        bytes,
        {
          keys: [{ options: '', type: 'ssh-ed25519', blob, comment: 'größe' }],
          state: 'present',
          exclusive: false,
        } as const,
        editAuthorizedKeys,
      ),
    `ssh-ed25519 ${blob} größe`,
  ],
  [
    'knownHosts',
    '# %\n',
    (bytes) =>
      editText(
        bytes,
        { name: 'h', keys: [{ type: 'ssh-ed25519', blob }], state: 'present', hashHost: false } as const,
        editKnownHosts,
      ),
    `h ssh-ed25519 ${blob}`,
  ],
  [
    'sysctl',
    '# %\nvm.x = 1\n',
    (bytes) => editText(bytes, { path: 'vm/swappiness', name: 'vm.swappiness', value: '1' }, editSysctl),
    'vm.swappiness = 1',
  ],
  [
    'locale',
    '# %\n',
    (bytes) =>
      editText(bytes, { names: ['de_DE.UTF-8'], lines: ['de_DE.UTF-8 UTF-8'], state: 'present' } as const, editLocales),
    'de_DE.UTF-8 UTF-8',
  ],
];

/** A mark's bytes, and how a text is written behind it. */
const encodings: readonly (readonly [name: string, write: (text: string) => Buffer])[] = [
  ['UTF-8', (text) => Buffer.from(text.replaceAll('%', 'ü €'))],
  ['latin1', (text) => Buffer.from(text.replaceAll('%', '\xfc \xe9\xa4'), 'latin1')],
  ['broken UTF-8', (text) => Buffer.from(text.replaceAll('%', '\xff\xc3 \xed\xa0\x80\xf0\x9f\x98'), 'latin1')],
  ['Shift JIS', (text) => Buffer.from(text.replaceAll('%', '\x93\xfa\x96\x7b'), 'latin1')],
  ['UTF-8 with its mark', (text) => Buffer.from(`\ufeff${text.replaceAll('%', 'ü 😀')}`)],
];
const utf16: typeof encodings = [
  ['UTF-16, little end first', (text) => Buffer.from(`\ufeff${text.replaceAll('%', 'ü 😀')}`, 'utf16le')],
  ['UTF-16, big end first', (text) => Buffer.from(`\ufeff${text.replaceAll('%', 'ü 😀')}`, 'utf16le').swap16()],
];

/** The bytes that are in the new text and were in the old. */
function expectKept(before: Buffer, after: Buffer, added: Buffer): void {
  expect(after.includes(added), after.toString('latin1')).toBe(true);
  const lines = (bytes: Buffer): string[] =>
    bytes
      .toString('latin1')
      .split('\n')
      .map((one) => one.replace(/,?\r?$/, ''));
  const left = lines(after);
  // `replace` changes the line b, and nothing else does.
  for (const one of lines(before)) if (one !== 'b') expect(left).toContain(one);
}

describe.each(editors)('%s', (_, before, edit, added) => {
  test.each(encodings)('keeps what it does not own: %s', (_name, write) => {
    const bytes = write(before);
    const made = edit(bytes);
    expectKept(bytes, made, Buffer.from(added));
    expect(edit(made)).toEqual(made);
  });
  test.each(utf16)('writes a file as it is written: %s', (name, write) => {
    const made = edit(write(before));
    const plain = (name.includes('big') ? Buffer.from(made).swap16() : made).toString('utf16le');
    expect(plain.startsWith('\ufeff')).toBe(true);
    expect(plain).toContain(added);
    expect(edit(made)).toEqual(made);
  });
  test('ends every line as the file does', () => {
    const made = edit(Buffer.from(before.replaceAll('\n', '\r\n').replaceAll('%', 'x')));
    expect(made.toString()).toContain(added);
    expect(made.toString()).not.toMatch(/(?<!\r)\n|\r(?!\n)/);
    expect(edit(made)).toEqual(made);
  });
});

test('any bytes are text, and the same bytes again', () => {
  let state = 1;
  for (let i = 0; i < 2000; i++) {
    const bytes = Buffer.from(
      Array.from(
        { length: i % 17 },
        () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 16) & (i % 3 === 0 ? 0xff : 0xf3),
      ),
    );
    for (const { decode, encode } of [
      utf8,
      encodingOf(bytes),
      singleByteEncoding('windows-1252', String) ?? utf8,
      singleByteEncoding('us-ascii', String) ?? utf8,
    ])
      expect(encode(decode(bytes))).toEqual(bytes);
  }
});

describe('XML is written as it says', () => {
  const document = (encoding: string, bytes: string): Buffer =>
    Buffer.from(`<?xml version="1.0" encoding="${encoding}"?>\n<a><c>${bytes}</c><b/></a>\n`, 'latin1');
  test.each([
    ['ISO-8859-1', '\xfc', 'ä €', '\xe4 &#8364;'],
    ['iso-8859-15', '\xfc', 'ä €', '\xe4 \xa4'],
    ['windows-1252', '\xfc', 'ä €', '\xe4 \x80'],
    ['KOI8-R', '\xc1', 'Ж', '\xf6'],
    ['US-ASCII', 'u', 'ä', '&#228;'],
    ['utf-8', '\xc3\xbc', 'ä', '\xc3\xa4'],
  ])('%s', (encoding, there, value, written) => {
    const made = editText(document(encoding, there), xml(value), editXml, xmlEncodingOf);
    expect(made.toString('latin1')).toBe(
      `<?xml version="1.0" encoding="${encoding}"?>\n<a><c>${there}</c><b>${written}</b></a>\n`,
    );
    expect(editText(made, xml(value), editXml, xmlEncodingOf)).toEqual(made);
  });
  test.each([
    [document('Shift_JIS', ''), /written in Shift_JIS/],
    [document('no-such', ''), /written in no-such/],
    [Buffer.from('<a/>', 'utf16le'), /without a byte order mark/],
  ])('what cannot be written is refused', (bytes, says) => {
    expect(() => editText(bytes, xml('x'), editXml, xmlEncodingOf)).toThrow(says);
  });
});

describe('line ends', () => {
  const edited = (before: string, regexp: string, replace: string): string =>
    editText(Buffer.from(before), { regexp: toRegExp(regexp, { multiline: true }), replace }, (text, edit) =>
      replaceAll(text, { ...edit, regexp: new RegExp(edit.regexp.source, 'vg') }),
    ).toString();
  test.each([
    ['a pattern that speaks of CR sees it', 'a\r\nb\r\n', '\\r\\n', '\\n', 'a\nb\n'],
    ['any blank at the end of a line', 'a \r\nb\t\r\nc', '\\s+$', '', 'a\r\nb\r\nc'],
    ['from LF to CR LF, once', 'a\nb\n', '\\n', '\\r\\n', 'a\r\nb\r\n'],
    ['of a mixed file each stays', 'a\r\nb\n', '^b$', 'c', 'a\r\nc\n'],
  ])('%s', (_, before, regexp, replace, after) => {
    expect(edited(before, regexp, replace)).toBe(after);
    expect(edited(after, regexp, replace)).toBe(after);
  });
  test('a value of a document keeps its own', () => {
    for (const [before, edit, apply] of [
      ['{\r\n  "a": 1\r\n}\r\n', data('k', 'x\r\ny\r'), editJson],
      ['a: 1\r\n', data('k', 'x\r\ny\r'), editYaml],
    ] as const) {
      const made = editText(Buffer.from(before), edit, apply);
      expect(made.toString()).toContain('"x\\r\\ny\\r"');
      expect(editText(made, edit, apply)).toEqual(made);
    }
    const block = { state: 'present', block: 'x\r\ny', begin: '# B', end: '# E' } as const;
    const made = editText(Buffer.from('a\r\n'), block, editBlock);
    expect(made.toString()).toBe('a\r\n# B\r\nx\r\ny\r\n# E\r\n');
    expect(editText(made, block, editBlock)).toEqual(made);
  });
  test('a line or block given with CR LF is the same in both kinds of file', () => {
    for (const before of ['a\r\n', 'a\n']) {
      const made = editText(Buffer.from(before), line('x\r'), editLine);
      expect(editText(made, line('x\r'), editLine)).toEqual(made);
      expect(made.toString()).toBe(`${before}x\r\n`);
    }
  });
});
