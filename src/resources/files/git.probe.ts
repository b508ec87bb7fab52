import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';
import { ownFolderSh } from '../../probes/own-folder.ts';
import { walkSh } from '../../probes/walk.ts';
import { orNoRepository, readPlaces, textOf, type NoRepository } from './git-answers.ts';

/** A working copy as it is. */
export type Checkout = NoRepository | WorkingCopy;

export interface WorkingCopy {
  readonly is: 'repository';
  /** The commit checked out; empty before the first. */
  readonly head: string;
  /** The branch checked out; empty for a commit or tag. */
  readonly branch: string;
  readonly remote: string;
  /**
   * Tracked files that differ from the commit, for people; those of submodules, and submodules at another commit, among
   * them.
   */
  readonly modified: string;
  /** What the local tag of the wanted version's name stands for: an object's name; empty where there is no such tag. */
  readonly tag: string;
  /** How many commits a history has that is cut off; null where it is whole. */
  readonly cutTo: number | null;
  /** A checkout of ours was ended half way: what differs is what we wrote. */
  readonly unfinished: boolean;
  /** Submodules, also those of submodules, that were never fetched. */
  readonly emptySubmodules: readonly string[];
}

/** Without prompts, and with a repository that another user owns taken for what it is, as Ansible does too. */
export const gitEnvironment = `export GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0 GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
[ -n "\${GIT_SSH_COMMAND-}" ] || export GIT_SSH_COMMAND='ssh -o BatchMode=yes'`;

/**
 * sh, in double quotes of sh: what has ssh(1) take the key of a host that it knows none of; a key that is another than
 * the one it knows is refused all the same. A question writes nothing down: what ssh adds goes to its first file.
 */
export const takesNewKeys = '-o LogLevel=ERROR -o StrictHostKeyChecking=accept-new';
const asksForNewKeys = `${takesNewKeys} -o \\"UserKnownHostsFile=/dev/null ~/.ssh/known_hosts ~/.ssh/known_hosts2\\"`;
/** sh: the same for git, where the argument is not empty. Holds no single quote. */
export const newKeysIf = (argument: string): string =>
  `[ -z "${argument}" ] || export GIT_SSH_COMMAND="$GIT_SSH_COMMAND ${asksForNewKeys}"`;

/**
 * sh: `git_is_ours FOLDER` goes to the working copy, or to the folder in which it will be made, and fails where root
 * would be led by what others put there; then `foreign` is what is theirs. What a repository says is to be run stands
 * in its own folder, which may be elsewhere (`gitdir:`, `commondir`, gitrepository-layout(5)). Submodules are entered
 * by git itself. Who is not root risks no more than others of their group could do anyway, and is left to what git
 * checks. Needs `walkSh` and `ownFolderSh`; holds no single quote.
 */
export const gitIsOurs = `git_is_ours() {
  [ "$(id -u)" = 0 ] || return 0
  own_folder "$1" || return
  [ -e "$1/.git" ] || return 0
  [ ! -e .gitmodules ] || own_below || { foreign=$1/$foreign; return 1; }
  if [ -f .git ]; then
    read -r git_word git_dir <.git
    git_holds "$git_dir"
  else git_holds "$1/.git"
  fi
}
git_holds() {
  case $1 in /*) own_folder "$1" ;; *) own_folder "$PWD/$1" ;; esac || return
  git_theirs=$(find . -xdev -name objects -prune -o ! -type l $own_others -print | head -n 1)
  [ -z "$git_theirs" ] || { foreign=$foreign/$git_theirs; return 1; }
  [ ! -f commondir ] || { read -r git_dir <commondir; git_holds "$git_dir"; }
}`;

/** In the repository's own folder while files of the working copy are being replaced. */
export const unfinishedMark = 'play-unfinished';

const fieldsOfCopy = 9;

