import { said, shownLines } from './shown.ts';
import { makeStyle, wantsColour, type Style } from './style.ts';

/** Events while a command runs on many hosts. */
export type CommandEvent =
  | { readonly event: 'line'; readonly host: string; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly event: 'exit'; readonly host: string; readonly code: number; readonly seconds: number }
  | {
      readonly event: 'unreachable' | 'host-failed';
      readonly host: string;
      readonly reason: string;
      readonly hint: string | null;
    }
  | { readonly event: 'recap'; readonly exit: number; readonly seconds: number };

export interface CommandReportOptions {
  readonly form: 'human' | 'jsonl';
  /** A host's whole output on one line, once the command has ended there. */
  readonly oneLine: boolean;
  readonly width: number;
  readonly redact: (text: string) => string;
}

/** Host names in colours that stay the same for the run, so that the eye can follow one host. */
const colours = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94];

/** How many characters of a host's output its one line shows. */
const mostKept = 16 * 1024 * 1024;
const cut = '(more than 16 MiB: the rest is left out)';

/**
 * Prints the output of hosts as it comes: their stdout to stdout, everything else to stderr, so that `| sort` gets what
 * was asked for.
 */
export function commandReport(options: CommandReportOptions): (event: CommandEvent) => void {
  if (options.form === 'jsonl')
    return (event) => void process.stdout.write(`${options.redact(JSON.stringify(event))}\n`);
  return humanCommandReport(options);
}

function humanCommandReport({ oneLine, width, redact }: CommandReportOptions): (event: CommandEvent) => void {
  const out = makeStyle(wantsColour(process.stdout));
  const err = makeStyle(wantsColour(process.stderr));
  const kept = new Map<string, { readonly lines: string[]; length: number }>();
  const keep = (host: string, text: string): void => {
    const of = kept.get(host) ?? { lines: [], length: 0 };
    kept.set(host, of);
    of.length += text.length + 1;
    if (of.length <= mostKept) of.lines.push(text);
    else if (of.lines.at(-1) !== cut) of.lines.push(cut);
  };
  const tally = new Tally();
  const known: string[] = [];
  const name = (host: string, style: Style): string => {
    if (!known.includes(host)) known.push(host);
    const padded = host.padEnd(width);
    return style.colour ? `\x1b[${colours[known.indexOf(host) % colours.length]}m${padded}\x1b[39m` : padded;
  };
  const print = (host: string, text: string): boolean =>
    process.stdout.write(shownLines([`${name(host, out)} | ${text}`]));
  const warn = (host: string, text: string): boolean =>
    process.stderr.write(shownLines([`${name(host, err)} | ${redact(text)}`]));
  return (event) => {
    tally.count(event);
    switch (event.event) {
      case 'line':
        if (oneLine) keep(event.host, event.text);
        else if (event.stream === 'stdout') print(event.host, said(event.text));
        else warn(event.host, said(event.text));
        break;
      case 'exit':
        if (oneLine) print(event.host, `${event.code} | ${(kept.get(event.host)?.lines ?? []).map(said).join('\\n')}`);
        else if (event.code !== 0) warn(event.host, err.red(exitText(event.code)));
        break;
      case 'unreachable':
      case 'host-failed':
        warn(event.host, `${err.red(event.event === 'unreachable' ? 'UNREACHABLE' : 'FAILED')} ${said(event.reason)}`);
        break;
      case 'recap':
        process.stderr.write(`${tally.text(err)}  ${err.dim(`${event.seconds.toFixed(1)} s`)}\n`);
    }
  };
}

function exitText(code: number): string {
  return code > 128 && code < 160 ? `ended by signal ${code - 128}` : `exit code ${code}`;
}

/** The summary: how many hosts were fine, and which were not. */
class Tally {
  #fine = 0;
  readonly #failed: string[] = [];
  readonly #lost: string[] = [];

  count(event: CommandEvent): void {
    if (event.event === 'exit' && event.code === 0) this.#fine++;
    else if (event.event === 'exit') this.#failed.push(`${event.host}: ${event.code}`);
    else if (event.event === 'host-failed') this.#failed.push(event.host);
    else if (event.event === 'unreachable') this.#lost.push(event.host);
  }

  text(style: Style): string {
    const parts = [
      this.#fine > 0 ? style.green(`${this.#fine} ok`) : '',
      this.#failed.length > 0 ? style.red(`${this.#failed.length} failed (${this.#failed.join(', ')})`) : '',
      this.#lost.length > 0 ? style.red(`${this.#lost.length} unreachable (${this.#lost.join(', ')})`) : '',
    ];
    return parts.filter((part) => part !== '').join(', ') || 'nothing was run';
  }
}
