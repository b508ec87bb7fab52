import type { AnsibleTask } from '../ansible/tree.ts';
import { NotImported, quote } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { isOmitted, optionEntry, type ResourceCall } from './resource-call.ts';
import { anyValue, entry } from './values.ts';

/** What Ansible does on its own side, and modules that only tell facts to Ansible: none of them can be sent to a host. */
const notSent = new Set(
  ['add_host', 'async_status', 'fail', 'gather_facts', 'group_by', 'include_vars', 'meta', 'set_fact']
    .concat(['set_stats', 'setup', 'validate_argument_spec', 'wait_for_connection'])
    .concat(['fetch', 'synchronize', 'reboot', 'unarchive', 'uri', 'assemble', 'assert', 'debug', 'pause']),
);

/**
 * A task whose module has no counterpart: the module itself.
 *
 * @throws NotImported
 */
export function moduleCall(compiler: Compiler, task: AnsibleTask): ResourceCall {
  const { module } = task;
  if (notSent.has(module) || /^(?:include|import)_|^win_/.test(module))
    throw new NotImported(`module ${module}`, `there is no resource like ${module} here`);
  if (task.text !== undefined && task.options.size === 0)
    throw new NotImported(`text of ${module}`, `${module} is given a text in place of options`);
  const { source, at } = task;
  const given = new Map([...task.options].filter(([, data]) => !isOmitted(data)));
  const args = anyValue(compiler, { type: 'map', entries: given, at, source });
  return {
    resource: 'ansibleModule',
    options: [entry('module', quote(writtenName(task))), ...(given.size === 0 ? [] : [optionEntry('args', args)])],
    keywords: [],
    reviews: ["Review: Ansible's own module, which needs Ansible here and Python on the host."],
    keepsChanged: true,
  };
}

/**
 * Ansible's own module in place of a resource that cannot do what the task says.
 *
 * @param lacking what the resource lacks
 * @throws NotImported the same, where that module cannot be sent either
 */
export function moduleInstead(compiler: Compiler, task: AnsibleTask, lacking: NotImported): ResourceCall {
  if (hereOnly.has(task.module)) throw lacking;
  try {
    return { ...moduleCall(compiler, task), reviews: [`Review: Ansible's own module: ${lacking.message}.`] };
  } catch (thrown) {
    throw thrown instanceof NotImported ? lacking : thrown;
  }
}

/** Modules half of whose work Ansible does on its own side, with files that lie there, or with its shell. */
const hereOnly = new Set(['copy', 'template', 'command', 'shell', 'script', 'raw', 'service', 'package']);

/** Its name in full, where the task has it so. */
function writtenName({ module, source }: AnsibleTask): string {
  const full = new RegExp(`(?:^|[\\s-])((?:\\w+\\.)+${module.replaceAll('.', '\\.')})\\s*:`, 'm').exec(source)?.[1];
  return full ?? module;
}
