import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { sync } from './sync.ts';

const some = (content: string): PathEntry => ({ type: 'file', content });
const dest = '/srv/site';
const site = { src: 'site', dest };
const role = { 'files/site/index.html': 'hello\n', 'files/site/css/a.css': 'a {}\n' };
const right = { '/srv/site/index.html': some('hello\n'), '/srv/site/css/a.css': some('a {}\n') };
const app: HostDescription = { users: [{ name: 'app', uid: 1000 }], groups: [{ name: 'app', gid: 1000 }] };

export const cases = planCases(sync, {
  'a new tree': {
    options: site,
    role,
    changes: ['state absent -> directory', 'css absent -> directory', 'css/a.css new file', 'index.html new file'],
    writes: { '/srv/site/css/a.css': 'a {}\n', '/srv/site/index.html': 'hello\n' },
    steps: ['write the files below /srv/site'],
    result: { dest, written: ['css', 'css/a.css', 'index.html'], deleted: [] },
  },
  'right already': { options: site, role, host: { paths: right }, result: { dest, written: [], deleted: [] } },
  'one file differs': {
    options: site,
    role,
    host: { paths: { ...right, '/srv/site/index.html': some('Hello\n') } },
    changes: ['index.html'],
    writes: { '/srv/site/index.html': 'hello\n' },
    result: { dest, written: ['index.html'], deleted: [] },
  },
  'what else is there stays': {
    options: site,
    role,
    host: { paths: { ...right, '/srv/site/upload/x': some('x') } },
  },
  'what else is there goes': {
    options: { ...site, delete: true },
    role,
    host: { paths: { ...right, '/srv/site/upload/x': some('x'), '/srv/site/old.html': some('') } },
    changes: ['old.html file -> absent', 'upload directory (1 below) -> absent'],
    result: { dest, written: [], deleted: ['old.html', 'upload'] },
  },
  'what is excluded is neither copied nor removed': {
    options: { ...site, delete: true, exclude: ['*.css', 'upload/*'] },
    role,
    host: { paths: { '/srv/site/css/b.css': some('b'), '/srv/site/upload/x': some('x'), '/srv/site/old': some('') } },
    changes: ['index.html new file', 'old file -> absent'],
  },
  'modes': {
    options: { ...site, mode: '0640', directoryMode: '750' },
    role,
    host: { paths: right },
    changes: ['mode of css 0755 -> 0750', 'mode of css/a.css 0644 -> 0640', 'mode of index.html 0644 -> 0640'],
  },
  'owners': {
    options: { ...site, owner: 'app', group: 'app' },
    role: { 'files/site/a': 'a' },
    host: { ...app, paths: { '/srv/site/a': some('a') } },
    changes: ['owner of a root -> app', 'group of a root -> app'],
  },
  'an owner that does not exist': {
    options: { ...site, owner: 'app' },
    role,
    fails: 'there is no user app on this host',
    hint: "Make it first: user({ name: 'app' })",
  },
  'a generated file wins over that of the folder, and over what is excluded': {
    options: { ...site, exclude: ['index.html'], generated: { 'index.html': 'made\n', 'a/b': 'x' } },
    role,
    host: { paths: right },
    changes: ['a absent -> directory', 'a/b new file', 'index.html'],
    writes: { '/srv/site/index.html': 'made\n', '/srv/site/a/b': 'x' },
  },
  'a generated secret is masked': {
    options: { dest, generated: { key: new Secret('s3cret-s3cret'), open: 'x' } },
    host: { paths: { [dest]: { type: 'directory' } } },
    changes: ['key new file', 'open new file'],
    masked: ['/srv/site/key'],
  },
  'a generated file is none outside the tree': {
    options: { dest, generated: { '../x': '' } },
    fails: 'sync: `generated`: "../x" must be a path inside the tree, without `.`, `..` and empty parts',
  },
  'a directory in the place of a file that holds something': {
    options: site,
    role,
    host: { paths: { '/srv/site/index.html/x': some('') } },
    fails: '/srv/site/index.html is a directory that holds x, and should be a file; move it away first',
  },
  'a directory in the place of a file, where what is not wanted goes': {
    options: { ...site, delete: true },
    role,
    host: { paths: { '/srv/site/index.html/x': some(''), '/srv/site/css/a.css': some('a {}\n') } },
    changes: ['index.html directory -> file'],
  },
  'a file in the place of a directory': {
    options: site,
    role,
    host: { paths: { '/srv/site/index.html': some('hello\n'), '/srv/site/css': some('') } },
    changes: ['css file -> directory', 'css/a.css new file'],
  },
  'a file in the place of the tree': {
    options: site,
    role,
    host: { paths: { [dest]: some('') } },
    fails: '/srv/site is not a directory',
  },
  'the folder above is missing': {
    options: { ...site, dest: '/srv/www/site' },
    role,
    fails: 'the directory /srv/www does not exist',
    hint: "Make it first: file({ path: '/srv/www', state: 'directory' })",
  },
  'a folder that is not there': {
    options: site,
    role: { 'files/other': '' },
    fails: 'The folder /role/files/site cannot be read',
  },
  'a name with blanks and quotes': {
    options: { dest, generated: { 'a b\'"c': 'x' } },
    host: { paths: { [dest]: { type: 'directory' } } },
    changes: ['a b\'"c new file'],
  },
  'a command may put more there that should go': {
    options: { ...site, delete: true },
    role,
    host: { paths: right },
    behind: { command: true },
    assumed: ['nothing is added below /srv/site by then ("a command" runs before)'],
  },
  'an immutable file': {
    options: site,
    role,
    host: { paths: { ...right, '/srv/site/index.html': { type: 'file', content: '', flags: 'i' } } },
    fails: '/srv/site/index.html is immutable; take that off first: chattr -i',
  },
});
