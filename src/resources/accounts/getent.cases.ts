import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { getentLines, type GetentAnswer } from './getent.probe.ts';
import { getent } from './getent.ts';

const said = (answer: GetentAnswer, database = 'passwd', key = '', service = ''): HostDescription => ({
  answers: [predict(getentLines(database, key, service), answer)],
});
const root = 'root:x:0:0:root:/root:/bin/bash';
const fields = ['x', '0', '0', 'root', '/root', '/bin/bash'];
const database = 'passwd';

export const cases = planCases(getent, {
  'an account': {
    options: { database, key: 'root' },
    host: said({ code: 0, lines: [root] }, database, 'root'),
    result: { entries: { root: fields }, all: [{ key: 'root', fields }] },
  },
  'an empty field is a field': {
    options: { database: 'group' },
    host: said({ code: 0, lines: ['root:x:0:'] }, 'group'),
    result: { entries: { root: ['x', '0', ''] }, all: [{ key: 'root', fields: ['x', '0', ''] }] },
  },
  'several of one name': {
    options: { database: 'ahosts', key: 'one.example.org' },
    host: said({ code: 0, lines: ['::1   STREAM one', '::1   DGRAM  '] }, 'ahosts', 'one.example.org'),
    result: {
      entries: { '::1': ['STREAM', 'one'] },
      all: [
        { key: '::1', fields: ['STREAM', 'one'] },
        { key: '::1', fields: ['DGRAM'] },
      ],
    },
  },
  'split otherwise, and of one service': {
    options: { database: 'services', key: 'ssh', split: '/', service: 'files' },
    host: said({ code: 0, lines: ['ssh 22/tcp'] }, 'services', 'ssh', 'files'),
    result: { entries: { 'ssh 22': ['tcp'] }, all: [{ key: 'ssh 22', fields: ['tcp'] }] },
  },
  'no such entry': {
    options: { database, key: 'nobody-knows' },
    host: said({ code: 2, lines: [] }, database, 'nobody-knows'),
    fails: 'there is no nobody-knows in passwd',
    hint: 'If it may be missing, write failKey: false.',
  },
  'one that a command may bring': {
    options: { database, key: 'app' },
    host: said({ code: 2, lines: [] }, database, 'app'),
    behind: { command: true },
    may: 'there is no app in passwd yet ("a command" runs before)',
  },
  'no such entry, and no failure': {
    options: { database, key: 'nobody-knows', failKey: false },
    host: said({ code: 2, lines: [] }, database, 'nobody-knows'),
    result: { entries: { 'nobody-knows': null }, all: [] },
  },
  'no such database': {
    options: { database: 'nothing' },
    host: said({ code: 1, lines: [] }, 'nothing'),
    fails: 'the host has no database nothing',
  },
  'not to be listed': {
    options: { database: 'ahosts' },
    host: said({ code: 3, lines: [] }, 'ahosts'),
    fails: 'ahosts cannot be listed as a whole: give a `key`',
  },
  'planned and not in place': {
    options: { database, key: 'app' },
    host: said({ code: 2, lines: [], caveat: 'a package comes before' }, database, 'app'),
    assumed: ['not looked up (there is no such entry at present, but a package comes before)'],
    isOpen: true,
  },
  'an option in place of a key': {
    options: { database, key: '--help' },
    fails: 'getent: option "key" is "--help" (a string), but must be one word that does not begin with a dash',
  },
});
