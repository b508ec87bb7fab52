import { planCases, type HostDescription } from '../../testing/index.ts';
import {
  emptyRepository,
  type BareRepository,
  type BareState,
  type CommitsOfOwn,
  type RemoteRefs,
} from './git-bare.probe.ts';
import { git } from './git.ts';

const repo = 'https://example.org/app.git';
const dest = '/srv/app.git';
const bare = { repo, dest, bare: true };
const [old, now, tag] = ['1'.repeat(40), '2'.repeat(40), '3'.repeat(40)];
const refs = new Map([
  ['refs/heads/main', now],
  ['refs/tags/v1', tag],
]);
const there: RemoteRefs = { refs, head: 'main' };
const right: BareRepository = { ...emptyRepository, head: 'main', remote: repo, refs, fetched: refs };
const oldRefs = new Map([['refs/heads/main', old]]);
const behind: BareRepository = { ...right, refs: oldRefs, fetched: oldRefs };
const host = (state: BareState, remote: RemoteRefs = there, own: CommitsOfOwn = []): HostDescription => ({
  ...(state.is === 'absent' ? {} : { paths: { [dest]: { type: 'directory' } } }),
  answersOfKind: { 'git-bare': () => state, 'git-remote-refs': () => remote, 'git-bare-ahead': () => own },
});

export const cases = planCases(git, {
  'a new one': {
    options: bare,
    host: host({ is: 'absent' }),
    changes: ['state absent -> bare repository, 1 branch, 1 tag'],
    steps: ['fetch /srv/app.git'],
    args: [[dest, 'origin', repo, 'main', '', '']],
    stdin: [`update refs/heads/main\0${now}\0${'0'.repeat(40)}\0update refs/tags/v1\0${tag}\0${'0'.repeat(40)}\0`],
    result: { before: '', after: now },
  },
  'of a repository without commits': {
    options: bare,
    host: host({ is: 'empty' }, { refs: new Map(), head: '' }),
    changes: ['state empty -> bare repository, 0 branches, 0 tags'],
    result: { before: '', after: '' },
  },
  'right already': { options: bare, host: host(right), steps: [], result: { before: now, after: now } },
  'what the remote no longer has stays': {
    options: bare,
    host: host({ ...right, refs: new Map([...refs, ['refs/heads/gone', old]]) }),
  },
  'moved, with a new tag': {
    options: bare,
    host: host(behind),
    changes: ['branch main 111111111111 -> 222222222222', 'tag v1 none -> 333333333333'],
    stdin: [`update refs/heads/main\0${now}\0${old}\0update refs/tags/v1\0${tag}\0${'0'.repeat(40)}\0`],
    result: { before: old, after: now },
  },
  'moved, and left alone': {
    options: { ...bare, update: false },
    host: host(behind),
    result: { before: old, after: old },
  },
  'many at once': {
    options: bare,
    host: host(right, {
      refs: new Map([...refs, ...Array.from({ length: 14 }, (_, i): [string, string] => [`refs/tags/n${i}`, tag])]),
      head: 'main',
    }),
    changes: [
      'branches and tags 14 moved or new: tag n0, tag n1, tag n2, tag n3, tag n4, tag n5, tag n6, tag n7, tag n8, tag n9, tag n10, tag n11 ...',
    ],
  },
  'another default branch, another remote': {
    options: bare,
    host: host({ ...right, head: 'master', remote: '/srv/old.git' }),
    changes: [`remote /srv/old.git -> ${repo}`, 'default branch master -> main'],
  },
  'an interrupted one is finished': {
    options: bare,
    host: host({ ...right, unfinished: true }),
    changes: ['fetch interrupted -> finished'],
  },
  'commits that were pushed to it are not lost': {
    options: bare,
    host: host({ ...behind, fetched: new Map() }, there, ['abc1234 mine']),
    fails: `commits that were pushed to main of ${dest} would be lost, since ${repo} lacks them: abc1234 mine; push them there, or with \`force: true\` they are`,
  },
  'commits that were pushed to it are lost by force': {
    options: { ...bare, force: true },
    host: host({ ...behind, fetched: new Map() }, there, ['abc1234 mine']),
    changes: ['branch main 111111111111 -> 222222222222', 'tag v1 none -> 333333333333'],
  },
  'a branch in the way of another': {
    options: bare,
    host: host(
      { ...right, refs: new Map([...refs, ['refs/heads/a', old]]) },
      {
        refs: new Map([...refs, ['refs/heads/a/b', now]]),
        head: 'main',
      },
    ),
    fails: `branch a of ${dest}, which ${repo} no longer has, is in the way of another; remove it, or with \`force: true\` it is`,
  },
  'a branch in the way of another, by force': {
    options: { ...bare, force: true },
    host: host(
      { ...right, refs: new Map([...refs, ['refs/heads/a', old]]) },
      {
        refs: new Map([...refs, ['refs/heads/a/b', now]]),
        head: 'main',
      },
    ),
    changes: ['branch a/b none -> 222222222222', 'branch a 111111111111 -> removed'],
    args: [[dest, 'origin', repo, '', '', '', 'refs/heads/a']],
  },
  'a branch that a working tree has checked out': {
    options: bare,
    host: host({ ...behind, worktrees: new Map([['refs/heads/main', '/srv/tree']]) }),
    fails: `branch main of ${dest} is checked out in /srv/tree; let that have a commit (\`git checkout --detach\`) or a branch of its own`,
  },
  'something else is there': {
    options: bare,
    host: host({ is: 'other' }),
    fails: `${dest} exists, but is not a bare git repository`,
  },
  'somebody else could have git run things': {
    options: bare,
    host: host({ is: 'foreign', path: dest, owner: 'app', isThere: true }),
    fails: `as root git is not run in ${dest}: ${dest} belongs to app, who could have it run what they put there`,
    hint: "Act with their rights: `becomeUser: 'app'`. Or make root the owner of everything there.",
  },
  'a remote that cannot be read': {
    options: bare,
    host: host({ is: 'absent' }, { error: 'Permission denied (publickey).' }),
    fails: `${repo} cannot be read`,
    hint: 'Permission denied (publickey).',
  },
  'a version, which it has not': {
    options: { ...bare, version: 'v1' },
    fails: 'git: `bare` brings all branches and tags with their history: leave out `version`, `depth` and `refspec`',
  },
});
