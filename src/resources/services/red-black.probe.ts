import { ProbeFailure, type ProbeKind, type Question, type Step, type StepOutput } from '../../contract/index.ts';
import { unitFiles, unitName } from '../../probes/index.ts';

/** When things happened to a unit: milliseconds since 1970, by the host's clock. 0: never. */
export interface UnitTimes {
  /** Its main process was started. */
  readonly started: number;
  /** It last came to another state; a reload counts. */
  readonly changed: number;
  /** The last change of its own file or a drop-in. */
  readonly files: number;
}

// A file's change time cannot be set, unlike the one of its content: dpkg and tar bring old ones along.
const timesKind: ProbeKind<UnitTimes> = {
  kind: 'unit-times',
  arity: 1,
  sh: `tr '\\0' '\\n' | while IFS= read -r u; do
  systemctl show --timestamp=us+utc -p ExecMainStartTimestamp,StateChangeTimestamp -- "$u" | LC_ALL=C sort
  systemctl show -p FragmentPath,DropInPaths --value -- "$u" | tr ' ' '\\n' | while IFS= read -r f; do
    [ -z "$f" ] || stat -L -c %.6Z -- "$f" 2>/dev/null
  done | sort -n | tail -n 1 | sed 's/^/files=/'
  echo
done`,
  decode: (stdout, questions) => {
    const blocks = stdout.toString('utf8').split('\n\n');
    return questions.map((_, i) => timesIn(blocks[i]) ?? new ProbeFailure('systemctl show gave no answer'));
  },
  depends: ([unit = '']) => [
    { on: 'units' },
    { on: 'unit', unit },
    ...unitFiles(unit).map((path) => ({ on: 'below' as const, path })),
  ],
};

function timesIn(block = ''): UnitTimes | undefined {
  const fields = new Map(block.split('\n').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]));
  if (!fields.has('StateChangeTimestamp')) return undefined;
  // "Sun 2026-11-29 00:56:03.573774 UTC"; empty for never.
  const when = (name: string): number => {
    const text = /\d{4}-\S+ \S+/.exec(fields.get(name) ?? '')?.[0];
    return text === undefined ? 0 : Date.parse(`${text.replace(' ', 'T')}Z`);
  };
  return {
    started: when('ExecMainStartTimestamp'),
    changed: when('StateChangeTimestamp'),
    files: Number(fields.get('files') ?? 0) * 1000,
  };
}

/** When a unit was started, and its files last changed. */
export function unitTimes(unit: string): Question<UnitTimes> {
  return { kind: timesKind, args: [unitName(unit)] };
}

const changedKind: ProbeKind<number> = {
  kind: 'last-change',
  arity: 1,
  sh: `tr '\\0' '\\n' | while IFS= read -r p; do
  { [ -d "$p" ] && [ ! -L "$p" ] || stat -c %.6Z -- "$p"; find -H "$p" ! -type d -printf '%C@\\n'; } 2>/dev/null | LC_ALL=C sort -n | tail -n 1 | grep . || echo 0
done`,
  timeout: 120,
  decode: (stdout, questions) => {
    const lines = stdout.toString('latin1').split('\n');
    return questions.map((_, i) => {
      const seconds = Number.parseFloat(lines[i] ?? '');
      return Number.isNaN(seconds) ? new ProbeFailure('no answer') : seconds * 1000;
    });
  },
  depends: ([path = '']) => [{ on: 'below', path }],
};

/**
 * When what is at a path was last changed or put there, in milliseconds since 1970: the newest change time of it, of
 * what it leads to where it is a link, and of all files below it. 0: there is nothing.
 */
export function lastChange(path: string): Question<number> {
  return { kind: changedKind, args: [path] };
}

/** What an instance is doing at the moment. */
export interface Activity {
  /** Whether its unit runs. */
  readonly isActive: boolean;
  /** Whether somebody listens on its port. */
  readonly listens: boolean;
  /** Connections to its port that are not over yet. */
  readonly connections: number;
  /** Processes of the pointer's unit that were started before the pointer last moved. */
  readonly oldProcesses: number;
}

// proc(5): the state of a connection is in hex, 0A for who listens. 01 is established, 03 about to be, and 08 closed by
// the client alone, who may wait for an answer yet. When a process was started is in ticks since boot.
const look = `unit=$1 port=$2 proxy=$3 pointer=$4
echo "state $(systemctl show -p ActiveState --value -- "$unit")"
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v p="$(printf %04X "$port")" '
  { split($2, a, ":") } a[2] != p { next } $4 == "0A" { l++ } $4 == "01" || $4 == "03" || $4 == "08" { n++ }
  END { print "listens " l + 0; print "connections " n + 0 }'
[ -n "$proxy" ] || { echo 'old 0'; exit 0; }
main=$(systemctl show -p MainPID --value -- "$proxy")
cat /proc/[0-9]*/stat 2>/dev/null | sed -n 's/^[0-9]* (.*) //p' | awk -v main="$main" -v hz="$(getconf CLK_TCK)" \\
  -v moved="$(stat -c %.6Z -- "$pointer")" -v now="$(date +%s.%N)" -v up="$(cut -d ' ' -f 1 /proc/uptime)" '
  $2 == main && main > 0 && now - up + $20 / hz < moved { n++ } END { print "old " n + 0 }'`;

/** Looks at what an instance is doing. `proxy`: what follows the pointer, and the pointer's file. */
export function lookAt(
  unit: string,
  port: number,
  proxy: { readonly unit: string; readonly file: string } | undefined,
): Step & { read(output: StepOutput): Activity } {
  return {
    script: look,
    args: [unit, String(port), proxy?.unit ?? '', proxy?.file ?? ''],
    timeout: 60,
    label: `look at what ${unit} is doing`,
    read({ stdout }) {
      const fields = new Map(stdout.split('\n').map((line) => [line.split(' ')[0], line.split(' ')[1] ?? '']));
      const count = (name: string): number => Number(fields.get(name) ?? 0);
      return {
        isActive: ['active', 'activating', 'reloading', 'deactivating'].includes(fields.get('state') ?? ''),
        listens: count('listens') > 0,
        connections: count('connections'),
        oldProcesses: count('old'),
      };
    },
  };
}
