import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';
import { scratchSh } from './git-answers.ts';
import { gitEnvironment, localRepository, newKeysIf } from './git.probe.ts';

/** What a checkout of another commit would do to a working copy. */
export type CheckoutAhead =
  | { readonly error: string }
  | {
      /** Commits made there that nothing would lead to any more: their short names and titles, the newest first. */
      readonly ownCommits: readonly string[];
      /**
       * Untracked files that stand where the commit brings some, or why git would refuse otherwise. Empty: it would
       * not.
       */
      readonly inTheWay: string;
      /** What becomes another: files, links and submodules, and directories that come or go. Null: too many to tell. */
      readonly paths: readonly ChangedPath[] | null;
      /** How many commits the history has that came, where it is cut off; null where it is whole. */
      readonly cutTo: number | null;
    };

export interface ChangedPath {
  /** Relative to the working copy. */
  readonly path: string;
  /** Modes as git has them (`100644`, `040000`); `000000`: not there. */
  readonly before: string;
  readonly after: string;
}

/** The tree that has nothing in it, which every repository knows. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const largestList = 4_000_000;

// All of it in a repository of its own that borrows the objects of the one there: nothing is written to that. Contents
// are left out where the server can do so. Commits count as fetched, so that they are nobody's own, when a remote's
// branch led to them once.
const kind: ProbeKind<CheckoutAhead> = {
  kind: 'git-ahead',
  arity: 8,
  timeout: 900,
  inTurn: true,
  sh: `${gitEnvironment}
export LC_ALL=C PLAY_LANE=$PPID
xargs -0 -n 8 sh -c '
${newKeysIf('$8')}
${scratchSh}
commit=$3 branch=$4
git init -q --bare "$t/g"
copy() { git --git-dir="$t/g" "$@"; }
copy config remote.there.url "$2"
there= head= own=
if [ -e "$1/.git" ] && cd -- "$1" && git rev-parse --git-dir >/dev/null 2>&1; then
  there=yes
  head=$(git rev-parse -q --verify HEAD)
  index=$(git rev-parse --git-path index)
  export GIT_ALTERNATE_OBJECT_DIRECTORIES="$(git rev-parse --git-path objects)"
  s=$(git rev-parse --git-path shallow); [ ! -s "$s" ] || cp -- "$s" "$t/g/shallow"
  {
    git for-each-ref --format="%(objectname) %(refname)" | while read -r id name; do [ "$name" = "refs/heads/$branch" ] || echo "^$id"; done
    sed "s/^\\([0-9a-f]*\\).*/^\\1/" "$(git rev-parse --git-path FETCH_HEAD)"
    git for-each-ref --format="%(refname)" refs/remotes | while read -r name; do git rev-list -g "$name" | sed "s/^/^/"; done
  } >"$t/known" 2>/dev/null
  git for-each-ref --format="create refs/was/%(objectname) %(objectname)" | sort -u | copy update-ref --stdin 2>/dev/null
  git symbolic-ref -q HEAD >/dev/null || own=$head
  [ -z "$branch" ] || own="$own $(git rev-parse -q --verify "refs/heads/$branch")"
fi
has() { copy cat-file -e "$commit^{commit}" 2>/dev/null; }
fetch() { copy fetch -q --no-tags --filter=blob:none "$@" 2>"$t/err"; }
if has; then :; else
  depth=$6; [ -n "$head" ] || depth=\${6:-1}
  fetch \${depth:+--depth "$depth"} there "$5"
  [ -z "$7" ] || has || fetch there "$7"
  has || fetch there "+refs/heads/*:refs/there/*"
  [ -z "\${own# }" ] || [ -n "$depth" ] || fetch there "+refs/heads/*:refs/there/*"
fi
if has; then
  cut=
  [ ! -s "$t/g/shallow" ] || cut=$(copy rev-list --count "$commit" 2>/dev/null)
  echo
  if [ -n "\${own# }" ]; then
    { printf "%s\\n" $own "^$commit"; cat "$t/known"; copy for-each-ref --format="^%(objectname)" refs/there; } | copy rev-list --stdin --ignore-missing --max-count=5 --oneline 2>/dev/null
  fi | line
  if [ -n "$there" ]; then
    [ ! -e "$index" ] || cp -- "$index" "$t/index"
    export GIT_OBJECT_DIRECTORY="$t/g/objects" GIT_INDEX_FILE="$t/index"
    git update-index -q --refresh >/dev/null 2>&1
    # read-tree overwrites what is ignored, without a word.
    w=$(copy diff-tree -r -z --no-renames --diff-filter=A --name-only "\${head:-${emptyTree}}" "$commit" | xargs -0 -r git --literal-pathspecs ls-files -o -- 2>/dev/null | head -n 3)
    if [ -n "$w" ]; then echo "$w"; else git read-tree -n -m -u "\${head:-${emptyTree}}" "$commit" 2>&1 | head -n 1; fi
  fi | line
  copy diff-tree -r -t -z --no-renames --raw "\${head:-${emptyTree}}" "$commit" | head -c ${largestList} | line
  echo "$cut"
else
  tail -n 3 "$t/err" | line; echo; echo; echo; echo
fi' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i): CheckoutAhead | ProbeFailure => {
      const answer = lines.slice(i * 5, i * 5 + 5);
      const [error, own, way, list] = answer.slice(0, 4).map((line) => Buffer.from(line, 'base64').toString('utf8'));
      const cut = answer[4] ?? '';
      if (error === undefined || own === undefined || way === undefined || list === undefined)
        return new ProbeFailure('no answer');
      if (error !== '') return { error };
      return {
        ownCommits: own.split('\n').filter((line) => line !== ''),
        inTheWay: way
          .trim()
          .replace(/^error: /, '')
          .replaceAll('\n', ', '),
        paths: list.length >= largestList ? null : parsePaths(list),
        cutTo: cut === '' ? null : Number(cut),
      };
    });
  },
  depends: ([path = '', repo = '']): Subject[] => [
    { on: 'path', path },
    { on: 'below', path },
    { on: 'packages' },
    ...fromHere(repo),
  ],
};

function fromHere(repo: string): Subject[] {
  const path = localRepository(repo);
  return path === undefined
    ? []
    : [
        { on: 'path', path },
        { on: 'below', path },
      ];
}

/** The raw format of git-diff-tree(1) with NULs: `:OLDMODE NEWMODE OLDID NEWID STATUS`, then the path. */
function parsePaths(list: string): ChangedPath[] {
  const parts = list.split('\0');
  return parts.flatMap((part, i): ChangedPath[] => {
    const [, before, after] = /^:(\d+) (\d+) [0-9a-f]+ [0-9a-f]+ [A-Z]$/.exec(part) ?? [];
    return i % 2 !== 0 || before === undefined || after === undefined
      ? []
      : [{ path: parts[i + 1] ?? '', before, after }];
  });
}

/**
 * @param what the branch, tag or commit as it is named to the server @param refspec what is fetched beside it; empty
 * for nothing
 */
export function checkoutAhead(
  path: string,
  repo: string,
  to: {
    readonly commit: string;
    readonly branch: string;
    readonly what: string;
    readonly depth: string;
    readonly refspec: string;
    readonly takesKeys?: boolean;
  },
): Question<CheckoutAhead> {
  return { kind, args: [path, repo, to.commit, to.branch, to.what, to.depth, to.refspec, to.takesKeys ? 'yes' : ''] };
}
