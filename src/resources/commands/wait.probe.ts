import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';

/** What to wait for. Times are in seconds. */
export interface WaitRequest {
  readonly kind: 'port' | 'drained' | 'path' | 'text' | 'nothing';
  /** Whether it shall be there or not. */
  readonly wanted: boolean;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly regex: string;
  readonly timeout: number;
  readonly delay: number;
  readonly sleep: number;
  readonly connectTimeout: number;
}

const whys = ['refused', 'no answer', 'no route', 'no name', 'taken', 'no file'] as const;

export type WaitAnswer =
  | { readonly is: 'yes'; readonly elapsed: number }
  /** `why`: what is known of why it is not there. */
  | { readonly is: 'no'; readonly why?: (typeof whys)[number] | undefined }
  | { readonly is: 'no tool' };

// A port is tried with bash's /dev/tcp or with nc(1). Who is connected is in /proc/net/tcp (proc(5)): state 01, the
// port in hex.
const sh = `xargs -0 -n 9 sh -c '
kind=$1 wanted=$2 host=$3 port=$4 path=$5 regex=$6; timeout=$7; delay=$8
set -- $9; sleep=$1 connect=$2
if command -v bash >/dev/null 2>&1; then tool=bash; elif command -v nc >/dev/null 2>&1; then tool=nc; else tool=; fi
holds() {
  case $kind in
    nothing) return 0;;
    path) [ -e "$path" ] || [ -L "$path" ];;
    text) why="no file"; [ -f "$path" ] || return; why=; grep -qE -e "$regex" -- "$path";;
    drained) ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v p=":$(printf %04X "$port")\\$" "\\$2 ~ p && \\$4 == \\"01\\" { f = 1 } END { exit !f }";;
    port)
      if [ "$tool" = bash ]; then said=$(LC_ALL=C timeout "$connect" bash -c "exec 3<>/dev/tcp/\\$0/\\$1" "$host" "$port" 2>&1)
      else said=$(LC_ALL=C timeout "$connect" nc "$host" "$port" </dev/null 2>&1 >/dev/null); fi
      case $?$said in
        0*) why=taken; return 0;;
        124* | 143* | *"timed out"*) why="no answer";;
        *refused*) why=refused;;
        *"oute to host"* | *unreachable*) why="no route";;
        *"not known"* | *resol* | *"bad address"*) why="no name";;
      esac
      return 1;;
  esac
}
[ "$kind" != port ] || [ -n "$tool" ] || { echo tool; exit 0; }
start=$(date +%s)
[ "$delay" = 0 ] || sleep "$delay"
while :; do
  why=
  if holds; then is=y; else is=n; fi
  now=$(($(date +%s) - start))
  if [ "$is" = "$wanted" ]; then echo "yes $now"; exit 0; fi
  if [ "$now" -ge "$timeout" ]; then echo "no $why"; exit 0; fi
  sleep "$sleep"
done' sh`;

function decode(stdout: Buffer, questions: readonly (readonly string[])[]): (WaitAnswer | ProbeFailure)[] {
  const lines = stdout.toString('utf8').split('\n');
  return questions.map((_, i): WaitAnswer | ProbeFailure => {
    const [, word, rest] = /^(\w+) ?(.*)$/.exec(lines[i] ?? '') ?? [];
    if (word === 'yes') return { is: 'yes', elapsed: Number(rest) };
    if (word === 'no') return { is: 'no', why: whys.find((one) => one === rest) };
    return word === 'tool' ? { is: 'no tool' } : new ProbeFailure('no answer');
  });
}

const depends = () => [{ on: 'everything' as const }];
const quickKind: ProbeKind<WaitAnswer> = { kind: 'wait', arity: 9, timeout: 120, volatile: true, sh, decode, depends };
const patientKind: ProbeKind<WaitAnswer> = { ...quickKind, kind: 'wait-patient', timeout: 86_400, inTurn: true };

/** One look, which may be made ahead of its turn; a task that is to wait first gets `no`. */
export function waitQuick(request: WaitRequest): Question<WaitAnswer> {
  if (request.delay > 0)
    return {
      kind: quickKind,
      args: toArgs({ ...request, kind: 'path', path: '/', wanted: false, delay: 0, timeout: 0 }),
    };
  return {
    kind: quickKind,
    args: toArgs({ ...request, timeout: 0, connectTimeout: Math.min(2, request.connectTimeout) }),
  };
}

/** As long as it says; asked only when its turn has come. */
export function waitPatient(request: WaitRequest): Question<WaitAnswer> {
  return { kind: patientKind, args: toArgs(request) };
}

function toArgs({
  kind,
  wanted,
  host,
  port,
  path,
  regex,
  timeout,
  delay,
  sleep,
  connectTimeout,
}: WaitRequest): string[] {
  return [
    kind,
    wanted ? 'y' : 'n',
    host,
    String(port),
    path,
    regex,
    String(Math.ceil(timeout)),
    String(delay),
    `${sleep} ${connectTimeout}`,
  ];
}
