import type { WriteStream } from 'node:tty';
import type { Change } from '../contract/index.ts';
import type { Event, Listener, TaskEvent } from '../engine/index.ts';
import type { Redactor } from '../secrets/index.ts';
import { unifiedDiff } from './diff.ts';
import { failureLines } from './failure.ts';
import { Progress } from './progress.ts';
import { ansibleRecap, compactRecap } from './recap.ts';
import { Exact, saidLines, shownLines, type Line } from './shown.ts';
import type { Style } from './style.ts';

export interface HumanOptions {
  readonly stream: WriteStream;
  readonly style: Style;
  readonly redactor: Redactor;
  readonly check: boolean;
  readonly diff: boolean;
  readonly verbosity: number;
}

/**
 * For people: a host that is right shows nothing, a change shows what changes, a failure what to do about it. Off a terminal
 * the recap is Ansible's.
 */
export function humanReport(options: HumanOptions): Listener {
  const { stream, style, redactor } = options;
  const isTerminal = stream.isTTY;
  const progress = isTerminal ? new Progress(stream, style) : undefined;
  const clean = (text: string): string => saidLines(redactor.redact(text));
  const print = (lines: readonly Line[]): void => {
    progress?.clear();
    if (lines.length > 0) stream.write(shownLines(lines));
  };
  const task = new TaskLines(options, clean);
  return (event) => {
    switch (event.event) {
      case 'play':
        progress?.hosts(event.hosts.length);
        if (options.verbosity > 0) print(['', style.bold(clean(`play ${event.play}: ${event.hosts.length} ${event.hosts.length === 1 ? 'host' : 'hosts'}`))]);
        break;
      case 'connected':
        if (options.verbosity > 0) print([style.dim(clean(`connected  ${event.host}  ${event.how}, ${event.seconds.toFixed(2)} s`))]);
        progress?.working(event.host, 'looking');
        break;
      case 'working':
        progress?.working(event.host, redactor.redact(event.task));
        break;
      case 'sent':
        print(event.scripts.flatMap((script) => [style.dim(`sent  ${event.host}${event.account === '' ? '' : `  as ${event.account}`}`), ...indented(clean(script).trimEnd().split('\n'))]));
        break;
      case 'notice':
        print([`${style.cyan('note')}  ${event.host === null ? '' : `${event.host}  `}${clean(event.text)}`]);
        break;
      case 'task':
      case 'handler':
        print(task.of(event));
        break;
      case 'question':
        progress?.pause();
        break;
      case 'recap':
        progress?.end();
        print((isTerminal ? compactRecap(event, style) : ansibleRecap(event)).replace(/\n$/, '').split('\n'));
        break;
      default:
        progress?.finished(event.host);
        print(failedHost(event, style, clean));
    }
  };
}

type HostFailure = Extract<Event, { event: 'unreachable' | 'host-failed' }>;

function failedHost({ event, host, error }: HostFailure, style: Style, clean: (text: string) => string): string[] {
  return [`${style.red(event === 'unreachable' ? 'unreachable' : 'failed')}  ${host}`, ...indented(failureLines(error, { style, clean }))];
}

/** The lines of one finished task. */
class TaskLines {
  readonly #options: HumanOptions;
  readonly #clean: (text: string) => string;

  constructor(options: HumanOptions, clean: (text: string) => string) {
    this.#options = options;
    this.#clean = clean;
  }

  of(event: TaskEvent): Line[] {
    const { verbosity, style } = this.#options;
    const isQuiet = (event.status === 'ok' || event.status === 'skipped') && event.may === null && event.assumed.length === 0 && event.message === null;
    if (isQuiet && verbosity === 0) return [];
    const lines: Line[] = [this.#headline(event)];
    if (event.may !== null) lines.push(`    may change: ${this.#clean(event.may)}`);
    for (const reason of event.assumed) lines.push(style.dim(`    assumed: ${this.#clean(reason)}`));
    if (event.message !== null && !event.hidden) lines.push(...indented(this.#clean(event.message).trimEnd().split('\n')));
    if (verbosity > 0 && event.output && !event.hidden) lines.push(...this.#output(event.output));
    if (event.hidden && event.changes.length > 0) lines.push(style.dim('    (hidden: noLog)'));
    else for (const change of event.changes) lines.push(...this.#change(change));
    if (event.error) lines.push(...indented(failureLines(event.error, { style, clean: this.#clean, hidden: event.hidden })));
    return lines;
  }

  #headline(event: TaskEvent): string {
    const name = event.role === null ? event.task : `${event.role} : ${event.task}`;
    const kind = event.event === 'handler' ? ' (handler)' : '';
    const time = this.#options.verbosity > 1 ? this.#options.style.dim(`  ${event.seconds.toFixed(2)} s`) : '';
    return `${this.#word(event)}  ${event.host}  ${this.#clean(name)}${kind}${time}`;
  }

  #word({ status, may }: TaskEvent): string {
    const { style, check } = this.#options;
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
    }
  }

  #output({ stdout, stderr }: NonNullable<TaskEvent['output']>): string[] {
    const said = [['stdout', stdout], ['stderr', stderr]] as const;
    return said.flatMap(([name, text]) => (text.trim() === '' ? [] : [this.#options.style.dim(`    ${name}:`), ...indented(indented(this.#clean(text).trimEnd().split('\n')))]));
  }

  #change({ what, from, to, text }: Change): Line[] {
    const { diff } = this.#options;
    const values = from !== undefined && to !== undefined ? ` ${from} -> ${to}` : to !== undefined ? ` -> ${to}` : from !== undefined ? ` ${from}` : '';
    const line = `    ${this.#clean(`${what}${values}`.replaceAll('\n', '\\n'))}`;
    if (!text || !diff) return [line];
    const unified = unifiedDiff(text, (part) => this.#options.redactor.redact(part));
    return [line, ...this.#diffLines(unified)];
  }

  /** Not indented: what is copied out of a terminal, or kept in a file, is a patch. Off a terminal patch(1) takes it byte for byte. */
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
