import type { ShownChange } from '../engine/index.ts';
import { FailureSummary } from './failure-summary.ts';
import { failureLines, serviceLines } from './failure.ts';
import { canHaveFooter, Footer } from './footer/footer.ts';
import type { ShownEvent, ShownListener, ShownTaskEvent } from './masked.ts';
import { ansibleRecap, compactRecap } from './recap.ts';
import { rolloutLines } from './rollout.ts';
import { Exact, saidLines, shownLines, type Line } from './shown.ts';
import type { Style } from './style.ts';
import type { Terminal } from './terminal.ts';

export interface HumanOptions {
  readonly stream: Terminal;
  readonly style: Style;
  readonly check: boolean;
  readonly diff: boolean;
  readonly verbosity: number;
  /** What a terminal shows at its end while the run goes on; null: nothing. Default: what events tell. */
  readonly footer?: Footer | null;
  /** The command to go on with on these hosts, once what failed there is right. Default: none is told. */
  readonly goOn?: (hosts: readonly string[]) => string | undefined;
}

/**
 * For people: a host that is right shows nothing, a change shows what changes, a failure what to do about it. Off a
 * terminal the recap is Ansible's.
 */
export function humanReport(options: HumanOptions): ShownListener {
  const { stream, style } = options;
  const isTerminal = stream.isTTY;
  const { footer = canHaveFooter(stream) ? new Footer({ stream, style }) : null } = options;
  const print = (lines: readonly Line[]): void => {
    if (lines.length === 0) return;
    if (footer) footer.print(shownLines(lines));
    else stream.write(shownLines(lines));
    failures.printed(false);
  };
  const failures = new FailureSummary();
  const task = new TaskLines(options);
  return (event) => {
    footer?.hear(event);
    failures.hear(event);
    switch (event.event) {
      case 'play':
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
        print(
          event.scripts.flatMap((script) => [
            style.dim(`sent  ${event.host}${event.account === '' ? '' : `  as ${event.account}`}`),
            ...indented(saidLines(script).trimEnd().split('\n')),
          ]),
        );
        break;
      case 'notice':
        print([`${style.cyan('note')}  ${event.host === null ? '' : `${event.host}  `}${saidLines(event.text)}`]);
        break;
      case 'task':
      case 'handler':
        print(task.of(event));
        if (event.error !== null) failures.printed(true);
        break;
      case 'rollout-stopped':
        print(rolloutLines(event, style));
        break;
      case 'always':
      case 'foretold':
      case 'mark':
      case 'working':
      case 'question':
        break;
      case 'held':
        print([`${style.yellow('held')}  ${event.host}  ${saidLines(event.text)}`]);
        break;
      case 'gone':
        print([`${style.yellow('gone')}  ${event.host}  ${saidLines(event.error.what)}`]);
        break;
      case 'recap':
        print(failures.lines(options));
        print((isTerminal ? compactRecap(event, style) : ansibleRecap(event)).replace(/\n$/, '').split('\n'));
        break;
      default:
        print(failedHost(event, style));
        failures.printed(true);
    }
  };
}

type HostFailure = Extract<ShownEvent, { event: 'unreachable' | 'host-failed' }>;

function failedHost({ event, host, error }: HostFailure, style: Style): string[] {
  return [
    `${style.red(event === 'unreachable' ? 'unreachable' : 'failed')}  ${host}`,
    ...indented([...failureLines(error, { style }), ...serviceLines(error)]),
  ];
}

/** The lines of one finished task. */
class TaskLines {
  readonly #options: HumanOptions;

  constructor(options: HumanOptions) {
    this.#options = options;
  }

  of(event: ShownTaskEvent): Line[] {
    const { verbosity, style } = this.#options;
    const isQuiet =
      (event.status === 'ok' || event.status === 'skipped') &&
      event.may === null &&
      event.assumed.length === 0 &&
      event.message === null;
    if (isQuiet && verbosity === 0) return [];
    const lines: Line[] = [this.#headline(event)];
    if (event.may !== null) lines.push(`    ${event.gate === undefined ? 'may change: ' : ''}${saidLines(event.may)}`);
    for (const reason of event.assumed) lines.push(style.dim(`    assumed: ${saidLines(reason)}`));
    if (event.message !== null) lines.push(...indented(saidLines(event.message).trimEnd().split('\n')));
    if (verbosity > 0 && event.output) lines.push(...this.#output(event.output));
    if (event.hidden && event.status === 'changed') lines.push(style.dim('    (hidden: noLog)'));
    for (const change of event.changes) lines.push(...this.#change(change));
    if (event.error) {
      lines.push(...indented(failureLines(event.error, { style, hidden: event.hidden })));
      if (!event.ignored && !event.rescued) lines.push(...indented(serviceLines(event.error)));
    }
    return lines;
  }

  #headline(event: ShownTaskEvent): string {
    const name = event.role === null ? event.task : `${event.role} : ${event.task}`;
    const kind =
      event.event === 'handler'
        ? ' (handler)'
        : event.gate === undefined
          ? ''
          : event.gate === 'healthy'
            ? ' (healthy)'
            : ` (gate ${event.gate})`;
    const time = this.#options.verbosity > 1 ? this.#options.style.dim(`  ${event.seconds.toFixed(2)} s`) : '';
    return `${this.#word(event)}  ${event.host}  ${saidLines(name)}${kind}${time}`;
  }

  #word({ status, may, gate }: ShownTaskEvent): string {
    const { style, check } = this.#options;
    if (may !== null && gate !== undefined) return style.cyan('not known');
    if (may !== null && (status === 'ok' || status === 'changed')) return style.yellow('may change');
    switch (status) {
      case 'changed':
        return style.yellow(check ? 'would change' : 'changed');
      case 'failed':
        return style.red(check ? 'would fail' : 'failed');
      case 'unreachable':
        return style.red('unreachable');
      case 'ok':
        return style.green('ok');
      case 'skipped':
        return style.cyan('skipped');
      case 'held':
        return style.yellow('held');
    }
  }

  #output({ stdout, stderr }: NonNullable<ShownTaskEvent['output']>): string[] {
    const said = [
      ['stdout', stdout],
      ['stderr', stderr],
    ] as const;
    return said.flatMap(([name, text]) =>
      text.trim() === ''
        ? []
        : [this.#options.style.dim(`    ${name}:`), ...indented(indented(saidLines(text).trimEnd().split('\n')))],
    );
  }

  #change({ what, from, to, text }: ShownChange): Line[] {
    const { diff } = this.#options;
    const values =
      from !== undefined && to !== undefined
        ? ` ${from} -> ${to}`
        : to !== undefined
          ? ` -> ${to}`
          : from !== undefined
            ? ` ${from}`
            : '';
    const line = `    ${saidLines(`${what}${values}`.replaceAll('\n', '\\n'))}`;
    if (!text || !diff) return [line];
    return [line, ...this.#diffLines(text.diff)];
  }

  /**
   * Not indented, so that text copied from a terminal or kept in a file is a patch. Off a terminal patch(1) accepts it
   * byte for byte.
   */
  #diffLines(unified: string): Line[] {
    const { style, stream } = this.#options;
    const lines = unified.replace(/\n$/, '').split('\n');
    let inHunk = false;
    return lines.map((line) => {
      if (!stream.isTTY) return new Exact(line);
      const shown = saidLines(line);
      if (line.startsWith('@@')) {
        inHunk = true;
        return style.cyan(shown);
      }
      if (!inHunk) return style.bold(shown);
      return line.startsWith('+') ? style.green(shown) : line.startsWith('-') ? style.red(shown) : shown;
    });
  }
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}
