import {
  predict,
  settled,
  type Change,
  type Found,
  type Need,
  type Plan,
  type Question,
  type Step,
} from '../../contract/index.ts';
import { visibleUrl } from '../../formats/url-text.ts';
import { planDirectory } from '../kit/directory.ts';
import { folderOf } from '../kit/folder.ts';
import { whyNotAsRoot } from '../kit/foreign-tool.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { gitBareScript } from './git-bare-script.ts';
import {
  bareRepository,
  branchOf,
  commitsOfOwn,
  emptyRepository,
  remoteRefs,
  type BareRepository,
  type Refs,
  type RemoteRefs,
} from './git-bare.probe.ts';
import { foreseenForeign } from './git-foreign.ts';
import { keysAfter, knownHostsOf } from './git-host-keys.ts';
import { short, type Wanted } from './git-options.ts';
import { remoteAddress } from './git.probe.ts';

interface Commits {
  readonly before: string;
  readonly after: string;
}

type There = Extract<RemoteRefs, { readonly refs: Refs }>;

/** What is asked of a bare repository beside what is on the way to it. */
export const bareQuestions = ({ repo, dest, remote, update, acceptHostkey }: Wanted): Question[] => [
  bareRepository(dest, remote),
  ...(update ? [remoteRefs(repo, acceptHostkey)] : []),
];

/** A repository without a working copy: branches, tags and the default branch are those of the remote. */
export function planBare(wanted: Wanted, found: Found): Plan<Commits> {
  const { repo, dest, remote, force, update, acceptHostkey, verifyCommit } = wanted;
  const asked = found.get(bareRepository(dest, remote));
  const now = foreseenForeign(dest, asked, found) ?? asked;
  found.require(now.is !== 'no tool', toolNeed('git', 'git'));
  if (now.is === 'other') return refused(`${dest} exists, but is not a bare git repository`);
  if (now.is === 'foreign')
    return update || !now.isThere
      ? { ...settled({ before: '', after: '' }), ...whyNotAsRoot(`git is not run in ${dest}`, now) }
      : settled({ before: '', after: '' });
  const copy = now.is === 'repository' ? now : undefined;
  const before = commitOf(copy);
  if (copy && !copy.unfinished && !update) return settled({ before, after: before });
  const there = found.get(remoteRefs(repo, acceptHostkey));
  if ('error' in there) found.require(false, { ...unreadable(repo, there.error), by: 'changes' });
  const after = afterwards(copy, there, repo);
  const result = { before, after: commitOf(after) };
  const changes = copy ? changesOf(wanted, copy, there) : [{ what: 'state', from: now.is, to: summary(there.refs) }];
  if (changes.length === 0) return settled(result);
  const folder =
    copy || now.is === 'empty' ? undefined : planDirectory({ path: dest, force: false, recurse: false }, found);
  if (folder?.failure !== undefined) return refused(folder.failure);
  const problem = copy && (heldByWorktree(dest, copy, there) ?? (force ? undefined : lost(wanted, copy, there, found)));
  if (problem !== undefined) return refused(problem);
  const head = there.refs.get(`refs/heads/${there.head}`) ?? '';
  if (verifyCommit && head !== '' && found.forecast !== undefined)
    found.assume(`${short(head)} has a good signature (only the run looks)`);
  const keys = acceptHostkey ? knownHostsOf(found) : undefined;
  return {
    changes,
    steps: [step(wanted, copy ?? emptyRepository, there, verifyCommit ? head : '')],
    after: [
      ...(folder?.after ?? []),
      { ...predict(bareRepository(dest, remote), after), below: { unknown: `git brings what ${repo} has to ${dest}` } },
      ...(keys === undefined ? [] : keysAfter(keys)),
    ],
    touches: [
      { on: 'path', path: dest },
      ...(keys === undefined ? [] : [{ on: 'path' as const, path: folderOf(keys) }]),
    ],
    result,
  };
}

const refused = (failure: string, hint?: string): Plan<Commits> => ({
  ...settled({ before: '', after: '' }),
  failure,
  ...(hint === undefined ? {} : { hint }),
});

const unreadable = (repo: string, error: string): Pick<Need, 'failure' | 'hint'> => ({
  failure: `${repo} cannot be read`,
  hint: error.trim(),
});

const commitOf = (copy: BareRepository | undefined): string => copy?.refs.get(`refs/heads/${copy.head}`) ?? '';

