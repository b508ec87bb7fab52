import * as v from 'valibot';
import { defineResource, type Change, type Known, type Plan, type Step } from '../playbook/index.ts';
import { checkout, gitEnvironment, remoteCommit, stat, type Found } from '../probes/index.ts';
import { folderOf } from './file-content.ts';
import { known } from './known.ts';
import { flag, path, text } from './schemas.ts';

export interface GitResult {
  /** The commit before; empty where there was none. */
  readonly before: string;
  readonly after: string;
}

const options = {
  repo: v.pipe(text('Where from: an address or path as in git-clone(1). No password in it: use a key.'), v.regex(/^[^-\0]/, 'must not begin with a dash'), v.check((repo) => !/^https?:\/\/[^/]*:[^/]*@/.test(repo), 'must hold no password, which git would keep in its configuration')),
  dest: path('The working copy on the host.'),
  version: v.optional(v.pipe(text('Branch, tag, or whole commit. Default `HEAD`: the branch the repository names as its main one.'), v.regex(/^[^-\0\s][^\0\s]*$/, 'must be the name of a branch or tag, or a commit')), 'HEAD'),
  remote: v.optional(v.pipe(text('What the remote is called there. Default `origin`.'), v.regex(/^[A-Za-z0-9_.][A-Za-z0-9_./-]*$/, 'must be a name')), 'origin'),
  depth: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Fetch only so many commits of the history.'))),
  force: flag('Throw away what was modified in tracked files there; otherwise the task fails.', false),
  update: flag('Follow the version when it moves. Without, a working copy that is there stays as it is.', true),
};

type Wanted = v.InferOutput<v.StrictObjectSchema<typeof options, undefined>>;

/** A working copy of a git repository. */
export const git = defineResource({
  name: 'git',
  summary: "Checks out a repository with the host's git. What the remote has is asked in check mode too, so that it tells which commit comes.",
  options,
  example: `git({ repo: 'https://example.org/app.git', dest: '/srv/app/source', version: 'v1.4.2', depth: 1 })`,
  title: (given) => given.dest ?? '',
  prepare: (given): Wanted => given,
  probes: ({ repo, dest, version, remote, update }) => [checkout(dest, remote), stat(folderOf(dest)), ...(update ? [remoteCommit(repo, version)] : [])],
  plan: planGit,
  owns: ({ dest }) => [dest],
});

// $1 place, $2 remote, $3 address, $4 commit, $5 branch or empty, $6 depth or empty, $7 what to fetch. A shallow copy gets just
// that commit where the server allows it. `checkout --force` puts modified files back.
const script = `set -e
${gitEnvironment}
unset GIT_OPTIONAL_LOCKS
mkdir -p -- "$1"
cd -- "$1"
[ -e .git ] || git init -q .
git remote | grep -Fqx -e "$2" || git remote add "$2" "$3"
git remote set-url "$2" "$3"
if git cat-file -e "$4^{commit}" 2>/dev/null; then :
elif [ -n "$6" ]; then git fetch -q --depth "$6" "$2" "$7" || git fetch -q --tags "$2"
else
  if [ -e .git/shallow ]; then git fetch -q --unshallow --tags "$2"; else git fetch -q --tags --force "$2" "+refs/heads/*:refs/remotes/$2/*"; fi
  git cat-file -e "$4^{commit}" 2>/dev/null || git fetch -q "$2" "$4"
fi
if [ -n "$5" ]; then
  git update-ref "refs/remotes/$2/$5" "$4"
  git checkout -q --force -B "$5" "$4" --
  git config "branch.$5.remote" "$2"; git config "branch.$5.merge" "refs/heads/$5"
else git checkout -q --force --detach "$4" --; fi
if [ -e .gitmodules ]; then git submodule -q sync --recursive; git submodule -q update --init --recursive \${6:+--depth "$6"} --force; fi`;

function planGit(wanted: Wanted, found: Found): Plan<GitResult> {
  const { repo, dest, version, remote, force, update } = wanted;
  const nothing: Plan<GitResult> = { changes: [], steps: [], after: [], touches: [], result: { before: '', after: '' } };
  const now = found.get(checkout(dest, remote));
  if (now.is === 'no tool') {
    return found.changedBefore === undefined ? { ...nothing, failure: 'git is not installed; install it first: apt({ name: "git" })' } : { ...nothing, may: `git is not installed yet (${found.changedBefore})`, unforeseen: true };
  }
  if (now.is === 'other') return { ...nothing, failure: `${dest} is there, and is no working copy of git` };
  const before = now.is === 'repository' ? now.head : '';
  if (now.is === 'repository' && now.head !== '' && !update) return { ...nothing, result: { before, after: before } };
  const there = found.get(remoteCommit(repo, version));
  if ('error' in there) return { ...nothing, failure: `${repo} cannot be read: ${there.error.trim()}` };
  if ('unknownVersion' in there) return { ...nothing, failure: `${repo} has no branch or tag ${version}; a commit must be given whole, with 40 digits` };
  const result = { before, after: there.commit };
  const branch = there.isBranch ? version : '';
  const changes: Change[] = [];
  if (now.is !== 'repository') changes.push({ what: 'state', from: now.is, to: `version ${there.commit.slice(0, 12)}` });
  else {
    if (now.remote !== repo) changes.push({ what: 'remote', from: now.remote, to: repo });
    if (now.head !== there.commit) changes.push({ what: 'version', from: now.head.slice(0, 12), to: there.commit.slice(0, 12) });
    if (branch !== '' && now.branch !== branch) changes.push({ what: 'branch', from: now.branch === '' ? 'none' : now.branch, to: branch });
    if (now.modified !== '') {
      if (!force && changes.length > 0) return { ...nothing, failure: `files in ${dest} were modified, and would be lost: ${oneLine(now.modified)}; with \`force: true\` they are` };
      if (force) changes.push({ what: 'modified files', from: oneLine(now.modified), to: 'as in the repository' });
    }
  }
  if (changes.length === 0) return { ...nothing, result };
  return { ...nothing, changes, steps: [step(wanted, there.commit, branch)], after: stateAfter(wanted, there.commit, branch), touches: [{ on: 'path', path: dest }], result };
}

function step({ repo, dest, version, remote, depth }: Wanted, commit: string, branch: string): Step {
  return { script, args: [dest, remote, repo, commit, branch, depth === undefined ? '' : String(depth), branch === '' && version !== 'HEAD' && commit !== version ? `refs/tags/${version}` : branch === '' ? commit : branch], label: `check out ${dest}` };
}

function stateAfter({ dest, remote, repo }: Wanted, head: string, branch: string): Known[] {
  return [known(checkout(dest, remote), { is: 'repository', head, branch, remote: repo, modified: '' })];
}

function oneLine(modified: string): string {
  return modified.trim().split('\n').map((line) => line.trim()).join(', ');
}
