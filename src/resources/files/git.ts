import {
  predict,
  settled,
  type Change,
  type Found,
  type Prediction,
  type Need,
  type Plan,
  type Question,
  type Stat,
  type Step,
} from '../../contract/index.ts';
import { visibleUrl } from '../../formats/url-text.ts';
import { defineResource } from '../../playbook/index.ts';
import { self, stat } from '../../probes/index.ts';
import { freshDirectory, planDirectory } from '../kit/directory.ts';
import { folderOf, pathAndAbove } from '../kit/folder.ts';
import { whyNotAsRoot } from '../kit/foreign-tool.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { checkoutAhead, type ChangedPath, type CheckoutAhead } from './git-ahead.probe.ts';
import { bareQuestions, planBare } from './git-bare.ts';
import { foreseenForeign, requireOwnDefaults } from './git-foreign.ts';
import { keysAfter, knownHostsOf } from './git-host-keys.ts';
import { options, short, type Wanted } from './git-options.ts';
import { gitScript } from './git-script.ts';
import { remoteAddress, checkout, remoteCommit, type RemoteCommit, type WorkingCopy } from './git.probe.ts';

export interface GitResult {
  /** The commit that was checked out before; empty if there was none. */
  readonly before: string;
  /** The commit that is checked out afterwards. */
  readonly after: string;
}

type Target = Extract<RemoteCommit, { commit: string }>;

/** A working copy of a git repository. */
export const git = defineResource({
  name: 'git',
  summary:
    "Checks out a repository with the host's git. Check mode asks the remote too, so that it can say which commit is coming, and what is in the way.",
  options,
  example: `git({ repo: 'https://example.org/app.git', dest: '/srv/app/source', version: 'v1.4.2', depth: 1 })`,
  // Not said of the option, whose value would be shown.
  validateOptions: ({ repo, bare, version, depth, refspec }) =>
    visibleUrl(repo) !== repo
      ? '`repo` must hold no name, token or password, which git would keep in its configuration'
      : bare && (version !== 'HEAD' || depth !== undefined || refspec !== undefined)
        ? '`bare` brings all branches and tags with their history: leave out `version`, `depth` and `refspec`'
        : undefined,
  title: (given) => given.dest ?? '',
  prepare: (given): Wanted => given,
  probes: (wanted): Question[] => [
    ...(wanted.bare ? bareQuestions(wanted) : copyQuestions(wanted)),
    ...pathAndAbove(wanted.dest).map(stat),
    ...(wanted.acceptHostkey ? [self] : []),
  ],
  plan: (wanted, found): Plan<GitResult> => (wanted.bare ? planBare(wanted, found) : planGit(wanted, found)),
  owns: ({ dest }) => [{ on: 'path', path: dest }],
});

function copyQuestions({ repo, dest, version, remote, update, acceptHostkey }: Wanted): Question[] {
  return [checkout(dest, remote, version), ...(update ? [remoteCommit(repo, version, acceptHostkey)] : [])];
}

function refused(failure: string, hint?: string): Plan<GitResult> {
  return { ...settled({ before: '', after: '' }), failure, ...(hint === undefined ? {} : { hint }) };
}

function planGit(wanted: Wanted, found: Found): Plan<GitResult> {
  const { repo, dest, version, remote, force, update, acceptHostkey, verifyCommit } = wanted;
  const asked = found.get(checkout(dest, remote, version));
  const now = foreseenForeign(dest, asked, found) ?? asked;
  found.require(now.is !== 'no tool', toolNeed('git', 'git'));
  if (now.is === 'other') return refused(`${dest} exists, but is not a git working copy`);
  if (now.is === 'foreign')
    return update || !now.isThere
      ? { ...settled({ before: '', after: '' }), ...whyNotAsRoot(`git is not run in ${dest}`, now) }
      : settled({ before: '', after: '' });
  const copy = now.is === 'repository' ? now : undefined;
  const before = copy?.head ?? '';
  if (copy && before !== '' && !update && !copy.unfinished) return settled({ before, after: before });
  const there = found.get(remoteCommit(repo, version, acceptHostkey));
  if (!('commit' in there)) found.require(false, { ...unreadable(wanted, there), by: 'changes' });
  const changes = copy
    ? changesOf(wanted, copy, there)
    : [{ what: 'state', from: now.is, to: `version ${short(there.commit)}` }];
  if (copy && copy.modified !== '' && !copy.unfinished) {
    if (!force)
      return refused(
        `files in ${dest} were modified, and would be lost: ${oneLine(copy.modified)}; with \`force: true\` they are`,
      );
    changes.push({ what: 'modified files', from: oneLine(copy.modified), to: 'as in the repository' });
  }
  const result = { before, after: there.commit };
  if (changes.length === 0) return settled(result);
  if (copy === undefined) requireOwnDefaults(dest, found);
  const folder =
    copy || now.is === 'empty' ? undefined : planDirectory({ path: dest, force: false, recurse: false }, found);
  if (folder?.failure !== undefined) return refused(folder.failure);
  const ahead = lookAhead(wanted, copy, there, found);
  const problem = ahead && refusal(wanted, copy, ahead);
  if (problem !== undefined) return refused(problem);
  if (verifyCommit && found.forecast !== undefined)
    found.assume(`${short(there.commit)} has a good signature (only the run looks)`);
  const keys = acceptHostkey ? knownHostsOf(found) : undefined;
  return {
    changes,
    steps: [step(wanted, copy, there)],
    after: [
      ...(folder?.after ?? []),
      ...stateAfter(wanted, copy, there, ahead),
      ...(keys === undefined ? [] : keysAfter(keys)),
    ],
    foreseen: () => newDirectories(dest, ahead, folder?.after, found),
    touches: [
      { on: 'path', path: dest },
      ...(keys === undefined ? [] : [{ on: 'path' as const, path: folderOf(keys) }]),
    ],
    result,
  };
}

