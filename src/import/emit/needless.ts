import type { AnsibleTask } from '../ansible/tree.ts';

/** What there is no need for. */
const nothing = new Set(['setup', 'gather_facts', 'ping', 'package_facts', 'wait_for_connection']);

/** A task that has nothing to do here: facts are asked for when they are read. */
export const isNeedless = (task: AnsibleTask): boolean =>
  (nothing.has(task.module) && !task.keywords.has('register')) || (task.module === 'meta' && task.text === 'noop');
