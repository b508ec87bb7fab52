import { canHaveFooter, Footer, type Style } from '../report/index.ts';
import type { PreparedPlay, PreparedRun } from '../run/index.ts';
import { follow, type Way } from './peek.ts';
import { statOf } from './run-files.ts';

export interface FooterSettings {
  readonly prepared: PreparedRun;
  readonly style: Style;
  /** Ctrl-Z leaves the run, which goes on. */
  readonly canLeave: boolean;
  /** Whoever conducts the plays runs some of them: what is left is not known. */
  readonly isConducted: boolean;
}

/** Hosts whose output is followed at once: more than are shown, as they change. */
const mostFollowed = 6;

/** The footer of a run at a terminal, with what it takes of the process. */
export class LiveFooter {
  readonly footer: Footer;
  readonly #lines = new Map<string, string | undefined>();
  /** Those that are followed, and those that allow no further session. */
  readonly #followed = new Set<string>();
  readonly #refused = new Set<string>();
  #way: Way | undefined;
  readonly #restore: () => void;

  constructor({ prepared, style, canLeave, isConducted }: FooterSettings) {
    this.footer = new Footer({
      stream: process.stdout,
      style,
      ...(isConducted ? {} : { tasks: taskCounts(prepared) }),
      keys: ['Ctrl-\\ details', ...(canLeave ? ['Ctrl-Z leave'] : []), 'Ctrl-C stop'],
      lastLine: (host) => this.#lastLine(host),
      isForeground,
    });
    this.#restore = guardTerminal(this.footer, canLeave);
  }

  /** From now on output is followed. */
  look(way: Way): void {
    this.#way = way;
  }

  through(host: string, play: PreparedPlay): void {
    this.footer.through(host, countOf(play, host));
  }

  /** The run is over, or its terminal was left. */
  end(): void {
    this.footer.clear();
    this.#restore();
  }

  #lastLine(host: string): string | undefined {
    if (!this.#followed.has(host)) void this.#follow(host);
    return this.#lines.get(host);
  }

  async #follow(host: string): Promise<void> {
    const way = this.#way;
    if (way === undefined || this.#refused.has(host) || this.#followed.size >= mostFollowed) return;
    this.#followed.add(host);
    try {
      await follow(host, way, (line) => this.#lines.set(host, line));
    } catch {
      this.#refused.add(host);
    }
    // What was sent is over, and so is what it printed.
    this.#lines.delete(host);
    this.#followed.delete(host);
  }
}

/** The footer of a run, where there is a terminal for it. */
export function liveFooter(settings: FooterSettings): LiveFooter | undefined {
  return canHaveFooter(process.stdout) ? new LiveFooter(settings) : undefined;
}

/** The straight way: what a rescue does is no part of it. */
function countOf({ selected }: PreparedPlay, host: string): number {
  return selected.get(host)?.tasks.length ?? 0;
}

function taskCounts({ plays }: PreparedRun): Map<string, number> {
  const counts = new Map<string, number>();
  for (const play of plays)
    for (const host of play.hosts) counts.set(host, (counts.get(host) ?? 0) + countOf(play, host));
  return counts;
}

/** Whether no shell has the terminal: of a run in its background the screen is none. */
function isForeground(): boolean {
  const [, , group, , , foreground] = statOf(process.pid) ?? [];
  return group === undefined || foreground === group;
}

/** Whatever else writes to the terminal finds the footer gone, and what happens to the terminal it hears of. @returns takes that back */
function guardTerminal(footer: Footer, canLeave: boolean): () => void {
  const { stderr, stdout } = process;
  const write = stderr.write;
  if (stderr.isTTY)
    stderr.write = (chunk: string | Uint8Array, ...rest: never[]): boolean =>
      footer.around(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString(), () =>
        write.call(stderr, chunk, ...rest),
      );
  const redraw = (): void => footer.redraw();
  // A run that cannot be left is stopped by Ctrl-Z as any job is.
  const stop = (): void => {
    footer.clear();
    process.kill(process.pid, 'SIGSTOP');
  };
  stdout.on('resize', redraw);
  if (!canLeave) process.on('SIGTSTP', stop).on('SIGCONT', redraw);
  return () => {
    stderr.write = write;
    stdout.off('resize', redraw);
    process.off('SIGTSTP', stop).off('SIGCONT', redraw);
  };
}