function unreadable({ repo, version }: Wanted, answer: Exclude<RemoteCommit, Target>): Pick<Need, 'failure' | 'hint'> {
  if ('error' in answer) return { failure: `${repo} cannot be read`, hint: answer.error.trim() };
  return answer.isEmpty
    ? { failure: `${repo} has no commits` }
    : { failure: `${repo} has no branch or tag ${version}`, hint: 'A commit must be given whole, with 40 digits.' };
}

function changesOf({ repo, depth, recursive }: Wanted, now: WorkingCopy, there: Target): Change[] {
  const changes: Change[] = [];
  if (remoteAddress(now.remote) !== remoteAddress(repo))
    changes.push({ what: 'remote', from: now.remote === '' ? 'none' : visibleUrl(now.remote), to: repo });
  if (now.head !== there.commit)
    changes.push({ what: 'version', from: now.head === '' ? 'none' : short(now.head), to: short(there.commit) });
  if (there.branch !== '' && now.branch !== there.branch)
    changes.push({ what: 'branch', from: now.branch === '' ? 'none' : now.branch, to: there.branch });
  if (there.tag !== '' && now.tag !== there.tag)
    changes.push({ what: 'tag', from: now.tag === '' ? 'none' : short(now.tag), to: short(there.tag) });
  if (isTooShort(now, there, depth))
    changes.push({
      what: 'history',
      from: `${now.cutTo ?? 0} commits`,
      to: depth === undefined ? 'all' : `${depth} commits`,
    });
  if (now.unfinished) changes.push({ what: 'checkout', from: 'interrupted', to: 'finished' });
  if (recursive && now.emptySubmodules.length > 0)
    changes.push({ what: 'submodules', from: `empty: ${now.emptySubmodules.join(', ')}`, to: 'filled' });
  return changes;
}

/** Where the remote's own history is cut off, no more than that can be had. */
function isTooShort(now: WorkingCopy, { isCut }: Target, depth: number | undefined): boolean {
  return now.cutTo !== null && !isCut && (depth === undefined || now.cutTo < depth);
}

/** Where its history is cut off then. */
function cutAfter(
  depth: number | undefined,
  now: WorkingCopy | undefined,
  there: Target,
  ahead: CheckoutAhead | undefined,
): number | null {
  if (depth === undefined && !there.isCut) return null;
  if (depth !== undefined && now && isTooShort(now, there, depth)) return depth;
  return ahead && 'cutTo' in ahead ? ahead.cutTo : (now?.cutTo ?? null);
}

function refusal(
  { repo, dest, force }: Wanted,
  now: WorkingCopy | undefined,
  ahead: CheckoutAhead,
): string | undefined {
  if ('error' in ahead) return `${repo} cannot be fetched: ${ahead.error.trim()}`;
  if (!now || force) return undefined;
  if (ahead.ownCommits.length > 0)
    return `commits made in ${dest} would be lost, since ${repo} lacks them: ${ahead.ownCommits.join('; ')}; push them, or with \`force: true\` they are`;
  if (ahead.inTheWay !== '' && !now.unfinished)
    return `files in ${dest} are in the way: ${ahead.inTheWay}; remove them, or with \`force: true\` they are overwritten`;
  return undefined;
}

/** How the version is named to the server. */
function fetchName({ version, remote }: Wanted, { branch, tag, commit }: Target): string {
  if (branch !== '') return `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`;
  if (tag !== '') return `+refs/tags/${version}:refs/tags/${version}`;
  return version === 'HEAD' || version.startsWith('refs/') ? version : commit;
}

/**
 * What will come, and be lost, with the checkout. A new working copy has nothing to lose: what comes matters to check
 * mode alone.
 */
