import type { Become, Connection, LiveCommand } from '../connection/index.ts';
import type { Redactor } from '../secrets/index.ts';

/** How a look at what runs on a host gets there. */
export interface Way {
  /** A way to a host that is there already; undefined while there is none. */
  readonly connectionOf: (host: string) => Connection | undefined;
  /** Whom to look as: who may read what the run's lanes write. */
  readonly become: (host: string) => Become | undefined;
  readonly redactor: Redactor;
}

/** How long to wait for the last lines, in milliseconds: the rest is known at once. */
const patience = 4000;
/** Bytes of the end of an output that are looked at. */
const looked = 2000;
/** Looks of one session that follows an output, one a second; then there has to be another. */
const mostLooks = 3600;

// Lanes keep the outputs of what runs in files of their folders, and remove them once an exchange is over. The newest
// file is that of the running script; one before it may hold more, and is over. Anybody may put something of such a name
// into /tmp: only what the lane's own account, or root in /run, made is looked at. And of that only lanes of this very
// connection: those of another run may print secrets that this one does not know. Lanes of one login have its process
// above them, beside that which all logins have (the first sshd, or process 1).
//
// $1 looks, one a second; each that sees something new prints it behind a NUL. Built-ins as far as they go: it runs
// beside work that somebody waits for.
const lookScript = `looks=$1 seen=
above() { a=' ' p=$1
  while [ "\${p:-0}" -gt 1 ]; do
    l=; IFS= read -r l <"/proc/$p/stat" || return 1
    a="$a$p "; l=\${l##*") "}; l=\${l#* }; p=\${l%% *}
  done; } 2>/dev/null
above $$ || exit 0
mine=$a
ours() { above "$1" || return 1
  n=0; for p in $a; do case $mine in *" $p "*) n=$((n+1));; esac; done
  [ "$n" -gt 1 ]; }
lanes=
for d in /run/play.* /dev/shm/play.* /tmp/play.* /var/tmp/play.*; do
  p=\${d##*/play.}; p=\${p%%.*}
  case $p in ''|*[!0-9]*) continue;; esac
  if [ -d "$d" ] && [ ! -L "$d" ] && { [ -O "$d" ] || [ "\${d#/run/}" != "$d" ]; } && ours "$p"; then lanes="$lanes $d"; fi
done
[ -n "$lanes" ] || exit 0
while :; do
  set --
  for d in $lanes; do set -- "$@" "$d"/[oe][0-9]*; done
  f=$(ls -t "$@" 2>/dev/null); f=\${f%%"
"*}
  [ -n "$f" ] || exit 0
  n=\${f##*/?}; text=
  for f in $(ls -t "\${f%/*}/o$n" "\${f%/*}/e$n" 2>/dev/null); do
    if [ -f "$f" ] && [ ! -L "$f" ] && [ -s "$f" ]; then text=$(tail -c ${looked} "$f" | tr -d '\\000'; echo .); break; fi
  done
  if [ "$text" != "$seen" ]; then printf '\\000%s' "\${text%.}"; seen=$text; fi
  looks=$((looks-1)); [ "$looks" -gt 0 ] || exit 0
  sleep 1
done`;

function look(host: string, { connectionOf, become }: Way, looks: number, onStdout: LiveCommand['onStdout']) {
  const account = become(host);
  return connectionOf(host)?.live({
    script: lookScript,
    args: [String(looks)],
    ...(account ? { become: account } : {}),
    onStdout,
    onStderr: () => undefined,
  });
}

/** The last line that what runs on the host has printed, masked; undefined where there is none, or no way to know. */
export async function peek(host: string, way: Way): Promise<string | undefined> {
  let bytes = Buffer.alloc(0);
  const looking = look(host, way, 1, (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
  if (looking === undefined) return undefined;
  await Promise.race([looking.catch(() => undefined), new Promise((done) => setTimeout(done, patience).unref())]);
  return lastLine(bytes.subarray(bytes.lastIndexOf(0) + 1), way.redactor);
}

/**
 * Goes on looking until what was sent is over, over a session of its own.
 *
 * @param onLine hears each new last line, masked
 * @throws Unreachable where the host allows no further session
 */
export async function follow(host: string, way: Way, onLine: (line: string | undefined) => void): Promise<void> {
  let bytes = Buffer.alloc(0);
  await look(host, way, mostLooks, (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    bytes = bytes.subarray(Math.max(0, bytes.lastIndexOf(0) + 1));
    onLine(lastLine(bytes, way.redactor));
  });
}

/**
 * The last line of an output's end, as it may be shown. Of what redraws its line it is the last state. What may be the
 * beginning of a secret waits until more of it is there, and a line whose own beginning is not there is left out: it may
 * begin in the middle of one.
 *
 * @example lastLine(Buffer.from('Reading\n10 %\r20 %'), redactor)  // '20 %'
 */
export function lastLine(end: Buffer, redactor: Redactor): string | undefined {
  const text = redactor.stream().write(end).toString('utf8');
  const lines = text.split(/[\r\n]+/);
  const whole = end.length < looked ? lines : lines.slice(1);
  return whole.findLast((line) => line.trim() !== '')?.trimEnd();
}
