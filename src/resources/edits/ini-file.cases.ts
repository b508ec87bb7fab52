import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { iniFile } from './ini-file.ts';

const path = '/etc/app.ini';
const has = (content: string): HostDescription => ({ paths: { [path]: { type: 'file', content } } });
const edited = (text: string) => ({ changes: ['content'], writes: { [path]: text } });
const port = { path, section: 'web', option: 'port', value: 80 };

export const cases = planCases(iniFile, {
  'another value': { options: port, host: has('[web]\nport = 1 \n'), ...edited('[web]\nport = 80\n') },
  'right already': { options: port, host: has('[web]\nport = 80\n'), result: { path } },
  'right already, but for blanks': {
    options: { ...port, ignoreSpaces: true },
    host: has('[web]\nport=80\n'),
  },
  'blanks are made as they shall be': { options: port, host: has('[web]\nport=80\n'), ...edited('[web]\nport = 80\n') },
  'without blanks': {
    options: { ...port, noExtraSpaces: true },
    host: has('[web]\n'),
    ...edited('[web]\nport=80\n'),
  },
  'a new option in its section': {
    options: port,
    host: has('[web]\na = 1\n\n[db]\nport = 5432\n'),
    ...edited('[web]\na = 1\nport = 80\n\n[db]\nport = 5432\n'),
  },
  'a new section': { options: port, host: has('[db]\nx = 1'), ...edited('[db]\nx = 1\n[web]\nport = 80\n') },
  'before the first section': {
    options: { path, option: 'a', value: '1' },
    host: has('b = 2\n[web]\na = 3\n'),
    ...edited('b = 2\na = 1\n[web]\na = 3\n'),
  },
  'one that is commented out comes back': {
    options: port,
    host: has('[web]\n;port = 1\nb = 2\n'),
    ...edited('[web]\nport = 80\nb = 2\n'),
  },
  'one that is commented out stays so, behind the new one': {
    options: { ...port, modifyInactiveOption: false },
    host: has('[web]\n;port = 1\n'),
    ...edited('[web]\nport = 80\n;port = 1\n'),
  },
  'several values': {
    options: { path, section: 'web', option: 'dns', values: ['a', 'b'] },
    host: has('[web]\ndns = a\ndns = c\n'),
    ...edited('[web]\ndns = a\ndns = b\n'),
  },
  'one value more': {
    options: { path, section: 'web', option: 'dns', value: 'b', exclusive: false },
    host: has('[web]\ndns = a\n'),
    ...edited('[web]\ndns = a\ndns = b\n'),
  },
  'an option without a value': {
    options: { path, section: 'web', option: 'debug', allowNoValue: true },
    host: has('[web]\n'),
    ...edited('[web]\ndebug\n'),
  },
  'a boolean': {
    options: { path, section: 'web', option: 'debug', value: false },
    host: has('[web]\n'),
    ...edited('[web]\ndebug = false\n'),
  },
  'an option goes': {
    options: { path, section: 'web', option: 'port', state: 'absent' },
    host: has('[web]\nport = 1\nb = 2\n[db]\nport = 3\n'),
    ...edited('[web]\nb = 2\n[db]\nport = 3\n'),
  },
  'a section goes with all that is in it': {
    options: { path, section: 'web', state: 'absent' },
    host: has('[a]\n[web]\nport = 1\n[b]\n'),
    ...edited('[a]\n[b]\n'),
  },
  'nothing to remove': { options: { path, section: 'web', state: 'absent' }, host: has('[a]\n') },
  'no file to remove it from': { options: { path, section: 'web', state: 'absent' } },
  'CR LF stays CR LF': {
    options: port,
    host: has('[web]\r\na = 1\r\n'),
    ...edited('[web]\r\na = 1\r\nport = 80\r\n'),
  },
  'a last line without its end': {
    options: port,
    host: has('[web]\na = 1'),
    ...edited('[web]\na = 1\nport = 80\n'),
  },
  'a new file': {
    options: { ...port, mode: '0600' },
    changes: ['content new file', 'mode 0600'],
    writes: { [path]: '[web]\nport = 80\n' },
  },
  'no new file': {
    options: { ...port, create: false },
    fails: '/etc/app.ini does not exist',
    hint: '`create: true` makes it.',
  },
  'a folder that is missing': {
    options: { ...port, path: '/etc/app/a.ini' },
    fails: 'the directory /etc/app does not exist',
    hint: "Make it first: file({ path: '/etc/app', state: 'directory' })",
  },
  'a secret is masked': {
    options: { ...port, value: new Secret('s3cret-s3cret') },
    host: has('[web]\n'),
    ...edited('[web]\nport = s3cret-s3cret\n'),
    masked: [path],
  },
  'a value of several lines': {
    options: { ...port, value: 'a\nb' },
    fails: 'iniFile: a value must be one line',
  },
  'an option without a value is said to be one': {
    options: { path, section: 'web', option: 'debug' },
    fails: 'iniFile: give the `value`, or `allowNoValue: true` for an option without one',
  },
  'a value without an option': {
    options: { path, section: 'web', value: 'x' },
    fails: 'iniFile: give the `option` the value is for',
  },
});
