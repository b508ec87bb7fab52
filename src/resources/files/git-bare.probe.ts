import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';
import { ownFolderSh } from '../../probes/own-folder.ts';
import { walkSh } from '../../probes/walk.ts';
import { orNoRepository, readPlaces, scratchSh, textOf, type NoRepository } from './git-answers.ts';
import {
  gitEnvironment,
  gitIsOurs,
  localRepository,
  newKeysIf,
  reasonOf,
  remoteList,
  unfinishedMark,
} from './git.probe.ts';

/** Branches and tags by their whole names (`refs/heads/main`): the objects they stand for. */
export type Refs = ReadonlyMap<string, string>;

/** What is at the place of a bare repository. */
export type BareState = NoRepository | BareRepository;

export interface BareRepository {
  readonly is: 'repository';
  /** The branch that HEAD stands for, also where it has no commit yet; empty for a commit. */
  readonly head: string;
  readonly remote: string;
  readonly refs: Refs;
  /** What the remote had when we last fetched: a branch that stands elsewhere was pushed to here. */
  readonly fetched: Refs;
  /** Branches that working trees (git-worktree(1)) have checked out, each with the place of one. */
  readonly worktrees: ReadonlyMap<string, string>;
  /** We were ended half way. */
  readonly unfinished: boolean;
}

/** In the repository: what the remote had when it was last fetched. */
export const fetchedList = 'play-fetched';

/**
 * sh: `bare_is_ours FOLDER` is `git_is_ours` for a repository without a working copy. Needs `gitIsOurs`; holds no
 * single quote.
 */
export const bareIsOurs = `bare_is_ours() {
  [ "$(id -u)" = 0 ] || return 0
  own_folder "$1" || return
  [ ! -e "$1/HEAD" ] || git_holds "$1"
}`;

const fieldsOfBare = 5;

const bareKind: ProbeKind<BareState> = {
  kind: 'git-bare',
  arity: 2,
  timeout: 120,
  sh: `${gitEnvironment}
xargs -0 -n 2 sh -c '
${walkSh}
${ownFolderSh}
${gitIsOurs}
${bareIsOurs}
line() { base64 | tr -d "\\n"; echo; }
is_bare() { cd -- "$1" 2>/dev/null && [ "$(git rev-parse --is-bare-repository 2>/dev/null) $(git rev-parse --git-dir 2>/dev/null)" = "true ." ]; }
if ! command -v git >/dev/null 2>&1; then echo "no tool"
elif ! bare_is_ours "$1" 2>/dev/null; then echo foreign; printf %s "$foreign" | line; foreign_owner | tr -d "\\n" | line; if [ -e "$1/HEAD" ]; then echo yes | line; else echo; fi
elif is_bare "$1"; then
  echo repository
  git symbolic-ref -q HEAD | line
  git config --get "remote.$2.url" | line
  git for-each-ref --format="%(objectname) %(refname)" refs/heads refs/tags | line
  if [ -e ${fetchedList} ]; then line <${fetchedList}; else echo; fi
  if [ -d worktrees ]; then git worktree list --porcelain | line; else echo; fi
  [ ! -e ${unfinishedMark} ] || echo unfinished
elif [ -e "$1/${unfinishedMark}" ]; then echo begun
${orNoRepository}' sh`,
  decode: (stdout, { length }) => readPlaces(stdout, length, readBare),
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'below', path }, { on: 'packages' }],
  follows: true,
  ofWay: true,
  tellsPaths: true,
  absent: { is: 'absent' },
};

/** A repository that has nothing yet. */
export const emptyRepository: BareRepository = {
  is: 'repository',
  head: '',
  remote: '',
  refs: new Map(),
  fetched: new Map(),
  worktrees: new Map(),
  unfinished: false,
};

function readBare(is: string, fields: readonly string[]): BareRepository | undefined {
  if (is === 'begun') return { ...emptyRepository, unfinished: true };
  const [head = '', remote = '', refs, fetched, worktrees] = fields.slice(0, fieldsOfBare).map(textOf);
  if (is !== 'repository' || worktrees === undefined) return undefined;
  return {
    is,
    head: branchOf(head.trim()),
    remote: remote.trim(),
    refs: refsOf(refs),
    fetched: refsOf(fetched),
    worktrees: checkedOut(worktrees),
    unfinished: fields[fieldsOfBare] === 'unfinished',
  };
}

