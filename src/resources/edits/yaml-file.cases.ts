import { planCases, type HostDescription } from '../../testing/index.ts';
import { yamlFile } from './yaml-file.ts';

const path = '/etc/app.yml';
const has = (content: string): HostDescription => ({ paths: { [path]: { type: 'file', content } } });
const edited = (text: string) => ({ changes: ['content'], writes: { [path]: text } });

export const cases = planCases(yamlFile, {
  'another value, and all else as it is written': {
    options: { path, key: 'web.port', value: 80 },
    host: has('# top\nweb:\n    port: 1  # why\n    "host": \'a\'\n'),
    ...edited('# top\nweb:\n    port: 80  # why\n    "host": \'a\'\n'),
  },
  'right already': { options: { path, key: 'web.port', value: 80 }, host: has('web: {port: 80}\n'), result: { path } },
  'a text that looks like a number is quoted': {
    options: { path, key: 'version', value: '1.10' },
    host: has('a: 1\n'),
    ...edited('a: 1\nversion: "1.10"\n'),
  },
  'a number where a text was': {
    options: { path, key: 'port', value: 80 },
    host: has('port: "80"\n'),
    ...edited('port: 80\n'),
  },
  'a new key behind the last one': {
    options: { path, key: 'b', value: true },
    host: has('a: 1\n# end\n'),
    ...edited('a: 1\nb: true\n# end\n'),
  },
  'a last line without its end stays without': {
    options: { path, key: 'b', value: true },
    host: has('a: 1'),
    ...edited('a: 1\nb: true'),
  },
  'merged at every depth': {
    options: { path, value: { web: { port: 80 } }, merge: true },
    host: has('web:\n  host: a\n  port: 1\n'),
    ...edited('web:\n  host: a\n  port: 80\n'),
  },
  'one item more': {
    options: { path, key: 'admins', value: 'alice', append: true },
    host: has('admins:\n  - bob\n'),
    ...edited('admins:\n  - bob\n  - alice\n'),
  },
  'a key goes': {
    options: { path, key: 'a', state: 'absent' },
    host: has('a: 1\nb: 2\n'),
    ...edited('b: 2\n'),
  },
  'a new file': {
    options: { path, value: { a: [1, 'x'] } },
    changes: ['content new file'],
    writes: { [path]: 'a:\n  - 1\n  - x\n' },
  },
  'CR LF stays CR LF': {
    options: { path, key: 'b', value: 2 },
    host: has('a: 1\r\n'),
    ...edited('a: 1\r\nb: 2\r\n'),
  },
  'several documents': {
    options: { path, key: 'a', value: 1 },
    host: has('a: 0\n---\na: 0\n'),
    fails: '/etc/app.yml: it holds several YAML documents; only files of one can be edited',
  },
  'no such item': {
    options: { path, key: 'a.3', value: 1 },
    host: has('a: [1]\n'),
    fails: '/etc/app.yml: "a" has 1 items, so there is no 3',
  },
  'merge and append': {
    options: { path, key: 'a', value: {}, merge: true, append: true },
    fails: 'yamlFile: give `merge` or `append`, not both',
  },
});
