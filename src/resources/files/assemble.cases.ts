import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { assemble } from './assemble.ts';

const some = (content: string): PathEntry => ({ type: 'file', content });
const parts = { src: '/etc/app.d', dest: '/etc/app.conf', remoteSrc: true };
const two: HostDescription = { paths: { '/etc/app.d/20-b': some('b\n'), '/etc/app.d/10-a': some('a\n') } };
const made = (content: string) => ({ changes: ['content new file'], writes: { '/etc/app.conf': content } });

export const cases = planCases(assemble, {
  'in the order of their names': { options: parts, host: two, ...made('a\nb\n') },
  'right already': {
    options: parts,
    host: { paths: { ...two.paths, '/etc/app.conf': some('a\nb\n') } },
    result: { dest: '/etc/app.conf' },
  },
  'a fragment without a final newline gets one, the last does not': {
    options: parts,
    host: { paths: { '/etc/app.d/a': some('a'), '/etc/app.d/b': some('b') } },
    ...made('a\nb'),
  },
  'delimiters stand between': { options: { ...parts, delimiter: '# --\\n# ' }, host: two, ...made('a\n# --\n# \nb\n') },
  'only what matches': { options: { ...parts, regexp: '^10' }, host: two, ...made('a\n') },
  'hidden ones are left out': {
    options: { ...parts, ignoreHidden: true },
    host: { paths: { ...two.paths, '/etc/app.d/.c.swp': some('c\n') } },
    ...made('a\nb\n'),
  },
  'folders are no fragments': {
    options: parts,
    host: { paths: { ...two.paths, '/etc/app.d/15-x/y': some('y\n') } },
    ...made('a\nb\n'),
  },
  'the file itself is no fragment, nor are its backups': {
    options: { ...parts, dest: '/etc/app.d/all' },
    host: {
      paths: {
        ...two.paths,
        '/etc/app.d/all': some('old\n'),
        '/etc/app.d/all.2026-01-02T03-04-05.678Z~': some('older\n'),
      },
    },
    changes: ['content'],
    writes: { '/etc/app.d/all': 'a\nb\n' },
  },
  'an empty folder makes an empty file': {
    options: parts,
    host: { paths: { '/etc/app.d': { type: 'directory' } } },
    ...made(''),
  },
  'no folder': { options: parts, fails: 'there is no folder /etc/app.d' },
  'no folder, but a command may make it': {
    options: parts,
    behind: { command: true },
    may: 'there is no folder /etc/app.d yet ("a command" runs before)',
  },
  'a command may bring more of them': {
    options: parts,
    host: two,
    behind: { command: true },
    ...made('a\nb\n'),
    assumed: ['no fragments are added to /etc/app.d by then ("a command" runs before)'],
  },
  'fragments of the role': {
    options: { src: 'app.d', dest: '/etc/app.conf', mode: '0600' },
    role: { 'files/app.d/2': 'b\n', 'files/app.d/1': 'a\n' },
    changes: ['content new file', 'mode 0600'],
    writes: { '/etc/app.conf': 'a\nb\n' },
  },
  'a folder of the role that is not there': {
    options: { src: 'app.d', dest: '/etc/app.conf' },
    role: { 'files/x': '' },
    fails: 'The fragments in /role/files/app.d cannot be read',
    hint: 'For a folder on the host write remoteSrc: true',
  },
  'a relative folder on the host': {
    options: { ...parts, src: 'app.d' },
    fails: 'assemble: `src` on the host must be an absolute path',
  },
});
