import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { PlayError } from '../../src/errors/index.ts';
import { loadInventory, type InventoryWarning } from '../../src/inventory/index.ts';
import { checkOptions } from '../../src/playbook/options.ts';
import { mode, text } from '../../src/resources/kit/schemas.ts';
import { Secret, Vault } from '../../src/secrets/index.ts';
import { renderTemplate } from '../../src/template/index.ts';
import { jsonOf } from '../../src/values/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('as-ansible');
let count = 0;

interface Read {
  readonly vars: Readonly<Record<string, unknown>>;
  readonly said: readonly InventoryWarning[];
  readonly file: string;
}

/** The variables of a host whose group has this file. */
function read(text: string, name = 'all.yml'): Read {
  const home = join(folder, String(count++));
  mkdirSync(join(home, 'group_vars'), { recursive: true });
  writeFileSync(join(home, 'hosts'), 'h\n');
  const file = join(home, 'group_vars', name);
  writeFileSync(file, text);
  const said: InventoryWarning[] = [];
  const inventory = loadInventory({
    sources: [join(home, 'hosts')],
    onWarning: (one) => void said.push(one),
    vault: new Vault([]),
  });
  return { vars: inventory.vars('h'), said, file };
}

// What ansible-core 2.14 makes of each was asked of it; ansible-parity.test.ts asks it of many more.
describe('files of variables are read as Ansible reads them', () => {
  it.each([
    ['a: yes\nb: NO\nc: on\nd: y', '{"a":true,"b":false,"c":true,"d":"y"}'],
    ['a: 0644\nb: 089\nc: 0o17\nd: 0b11\ne: 1_000', '{"a":420,"b":"089","c":"0o17","d":3,"e":1000}'],
    ['a: 22:30\nb: 1:60\nc: -1:30.5', '{"a":1350,"b":"1:60","c":-90.5}'],
    ['a: 1.0\nb: 1e3\nc: 1.0e-7\nd: .inf\ne: 7.10', '{"a":1.0,"b":"1e3","c":1e-07,"d":Infinity,"e":7.1}'],
    ['a: 123456789012345678', '{"a":123456789012345678}'],
    ['a: 2024-01-02\nb: 2024-1-2 3:04:05.5 +2', '{"a":"2024-01-02","b":"2024-01-02T03:04:05.500000+02:00"}'],
    ['a: !!float 3\nb: !!bool "yes"\nc: !!str 0644\nd: ! x', '{"a":3.0,"b":true,"c":"0644","d":"x"}'],
    [
      'a: !!set {b, a}\nb: !!omap [{y: 1}, {x: "{{ c }}"}]\nc: !!binary aGVs\n  bG8=',
      '{"a":["b","a"],"b":[["y",1],["x","hello"]],"c":"hello"}',
    ],
    ['a: "one\ntwo\n\nthree"\nb: 1', '{"a":"one two\\nthree","b":1}'],
    ["a:\n  b: 'x\n- y'\nc: [1,\n2]\nd: {\n}", '{"a":{"b":"x - y"},"c":[1,2],"d":{}}'],
    ['a: "x"#y', '{"a":"x"}'],
    ['yes: 1\n0644: 2\n1.0: 3', '{"420":2,"true":1,"1.0":3}'],
    ['x: &x {a: 1, b: 1}\ny: &y {a: 2}\nz:\n  <<: *x\n  <<: *y', '{"x":{"a":1,"b":1},"y":{"a":2},"z":{"a":2,"b":1}}'],
    ['x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz:\n  <<: [*x, *y]', '{"x":{"a":1},"y":{"a":2,"b":2},"z":{"a":1,"b":2}}'],
    ['{"a": 1e3, "b": {"__ansible_unsafe": "{{ x }}"}, "c": 2.50}', '{"a":1000.0,"b":"{{ x }}","c":2.5}'],
  ])('%j', (text, json) => {
    expect(jsonOf(read(text).vars)).toBe(json);
  });

  it('the last of two keys counts, which is told', () => {
    const { vars, said } = read('a: 1\nb: 2\na: 3\n');
    expect(vars).toEqual({ a: 3, b: 2 });
    expect(said).toEqual([expect.objectContaining({ what: 'The key "a" is here twice' })]);
  });

  it('what JSON holds that is encrypted is a secret', () => {
    const { vars } = read('{"token": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\\n3132\\n"}}', 'all.json');
    expect(vars['token']).toBeInstanceOf(Secret);
  });

  it.each(['a: =', 'a: 2024-02-30 10:00:00', 'a: 0x_', 'a: !!int x', 'a: !!set [b]'])('neither reads %s', (text) => {
    expect(() => read(text)).toThrowError(PlayError);
  });

  it('names the place in a file with lines that are not indented', () => {
    const { file } = read('a: 1');
    writeFileSync(file, 'a: "one\ntwo"\nb:\n  c: !secret x\n');
    expect(() => loadInventory({ sources: [join(file, '../../hosts')] }).vars('h')).toThrowError(
      expect.objectContaining({ where: { file, line: 4, column: 14 } }) as PlayError,
    );
  });

  it('a link to nothing is passed over and told; the next name counts', () => {
    const { file } = read('a: 1');
    symlinkSync('nowhere', join(file, '../all'));
    const said: InventoryWarning[] = [];
    const inventory = loadInventory({
      sources: [join(file, '../../hosts')],
      onWarning: (one) => void said.push(one),
    });
    expect(inventory.vars('h')).toEqual({ a: 1 });
    expect(said).toEqual([expect.objectContaining({ what: 'This is a link to nothing, so it is not read' })]);
  });
});

describe('what is printed is what Ansible prints', () => {
  const { vars } = read(
    'ratio: 2.0\nid: 123456789012345678\nday: 2024-01-02\nat: 2024-01-02 03:04:05\nlist: [1.0, 2]\n',
  );
  it.each([
    ['{{ratio}} {{id}} {{day}} {{at}}', '2.0 123456789012345678 2024-01-02 2024-01-02 03:04:05'],
    ['{{json list}} {{pyList list}}', '[1.0,2] [1.0, 2]'],
    ['{{yaml list}}', '- 1.0\n- 2'],
    ['{{#if (and (eq ratio 2) (gt ratio 1))}}yes{{/if}}', 'yes'],
  ])('%s', (template, printed) => {
    expect(renderTemplate({ file: 't.hbs', text: template, context: vars }).text).toBe(printed);
  });
});

describe('where such a value meets an option', () => {
  const at = (): undefined => undefined;
  const resource = { name: 'copy', options: { mode, content: v.optional(text('What is in it.')) } };
  it('a number in place of a mode is told as it was written', () => {
    const { vars, file } = read('mode: 0640\n');
    expect(() => checkOptions(resource, { mode: vars['mode'] }, at)).toThrowError(
      expect.objectContaining({
        hint: expect.stringContaining(`0640 is written without quotes at ${file}:1:7`) as unknown,
      }) as PlayError,
    );
  });

  it('a date becomes its text, a number does not', () => {
    const { vars, file } = read('day: 2024-01-02\nversion: 1.10\n');
    expect(checkOptions(resource, { content: vars['day'] }, at)['content']).toBe('2024-01-02');
    expect(() => checkOptions(resource, { content: vars['version'] }, at)).toThrowError(
      expect.objectContaining({
        hint: expect.stringContaining(`1.10 is written without quotes at ${file}:2:10`) as unknown,
      }) as PlayError,
    );
  });
});