/** Of the kind `branch main`. */
const nameOf = (ref: string): string => ref.replace(/^refs\/heads\//, 'branch ').replace(/^refs\/tags\//, 'tag ');

/** What is to be set, by its whole name. */
const moved = (copy: BareRepository, there: There): [string, string][] =>
  [...there.refs].filter(([ref, id]) => copy.refs.get(ref) !== id);

function afterwards(copy: BareRepository | undefined, there: There, repo: string): BareRepository {
  const blocked = new Set(copy === undefined ? [] : inTheWay(copy, there));
  return {
    is: 'repository',
    head: there.head === '' ? (copy?.head ?? '') : there.head,
    remote: repo,
    refs: new Map([...[...(copy?.refs ?? [])].filter(([ref]) => !blocked.has(ref)), ...there.refs]),
    fetched: there.refs,
    worktrees: copy?.worktrees ?? new Map(),
    unfinished: false,
  };
}

function summary(refs: Refs): string {
  const names = [...refs.keys()];
  const branches = names.filter((one) => one.startsWith('refs/heads/')).length;
  return `bare repository, ${counted(branches, 'branch', 'branches')}, ${counted(names.length - branches, 'tag', 'tags')}`;
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** More are told as one. */
const mostNamed = 12;

function changesOf({ repo }: Wanted, copy: BareRepository, there: There): Change[] {
  const changes: Change[] = [];
  if (remoteAddress(copy.remote) !== remoteAddress(repo))
    changes.push({ what: 'remote', from: copy.remote === '' ? 'none' : visibleUrl(copy.remote), to: repo });
  const refs = moved(copy, there);
  if (refs.length > mostNamed)
    changes.push({
      what: 'branches and tags',
      to: `${refs.length} moved or new: ${refs
        .slice(0, mostNamed)
        .map(([ref]) => nameOf(ref))
        .join(', ')} ...`,
    });
  else
    for (const [ref, id] of refs)
      changes.push({ what: nameOf(ref), from: short(copy.refs.get(ref) ?? 'none'), to: short(id) });
  for (const ref of inTheWay(copy, there))
    changes.push({ what: nameOf(ref), from: short(copy.refs.get(ref) ?? ''), to: 'removed' });
  if (there.head !== '' && there.head !== copy.head)
    changes.push({ what: 'default branch', from: copy.head === '' ? 'none' : copy.head, to: there.head });
  if (copy.unfinished) changes.push({ what: 'fetch', from: 'interrupted', to: 'finished' });
  return changes;
}

/** Names are paths to git: `a` and `a/b` cannot both be there. */
function inTheWay(copy: BareRepository, there: There): string[] {
  const coming = moved(copy, there).map(([ref]) => ref);
  return [...copy.refs.keys()].filter(
    (ref) => !there.refs.has(ref) && coming.some((one) => one.startsWith(`${ref}/`) || ref.startsWith(`${one}/`)),
  );
}

/** git(1) refuses to move such a branch, too: the files of the working tree would seem modified. */
function heldByWorktree(dest: string, copy: BareRepository, there: There): string | undefined {
  const [ref] = moved(copy, there).find(([one]) => copy.worktrees.has(one)) ?? [];
  return ref === undefined
    ? undefined
    : `${nameOf(ref)} of ${dest} is checked out in ${copy.worktrees.get(ref) ?? ''}; let that have a commit (\`git checkout --detach\`) or a branch of its own`;
}

/** Branches that are moved away from commits which the remote never had. */
function lost(
  { dest, repo, acceptHostkey }: Wanted,
  copy: BareRepository,
  there: There,
  found: Found,
): string | undefined {
  const [blocked] = inTheWay(copy, there);
  if (blocked !== undefined)
    return `${nameOf(blocked)} of ${dest}, which ${repo} no longer has, is in the way of another; remove it, or with \`force: true\` it is`;
  const own = moved(copy, there).filter(
    ([ref]) => ref.startsWith('refs/heads/') && copy.refs.has(ref) && copy.refs.get(ref) !== copy.fetched.get(ref),
  );
  if (own.length === 0) return undefined;
  const tips = own.map(([ref]) => copy.refs.get(ref) ?? '');
  const known = own.flatMap(([ref]) => copy.fetched.get(ref) ?? []);
  const commits = found.get(commitsOfOwn(dest, repo, tips, known, acceptHostkey));
  if ('error' in commits) return `${repo} cannot be fetched: ${commits.error.trim()}`;
  return commits.length === 0
    ? undefined
    : `commits that were pushed to ${own.map(([ref]) => branchOf(ref)).join(', ')} of ${dest} would be lost, since ${repo} lacks them: ${commits.join('; ')}; push them there, or with \`force: true\` they are`;
}

function step(wanted: Wanted, copy: BareRepository, there: There, signed: string): Step {
  const { repo, dest, remote, acceptHostkey } = wanted;
  const head = there.head === copy.head ? '' : there.head;
  const blocked = inTheWay(copy, there);
  const updates = moved(copy, there).map(
    ([ref, id]) => `update ${ref}\0${id}\0${copy.refs.get(ref) ?? '0'.repeat(id.length)}\0`,
  );
  return {
    script: gitBareScript,
    args: [dest, remote, repo, head, acceptHostkey ? 'keys' : '', signed, ...blocked],
    stdin: Buffer.from(updates.join('')),
    label: `fetch ${dest}`,
  };
}
