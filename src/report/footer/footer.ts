import type { ShownEvent } from '../masked.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { FooterBoard } from './footer-board.ts';
import { footerLines, mostHosts } from './footer-lines.ts';

export interface FooterOptions {
  readonly stream: Terminal;
  readonly style: Style;
  /** How many tasks each host has in all plays of the run. Default: what is left is not counted. */
  readonly tasks?: ReadonlyMap<string, number>;
  /** The keys that do something, the most useful first. Default: none. */
  readonly keys?: readonly string[];
  /** The last line that a host printed, masked; hosts are asked for only while they are shown. Default: none. */
  readonly lastLine?: (host: string) => string | undefined;
  /** Whether the terminal is ours at the moment, and no shell's. Default: it is. */
  readonly isForeground?: () => boolean;
}

/** Milliseconds between two drawings: a converged host goes through its tasks faster than anyone can read. */
const mostOften = 100;
/** The same while nothing happens: times go on. */
const tick = 1000;
/** Seconds that a step runs before its output is asked for: most are over by then. */
const worthLooking = 2;

/** Those that stand on a screen: however the process ends, they go first. */
const shown = new Set<Footer>();
let isGuarded = false;

function guardExit(): void {
  if (isGuarded) return;
  isGuarded = true;
  process.on('exit', () => {
    for (const footer of shown) footer.clear();
  });
}

/**
 * The last lines of a terminal while a run goes on: what the slowest hosts are at, and what is left. It makes way for all
 * that is printed, and leaves nothing behind.
 *
 * The cursor waits at its first character. So whatever becomes of the lines when a window changes its width, all of the
 * footer is what stands from the cursor on; and no setting of the terminal is changed that a killed run would leave.
 */
export class Footer {
  readonly #options: FooterOptions;
  readonly #board: FooterBoard;
  #isShown = false;
  #isPaused = false;
  /** What was printed last did not end its line: that is no place for a footer. */
  #isMidLine = false;
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;

  constructor(options: FooterOptions) {
    this.#options = options;
    this.#board = new FooterBoard(options.tasks);
  }

  hear(event: ShownEvent): void {
    this.#board.hear(event);
    // While a question is open no event comes.
    this.#isPaused = event.event === 'question';
    if (this.#isPaused || event.event === 'recap') this.clear();
    else this.#later(mostOften);
  }

  connecting(host: string): void {
    this.#board.connecting(host);
    this.#later(mostOften);
  }

  /** A host has been through a play. @param tasks how many it had there */
  through(host: string, tasks: number): void {
    this.#board.through(host, tasks);
    this.#later(mostOften);
  }

  /** Prints in the footer's place, which comes back below. */
  print(text: string): void {
    if (text === '') return;
    this.around(text, () => this.#options.stream.write(text));
  }

  /** The same where something else prints, such as on stderr. */
  around<T>(text: string, write: () => T): T {
    this.clear();
    const written = write();
    this.#isMidLine = !text.endsWith('\n');
    this.#later(Date.now() - this.#drawn < mostOften ? mostOften : 0);
    return written;
  }

  /** Takes the footer off, until something happens or time goes on. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isShown) return;
    // First: a terminal that is gone makes its writer come here again.
    this.#isShown = false;
    shown.delete(this);
    this.#options.stream.write('\r\x1b[J');
  }

  /** The terminal has another size, or was a shell's for a while. */
  redraw(): void {
    this.clear();
    this.#later(0);
  }

  #later(wait: number): void {
    if (this.#isPaused || !this.#board.isBusy) return;
    if (wait === 0) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), wait).unref();
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isPaused || this.#isMidLine) return;
    const lines = this.#lines();
    const { stream } = this.#options;
    if (lines.length > 0) {
      const up = lines.length > 1 ? `\x1b[${lines.length - 1}A` : '';
      stream.write(`\r${lines.map((line) => `${line}\x1b[K`).join('\n')}\x1b[J${up}\r`);
      this.#isShown = true;
      shown.add(this);
      guardExit();
    } else this.clear();
    this.#drawn = Date.now();
    if (this.#board.isBusy) this.#timer = setTimeout(() => this.#draw(), tick).unref();
  }

  #lines(): string[] {
    const { stream, style, keys = [], lastLine = () => undefined, isForeground = () => true } = this.#options;
    if (!isForeground()) return [];
    const standing = this.#board.standing();
    const now = Date.now();
    const isLong = new Map(
      standing.doing
        .slice(0, mostHosts)
        .map(({ host, since = now, hasOutput }) => [host, hasOutput && now - since >= worthLooking * 1000]),
    );
    return footerLines(standing, {
      // The last column stays free: some terminals go to the next line as soon as it is written.
      width: (stream.columns || 80) - 1,
      rows: stream.rows || 24,
      style,
      keys,
      now,
      lastLine: (host) => (isLong.get(host) ? lastLine(host) : undefined),
    });
  }
}

/** Whether there is a terminal that a footer can be drawn on, and somebody at it. */
export function canHaveFooter(stream: Pick<Terminal, 'isTTY'>, env: NodeJS.ProcessEnv = process.env): boolean {
  const isCi = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false';
  return stream.isTTY && env['TERM'] !== undefined && env['TERM'] !== '' && env['TERM'] !== 'dumb' && !isCi;
}
