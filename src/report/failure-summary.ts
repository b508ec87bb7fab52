import type { TaskFailure } from '../engine/index.ts';
import { subjectOf } from './entry.ts';
import { failureLines } from './failure.ts';
import type { ShownEvent } from './masked.ts';
import { said, saidLines } from './shown.ts';
import type { Style } from './style.ts';

/** The same failure, on one host or several. */
interface Group {
  readonly word: 'failed' | 'unreachable';
  /** Of a task. */
  readonly name: string | undefined;
  readonly error: TaskFailure;
  readonly hidden: boolean;
  readonly hosts: string[];
}

export interface SummaryLook {
  readonly style: Style;
  readonly check: boolean;
  /** The command for these hosts alone. Default: none. */
  readonly goOn?: ((hosts: readonly string[]) => string | undefined) | undefined;
}

/** Of more hosts than these the number is told. */
const mostNamed = 8;

/**
 * What failed in a run, for its end: whoever comes back to a terminal does not have to look for it. Failures that say the same
 * are one, with its hosts. What was ignored or rescued is none.
 */
export class FailureSummary {
  readonly #groups = new Map<string, Group>();
  readonly #hosts = new Set<string>();
  #isTold = false;
  #isLastWord = false;

  hear(event: ShownEvent): void {
    switch (event.event) {
      case 'task':
      case 'handler': {
        const { host, role, task, error, hidden, status } = event;
        if (error === null || event.ignored || event.rescued) break;
        const name = `${role === null ? task : `${role} : ${task}`}${subjectOf(event)}`;
        this.#add(host, { word: status === 'unreachable' ? status : 'failed', name, error, hidden });
        break;
      }
      case 'unreachable':
      case 'host-failed':
        this.#add(event.host, {
          word: event.event === 'unreachable' ? 'unreachable' : 'failed',
          name: undefined,
          error: event.error,
          hidden: false,
        });
        break;
      case 'rollout-stopped':
        // It tells by itself how to go on.
        this.#isTold = true;
        break;
      default:
    }
  }

  /** Something was printed. @param isFailure of a host or a task: it stands where the eye looks as long as nothing follows */
  printed(isFailure: boolean): void {
    this.#isLastWord = isFailure;
  }

  /** @param goOn the command for these hosts, once what failed is right; undefined where there is none */
  lines({ style, check, goOn = () => undefined }: SummaryLook): string[] {
    const groups = [...this.#groups.values()];
    if (groups.length === 0) return [];
    const command = this.#isTold ? undefined : goOn([...this.#hosts]);
    const isSeen = groups.length === 1 && this.#hosts.size === 1 && this.#isLastWord;
    return [
      ...(isSeen
        ? []
        : ['', style.bold(check ? 'what would fail' : 'what failed'), ...groups.flatMap((one) => linesOf(one, style))]),
      ...(command === undefined ? [] : ['', `Once that is fixed, continue with: ${style.bold(said(command))}`]),
    ];
  }

  #add(host: string, failure: Omit<Group, 'hosts'>): void {
    const { word, name, error } = failure;
    const { what, hint, code, stdout, stderr, at } = error;
    this.#hosts.add(host);
    // The host's own name is no difference.
    const key = JSON.stringify([word, name, what, hint, code, stdout, stderr, at]).replaceAll(host, '\0');
    const known = this.#groups.get(key);
    if (known === undefined) this.#groups.set(key, { ...failure, hosts: [host] });
    else if (!known.hosts.includes(host)) known.hosts.push(host);
  }
}

function linesOf({ word, name, error, hidden, hosts }: Group, style: Style): string[] {
  const named = [...hosts].sort().slice(0, mostNamed).join(', ');
  const more = hosts.length - mostNamed;
  const of = more > 0 ? `${named} and ${more} more` : named;
  return [
    `${style.red(word)}  ${of}${name === undefined ? '' : `  ${saidLines(name)}`}`,
    ...failureLines(error, { style, hidden }).map((line) => `    ${line}`),
  ];
}
