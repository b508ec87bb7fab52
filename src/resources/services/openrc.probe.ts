import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** What OpenRC says of a service. */
export interface OpenrcService {
  /** Whether there is a script of it. */
  readonly isThere: boolean;
  /** By the code of `status` (openrc-run(8)). `crashed`: it was started, and its process is gone. */
  readonly state: 'started' | 'stopped' | 'crashed' | 'starting' | 'stopping' | 'inactive';
  /** The runlevels it is started in. */
  readonly runlevels: readonly string[];
  /** What it can be told beyond start, stop and restart: `reload`. */
  readonly verbs: readonly string[];
  /** Services that are started before it, and those that are stopped with it. */
  readonly needs: readonly string[];
  readonly neededBy: readonly string[];
}

/** A host where OpenRC is installed may still be run by something else. */
export type OpenrcAnswer = OpenrcService | 'no openrc' | 'not booted by openrc';

export const noService: OpenrcService = {
  isThere: false,
  state: 'stopped',
  runlevels: [],
  verbs: [],
  needs: [],
  neededBy: [],
};

/** What a service of OpenRC is as a part of the host. */
export const openrcSubject = (name: string): Subject => ({ on: 'named', name: `openrc ${name}` });

const states: Readonly<Record<string, OpenrcService['state']>> = {
  0: 'started',
  3: 'stopped',
  4: 'stopping',
  8: 'starting',
  16: 'inactive',
  32: 'crashed',
};

// Of each: whether it is there, the code of its status, its runlevels, its verbs, what it needs and what needs it.
const kind: ProbeKind<OpenrcAnswer> = {
  kind: 'openrc',
  arity: 1,
  timeout: 120,
  sh: `command -v rc-service >/dev/null || { echo none; exit 0; }
[ -e /run/openrc/softlevel ] || { echo other; exit 0; }
export EINFO_COLOR=no EINFO_QUIET=yes
xargs -0 sh -c 'for n do
  rc-service -e "$n" >/dev/null 2>&1 || { printf "no\\0"; continue; }
  rc-service -- "$n" status >/dev/null 2>&1 </dev/null; c=$?
  l=; for f in /etc/runlevels/*/"$n"; do [ ! -L "$f" ] && [ ! -e "$f" ] || { f=\${f%/*}; l="$l \${f##*/}"; }; done
  v=$(EINFO_QUIET=no rc-service -- "$n" describe 2>&1 </dev/null | sed -n "s/^ \\* \\([a-z_-]*\\):.*/\\1/p" | tr "\\n" " ")
  d=$(rc-service -- "$n" ineed 2>/dev/null </dev/null | tr "\\n" " "); b=$(rc-service -- "$n" needsme 2>/dev/null </dev/null | tr "\\n" " ")
  printf "%s\\n%s\\n%s\\n%s\\n%s\\0" "$c" "$l" "$v" "$d" "$b"
done' sh`,
  decode(stdout, questions, stderr) {
    const text = stdout.toString('utf8');
    if (text.trim() === 'none') return questions.map(() => 'no openrc');
    if (text.trim() === 'other') return questions.map(() => 'not booted by openrc');
    const parts = text.split('\0');
    return questions.map((_, i) => decodePart(parts[i] ?? '', stderr));
  },
  depends: ([name = '']) => [
    openrcSubject(name),
    { on: 'units' },
    { on: 'packages' },
    { on: 'path', path: `/etc/init.d/${name}` },
    { on: 'below', path: '/etc/runlevels' },
  ],
};

function decodePart(part: string, stderr: string): OpenrcService | ProbeFailure {
  if (part === 'no') return noService;
  const [code = '', ...lists] = part.split('\n');
  if (lists.length !== 4) return new ProbeFailure(stderr.trim() || 'rc-service gave no answer');
  const [runlevels = [], verbs = [], needs = [], neededBy = []] = lists.map((one) =>
    one.split(' ').filter((word) => word !== ''),
  );
  return { isThere: true, state: states[code] ?? 'stopped', runlevels, verbs, needs, neededBy };
}

/** A service as OpenRC knows it. */
export function openrcService(name: string): Question<OpenrcAnswer> {
  return { kind, args: [name] };
}
