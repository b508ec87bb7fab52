import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { reveal, type Secret } from '../../secrets/index.ts';
import { lackOf, type Fate, type Lack } from '../kit/no-answer.ts';

/** A request to be made from the host. */
export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  /** Accepted status codes: what a retry waits for. */
  readonly accepted: readonly number[];
  readonly headers: readonly (readonly [string, string])[];
  readonly user?: { readonly name: string; readonly password: string } | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Whose name and password stand in `~/.netrc`, is asked with these. Default false. */
  readonly usesNetrc?: boolean | undefined;
  /** Something in it must not be seen in the process list. */
  readonly isSecret: boolean;
  readonly validateCerts: boolean;
  /** Which redirects are followed: those of GET and HEAD (the default), also those of other methods, or none. */
  readonly followRedirects?: 'safe' | 'all' | 'none' | undefined;
  /** Seconds for one try. */
  readonly timeout: number;
  readonly retries: number;
  /** Seconds between tries. */
  readonly delay: number;
  /** Seconds after which an answer is too slow to be right. */
  readonly within?: number | undefined;
  readonly wantsBody: boolean;
  /** What a line of the body must fit, as grep -E has it; a retry waits for that, too. Default: nothing. */
  readonly searchRegex?: string | undefined;
}

/** A GET whose answer is read, tried once: what decides is in the body. */
export function askedOnce(
  url: string,
  of: {
    readonly user?: string | undefined;
    readonly password?: string | Secret | undefined;
    readonly timeout: number;
    readonly validateCerts: boolean;
  },
): HttpRequest {
  const { user, password, timeout, validateCerts } = of;
  return {
    url,
    method: 'GET',
    accepted: [200],
    headers: [],
    user: user === undefined ? undefined : { name: user, password: reveal(password ?? '') },
    isSecret: password !== undefined,
    validateCerts,
    timeout,
    retries: 0,
    delay: 1,
    wantsBody: true,
  };
}

/** What came of a request. */
export interface HttpReply {
  /** 0: no answer, and `error` says why. */
  readonly status: number;
  readonly body: string;
  /** What the client printed. */
  readonly error: string;
  /** Why there is no answer, or not a whole one. */
  readonly lack?: Lack | undefined;
  /** How much of it came. */
  readonly bytes?: number;
  /** No line of the body fits `searchRegex`. */
  readonly misfits?: boolean;
  /** Seconds that the last try took. */
  readonly seconds?: number;
}

export type HttpAnswer = HttpReply | { readonly tool: keyof typeof whyNoTool };

/** Why there is no answer where the host has nothing fit to ask with. */
export const whyNoTool = {
  'missing': 'the host has neither curl nor wget to ask with; install one before: apt({ name: "curl" })',
  'not discreet':
    'the host has only busybox wget, which would show the password to everybody on it; install curl before: apt({ name: "curl" })',
  'not able':
    'the host has only busybox wget, which knows GET, HEAD and POST; install curl before: apt({ name: "curl" })',
  'no netrc':
    'the host has only busybox wget, which does not read ~/.netrc; install curl before: apt({ name: "curl" })',
  'follows': 'the host has only busybox wget, which follows all redirects; install curl before: apt({ name: "curl" })',
} as const;

/** The host in a URL. @example addressOf('http://[::1]:9090/x')  // '[::1]' */
export function addressOf(url: string): string {
  return /^https?:\/\/(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)/.exec(url)?.[1] ?? '';
}

/** The most of a body that is brought here. */
const mostBytes = 1024 * 1024;

