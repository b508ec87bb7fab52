import { ProbeFailure, type ProbeKind, type Question, type Step, type StepOutput } from '../../contract/index.ts';

/** The administrative state of a server, by the words of `set server B/S state`. */
export type HaproxyState = 'ready' | 'drain' | 'maint';

/** A server of a backend, as HAProxy has it now. */
export interface HaproxyServer {
  readonly backend: string;
  readonly name: string;
  readonly state: HaproxyState;
  /** As `show stat` calls it: `UP`, `DOWN`, `MAINT`, `DRAIN`, `no check`, `UP 1/3` ... */
  readonly status: string;
  /** Sessions it serves and requests that wait for it. */
  readonly sessions: number;
}

export type HaproxyAnswer =
  | { readonly is: 'known'; readonly servers: readonly HaproxyServer[] }
  /** There is no such socket, or nobody listens on it. */
  | { readonly is: 'down'; readonly why: string }
  | { readonly is: 'refused' }
  | { readonly is: 'no tool' };

// Debian always has perl-base, socat is what people install. HAProxy closes after the answer to one line.
const talk = `talk() {
  if [ ! -e "$1" ]; then echo "down there is no $1"; return 1; fi
  if [ ! -S "$1" ]; then echo "down $1 is no socket"; return 1; fi
  if [ ! -w "$1" ]; then echo refused; return 1; fi
  if command -v perl >/dev/null 2>&1; then
    perl -MSocket -e '$SIG{ALRM} = sub { print "down it took the question, and gave no answer within 20 s: it is stalled\\n"; exit 1 }; alarm 20;
      socket(S, AF_UNIX, SOCK_STREAM, 0) && connect(S, pack_sockaddr_un($ARGV[0])) or do { print "down $!\\n"; exit 1 };
      syswrite S, "$ARGV[1]\\n"; @answer = <S>; print "ok\\n", @answer' "$1" "$2"
  elif command -v socat >/dev/null 2>&1; then
    a=$(printf '%s\\n' "$2" | socat -t 20 - "UNIX-CONNECT:$1" 2>&1) || { echo "down nobody answers at $1"; return 1; }
    echo ok; printf '%s\\n' "$a"
  else echo tool; return 1; fi
}
`;

/** Both of them: the first knows what was set by hand, the second how it does. `-1 4 -1`: servers of all proxies. */
const look = 'show servers state; show stat -1 4 -1';

const kind: ProbeKind<HaproxyAnswer> = {
  kind: 'haproxy-servers',
  arity: 1,
  sh: `${talk}tr '\\0' '\\n' | while IFS= read -r s; do talk "$s" '${look}' | base64 | tr -d '\\n'; echo; done`,
  decode(stdout, questions) {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i) => readServers(Buffer.from(lines[i] ?? '', 'base64').toString('utf8')));
  },
  depends: ([socket = '']) => [
    { on: 'named', name: `haproxy ${socket}` },
    { on: 'unit', unit: 'haproxy.service' },
    { on: 'packages' },
  ],
};

/** All servers of the HAProxy behind an admin socket. */
export function haproxyServers(socket: string): Question<HaproxyAnswer> {
  return { kind, args: [socket] };
}

/** The same as a piece of work, for who looks again and again. */
export function lookStep(socket: string): Step & { read(output: StepOutput): HaproxyAnswer | ProbeFailure } {
  return {
    script: `${talk}talk "$1" '${look}'; exit 0`,
    args: [socket],
    timeout: 30,
    label: `ask HAProxy at ${socket}`,
    read: ({ stdout }) => readServers(stdout),
  };
}

/** Gives HAProxy one command that answers nothing when all is well. */
export function commandStep(socket: string, command: string): Step {
  return {
    script: `${talk}a=$(talk "$1" "$2") && a=$(printf %s "$a" | sed -e 1d -e '/^$/d') && [ -z "$a" ] && exit 0
printf '%s\\n' "$a" >&2; exit 1`,
    args: [socket, command],
    timeout: 30,
    label: `"${command}"`,
  };
}

function readServers(text: string): HaproxyAnswer | ProbeFailure {
  const [first = '', ...rest] = text.split('\n');
  if (first.startsWith('down ')) return { is: 'down', why: first.slice('down '.length) };
  if (first === 'refused') return { is: 'refused' };
  if (first === 'tool') return { is: 'no tool' };
  const states = table(rest, '# be_id ', ' ');
  const stats = table(rest, '# pxname,', ',');
  if (first !== 'ok' || states === undefined || stats === undefined)
    return new ProbeFailure(`HAProxy answers with something else: ${rest.find((line) => line.trim() !== '') ?? first}`);
  return {
    is: 'known',
    servers: states.map((row): HaproxyServer => {
      const [backend = '', name = ''] = [row['be_name'], row['srv_name']];
      const stat = stats.find((one) => one['pxname'] === backend && one['svname'] === name);
      return {
        backend,
        name,
        state: stateOf(Number(row['srv_admin_state'])),
        status: stat?.['status'] ?? '',
        sessions: Number(stat?.['scur'] ?? 0) + Number(stat?.['qcur'] ?? 0),
      };
    }),
  };
}

/** The bits of `srv_admin_state` that people set (haproxy's management.txt, "show servers state"). */
function stateOf(bits: number): HaproxyState {
  if ((bits & 0x01) !== 0) return 'maint';
  return (bits & 0x08) === 0 ? 'ready' : 'drain';
}

/** The rows below the header that begins so, by the names in it. Versions of HAProxy differ in how many there are. */
function table(lines: readonly string[], header: string, separator: string): Record<string, string>[] | undefined {
  const at = lines.findIndex((line) => line.startsWith(header));
  if (at < 0) return undefined;
  const names = (lines[at] ?? '').slice('# '.length).split(separator);
  const end = lines.findIndex((line, i) => i > at && line.trim() === '');
  return lines.slice(at + 1, end < 0 ? undefined : end).map((line) => {
    const cells = line.split(separator);
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}
