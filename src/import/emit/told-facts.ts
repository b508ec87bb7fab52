import { textOf } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { code, reads } from '../expressions/code.ts';
import { factKey } from '../expressions/names.ts';
import { defineFact } from './define-fact.ts';
import type { TasksWriter } from './tasks-writer.ts';
import { hasJinja } from './values.ts';

/** The facts a task reports about its host, by Ansible's names, as fields of its result here. */
export function toldFacts(task: AnsibleTask): ReadonlyMap<string, string> {
  switch (task.module) {
    case 'service_facts':
      return new Map([['services', 'services']]);
    case 'package_facts':
      return new Map([['packages', 'packages']]);
    case 'getent': {
      const database = textOf(task.options.get('database') ?? { type: 'null', at: task.at }) ?? '';
      return /^\w+$/.test(database) && !hasJinja(database) ? new Map([[`getent_${database}`, 'entries']]) : new Map();
    }
    default:
      return new Map();
  }
}

/** Gives facts their names from here on: `ansible_facts.services`, and `services` where no variable is called so. */
export function defineToldFacts(writer: TasksWriter, task: AnsibleTask, constant: string): void {
  const { scope } = writer;
  const run = reads.results;
  for (const [fact, field] of toldFacts(task))
    for (const name of [factKey(fact), ...(scope.variables.isDeclared(fact) ? [] : [fact])]) {
      // What the host does not have is missing in it.
      const value = code(`${scope.use('anyFields')}(results(${constant})).${field}`, 'map', { run, maybe: fact });
      scope.shared.define(name, scope.file, 'set_fact', run);
      if (scope.shared.isShared(name)) defineFact(writer, task, name, value);
      else scope.define(name, value);
    }
}
