import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { contentLimit, type Content } from '../../probes/content.ts';
import { walkSh } from '../../probes/walk.ts';
import { lackOf, noAnswerText } from '../kit/no-answer.ts';
import type { Digest } from './digest.probe.ts';

/** A file to fetch over HTTP by the host itself. */
export interface DownloadRequest {
  readonly url: string;
  /** What it must come to; undefined: anything will do. */
  readonly digest: Digest | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly user: { readonly name: string; readonly password: string } | undefined;
  /** Seconds. */
  readonly timeout: number;
  readonly validateCerts: boolean;
  /** Something in it must not be seen in the process list. */
  readonly isSecret: boolean;
}

export type DownloadAnswer =
  | {
      readonly sha256: string;
      readonly size: number;
      /** In the algorithm of the digest that is asked for; else SHA-256. */
      readonly digest: string;
      readonly content: Content;
    }
  | DownloadError;

export interface DownloadError {
  readonly error: string;
  /** There was a server, which did not want to give it. */
  readonly wasRefused: boolean;
}

// sh: `fetch FILE` after `d` (a private folder) and the words of a request. Addresses and headers go by files, not by
// argv.
const fetchFunction = `
fetch() {
  if command -v curl >/dev/null 2>&1; then
    printf %s "$curl" | base64 -d >"$d/curl"
    curl -q -K "$d/curl" -o "$1" 2>"$d/said"; set -- $?
    # Of what it tells of the connection only why there is none: the rest has headers in it.
    sed -n '/^[*] connect to .* failed: /p; /^curl: /p' "$d/said" >"$d/err"; rm -f "$d/said"
    return "$1"
  elif ! command -v wget >/dev/null 2>&1; then echo "the host has neither curl nor wget; install one before: apt({ name: \\"curl\\" })" >"$d/err"; return 1
  elif wget --version 2>/dev/null | grep -q GNU; then
    printf %s "$wgetrc" | base64 -d >"$d/wgetrc"; printf %s "$url" | base64 -d >"$d/url"; echo >>"$d/url"
    set -- "$1"; [ "$insecure" = n ] || set -- "$1" --no-check-certificate
    out=$1; shift
    timeout "$timeout" wget --config="$d/wgetrc" -nv -t 1 -O "$out" "$@" -i "$d/url" 2>"$d/err"
  elif [ "$secret" = y ]; then echo "the host has only busybox wget, which would show the password to everybody on it; install curl before" >"$d/err"; return 1
  else
    out=$1; set --; [ "$insecure" = n ] || set -- --no-check-certificate
    printf %s "$headers" | base64 -d >"$d/headers"
    while IFS= read -r h; do set -- "$@" --header "$h"; done <"$d/headers"
    timeout "$timeout" wget -q -O "$out" "$@" "$(printf %s "$url" | base64 -d)" 2>"$d/err"
  fi
}`;
const scratch = `d=$(mktemp -d /run/play.$PPID.uri.XXXXXX 2>/dev/null || mktemp -d /dev/shm/play.$PPID.uri.XXXXXX 2>/dev/null || mktemp -d /tmp/play.$PPID.uri.XXXXXX) || exit 73
trap 'rm -rf -- "$d" \${new:+"$new"}' EXIT
trap 'exit 143' HUP INT TERM
umask 077`;

/** How many strings a request is: `downloadArgs`. */
export const downloadArity = 5;

/**
 * A probe that fetches, and says in one line of sh what came into `$t`; `errorIn` reads the line of one that did not.
 *
 * @param how sh that fetches; `fetch FILE` does it whole
 */
export const fetching = (say: string, how = 'fetch "$t"'): string => `new=
${scratch}
${fetchFunction}
tr '\\0' '\\n' | while IFS= read -r flags && IFS= read -r url && IFS= read -r curl && IFS= read -r wgetrc && IFS= read -r headers; do
  set -- $flags; timeout=$1 insecure=$2 secret=$3 digest=$4
  t=$(mktemp "\${TMPDIR:-/var/tmp}/play.$PPID.uri.XXXXXX") || exit 73
  if ${how}; then ${say}; else code=$?; echo "error $code $(tail -n 2 "$d/err" | tr '\\n' ' ')"; fi
  rm -f -- "$t"
done`;