// Submodules are looked at one by one: what `git status` says of one does not tell another commit from a modified file.
const checkoutKind: ProbeKind<Checkout> = {
  kind: 'git-checkout',
  arity: 3,
  timeout: 120,
  sh: `${gitEnvironment}
xargs -0 -n 3 sh -c '
${walkSh}
${ownFolderSh}
${gitIsOurs}
line() { printf %s "$1" | base64 | tr -d "\\n"; echo; }
modified() { git status --porcelain --untracked-files=no --ignore-submodules=all; }
if ! command -v git >/dev/null 2>&1; then echo "no tool"
elif ! git_is_ours "$1" 2>/dev/null; then echo foreign; line "$foreign"; line "$(foreign_owner)"; if [ -e "$1/.git" ]; then line yes; else line ""; fi
elif [ -e "$1/.git" ] && cd -- "$1" && git rev-parse --git-dir >/dev/null 2>&1; then
  echo repository
  subs= none= inside=
  if [ -e .gitmodules ]; then
    subs=$(git submodule status --recursive 2>/dev/null | grep -v "^ ")
    [ -z "$subs" ] || none=$(git config -f .gitmodules --get-regexp "^submodule\\\\..*\\\\.(path|update)$"; git config --get-regexp "^submodule\\\\..*\\\\.update$")
    inside=$(git submodule --quiet foreach --recursive "git status --porcelain --untracked-files=no --ignore-submodules=all | while read -r s f; do echo \\"\\$s \\$displaypath/\\$f\\"; done" 2>/dev/null)
  fi
  line "$(git rev-parse -q --verify HEAD)"
  line "$(git symbolic-ref -q --short HEAD)"
  line "$(git config --get "remote.$2.url")"
  line "$({ modified; [ -z "$inside" ] || echo "$inside"; } | head -n 5)"
  line "$(git rev-parse -q --verify "refs/tags/$3")"
  s=$(git rev-parse --git-path shallow) n=
  if [ -s "$s" ] && git rev-list HEAD 2>/dev/null | grep -qFx -f "$s"; then n=$(git rev-list --count HEAD); fi
  line "$n"
  if [ -e "$(git rev-parse --git-path ${unfinishedMark})" ]; then line yes; else line ""; fi
  line "$subs"
  line "$none"
${orNoRepository}' sh`,
  decode: (stdout, { length }) =>
    readPlaces(stdout, length, (is, fields) =>
      is === 'repository' && fields.length === fieldsOfCopy ? workingCopy(fields.map(textOf)) : undefined,
    ),
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'below', path }, { on: 'packages' }],
  follows: true,
  ofWay: true,
  tellsPaths: true,
  absent: { is: 'absent' },
  ofEmptyDirectory: { is: 'empty' },
};

function workingCopy([
  head = '',
  branch = '',
  remote = '',
  files = '',
  tag = '',
  cutTo = '',
  unfinished = '',
  submodules = '',
  settings = '',
]: readonly string[]): WorkingCopy {
  const neverUpdated = submodulesLeftAlone(settings);
  // `-`: never fetched. `+`, `U`: at another commit than the one recorded, or in conflict (git-submodule(1)).
  const states = [...submodules.matchAll(/^([-+U])\S+ (.+?)(?: \([^()]*\))?$/gm)]
    .map(([, state, path = '']) => ({ state, path }))
    .filter(({ path }) => !neverUpdated.has(path));
  const emptySubmodules = states.filter(({ state }) => state === '-').map(({ path }) => path);
  const moved = states.filter(({ state }) => state !== '-').map(({ path }) => `M ${path}`);
  return {
    is: 'repository',
    head,
    branch,
    remote,
    modified: [files, ...moved].filter((part) => part !== '').join('\n'),
    tag,
    cutTo: cutTo === '' ? null : Number(cutTo),
    unfinished: unfinished !== '',
    emptySubmodules,
  };
}

/** Paths of submodules that are never checked out (`update = none`, gitmodules(5)). */
function submodulesLeftAlone(settings: string): Set<string> {
  const paths = new Map<string, string>();
  const none = new Set<string>();
  for (const line of settings.split('\n')) {
    const [, name = '', key, value = ''] = /^submodule\.(.*?)\.(path|update) (.*)$/.exec(line) ?? [];
    if (key === 'path') paths.set(name, value);
    if (key === 'update') none[value === 'none' ? 'add' : 'delete'](name);
  }
  return new Set([...none].map((name) => paths.get(name) ?? name));
}

/** What working copy of git lies at `path`, where its remote is, and what the tag `version` is there. */
export function checkout(path: string, remote: string, version: string): Question<Checkout> {
  return { kind: checkoutKind, args: [path, remote, version] };
}

