import { listed } from './change-words.ts';
import { nameless } from './host-names.ts';
import type { ShownTaskEvent } from './masked.ts';
import { saidLines } from './shown.ts';
import type { Style } from './style.ts';
import { wrapped } from './wrapped.ts';

/** The longest reason that is said in full without `-v`. */
const longest = 200;

interface Assumption {
  readonly reason: string;
  readonly hosts: Set<string>;
  readonly tasks: Set<string>;
  count: number;
}

/** Why check mode is not sure of what it says: each reason once. */
export class Reasons {
  readonly #assumed = new Map<string, Assumption>();
  /** The task that said first why it may change. */
  readonly #may = new Map<string, string>();

  /** @returns the task that says already why this one may change */
  count({ assumed, may, host }: ShownTaskEvent, name: string): string | undefined {
    for (const reason of assumed) {
      const key = nameless(reason, host);
      const counted = this.#assumed.get(key) ?? { reason, hosts: new Set(), tasks: new Set(), count: 0 };
      this.#assumed.set(key, counted);
      counted.hosts.add(host);
      counted.tasks.add(name);
      counted.count += 1;
    }
    if (may === null) return undefined;
    const key = nameless(may, host);
    const sayer = this.#may.get(key);
    if (sayer === undefined) this.#may.set(key, name);
    return sayer === name ? undefined : sayer;
  }

  /** What all of it rests on, with how much does: to be said before the recap. */
  lines(style: Style, width: number): string[] {
    if (this.#assumed.size === 0) return [];
    const most = [...this.#assumed.values()].sort((a, b) => b.count - a.count);
    return [
      '',
      style.yellow('assumed:'),
      ...most.flatMap(({ reason, hosts, tasks, count }) => {
        const many = `${count} ${count === 1 ? 'task' : 'tasks'}${hosts.size > 1 ? ` on ${hosts.size} hosts` : ''}`;
        return wrapped([`${many}: ${shortReason(reason)} (${listed([...tasks], 3)})`], '', width);
      }),
    ];
  }
}

/** The line of a reason that explains most. What a checker printed besides is for `-v`. */
export function shortReason(reason: string): string {
  const [first = '', ...more] = saidLines(reason).trimEnd().split('\n');
  const isPlain = (line: string): boolean =>
    /\b(?:error|emerg|alert|fatal|invalid|unknown|cannot|denied|no such)\b/i.test(line);
  const telling = isPlain(first) ? undefined : more.find(isPlain);
  const line = telling === undefined ? first : `${first.split(': ', 1)[0] ?? ''}: ${telling.trim()}`;
  const isCut = line.length > longest;
  return `${isCut ? `${line.slice(0, longest)} ...` : line}${isCut || more.length > 0 ? ' (-v shows all)' : ''}`;
}
