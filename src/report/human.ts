import { realClock, type Clock } from './clock.ts';
import { Entries } from './entries.ts';
import { FailureSummary } from './failure-summary.ts';
import { canHaveFooter, Footer } from './footer/footer.ts';
import type { ShownListener } from './masked.ts';
import { ansibleRecap, compactRecap } from './recap.ts';
import { rolloutLines } from './rollout.ts';
import { saidLines, shownLines, type Line } from './shown.ts';
import type { Style } from './style.ts';
import type { Terminal } from './terminal.ts';
import { indented } from './wrapped.ts';

export interface HumanOptions {
  readonly stream: Terminal;
  readonly style: Style;
  readonly check: boolean;
  /** Changes of files as diffs; `full`: also those that are long, and what is no text for people. */
  readonly diff: boolean | 'full';
  readonly verbosity: number;
  /**
   * What a terminal shows at its end while the run goes on; `own`: what events tell, for who reports a whole run. Default:
   * nothing, since a second one would draw over the first, and over questions.
   */
  readonly footer?: Footer | 'own' | undefined;
  /** The command to go on with on these hosts, once what failed there is right. Default: none is told. */
  readonly goOn?: (hosts: readonly string[]) => string | undefined;
  readonly clock?: Clock;
}

/**
 * For people: a host that is right shows nothing, a change shows what changes, a failure what to do about it; what many
 * hosts have in common stands there once. Off a terminal the recap is Ansible's.
 */
export function humanReport(options: HumanOptions): ShownListener {
  const { stream, style } = options;
  const isTerminal = stream.isTTY;
  const made = options.footer === 'own' && canHaveFooter(stream) ? new Footer({ stream, style }) : undefined;
  const footer = options.footer === 'own' ? made : options.footer;
  const print = (lines: readonly Line[]): void => {
    if (lines.length === 0) return;
    if (footer) footer.print(shownLines(lines));
    else stream.write(shownLines(lines));
    failures.printed(false);
  };
  const failures = new FailureSummary();
  const entries = new Entries({ ...options, clock: options.clock ?? realClock, print });
  return (event) => {
    footer?.hear(event);
    failures.hear(event);
    switch (event.event) {
      case 'play':
        entries.begin(event.hosts);
        if (options.verbosity > 0)
          print([
            '',
            style.bold(
              saidLines(`play ${event.play}: ${event.hosts.length} ${event.hosts.length === 1 ? 'host' : 'hosts'}`),
            ),
          ]);
        break;
      case 'connected':
        if (options.verbosity > 0)
          print([style.dim(saidLines(`connected  ${event.host}  ${event.how}, ${event.seconds.toFixed(2)} s`))]);
        break;
      case 'sent':
        entries.before(event.host);
        print(
          event.scripts.flatMap((script) => [
            style.dim(`sent  ${event.host}${event.account === '' ? '' : `  as ${event.account}`}`),
            ...indented(saidLines(script).trimEnd().split('\n')),
          ]),
        );
        break;
      case 'notice':
        entries.remark(style.cyan('note'), event.host, event.text);
        break;
      case 'task':
      case 'handler':
        entries.task(event);
        if (event.error !== null) failures.printed(true);
        break;
      case 'rollout-stopped':
        entries.flush();
        print(rolloutLines(event, style));
        break;
      case 'always':
      case 'foretold':
      case 'mark':
      case 'working':
        break;
      case 'question':
        entries.flush();
        break;
      case 'held':
        entries.remark(style.yellow('held'), event.host, event.text);
        entries.left(event.host);
        break;
      case 'gone':
        entries.remark(style.yellow('gone'), event.host, event.error.what);
        entries.left(event.host);
        break;
      case 'recap':
        entries.end();
        print(failures.lines(options));
        print((isTerminal ? compactRecap(event, style) : ansibleRecap(event)).replace(/\n$/, '').split('\n'));
        break;
      default:
        entries.failedHost(event);
        failures.printed(true);
    }
  };
}