function lookAhead(
  wanted: Wanted,
  copy: WorkingCopy | undefined,
  there: Target,
  found: Found,
): CheckoutAhead | undefined {
  const moves = copy
    ? copy.head !== there.commit || (there.branch !== '' && copy.branch !== there.branch)
    : found.forecast !== undefined;
  if (!moves) return undefined;
  const { dest, repo, depth, refspec = '', acceptHostkey } = wanted;
  return found.get(
    checkoutAhead(dest, repo, {
      commit: there.commit,
      branch: there.branch,
      what: fetchName(wanted, there),
      depth: depth === undefined ? '' : String(depth),
      refspec,
      takesKeys: acceptHostkey,
    }),
  );
}

function step(wanted: Wanted, now: WorkingCopy | undefined, there: Target): Step {
  const { repo, dest, version, remote, depth, refspec = '', force, recursive, acceptHostkey, verifyCommit } = wanted;
  const deeper = now && isTooShort(now, there, depth) ? 'deeper' : '';
  const tag = there.tag !== '' && now?.tag !== there.tag ? version : '';
  return {
    script: gitScript,
    args: [
      dest,
      remote,
      repo,
      there.commit,
      there.branch,
      depth === undefined ? '' : String(depth),
      fetchName(wanted, there),
      refspec,
      tag,
      deeper,
      force || now?.unfinished ? 'force' : '',
      recursive ? 'submodules' : '',
      there.tag,
      acceptHostkey ? 'keys' : '',
      verifyCommit ? 'signed' : '',
    ],
    label: `check out ${dest}`,
  };
}

/** Paths that the checkout leaves alone stay known; what it brings is not. */
function stateAfter(
  { dest, remote, repo, version, depth }: Wanted,
  now: WorkingCopy | undefined,
  there: Target,
  ahead: CheckoutAhead | undefined,
): Prediction[] {
  const copy: WorkingCopy = {
    is: 'repository',
    head: there.commit,
    branch: there.branch,
    remote: repo,
    modified: '',
    tag: there.tag === '' ? (now?.tag ?? '') : there.tag,
    cutTo: cutAfter(depth, now, there, ahead),
    unfinished: false,
    emptySubmodules: [],
  };
  const unknown = `git brings ${short(there.commit)} to ${dest}`;
  const after = predict(checkout(dest, remote, version), copy);
  const changed = changedPaths(now, ahead);
  if (changed === null) return [{ ...after, below: { unknown } }];
  const directories = new Set(
    changed.filter(({ before, after: mode }) => before === tree || mode === tree).map((one) => one.path),
  );
  const others = new Set([
    ...changed.filter((one) => !directories.has(one.path)).map((one) => one.path),
    ...(now?.emptySubmodules ?? []),
    ...(now ? modifiedPaths(now.modified) : []),
    '.git',
  ]);
  const remaining = new Set(
    changed.filter(({ before, after: mode }) => before === tree && mode === tree).map((one) => one.path),
  );
  const spares = (full: string, isWhole: boolean): boolean => {
    const relative = full.slice(dest === '/' ? 1 : dest.length + 1);
    if (pathAndAbove(`/${relative}`).some((one) => others.has(one.slice(1)))) return false;
    return !directories.has(relative) || (!isWhole && remaining.has(relative));
  };
  return [{ ...after, below: { unknown, spares } }];
}

const tree = '040000';
const mostDirectories = 2000;

function madeBy(paths: readonly ChangedPath[]): ChangedPath[] {
  return paths.filter(({ before, after }) => before !== tree && after === tree);
}

/** Null where not all of it is known: of what was modified the first files are listed. */
function changedPaths(now: WorkingCopy | undefined, ahead: CheckoutAhead | undefined): readonly ChangedPath[] | null {
  if (now?.unfinished === true || (now && modifiedPaths(now.modified).length >= 5)) return null;
  if (ahead === undefined) return now ? [] : null;
  return 'paths' in ahead && ahead.paths !== null && madeBy(ahead.paths).length <= mostDirectories ? ahead.paths : null;
}

/** @param made the working copy's own folder and those above it, where they are new */
function newDirectories(
  dest: string,
  ahead: CheckoutAhead | undefined,
  made: readonly Prediction[] = [],
  found: Found,
): Prediction[] {
  const paths = ahead && 'paths' in ahead ? ahead.paths : null;
  const directories = madeBy(paths ?? []);
  if (directories.length === 0 || directories.length > mostDirectories) return [];
  const top = (made.at(-1)?.answer as Stat | undefined) ?? found.get(stat(dest));
  const fresh = freshDirectory(top.type === 'directory' ? top : undefined, found);
  return directories.map(({ path: one }) => predict(stat(`${dest}/${one}`), fresh));
}

/** As git-status(1) lists them: two letters, a blank, the path. */
function modifiedPaths(modified: string): string[] {
  return modified.split('\n').map((line) => line.trim().replace(/^\S+\s+/, ''));
}

function oneLine(modified: string): string {
  return modified
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .join(', ');
}