// Whatever may be secret goes into files in a private folder, not into an argv. busybox wget knows no such
// files, and its own -T crashes in Debian 12 (1.35), hence timeout(1).
const sh = `d=$(mktemp -d /run/play.$PPID.uri.XXXXXX 2>/dev/null || mktemp -d /dev/shm/play.$PPID.uri.XXXXXX 2>/dev/null || mktemp -d /tmp/play.$PPID.uri.XXXXXX) || exit 73
trap 'rm -rf -- "$d"' EXIT
trap 'exit 143' HUP INT TERM
umask 077
if command -v curl >/dev/null 2>&1; then tool=curl
elif ! command -v wget >/dev/null 2>&1; then tool=
elif wget --version 2>/dev/null | grep -q GNU; then tool=wget
else tool=busybox; fi
# In hundredths of a second.
clock() { read -r up rest </proc/uptime; echo "\${up%.*}\${up#*.}"; }
try() {
  status=; code=; times=; rm -f "$d/out" "$d/err"; began=$(clock)
  set --
  case $tool in
    curl)
      [ "$hasbody" = n ] || set -- --data-binary "@$d/body"
      times=$(curl -q -K "$d/curl" -o "$d/out" -w '%{http_code} %{time_namelookup} %{time_connect}' "$@" 2>"$d/said"); code=$?
      # Of what it tells of the connection only why there is none: the rest has headers in it.
      sed -n '/^[*] connect to .* failed: /p; /^curl: /p' "$d/said" >"$d/err"; rm -f "$d/said"
      status=\${times%% *} times=\${times#* };;
    wget)
      [ "$hasbody" = n ] || set -- "$@" --body-file="$d/body"
      [ "$insecure" = n ] || set -- "$@" --no-check-certificate
      [ "$follow" = y ] || set -- "$@" --max-redirect=0
      LC_ALL=C timeout "$timeout" wget --config="$d/wgetrc" -S -t 1 -T "$timeout" --content-on-error --method="$method" -O "$d/out" "$@" -- "$url" 2>"$d/err"; code=$?;;
    busybox)
      while IFS= read -r h; do set -- "$@" --header "$h"; done <"$d/headers"
      [ "$insecure" = n ] || set -- "$@" --no-check-certificate
      case $method in POST) set -- "$@" --post-file "$d/body";; HEAD) set -- "$@" --spider;; esac
      timeout "$timeout" wget -S -O "$d/out" "$@" "$url" 2>"$d/err"; code=$?;;
  esac
  took=$(($(clock) - began)) bytes=0
  [ ! -f "$d/out" ] || bytes=$(($(wc -c <"$d/out")))
  [ "$tool" = curl ] || status=$(sed -n 's/.*HTTP\\/[0-9.]* \\([0-9][0-9][0-9]\\).*/\\1/p' "$d/err" | tail -n 1)
}
# It ended before the answer did: curl(1), wget(1); timeout(1) ends with 124, that of busybox with 143.
is_short() { case $tool$code in curl18 | curl28 | wget4 | wget124 | busybox124 | busybox143) ;; *) return 1;; esac; }
is_slow() { [ "$within" -gt 0 ] && [ "$took" -gt "$within" ]; }
is_right() {
  fits=
  case " $codes " in *" \${status:-0} "*) ;; *) return 1;; esac
  ! is_short && ! is_slow || return 1
  [ "$wantsfit" = n ] || grep -Eq -f "$d/fit" -- "$d/out" 2>/dev/null || { fits=' unfit'; return 1; }
}
tr '\\0' '\\n' | while IFS= read -r codes && IFS= read -r flags && IFS= read -r method && IFS= read -r url && IFS= read -r curl && IFS= read -r wgetrc && IFS= read -r headers && IFS= read -r body && IFS= read -r fit; do
  set -- $flags; timeout=$1 retries=$2 delay=$3 hasbody=$4 insecure=$5 follow=$6 secret=$7 wantsbody=$8 within=$9 wantsfit=\${10} netrc=\${11}
  if [ -z "$tool" ]; then echo missing; echo; echo; echo; continue; fi
  if [ "$tool$follow" = busyboxnever ]; then echo follows; echo; echo; echo; continue; fi
  if [ "$tool$netrc" = busyboxy ]; then echo 'no netrc'; echo; echo; echo; continue; fi
  case $tool$secret$method in
    busyboxy*) echo 'not discreet'; echo; echo; echo; continue;;
    busyboxnGET | busyboxnHEAD | busyboxnPOST) ;;
    busybox*) echo 'not able'; echo; echo; echo; continue;;
  esac
  url=$(printf %s "$url" | base64 -d)
  for f in curl wgetrc headers body fit; do eval "printf %s \\"\\$$f\\"" | base64 -d >"$d/$f"; done
  n=0
  while try; ! is_right && [ "$n" -lt "$retries" ]; do n=$((n+1)); sleep "$delay"; done
  echo "\${status:-0}$fits"
  if [ "$wantsbody" = y ] && [ -f "$d/out" ]; then head -c ${mostBytes} "$d/out" | base64 | tr -d '\\n'; fi; echo
  tail -n 12 "$d/err" 2>/dev/null | base64 | tr -d '\\n'; echo
  echo "$tool $code $took $bytes $times"
done`;

function decode(stdout: Buffer, questions: readonly (readonly string[])[]): (HttpAnswer | ProbeFailure)[] {
  const lines = stdout.toString('latin1').split('\n');
  return questions.map((_, i) => {
    const [status, body = '', error, end = ''] = lines.slice(i * 4, i * 4 + 4);
    if (status !== undefined && isLackOfTool(status)) return { tool: status };
    const [, code, unfit] = /^(\d+)( unfit)?$/.exec(status ?? '') ?? [];
    if (code === undefined || error === undefined) return new ProbeFailure('no answer');
    const text = Buffer.from(error, 'base64').toString('utf8').trim();
    const said = { status: Number(code), body: Buffer.from(body, 'base64').toString('utf8'), error: text };
    return { ...said, ...(unfit === undefined ? {} : { misfits: true }), ...readEnd(end, text, Number(code)) };
  });
}

