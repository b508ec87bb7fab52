/** Links, symbolic and hard. */
import { predict } from '../../contract/index.ts';
import { sameFile } from '../../probes/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { file } from './file.ts';

const path = '/srv/app';
const directory: PathEntry = { type: 'directory' };
const some: PathEntry = { type: 'file', content: 'x' };
const at = (entry: PathEntry): HostDescription => ({ paths: { [path]: entry } });
const link = (target: string): PathEntry => ({ type: 'link', target });

export const cases = planCases(file, {
  'a new link': {
    options: { path, state: 'link', src: '/opt/app' },
    host: { paths: { '/opt/app': directory } },
    changes: ['link absent -> /opt/app'],
    steps: ['link /srv/app'],
    result: { path, state: 'link' },
  },
  'a link that is right already': {
    options: { path, state: 'link', src: '../opt/app' },
    host: { paths: { '/opt/app': directory, [path]: link('../opt/app') } },
  },
  'a link that points elsewhere': {
    options: { path, state: 'link', src: '/opt/2' },
    host: { paths: { '/opt/1': directory, '/opt/2': directory, [path]: link('/opt/1') } },
    changes: ['link /opt/1 -> /opt/2'],
  },
  'the same target spelt otherwise is another link': {
    options: { path, state: 'link', src: '/opt/1' },
    host: { paths: { '/opt/1': directory, [path]: link('../opt/1') } },
    changes: ['link ../opt/1 -> /opt/1'],
  },
  'a link to nothing': {
    options: { path, state: 'link', src: '/opt/app' },
    fails: 'what it should point to does not exist: /opt/app',
    hint: '`force` creates the link anyway.',
  },
  'a link to nothing, by force': {
    options: { path, state: 'link', src: '/opt/app', force: true },
    changes: ['link absent -> /opt/app'],
  },
  'a link to what a command may make': {
    options: { path, state: 'link', src: '/opt/app' },
    behind: { command: true },
    changes: ['link absent -> /opt/app'],
    assumed: ['/opt/app exists by then ("a task" changes the host before)'],
  },
  'a link to itself': {
    options: { path, state: 'link', src: 'app' },
    fails: '/srv/app would point to itself, by way of /srv/app',
    hint: '`force` creates the link anyway.',
  },
  'a file in the place of a link': {
    options: { path, state: 'link', src: '/opt' },
    host: at(some),
    fails: '/srv/app is a file; `force` replaces it with the link',
  },
  'a file in the place of a link, by force': {
    options: { path, state: 'link', src: '/opt', force: true },
    host: at(some),
    changes: ['link file -> /opt'],
  },
  'a link in the place of the file it leads to, which would be lost': {
    options: { path, state: 'link', src: 'app', force: true },
    host: at(some),
    fails: '/srv/app would point to itself, and what is there now would be lost',
  },
  'a link in the place of a file it leads to by way of another': {
    options: { path, state: 'link', src: '/srv/l', force: true },
    host: {
      paths: { [path]: some, '/srv/l': { type: 'link', target: 'app' } },
      answers: [predict(sameFile(path, '/srv/l'), true)],
    },
    fails: '/srv/app would point to itself, and what is there now would be lost',
  },
  'a directory that holds something is not replaced, not even by force': {
    options: { path, state: 'link', src: '/opt', force: true },
    host: { paths: { '/srv/app/a': some } },
    fails: 'the directory /srv/app is not empty',
    hint: "Remove it first: file({ path: '/srv/app', state: 'absent' })",
  },
  'a hard link': {
    options: { path, state: 'hard', src: '/srv/one' },
    host: { paths: { '/srv/one': some } },
    changes: ['hard link absent -> /srv/one'],
  },
  'a hard link that is right already': {
    options: { path, state: 'hard', src: '/srv/one' },
    host: { paths: { '/srv/one': some, [path]: some }, answers: [predict(sameFile(path, '/srv/one'), true)] },
  },
  'a hard link to what a link leads to': {
    options: { path, state: 'hard', src: '/srv/l' },
    host: { paths: { '/srv/one': some, '/srv/l': { type: 'link', target: 'one' } } },
    changes: ['hard link absent -> /srv/one'],
  },
  'a hard link to what a link leads to, right already': {
    options: { path, state: 'hard', src: '/srv/l' },
    host: {
      paths: { '/srv/one': some, [path]: some, '/srv/l': { type: 'link', target: 'one' } },
      answers: [predict(sameFile(path, '/srv/one'), true)],
    },
  },
  'a hard link to a link that leads nowhere': {
    options: { path, state: 'hard', src: '/srv/l' },
    host: { paths: { '/srv/l': { type: 'link', target: 'none' } } },
    fails: 'what it should point to does not exist: /srv/none',
  },
  'a hard link to a directory': {
    options: { path, state: 'hard', src: '/opt' },
    fails: '/opt is a directory, which cannot have hard links',
  },
});
