import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { jsonFile } from './json-file.ts';

const path = '/etc/docker/daemon.json';
const has = (content: string): HostDescription => ({ paths: { [path]: { type: 'file', content } } });
const edited = (text: string) => ({ changes: ['content'], writes: { [path]: text } });

export const cases = planCases(jsonFile, {
  'another value': {
    options: { path, key: 'debug', value: true },
    host: has('{\n  "debug": false, // why\n  "b": 1\n}\n'),
    ...edited('{\n  "debug": true, // why\n  "b": 1\n}\n'),
  },
  'right already, however it is written': {
    options: { path, key: 'n', value: 1 },
    host: has('{"n":1.0}'),
    result: { path },
  },
  'a new key in the way the file is written': {
    options: { path, key: 'b', value: 2 },
    host: has('{\n    "a": 1\n}\n'),
    ...edited('{\n    "a": 1,\n    "b": 2\n}\n'),
  },
  'what is missing on the way is made': {
    options: { path, key: 'a.b', value: 1 },
    host: has('{}\n'),
    ...edited('{\n  "a": {\n    "b": 1\n  }\n}\n'),
  },
  'a name that holds a dot': {
    options: { path, key: ['a.b', 'c'], value: 1 },
    host: has('{"a.b": {"c": 0}}\n'),
    ...edited('{"a.b": {"c": 1}}\n'),
  },
  'an item of a list': {
    options: { path, key: 'ports.1', value: 443 },
    host: has('{"ports": [80, 8443]}\n'),
    ...edited('{"ports": [80, 443]}\n'),
  },
  'merged, others stay': {
    options: { path, key: 'log', value: { size: '1m' }, merge: true },
    host: has('{"log": {"file": "x", "size": "2m"}}\n'),
    ...edited('{"log": {"file": "x", "size": "1m"}}\n'),
  },
  'set, others go': {
    options: { path, key: 'log', value: { size: '1m' } },
    host: has('{"log": {"file": "x", "size": "1m"}}\n'),
    ...edited('{"log": {"size": "1m"}}\n'),
  },
  'one item more': {
    options: { path, key: 'dns', value: '10.0.0.1', append: true },
    host: has('{"dns": ["10.0.0.2"]}\n'),
    ...edited('{"dns": ["10.0.0.2", "10.0.0.1"]}\n'),
  },
  'an item that is among them': {
    options: { path, key: 'dns', value: '10.0.0.1', append: true },
    host: has('{"dns": ["10.0.0.1"]}\n'),
  },
  'an item goes': {
    options: { path, key: 'dns', value: 'a', append: true, state: 'absent' },
    host: has('{"dns": ["a", "b"]}\n'),
    ...edited('{"dns": ["b"]}\n'),
  },
  'a key goes': {
    options: { path, key: 'a', state: 'absent' },
    host: has('{\n  "a": 1,\n  "b": 2\n}\n'),
    ...edited('{\n  "b": 2\n}\n'),
  },
  'a key that is not there': { options: { path, key: 'x.y', state: 'absent' }, host: has('{"a": 1}') },
  'no file to remove it from': { options: { path, key: 'x', state: 'absent' } },
  'CR LF stays CR LF': {
    options: { path, key: 'b', value: 2 },
    host: has('{\r\n  "a": 1\r\n}\r\n'),
    ...edited('{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n'),
  },
  'a new file': {
    options: { path, value: { debug: true } },
    host: { paths: { '/etc/docker': { type: 'directory' } } },
    changes: ['content new file'],
    writes: { [path]: '{\n  "debug": true\n}\n' },
  },
  'a secret in the value is masked': {
    options: { path, key: 'token', value: new Secret('s3cret-s3cret') },
    host: has('{"token": ""}\n'),
    ...edited('{"token": "s3cret-s3cret"}\n'),
    masked: [path],
  },
  'not JSON': {
    options: { path, key: 'a', value: 1 },
    host: has('a: 1\n'),
    fails: `${path}: it is not JSON: "a" cannot be read in line 1, column 1`,
  },
  'a way through what has no keys': {
    options: { path, key: 'a.b', value: 1 },
    host: has('{"a": "text"}\n'),
    fails: `${path}: "a" is a string, which has no "b"`,
  },
  'a list has no names': {
    options: { path, key: 'a.b', value: 1 },
    host: has('{"a": []}\n'),
    fails: `${path}: "a" is a list, so "b" must be a number`,
  },
  'what is no data': {
    options: { path, key: 'a', value: Number.NaN },
    fails:
      'jsonFile: option "value" is NaN (a number), but must be plain data: strings, numbers, booleans, null, lists and mappings of these, Secrets',
  },
  'no value': { options: { path, key: 'a' }, fails: 'jsonFile: give the `value`' },
  'the whole document is no key to remove': {
    options: { path, state: 'absent' },
    fails: "jsonFile: give the `key` to remove; a whole file goes with file({ path, state: 'absent' })",
  },
});