const sayWhatCame = `
  if ! command -v "\${digest}sum" >/dev/null 2>&1; then echo "error 0 the host has no \${digest}sum"
  else
    size=$(($(wc -c <"$t")))
    echo "$(sha256sum <"$t" | cut -c 1-64) $size $("\${digest}sum" <"$t" | cut -d " " -f 1) $([ "$size" -gt ${contentLimit} ] || base64 <"$t" | tr -d "\\n")"
  fi`;

function decodeDownload(stdout: Buffer, questions: readonly (readonly string[])[]): (DownloadAnswer | ProbeFailure)[] {
  const lines = stdout.toString('utf8').split('\n');
  return questions.map((question, i) => {
    const line = lines[i] ?? '';
    const [, sha256, size, digest = '', bytes = ''] = /^([0-9a-f]{64}) (\d+) ([0-9a-f]+) (\S*)$/.exec(line) ?? [];
    if (sha256 === undefined) return errorIn(line, question) ?? new ProbeFailure('no answer');
    return {
      sha256,
      size: Number(size),
      digest,
      content: Number(size) > contentLimit ? { tooLarge: Number(size) } : { bytes: Buffer.from(bytes, 'base64') },
    };
  });
}

/** Exit codes for "the server says no": of curl with `fail`, and of GNU wget; busybox wget has words for it. */
export function errorIn(line: string, [flags = '']: readonly string[]): DownloadError | undefined {
  const [, code, text] = /^error (\d+) (.*)$/s.exec(line) ?? [];
  if (text === undefined) return undefined;
  const wasRefused = code === '22' || code === '8' || /server returned error/.test(text);
  const tool = text.includes('curl: (') ? 'curl' : 'wget';
  const last = text.trim().replace(/^.*(?=curl: \()/, '');
  const lack = wasRefused ? undefined : lackOf({ tool, code: Number(code), text, status: 0 });
  if (lack === undefined) return { error: last, wasRefused };
  const error = noAnswerText({ who: 'the server', lack, status: 0, timeout: parseInt(flags, 10), text: last });
  return { error, wasRefused };
}

const kind: ProbeKind<DownloadAnswer> = {
  kind: 'download',
  arity: downloadArity,
  timeout: 7200,
  volatile: true,
  inTurn: true,
  sh: fetching(sayWhatCame),
  decode: decodeDownload,
  depends: () => [{ on: 'everything' }],
};

/** The largest text that is brought here. */
const textLimit = 1024 * 1024;
const textKind: ProbeKind<{ readonly text: string } | DownloadError> = {
  kind: 'downloadText',
  arity: downloadArity,
  timeout: 7200,
  inTurn: true,
  sh: fetching(
    `if [ "$(wc -c <"$t")" -le ${textLimit} ]; then echo "text $(base64 <"$t" | tr -d '\\n')"; else echo "error 0 it has more than 1 MiB"; fi`,
  ),
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((question, i) => {
      const line = lines[i] ?? '';
      if (line.startsWith('text ')) return { text: Buffer.from(line.slice('text '.length), 'base64').toString('utf8') };
      return errorIn(line, question) ?? new ProbeFailure('no answer');
    });
  },
  // What is published elsewhere does not change with this host.
  depends: () => [],
};

/** Check mode: what a download will come to. Fetched once a run, as what is published does not change with the host. */
const aheadKind: ProbeKind<DownloadAnswer> = {
  kind: 'downloadAhead',
  arity: downloadArity,
  timeout: 7200,
  inTurn: true,
  sh: fetching(sayWhatCame),
  decode: decodeDownload,
  depends: () => [],
};

/** As `downloadHash`, for what is only foreseen. */
export function downloadAhead(request: DownloadRequest): Question<DownloadAnswer> {
  return { kind: aheadKind, args: downloadArgs(request) };
}

/** A small text behind an address, such as a list of checksums. */
export function downloadText(request: DownloadRequest): Question<{ readonly text: string } | DownloadError> {
  return { kind: textKind, args: downloadArgs(request) };
}

/** What the SHA-256 of an address's content is now: fetched, and thrown away. */
export function downloadHash(request: DownloadRequest): Question<DownloadAnswer> {
  return { kind, args: downloadArgs(request) };
}

