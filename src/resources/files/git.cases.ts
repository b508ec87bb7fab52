import { predict } from '../../contract/index.ts';
import { aclEntries } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import type { CheckoutAhead } from './git-ahead.probe.ts';
import type { Checkout, RemoteCommit, WorkingCopy } from './git.probe.ts';
import { git } from './git.ts';

const repo = 'https://example.org/app.git';
const dest = '/srv/app';
const app = { repo, dest };
const [old, now] = ['1'.repeat(40), '2'.repeat(40)];
const main: RemoteCommit = { commit: now, branch: 'main', tag: '', isCut: false };
const right: WorkingCopy = {
  is: 'repository',
  head: now,
  branch: 'main',
  remote: repo,
  modified: '',
  tag: '',
  cutTo: null,
  unfinished: false,
  emptySubmodules: [],
};
const behind = { ...right, head: old };
const clear: CheckoutAhead = { ownCommits: [], inTheWay: '', paths: [], cutTo: null };
const host = (checkout: Checkout, remote: RemoteCommit = main, ahead: CheckoutAhead = clear): HostDescription => ({
  ...(checkout.is === 'absent' ? {} : { paths: { [dest]: { type: 'directory' } } }),
  answersOfKind: { 'git-checkout': () => checkout, 'git-remote': () => remote, 'git-ahead': () => ahead },
});
const moved = 'version 111111111111 -> 222222222222';

export const cases = planCases(git, {
  'a new working copy': {
    options: app,
    host: host({ is: 'absent' }),
    changes: ['state absent -> version 222222222222'],
    steps: ['check out /srv/app'],
    result: { before: '', after: now },
  },
  'into an empty directory': {
    options: app,
    host: host({ is: 'empty' }),
    changes: ['state empty -> version 222222222222'],
  },
  'into a folder that lets others write in what is made there': {
    options: app,
    host: {
      ...host({ is: 'absent' }),
      paths: { '/srv': { type: 'directory' } },
      answers: [
        predict(aclEntries('/srv'), [
          { isDefault: true, type: 'user', name: '', id: '', permissions: 7 },
          { isDefault: true, type: 'user', name: 'app', id: '4000', permissions: 6 },
          { isDefault: true, type: 'group', name: '', id: '', permissions: 5 },
          { isDefault: true, type: 'mask', name: '', id: '', permissions: 7 },
          { isDefault: true, type: 'other', name: '', id: '', permissions: 5 },
        ]),
      ],
    },
    fails:
      'as root git is not run in /srv/app: by its default access control list /srv lets others write in what is made there, who could have git run what they put there',
    hint: 'Have the list give less (`setfacl -k` takes it away), or put the working copy elsewhere.',
  },
  'right already': { options: app, host: host(right), steps: [], result: { before: now, after: now } },
  'the branch moved': {
    options: app,
    host: host(behind),
    changes: [moved],
    result: { before: old, after: now },
  },
  'the branch moved, and is not followed': {
    options: { ...app, update: false },
    host: host(behind),
    result: { before: old, after: old },
  },
  'another branch at the same commit': {
    options: { ...app, version: 'stable' },
    host: host(right, { ...main, branch: 'stable' }),
    changes: ['branch main -> stable'],
  },
  'a tag': {
    options: { ...app, version: 'v1' },
    host: host({ ...behind, branch: '' }, { ...main, branch: '', tag: '3'.repeat(40) }),
    changes: [moved, 'tag none -> 333333333333'],
  },
  'another remote': {
    options: app,
    host: host({ ...right, remote: 'https://old.example.org/app.git' }),
    changes: [`remote https://old.example.org/app.git -> ${repo}`],
  },
  'the same remote, written as Ansible writes a path': {
    options: { ...app, repo: '/srv/git/app.git' },
    host: host({ ...right, remote: 'file:///srv/git/app.git' }),
  },
  'more of the history': {
    options: app,
    host: host({ ...right, cutTo: 1 }),
    changes: ['history 1 commits -> all'],
  },
  'less of the history is enough': { options: { ...app, depth: 1 }, host: host({ ...right, cutTo: 1 }) },
  'modified files are not lost': {
    options: app,
    host: host({ ...right, modified: ' M a.txt\n M b c.txt\n' }),
    fails: 'files in /srv/app were modified, and would be lost: M a.txt, M b c.txt; with `force: true` they are',
  },
  'modified files are lost by force': {
    options: { ...app, force: true },
    host: host({ ...right, modified: ' M a.txt\n' }),
    changes: ['modified files M a.txt -> as in the repository'],
  },
  'commits made there are not lost': {
    options: app,
    host: host(behind, main, { ...clear, ownCommits: ['abc1234 mine'] }),
    fails: `commits made in /srv/app would be lost, since ${repo} lacks them: abc1234 mine; push them, or with \`force: true\` they are`,
  },
  'files in the way are not overwritten': {
    options: app,
    host: host(behind, main, { ...clear, inTheWay: 'a.txt' }),
    fails: 'files in /srv/app are in the way: a.txt; remove them, or with `force: true` they are overwritten',
  },
  'an interrupted checkout is finished': {
    options: app,
    host: host({ ...right, unfinished: true }),
    changes: ['checkout interrupted -> finished'],
  },
  'submodules that were never filled': {
    options: app,
    host: host({ ...right, emptySubmodules: ['lib'] }),
    changes: ['submodules empty: lib -> filled'],
  },
  'submodules that need not be filled': {
    options: { ...app, recursive: false },
    host: host({ ...right, emptySubmodules: ['lib'] }),
  },
  'something else is there': {
    options: app,
    host: host({ is: 'other' }),
    fails: '/srv/app exists, but is not a git working copy',
  },
  'a working copy of somebody else': {
    options: app,
    host: host({ is: 'foreign', path: dest, owner: 'app', isThere: true }),
    fails: 'as root git is not run in /srv/app: /srv/app belongs to app, who could have it run what they put there',
    hint: "Act with their rights: `becomeUser: 'app'`. Or make root the owner of everything there.",
  },
  'no such version': {
    options: { ...app, version: 'v9' },
    host: host({ is: 'absent' }, { unknownVersion: true, isEmpty: false }),
    fails: `${repo} has no branch or tag v9`,
    hint: 'A commit must be given whole, with 40 digits.',
  },
  'an empty repository': {
    options: app,
    host: host({ is: 'absent' }, { unknownVersion: true, isEmpty: true }),
    fails: `${repo} has no commits`,
  },
  'a repository that cannot be read': {
    options: app,
    host: host({ is: 'absent' }, { error: 'Permission denied (publickey).' }),
    fails: `${repo} cannot be read`,
    hint: 'Permission denied (publickey).',
  },
  'git is not installed': {
    options: app,
    host: host({ is: 'no tool' }),
    fails: 'git is not installed',
    hint: "Install it first: apt({ name: 'git' })",
  },
  'git may be installed by then': {
    options: app,
    host: host({ is: 'no tool' }),
    behind: { command: true },
    may: 'git is not installed yet ("a task" changes the host before)',
  },
  'a file above it': {
    options: { ...app, dest: '/srv/app/x' },
    host: { ...host({ is: 'absent' }), paths: { '/srv/app': { type: 'file', content: '' } } },
    fails: '/srv/app is a file',
  },
  'a password in the address, which is not shown': {
    options: { ...app, repo: 'https://me:s3cret@example.org/app.git' },
    fails: 'git: `repo` must hold no name, token or password, which git would keep in its configuration',
  },
});
