import * as v from 'valibot';
import type { Resource } from '../../contract/index.ts';
import { makeTask, type Deferrable, type Keywords, type Task } from '../../playbook/index.ts';
import { anything, path, text } from '../kit/schemas.ts';
import type { ModuleFields } from './module/module-answer.ts';
import { planModule, prepareModule, questionsOf, type Wanted } from './module/run-module.ts';

/** The options of `ansibleModule`. */
export interface AnsibleModuleOptions {
  /** The module, preferably with its full name: `community.general.ufw`. */
  readonly module: Deferrable<string>;
  /** Its options, as in Ansible's YAML; Secrets are allowed anywhere. Default: none. */
  readonly args?: Deferrable<Readonly<Record<string, unknown>>>;
  /** The host's Python. Default: the variable `ansible_python_interpreter` if it is a path, else `python3`. */
  readonly python?: Deferrable<string>;
}

const options = {
  module: v.pipe(
    text('The module, preferably with its full name: `community.general.ufw`.'),
    v.regex(/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/, 'must be the name of a module: community.general.ufw'),
  ),
  args: v.optional(
    v.pipe(
      anything,
      v.check(
        (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
        "must be a mapping of the module's options",
      ),
      v.description("The module's options, as in Ansible's YAML. They may contain Secrets."),
    ),
  ),
  python: v.optional(
    path("The host's Python. Default: the variable `ansible_python_interpreter` if it is a path, else `python3`."),
  ),
};

const resource: Resource<typeof options, Wanted, ModuleFields> = {
  name: 'ansibleModule',
  summary:
    'Runs an Ansible module on the host, packed by the Ansible installed here: for what play has no resource for.',
  options,
  example: `const rule = ansibleModule<{ msg: string }>({ module: 'community.general.ufw', args: { rule: 'allow', port: '22' } });
debug({ msg: ({ results }) => results(rule).msg })`,
  title: ({ module, args }) => [module ?? '', nameIn(args)].join(' ').trim(),
  // In a file of its own, which nobody loads who has no such task.
  prepare: ({ module, args = {}, python }, scope) => prepareModule({ module, args, python }, scope),
  probes: (wanted) => questionsOf(wanted),
  plan: (wanted, found) => planModule(wanted, found),
};

/** What most modules call the thing they manage. */
function nameIn(args: unknown): string {
  if (typeof args !== 'object' || args === null) return '';
  const named = ['name', 'path', 'dest'].map((key): unknown => Reflect.get(args, key));
  return named.find((value) => typeof value === 'string') ?? '';
}

/**
 * Runs a module of Ansible on the host, as the Ansible that is installed here packs it.
 *
 * @typeParam T the fields of its result that later tasks read, as the module's documentation has them. Default: JSON of
 * which nothing is known.
 * @throws PlayError before any host is touched: without Ansible here, for a module that is not installed, and for one
 * that Ansible carries out on its own side (template, copy ...)
 * @example ansibleModule({ module: 'community.general.ufw', args: { rule: 'allow', port: '22' } })
 */
export const ansibleModule = Object.assign(
  function ansibleModule<T extends object = ModuleFields>(
    given: AnsibleModuleOptions,
    keywords: Keywords<T> = {},
  ): Task<T> {
    return makeTask(resource, { ...given }, keywords, ansibleModule) as Task<T>;
  },
  { resource },
);