export type RemoteCommit =
  | {
      readonly commit: string;
      /** The branch that stands there, with `HEAD` the main one; empty for a tag or commit. */
      readonly branch: string;
      /** The object the tag stands for there, which for an annotated one is no commit; empty for all else. */
      readonly tag: string;
      /** Its own history is cut off. */
      readonly isCut: boolean;
    }
  | { readonly error: string }
  | { readonly unknownVersion: true; readonly isEmpty: boolean };

/** The path of a repository on the host itself; undefined for an address. */
export function localRepository(repo: string): string | undefined {
  return repo.startsWith('/') ? repo : /^file:\/\/(?:localhost)?(\/.*)$/.exec(repo)?.[1];
}

/** A path and its `file://` are one remote: Ansible writes the second where it is given the first. */
export const remoteAddress = (remote: string): string => localRepository(remote) ?? remote;

/** What git says of a repository it cannot read, without the advice it gives for every one. */
export function reasonOf(said: string): string {
  const lines = said.split('\n').map((line) => line.trim().replace(/^(?:fatal|error): /, ''));
  const telling = lines.filter(
    (line) =>
      line !== '' &&
      !/^(?:Could not read from remote repository\.|Please make sure you have the correct access rights|and the repository exists\.)$/.test(
        line,
      ),
  );
  return telling.slice(-3).join('; ') || said.trim();
}

/** What a remote lists: two lines in base64, the list or what went wrong, and whether its own history is cut off. */
export const remoteList: Pick<ProbeKind<never>, 'arity' | 'timeout' | 'sh' | 'depends'> = {
  arity: 4,
  timeout: 600,
  sh: `${gitEnvironment}
xargs -0 -n 4 sh -c '
${newKeysIf('$4')}
if o=$(timeout 60 git ls-remote --symref -- "$1" 2>&1); then printf "%s" "$o" | base64 | tr -d "\\n"; echo; echo
else echo; printf "%s" "$o" | tail -n 12 | base64 | tr -d "\\n"; echo; fi
if [ -n "$3" ] && { [ -s "$3/shallow" ] || [ -s "$3/.git/shallow" ]; }; then echo cut; else echo whole; fi' sh`,
  depends: ([, , local = '']): Subject[] => [
    { on: 'packages' },
    ...(local === ''
      ? []
      : [
          { on: 'path' as const, path: local },
          { on: 'below' as const, path: local },
        ]),
  ],
};

const remoteKind: ProbeKind<RemoteCommit> = {
  ...remoteList,
  kind: 'git-remote',
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map(([, version = ''], i) => {
      const [refs, error] = lines.slice(i * 3, i * 3 + 2).map((line) => Buffer.from(line, 'base64').toString('utf8'));
      if (refs === undefined || error === undefined) return new ProbeFailure('no answer');
      return error === '' ? findVersion(refs, version, lines[i * 3 + 2] === 'cut') : { error: reasonOf(error) };
    });
  },
};

/** As git-ls-remote(1) lists them; `^{}` is the commit an annotated tag stands for. */
function findVersion(list: string, version: string, isCut: boolean): RemoteCommit {
  const refs = new Map(
    list
      .split('\n')
      .filter((line) => line !== '')
      .map((line): [string, string] => [line.slice(line.indexOf('\t') + 1), line.slice(0, line.indexOf('\t'))]),
  );
  const main = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(list)?.[1] ?? '';
  const name = version === 'HEAD' ? main : version.replace(/^refs\/heads\//, '');
  const branch = name === '' ? undefined : refs.get(`refs/heads/${name}`);
  if (branch !== undefined) return { commit: branch, branch: name, tag: '', isCut };
  const tag = refs.get(`refs/tags/${version}`);
  const commit = refs.get(`refs/tags/${version}^{}`) ?? tag ?? refs.get(`${version}^{}`) ?? refs.get(version);
  if (commit !== undefined) return { commit, branch: '', tag: tag ?? '', isCut };
  return /^[0-9a-f]{40}$/.test(version)
    ? { commit: version, branch: '', tag: '', isCut }
    : { unknownVersion: true, isEmpty: refs.size === 0 };
}

/**
 * Which commit a version (branch, tag, commit, `HEAD`) of a repository is now.
 *
 * @param takesKeys a host whose key ssh does not know yet is asked, too
 */
export function remoteCommit(repo: string, version: string, takesKeys = false): Question<RemoteCommit> {
  return { kind: remoteKind, args: [repo, version, localRepository(repo) ?? '', takesKeys ? 'yes' : ''] };
}
