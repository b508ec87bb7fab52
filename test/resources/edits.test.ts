import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { editBlock, type BlockEdit } from '../../src/formats/block-edit.ts';
import { editLine, type LineEdit } from '../../src/formats/line-edit.ts';
import { toRegExp } from '../../src/formats/regexp.ts';
import { editText } from '../../src/formats/text-edit.ts';

/**
 * What ansible-core 2.14 made of each text, but for what is told in record-edits.py; null where it fails, or never
 * comes to an end.
 */
interface Case {
  readonly before: string;
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly after: string | null;
}
const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'edit-cases.json'), 'utf8')) as {
  readonly line: readonly Case[];
  readonly block: readonly Case[];
};

const place = (value: unknown): RegExp | 'EOF' | 'BOF' | undefined =>
  value === 'EOF' || value === 'BOF' ? value : typeof value === 'string' ? toRegExp(value) : undefined;
const before = (value: unknown): RegExp | 'BOF' | undefined =>
  value === 'BOF' ? value : typeof value === 'string' ? toRegExp(value) : undefined;

function line({ before: text, options }: Case): Buffer {
  const { regexp, search_string: searchString, insertafter, insertbefore, backrefs, firstmatch, state } = options;
  return editText(
    Buffer.from(text, 'base64'),
    {
      state: state === 'absent' ? 'absent' : 'present',
      line: String(options['line']),
      ...(regexp === undefined ? {} : { regexp: toRegExp(String(regexp)) }),
      ...(searchString === undefined ? {} : { searchString: String(searchString) }),
      insertAfter: place(insertafter),
      insertBefore: before(insertbefore),
      backrefs: backrefs === true,
      firstMatch: firstmatch === true,
    } satisfies LineEdit,
    editLine,
  );
}

function block({ before: text, options }: Case): Buffer {
  const {
    marker = '# {mark} ANSIBLE MANAGED BLOCK',
    marker_begin = 'BEGIN',
    marker_end = 'END',
    state,
    insertafter,
    insertbefore,
  } = options;
  return editText(
    Buffer.from(text, 'base64'),
    {
      state: state === 'absent' ? 'absent' : 'present',
      block: String(options['block']),
      begin: String(marker).replace('{mark}', String(marker_begin)),
      end: String(marker).replace('{mark}', String(marker_end)),
      insertAfter: insertafter === undefined || insertafter === 'EOF' ? insertafter : toRegExp(String(insertafter)),
      insertBefore: before(insertbefore),
    } satisfies BlockEdit,
    editBlock,
  );
}

describe.each([
  { kind: 'lineinfile', edit: line, list: cases.line },
  { kind: 'blockinfile', edit: block, list: cases.block },
])('$kind edits as ansible-core does', ({ edit, list }) => {
  test(`${list.length} cases`, () => {
    const different = list.flatMap((one) => {
      if (one.after === null) return [];
      const old = Buffer.from(one.before, 'base64');
      const wanted = Buffer.from(one.after, 'base64');
      const made = edit(one);
      return made.equals(wanted)
        ? []
        : [
            {
              before: old.toString('latin1'),
              options: one.options,
              made: made.toString('latin1'),
              wanted: wanted.toString('latin1'),
            },
          ];
    });
    expect(different.slice(0, 5)).toEqual([]);
    expect(list.length).toBeGreaterThan(500);
  });
});
