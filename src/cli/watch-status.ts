import type { Become, Connection } from '../connection/index.ts';
import { printable, statusLines, type StatusBoard } from '../report/index.ts';
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

// Lanes keep the outputs of what runs in files of their folders; the newest is that of the running script.
const peekScript = `for f in $(ls -t /run/play.*/[oe][0-9]* /dev/shm/play.*/[oe][0-9]* /tmp/play.*/[oe][0-9]* 2>/dev/null); do
  if [ -s "$f" ]; then tail -c 2000 "$f" | tail -n 1; break; fi
done`;

/** Ctrl-\ and `kill -USR1`: tells on stderr what each host is doing. The run goes on; the look is a session of its own. */
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
  const said = await Promise.all(running.map(async (one) => (one.isWorking ? await peek(one.host, watch) : undefined)));
  const now = Date.now();
  const lines = running.flatMap((one, i) => statusLines(one, said[i], now, width));
  const over = all.length - running.length;
  if (over > 0) lines.push(`${over} ${over === 1 ? 'host' : 'hosts'} failed or unreachable`);
  if (lines.length === 0) lines.push('nothing has begun on any host yet');
  // The line that shows progress on a terminal makes way.
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${watch.redactor.redact(lines.map(printable).join('\n'))}\n`);
}

/** The last line that what runs on the host has printed. */
export async function peek(host: string, { connectionOf, become }: Pick<StatusWatch, 'connectionOf' | 'become'>): Promise<string | undefined> {
  const connection = connectionOf(host);
  if (connection === undefined) return undefined;
  const chunks: Buffer[] = [];
  const account = become(host);
  const look = connection.live({ script: peekScript, ...(account ? { become: account } : {}), onStdout: (chunk) => chunks.push(chunk), onStderr: () => undefined });
  await Promise.race([look.catch(() => undefined), new Promise((done) => setTimeout(done, patience).unref())]);
  const text = Buffer.concat(chunks).toString('utf8').trimEnd();
  // What redraws its line shows its last state.
  return text.slice(Math.max(text.lastIndexOf('\r'), text.lastIndexOf('\n')) + 1);
}
