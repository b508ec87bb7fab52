import type { Become, Connection } from '../connection/index.ts';
import { said, shownLines, statusLines, type StatusBoard } from '../report/index.ts';
import type { Redactor } from '../secrets/index.ts';

export interface StatusWatch {
  readonly board: StatusBoard;
  /** A way to a host that is there already; undefined while there is none. */
  readonly connectionOf: (host: string) => Connection | undefined;
  /** Whom to look as: who may read what the run's lanes write. */
  readonly become: (host: string) => Become | undefined;
  readonly redactor: Redactor;
}

/** How long to wait for the last lines, in milliseconds: the rest is known at once. */
const patience = 4000;

/** Characters of a last line. */
const mostPeeked = 4000;

// Lanes keep the outputs of what runs in files of their folders; the newest is that of the running script. Anybody may
// put something of that name into /tmp: only what the lane's own account, or root in /run, made is looked at.
const peekScript = `for d in /run/play.* /dev/shm/play.* /tmp/play.*; do
  if [ -d "$d" ] && [ ! -L "$d" ] && { [ -O "$d" ] || [ "\${d#/run/}" != "$d" ]; }; then set -- "$@" "$d"/[oe][0-9]*; fi
done
for f in $(ls -t "$@" 2>/dev/null); do
  if [ -f "$f" ] && [ ! -L "$f" ] && [ -s "$f" ]; then tail -c 2000 "$f" | tail -n 1; break; fi
done`;

/**
 * Ctrl-\ and `kill -USR1`: tells on stderr what each host is doing. The run goes on; the look is a session of its own.
 */
export function watchStatus(watch: StatusWatch): void {
  let isShowing = false;
  const show = (): void => {
    if (isShowing) return;
    isShowing = true;
    void showStatus(watch).finally(() => (isShowing = false));
  };
  for (const signal of ['SIGQUIT', 'SIGUSR1'] as const) process.on(signal, show);
}

async function showStatus(watch: StatusWatch): Promise<void> {
  const all = watch.board.all();
  const running = all.filter((one) => !one.isOver);
  const width = Math.max(0, ...running.map(({ host }) => host.length));
  const last = await Promise.all(running.map(async (one) => (one.isWorking ? await peek(one.host, watch) : undefined)));
  const now = Date.now();
  const lines = running.flatMap((one, i) => statusLines(one, last[i], now, width));
  const over = all.length - running.length;
  if (over > 0) lines.push(`${over} ${over === 1 ? 'host' : 'hosts'} failed or unreachable`);
  if (lines.length === 0) lines.push('nothing has begun on any host yet');
  // The line that shows progress on a terminal makes way.
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${shownLines(lines.map(said), watch.redactor)}`);
}

/** The last line that what runs on the host has printed. */
export async function peek(
  host: string,
  { connectionOf, become }: Pick<StatusWatch, 'connectionOf' | 'become'>,
): Promise<string | undefined> {
  const connection = connectionOf(host);
  if (connection === undefined) return undefined;
  let text = '';
  const account = become(host);
  const look = connection.live({
    script: peekScript,
    ...(account ? { become: account } : {}),
    onStdout: (chunk) => (text = (text + chunk.toString('utf8')).slice(-mostPeeked)),
    onStderr: () => undefined,
  });
  await Promise.race([look.catch(() => undefined), new Promise((done) => setTimeout(done, patience).unref())]);
  text = text.trimEnd();
  // What redraws its line shows its last state.
  return text.slice(Math.max(text.lastIndexOf('\r'), text.lastIndexOf('\n')) + 1);
}