export const branchOf = (ref: string): string => ref.replace(/^refs\/heads\//, '');

function refsOf(list = ''): Refs {
  return new Map(
    list.split('\n').flatMap((line): [string, string][] => {
      const [, id, ref] = /^([0-9a-f]{40,64}) (refs\/(?:heads|tags)\/.+)$/.exec(line) ?? [];
      return id === undefined || ref === undefined ? [] : [[ref, id]];
    }),
  );
}

/** As `git worktree list --porcelain` has them: `worktree PATH`, `branch refs/heads/NAME`, a blank line. */
function checkedOut(list: string): Map<string, string> {
  return new Map(
    list.split('\n\n').flatMap((one): [string, string][] => {
      const [, path = ''] = /^worktree (.*)$/m.exec(one) ?? [];
      const [, ref] = /^branch (.*)$/m.exec(one) ?? [];
      return ref === undefined ? [] : [[ref, path]];
    }),
  );
}

/** What bare repository lies at `path`, and where its remote is. */
export function bareRepository(path: string, remote: string): Question<BareState> {
  return { kind: bareKind, args: [path, remote] };
}

export type RemoteRefs =
  | {
      readonly refs: Refs;
      /** The default branch; empty where it says none. */
      readonly head: string;
    }
  | { readonly error: string };

const refsKind: ProbeKind<RemoteRefs> = {
  ...remoteList,
  kind: 'git-remote-refs',
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i): RemoteRefs | ProbeFailure => {
      const [list, error] = lines.slice(i * 3, i * 3 + 2).map(textOf);
      if (list === undefined || error === undefined) return new ProbeFailure('no answer');
      if (error !== '') return { error: reasonOf(error) };
      const [, head = ''] = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(list) ?? [];
      // `^{}` is what an annotated tag stands for, and no name of its own.
      return { head, refs: refsOf(list.replaceAll('\t', ' ').replaceAll(/^.*\^\{\}$/gm, '')) };
    });
  },
};

/** All branches and tags of a repository. @param takesKeys as with `remoteCommit` */
export function remoteRefs(repo: string, takesKeys: boolean): Question<RemoteRefs> {
  return { kind: refsKind, args: [repo, '', localRepository(repo) ?? '', takesKeys ? 'yes' : ''] };
}

/** Commits that nothing would lead to any more, were branches where the remote has them; or why that cannot be told. */
export type CommitsOfOwn = readonly string[] | { readonly error: string };

const aheadKind: ProbeKind<CommitsOfOwn> = {
  kind: 'git-bare-ahead',
  arity: 4,
  timeout: 900,
  inTurn: true,
  sh: `${gitEnvironment}
export LC_ALL=C PLAY_LANE=$PPID
xargs -0 -n 4 sh -c '
${newKeysIf('$4')}
${scratchSh}
git init -q --bare "$t"
export GIT_ALTERNATE_OBJECT_DIRECTORIES="$1/objects"
copy() { git --git-dir="$t" "$@"; }
copy config remote.there.url "$2"
if copy fetch -q --no-tags --filter=blob:none there "+refs/heads/*:refs/there/*" 2>"$t/err" </dev/null; then
  echo
  { printf "%s\\n" $3; copy for-each-ref --format="^%(objectname)" refs/there; } | copy rev-list --stdin --ignore-missing --max-count=5 --oneline 2>/dev/null | line
else tail -n 3 "$t/err" | line; echo; fi' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i): CommitsOfOwn | ProbeFailure => {
      const [error, own] = lines.slice(i * 2, i * 2 + 2).map(textOf);
      if (error === undefined || own === undefined) return new ProbeFailure('no answer');
      return error === '' ? own.split('\n').filter((line) => line !== '') : { error: reasonOf(error) };
    });
  },
  depends: ([path = '', repo = '']): Subject[] => [
    { on: 'path', path },
    { on: 'below', path },
    { on: 'packages' },
    ...(localRepository(repo) === undefined
      ? []
      : [
          { on: 'path' as const, path: repo },
          { on: 'below' as const, path: repo },
        ]),
  ],
};

/**
 * @param tips where branches stand here @param known commits that came from the remote once, and are nobody's own
 */
export function commitsOfOwn(
  path: string,
  repo: string,
  tips: readonly string[],
  known: readonly string[],
  takesKeys: boolean,
): Question<CommitsOfOwn> {
  const list = [...tips, ...known.map((id) => `^${id}`)].join(' ');
  return { kind: aheadKind, args: [path, repo, list, takesKeys ? 'yes' : ''] };
}