// $1 path, $2 name of the temporary file, $3 mode, $4 operand of chown or empty, $5 wanted digest (`sha256:HEX`) or
// empty, $6 how: `new`, `keep` the access control list and attributes of the old file, `place`: nothing can be renamed
// over it; then the words of the request. chown(2) takes away what the old bytes alone may do. What is done to a file
// is done through its descriptor: others may rename things in its folder.
const stepScript = `
dest=$1 new=./$2 mode=$3 owner=$4 hash=$5 how=$6; shift 6; flags=$1 url=$2 curl=$3 wgetrc=$4 headers=$5
${scratch}
${fetchFunction}
${walkSh}
fd=/proc/self/fd/3 old=/proc/self/fd/4
name=\${dest##*/}
came() {
  set +C
  fetch $fd || { tail -n 3 "$d/err" >&2; return 1; }
  if [ -n "$hash" ]; then
    kind=\${hash%%:*} hash=\${hash#*:}
    command -v "\${kind}sum" >/dev/null || { echo "the host has no \${kind}sum" >&2; return 1; }
    is=$("\${kind}sum" <$fd) is=\${is%% *}
    [ "$is" = "$hash" ] || { echo "its $kind is $is, not $hash" >&2; return 1; }
  fi
  case $how in
    place) overwrite 4<"./$name"; return ;;
    keep) { is_still 4 "$name" && cp --attributes-only --preserve=mode,ownership,xattr -- $old $fd; } 4<"./$name" 2>/dev/null || : ;;
  esac
  [ -z "$owner" ] || chown -- "$owner" $fd || return
  chmod -- "$mode" $fd || return
  sync $fd 2>/dev/null || sync
}
overwrite() {
  is_still 4 "$name" && cat <$fd >$old || return
  [ -z "$owner" ] || chown -- "$owner" $old || return
  chmod -- "$mode" $old
}
set -- $flags; timeout=$1 insecure=$2 secret=$3
enter "\${dest%/*}/" || exit
for one in "\${new%-*}"-*; do [ ! -f "$one" ] && [ ! -L "$one" ] || rm -f -- "$one"; done
# Nothing may be made beside what is written in place: the folder may be immutable, or the file all that is mounted.
if [ "$how" = place ]; then
  new=$(mktemp "\${TMPDIR:-/var/tmp}/play.$PPID.uri.XXXXXX") || exit 73
  came 3<>"$new" || exit 1
  rm -f -- "$new"
else
  set -C
  came 3>"$new" || exit 1
  mv -fT -- "$new" "./$name"
fi`;

/** The same as a piece of work: fetched beside its place, put there when it is whole and right. */
export function downloadStep(
  request: DownloadRequest,
  {
    dest,
    mode,
    chown,
    how,
  }: { readonly dest: string; readonly mode: string; readonly chown: string; readonly how: 'new' | 'keep' | 'place' },
): { readonly script: string; readonly args: readonly string[]; readonly label: string } {
  const name = Buffer.from(dest).toString('hex').slice(-16);
  const stamp = Math.random().toString(16).slice(2, 10);
  return {
    script: stepScript,
    args: [
      dest,
      `.play-${name}-${stamp}`,
      mode,
      chown,
      request.digest === undefined ? '' : `${request.digest.algorithm}:${request.digest.hex}`,
      how,
      ...downloadArgs(request),
    ],
    label: `download ${dest}`,
  };
}

export function downloadArgs({
  url,
  headers,
  user,
  timeout,
  validateCerts,
  isSecret,
  digest,
}: DownloadRequest): string[] {
  // Basic authentication (RFC 7617), sent at once rather than when asked.
  const all =
    user === undefined
      ? headers
      : [
          ...headers,
          ['Authorization', `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`] as const,
        ];
  const lines = all.map(([name, value]) => `${name}: ${value}`);
  const curl = [
    `url = ${quoted(url)}`,
    ...lines.map((line) => `header = ${quoted(line)}`),
    `max-time = ${timeout}`,
    'silent',
    'show-error',
    'verbose',
    'fail',
    'globoff',
    'location',
    ...(validateCerts ? [] : ['insecure']),
  ];
  const texts = [
    url,
    curl.join('\n'),
    lines.map((line) => `header = ${line}\n`).join(''),
    lines.map((line) => `${line}\n`).join(''),
  ];
  return [
    `${timeout} ${validateCerts ? 'n' : 'y'} ${isSecret ? 'y' : 'n'} ${digest?.algorithm ?? 'sha256'}`,
    ...texts.map((text) => Buffer.from(text).toString('base64')),
  ];
}

/** A string in curl's configuration (curl(1), -K). */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\t', '\\t')}"`;
}
