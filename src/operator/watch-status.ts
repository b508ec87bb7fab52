import { said, shownLines, statusLines, type StatusBoard } from '../report/index.ts';
import { peek, type Way } from './peek.ts';

export interface StatusWatch extends Way {
  readonly board: StatusBoard;
}

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
  if (lines.length === 0) lines.push('nothing has started on any host yet');
  process.stderr.write(shownLines(lines.map(said), watch.redactor));
}
