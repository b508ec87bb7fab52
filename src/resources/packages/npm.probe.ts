import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';
import { ownFolderSh } from '../../probes/own-folder.ts';
import { walkSh } from '../../probes/walk.ts';
import { answerOf } from './answer-json.ts';
import { npmStateProgram } from './npm-state-program.ts';

/** A package that is not as it is wanted. */
export interface NpmDue {
  readonly name: string;
  /** The version that is there; empty where none is. */
  readonly from: string;
  /** What is wanted: a version or a range; empty where any will do, or none shall be. */
  readonly to: string;
}

export type NpmAnswer =
  | { readonly is: 'no npm' }
  | { readonly is: 'no folder' }
  | { readonly is: 'foreign'; readonly path: string; readonly owner: string }
  | { readonly is: 'error'; readonly why: string }
  | {
      readonly is: 'known';
      /** Where packages are: the folder with `node_modules`, or the prefix of global ones. */
      readonly place: string;
      /** The version of the package that was asked for; empty where it is not there. */
      readonly version: string;
      readonly due: readonly NpmDue[];
    };

export interface NpmRequest {
  readonly executable: string;
  /** Empty: global. */
  readonly path: string;
  /** Empty: what `package.json` says. */
  readonly name: string;
  readonly version: string;
  readonly ci: boolean;
  readonly production: boolean;
  readonly noOptional: boolean;
}

/** What is installed globally is one subject: where it lies is for npm to say. */
export const globalPackages: Subject = { on: 'named', name: 'packages of npm' };

/**
 * sh: nothing that npm asks or tells the registry beside its work. `npm_of PROGRAM` prints its path and puts what runs
 * it into PATH.
 */
export const npmSh = `export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false npm_config_progress=false npm_config_color=false NO_COLOR=1
npm_of() {
  npm=$(command -v -- "$1") || return
  case $npm in */*) PATH=\${npm%/*}:$PATH; export PATH;; esac
  command -v node >/dev/null
}`;

// npm itself writes logs and a cache wherever it is started: a question gives it a place of its own for them.
const scratchSh = `t=$(mktemp -d /var/tmp/play.$PPID.npm.XXXXXX) || exit 1
trap 'rm -rf -- "$t"' EXIT
trap 'exit 143' HUP INT TERM
export npm_config_cache="$t" npm_config_logs_max=0`;

const decoded = (line: string): string => Buffer.from(line, 'base64').toString('utf8');
const encoded = (texts: readonly string[]): string[] => texts.map((text) => Buffer.from(text).toString('base64'));

const stateKind: ProbeKind<NpmAnswer> = {
  kind: 'npm',
  arity: 4,
  timeout: 300,
  sh: `${walkSh}
${ownFolderSh}
${npmSh}
${scratchSh}
here=$PATH asked= prefix=
tr '\\0' '\\n' | while IFS= read -r npm && IFS= read -r path && IFS= read -r program && IFS= read -r ask; do
  PATH=$here npm=$(printf %s "$npm" | base64 -d) path=$(printf %s "$path" | base64 -d)
  if ! npm_of "$npm"; then echo '{"is":"no npm"}'; continue; fi
  if [ "$(id -u)" = 0 ] && ! { own_program "$npm" "$(command -v node)" && { [ -z "$path" ] || { own_folder "$path" && { [ ! -d "$path" ] || own_below; }; }; }; } 2>/dev/null; then
    printf '{"is":"foreign","path":"%s","owner":"%s"}\\n' "$(printf %s "$foreign" | tr -d '"\\\\')" "$(foreign_owner)"; continue
  fi
  if [ -n "$path" ] && [ ! -d "$path" ]; then echo '{"is":"no folder"}'; continue; fi
  place=$path
  if [ -z "$path" ]; then
    if [ "$asked" != "$npm" ] && ! prefix=$(cd / && "$npm" prefix -g 2>/dev/null); then echo '{"is":"failed"}'; continue; fi
    asked=$npm place=$prefix
  fi
  export PLAY_NPM_PLACE="$place" PLAY_NPM="$npm"
  if a=$(printf %s "$ask" | base64 -d | (cd / && node -e "$(printf %s "$program" | base64 -d)")); then printf '%s\\n' "$a" | tail -n 1; else echo '{"is":"failed"}'; fi
done`,
  decode(stdout, questions, stderr) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map(
      (_, i) =>
        answerOf<NpmAnswer>(lines[i] ?? '', ['no npm', 'no folder', 'foreign', 'error', 'known']) ??
        new ProbeFailure(`node cannot say what is installed: ${stderr.trim().split('\n').at(-1) ?? ''}`),
    );
  },
  depends: ([, coded = '']) => {
    const path = decoded(coded);
    return [
      { on: 'packages' },
      ...(path === ''
        ? [globalPackages]
        : [
            { on: 'path' as const, path },
            { on: 'below' as const, path },
          ]),
    ];
  },
};

/** What is installed by npm, and what of it is not as wanted. */
export function npmState(request: NpmRequest): Question<NpmAnswer> {
  const { executable, path, ...ask } = request;
  return {
    kind: stateKind,
    args: encoded([executable, path, npmStateProgram, JSON.stringify({ ...ask, global: path === '' })]),
  };
}

/** The version that a registry gives for a package; or why it gives none. */
export type NpmPublished = { readonly version: string } | { readonly error: string };

const publishedKind: ProbeKind<NpmPublished> = {
  kind: 'npm-published',
  arity: 4,
  timeout: 600,
  inTurn: true,
  sh: `${npmSh}
${scratchSh}
here=$PATH
tr '\\0' '\\n' | while IFS= read -r npm && IFS= read -r path && IFS= read -r spec && IFS= read -r registry; do
  PATH=$here npm=$(printf %s "$npm" | base64 -d) path=$(printf %s "$path" | base64 -d) spec=$(printf %s "$spec" | base64 -d) registry=$(printf %s "$registry" | base64 -d)
  npm_of "$npm" && [ -d "$path" ] || path=/
  set -- view "$spec" version --json
  [ -z "$registry" ] || set -- "$@" --registry "$registry"
  if o=$(cd -- "$path" && "$npm" "$@" 2>"$t/err" </dev/null); then printf 'ok '; printf %s "$o" | base64 | tr -d '\\n'; echo
  else printf 'error '; grep -i '^npm err' "$t/err" | head -n 4 | base64 | tr -d '\\n'; echo; fi
done`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i): NpmPublished | ProbeFailure => {
      const [is, coded = ''] = (lines[i] ?? '').split(' ');
      if (is !== 'ok' && is !== 'error') return new ProbeFailure('no answer');
      const text = decoded(coded);
      if (is === 'error') return { error: npmError(text) };
      // A text in quotes; of a range all versions that fit it, the oldest first.
      const version = [...text.matchAll(/"([^"\\]+)"/g)].at(-1)?.[1];
      return version === undefined ? { error: 'there is no such version' } : { version };
    });
  },
  // What is published does not change with this host.
  depends: () => [],
};

/** The first lines of npm that say something: without its mark, its code and the paths of its logs. */
function npmError(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/^npm err(?:or|!)\s*/i, '').replace(/^(?:code E\w+|\d{3}\s+)\s*/, ''))
    .filter((line) => line.trim() !== '');
  return lines[0]?.trim() ?? 'npm view failed';
}

/** Asks the registry; `spec` is a name with a version, range or tag: `pm2@latest`. */
export function npmPublished(executable: string, path: string, spec: string, registry: string): Question<NpmPublished> {
  return { kind: publishedKind, args: encoded([executable, path, spec, registry]) };
}
