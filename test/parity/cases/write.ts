import type { TaskContext } from '../../../src/contract/index.ts';
import type { Handler, PlaySpec, RunContext, Task, TaskItem } from '../../../src/playbook/index.ts';
import { handler } from '../../../src/playbook/index.ts';
import { mark, type MarkOptions } from '../mark.ts';

/** Plays in YAML from their bodies; each is for all hosts unless it says otherwise. */
export function plays(...bodies: readonly string[]): string {
  return bodies
    .map((body) => `- gather_facts: false\n${indent(/^hosts:/m.test(body) ? body : `hosts: all\n${body}`)}`)
    .join('\n');
}

/** A role's tasks or handlers in YAML. */
export function indent(text: string, by = '  '): string {
  return text.replace(/^\n/, '').replace(/^(?=.)/gm, by);
}

/** The same in play. */
export function play(
  tasks: readonly TaskItem[] | ((context: TaskContext) => readonly TaskItem[]) | (() => readonly TaskItem[]),
  spec: Partial<PlaySpec> = {},
): PlaySpec {
  return { hosts: 'all', tasks: typeof tasks === 'function' ? tasks : () => tasks, ...spec };
}

/** A handler that leaves its name behind. */
export function marking(name: string, options: MarkOptions = {}): Handler {
  return handler(name, () => mark(name, options));
}

/** A task whose words are known only during the run. */
export function saying(name: string, say: (context: RunContext) => string): Task {
  return mark(name, { say });
}

/** A boolean as Jinja prints it. */
export function title(value: boolean): string {
  return value ? 'True' : 'False';
}
