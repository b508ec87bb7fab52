/** `play import ansible`: what `copy` writes, `debug` shows and text contains where the value is no text. */
import { expect, test } from 'vitest';
import { contentOf, mapping, text, toJson } from '../../src/import/support/ansible.ts';
import { Secret } from '../../src/secrets/index.ts';
import { useImport } from './imported.ts';

const imported = useImport({
  'ansible/site.yml': `- hosts: all
  vars: { settings: { b: 1, a: [x, null] } }
  tasks:
    - copy: { dest: /srv/settings.json, content: "{{ settings }}" }
    - copy: { dest: /srv/more.json, content: { port: "{{ port }}", on: true } }
    - copy: { dest: /srv/plain, content: plain }
    - command: cat /etc/hostname
      register: asked
    - debug: { msg: "{{ asked }}" }
    - copy: { dest: /srv/asked, content: "<{{ asked }}>" }
`,
});
const site = (): string => imported.flat('playbooks/site.ts');

test('content that may be a list or mapping is JSON, and other text stays plain', () => {
  expect(site()).toContain("content: contentOf(vars.settings, 'settings')");
  expect(site()).toContain("content: contentOf({ port: need(vars.port, 'port'), on: true }, 'content')");
  expect(site()).toContain("content: 'plain'");
  const settings = mapping([
    ['b', 1],
    ['a', ['x', null]],
  ]);
  expect(contentOf(settings, 'settings')).toBe('{"b": 1, "a": ["x", null]}');
  expect([contentOf(5, 'n'), contentOf('a', 'n'), contentOf(true, 'n')]).toEqual(['5', 'a', 'True']);
  expect(() => contentOf(undefined, 'port')).toThrow('"port" is not set');
});

test('a mapping in text is as Python prints it, unless its keys may have been no text', () => {
  expect(text({ b: 1, a: ["it's", null, { c: false }] })).toBe(`{'b': 1, 'a': ["it's", None, {'c': False}]}`);
  for (const key of ['1', '-1', '.5', 'true', 'null', ''])
    expect(() => text({ [key]: 'a' }, 'settings'), key).toThrow('"settings" is not text');
});

test('no secret is printed, nor left out without a word', () => {
  const hidden = new Secret('hush-hush', 'a test');
  expect(contentOf(hidden, 'key')).toBe(hidden);
  for (const print of [toJson, text]) expect(() => print({ key: hidden })).toThrow(/secret|not text/);
});

test('a whole result is shown by debug; written into a file it is a hole', () => {
  expect(site()).toContain('debug({ var: ({ results }) => results(asked) })');
  expect(imported.outcome.stdout).toContain('holes: 1,');
  expect(site()).toContain('it prints all of a result, which has other fields here');
});