const isLackOfTool = (text: string): text is keyof typeof whyNoTool => Object.hasOwn(whyNoTool, text);

/** The last line of an answer: client, exit code, hundredths of a second, bytes, and of curl when it came how far. */
function readEnd(line: string, text: string, status: number): Pick<HttpReply, 'lack' | 'bytes' | 'seconds'> {
  const [, tool, code, took, bytes, resolved, connected] =
    /^(curl|wget|busybox) (\d+) (\d+) (\d+) ?([\d.]+)? ?([\d.]+)?/.exec(line) ?? [];
  if (tool !== 'curl' && tool !== 'wget' && tool !== 'busybox') return {};
  const asNumber = (word: string | undefined): number | undefined => (word === undefined ? undefined : Number(word));
  const fate: Fate = {
    tool,
    code: Number(code),
    text,
    status,
    resolved: asNumber(resolved),
    connected: asNumber(connected),
  };
  return { lack: lackOf(fate), bytes: Number(bytes), seconds: Number(took) / 100 };
}

const depends = () => [{ on: 'everything' as const }];
const quickKind: ProbeKind<HttpAnswer> = { kind: 'http', arity: 9, timeout: 600, volatile: true, sh, decode, depends };
const patientKind: ProbeKind<HttpAnswer> = { ...quickKind, kind: 'http-patient', timeout: 7200, inTurn: true };

/** One short try, which may be made ahead of its turn. */
export function httpQuick(request: HttpRequest): Question<HttpAnswer> {
  return { kind: quickKind, args: toArgs({ ...request, retries: 0, timeout: Math.min(request.timeout, 5) }) };
}

/** As often and as long as it says; asked only when its turn has come. */
export function httpPatient(request: HttpRequest): Question<HttpAnswer> {
  return { kind: patientKind, args: toArgs(request) };
}

/** The same as a piece of work: for requests that change something. */
export function httpStep(request: HttpRequest): {
  readonly script: string;
  readonly stdin: Buffer;
  read(stdout: string): HttpAnswer | ProbeFailure;
} {
  const args = toArgs(request);
  return {
    script: sh,
    stdin: Buffer.from(args.map((one) => `${one}\0`).join('')),
    read: (stdout) => decode(Buffer.from(stdout), [args])[0] ?? new ProbeFailure('no answer'),
  };
}

function toArgs(request: HttpRequest): string[] {
  const {
    url,
    method,
    accepted,
    headers,
    user,
    body,
    isSecret,
    validateCerts,
    timeout,
    retries,
    delay,
    within,
    wantsBody,
    searchRegex,
    followRedirects = 'safe',
    usesNetrc = false,
  } = request;
  const isSafe = method === 'GET' || method === 'HEAD';
  const follows = followRedirects === 'all' || (followRedirects === 'safe' && isSafe);
  const yes = (value: boolean): string => (value ? 'y' : 'n');
  const flags = [
    String(timeout),
    String(retries),
    String(delay),
    yes(body !== undefined),
    yes(!validateCerts),
    followRedirects === 'none' ? 'never' : yes(follows),
    yes(isSecret),
    yes(wantsBody || searchRegex !== undefined),
    String(Math.round((within ?? 0) * 100)),
    yes(searchRegex !== undefined),
    yes(usesNetrc),
  ].join(' ');
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
    ...methodOf(method, follows, body !== undefined),
    ...lines.map((line) => `header = ${quoted(line)}`),
    `max-time = ${timeout}`,
    'silent',
    'show-error',
    'verbose',
    'globoff',
    ...(follows ? ['location'] : []),
    ...(usesNetrc ? ['netrc-optional'] : []),
    ...(validateCerts ? [] : ['insecure']),
  ]
    .map((line) => `${line}\n`)
    .join('');
  const texts = [
    url,
    curl,
    // wget(1) reads ~/.netrc unless it is told not to.
    `netrc = ${usesNetrc ? 'on' : 'off'}\n${lines.map((line) => `header = ${line}\n`).join('')}`,
    lines.map((line) => `${line}\n`).join(''),
    body ?? '',
    `${searchRegex ?? ''}\n`,
  ];
  const [address = '', ...files] = texts.map((text) => Buffer.from(text).toString('base64'));
  return [accepted.join(' '), flags, method, address, ...files];
}

/** A method that curl is told of (`request`) it keeps on the way; that of a POST changes as it should (curl(1), `-X`). */
function methodOf(method: string, follows: boolean, hasBody: boolean): readonly string[] {
  if (method === 'HEAD') return ['head'];
  if (method === 'POST' && follows) return hasBody ? [] : ['data = ""'];
  return [`request = ${quoted(method)}`];
}

/** A string in curl's configuration (curl(1), -K). */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
}
