import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

/** A working copy as it is. */
export type Checkout =
  | { readonly is: 'absent' | 'empty' | 'other' | 'no tool' }
  | {
      readonly is: 'repository';
      /** The commit checked out; empty before the first. */
      readonly head: string;
      /** The branch checked out; empty for a commit or tag. */
      readonly branch: string;
      readonly remote: string;
      /** Tracked files that differ from the commit, for people. */
      readonly modified: string;
    };

/** Without prompts, and with a repository that another user owns taken for what it is, as Ansible does too. */
export const gitEnvironment = `export GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0 GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
[ -n "\${GIT_SSH_COMMAND-}" ] || export GIT_SSH_COMMAND='ssh -o BatchMode=yes'`;

const checkoutKind: ProbeKind<Checkout> = {
  kind: 'git-checkout',
  arity: 2,
  timeout: 120,
  sh: `${gitEnvironment}
xargs -0 -n 2 sh -c '
line() { printf %s "$1" | base64 | tr -d "\\n"; echo; }
if ! command -v git >/dev/null 2>&1; then echo "no tool"; echo; echo; echo; echo; exit 0; fi
if [ -e "$1/.git" ] && cd -- "$1" && git rev-parse --git-dir >/dev/null 2>&1; then
  echo repository
  line "$(git rev-parse -q --verify HEAD)"
  line "$(git symbolic-ref -q --short HEAD)"
  line "$(git config --get "remote.$2.url")"
  line "$(git status --porcelain --untracked-files=no | head -n 5)"
else
  if [ ! -e "$1" ]; then echo absent; elif [ -d "$1" ] && [ -z "$(ls -A -- "$1")" ]; then echo empty; else echo other; fi
  echo; echo; echo; echo
fi' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i): Checkout | ProbeFailure => {
      const [is, ...rest] = lines.slice(i * 5, i * 5 + 5);
      const [head, branch, remote, modified] = rest.map((line) => Buffer.from(line, 'base64').toString('utf8'));
      if (is === 'absent' || is === 'empty' || is === 'other' || is === 'no tool') return { is };
      if (is !== 'repository' || head === undefined || branch === undefined || remote === undefined || modified === undefined) return new ProbeFailure('no answer');
      return { is, head, branch, remote, modified };
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'below', path }, { on: 'packages' }],
  absent: { is: 'absent' },
};

/** What working copy of git lies at `path`, and where its remote is. */
export function checkout(path: string, remote: string): Question<Checkout> {
  return { kind: checkoutKind, args: [path, remote] };
}

export type RemoteCommit = { readonly commit: string; readonly isBranch: boolean } | { readonly error: string } | { readonly unknownVersion: true };

const remoteKind: ProbeKind<RemoteCommit> = {
  kind: 'git-remote',
  arity: 2,
  timeout: 600,
  sh: `${gitEnvironment}
xargs -0 -n 2 sh -c '
if o=$(timeout 60 git ls-remote -- "$1" 2>&1); then printf "%s" "$o" | base64 | tr -d "\\n"; echo; echo
else echo; printf "%s" "$o" | tail -n 3 | base64 | tr -d "\\n"; echo; fi' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map(([, version = ''], i) => {
      const [refs, error] = lines.slice(i * 2, i * 2 + 2).map((line) => Buffer.from(line, 'base64').toString('utf8'));
      if (refs === undefined || error === undefined) return new ProbeFailure('no answer');
      return error === '' ? findVersion(refs, version) : { error };
    });
  },
  depends: ([repo = '']) => [{ on: 'packages' }, ...(repo.startsWith('/') ? [{ on: 'path' as const, path: repo }, { on: 'below' as const, path: repo }] : [])],
};

/** As git-ls-remote(1) lists them; `^{}` is the commit an annotated tag stands for. */
function findVersion(list: string, version: string): RemoteCommit {
  const refs = new Map(list.split('\n').map((line): [string, string] => [line.slice(line.indexOf('\t') + 1), line.slice(0, line.indexOf('\t'))]));
  if (version === 'HEAD') return known(refs.get('HEAD'), false);
  const branch = refs.get(`refs/heads/${version}`);
  if (branch !== undefined) return known(branch, true);
  const tag = refs.get(`refs/tags/${version}^{}`) ?? refs.get(`refs/tags/${version}`) ?? refs.get(version);
  if (tag !== undefined) return known(tag, false);
  return /^[0-9a-f]{40}$/.test(version) ? { commit: version, isBranch: false } : { unknownVersion: true };
}

function known(commit: string | undefined, isBranch: boolean): RemoteCommit {
  return commit === undefined ? { unknownVersion: true } : { commit, isBranch };
}

/** Which commit a version (branch, tag, commit, `HEAD`) of a repository is now. */
export function remoteCommit(repo: string, version: string): Question<RemoteCommit> {
  return { kind: remoteKind, args: [repo, version] };
}
