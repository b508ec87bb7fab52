import { realClock, type Clock } from './clock.ts';
import { Entries } from './entries.ts';
import type { ShownListener } from './masked.ts';
import { Progress, type Terminal } from './progress.ts';
import { ansibleRecap, compactRecap } from './recap.ts';
import { rolloutLines } from './rollout.ts';
import { saidLines, shownLines, type Line } from './shown.ts';
import type { Style } from './style.ts';
import { indented } from './wrapped.ts';

export interface HumanOptions {
  readonly stream: Terminal;
  readonly style: Style;
  readonly check: boolean;
  /** Changes of files as diffs; `full`: also those that are long, and what is no text for people. */
  readonly diff: boolean | 'full';
  readonly verbosity: number;
  readonly clock?: Clock;
}

/**
 * For people: a host that is right shows nothing, a change shows what changes, a failure what to do about it; what many
 * hosts have in common stands there once. Off a terminal the recap is Ansible's.
 */
export function humanReport(options: HumanOptions): ShownListener {
  const { stream, style } = options;
  const isTerminal = stream.isTTY;
  const progress = isTerminal ? new Progress(stream, style) : undefined;
  const print = (lines: readonly Line[]): void => {
    progress?.clear();
    if (lines.length > 0) stream.write(shownLines(lines));
  };
  const entries = new Entries({ ...options, clock: options.clock ?? realClock, print });
  return (event) => {
    switch (event.event) {
      case 'play':
        entries.begin(event.hosts);
        progress?.hosts(event.hosts.length);
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
        progress?.working(event.host, 'looking');
        break;
      case 'working':
        progress?.working(event.host, event.task);
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
        break;
      case 'rollout-stopped':
        entries.flush();
        print(rolloutLines(event, style));
        break;
      case 'always':
      case 'foretold':
      case 'mark':
        break;
      case 'question':
        entries.flush();
        progress?.pause();
        break;
      case 'held':
        progress?.finished(event.host);
        entries.remark(style.yellow('held'), event.host, event.text);
        entries.left(event.host);
        break;
      case 'gone':
        progress?.finished(event.host);
        entries.remark(style.yellow('gone'), event.host, event.error.what);
        entries.left(event.host);
        break;
      case 'recap':
        entries.end();
        progress?.end();
        print((isTerminal ? compactRecap(event, style) : ansibleRecap(event)).replace(/\n$/, '').split('\n'));
        break;
      default:
        progress?.finished(event.host);
        entries.failedHost(event);
    }
  };
}
