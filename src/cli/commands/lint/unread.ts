import { nearest } from '../../../errors/index.ts';
import type { Inventory, Variable } from '../../../inventory/index.ts';
import type { Playbook } from '../../../playbook/index.ts';
import { namesInText, sourceTexts } from '../../../project/names-in-sources.ts';
import { Unreadable, reveal } from '../../../secrets/index.ts';
import { someOf, type Finding } from './finding.ts';

export interface UnreadInput {
  readonly inventory: Inventory;
  readonly hosts: readonly string[];
  readonly playbooks: readonly Playbook[];
  readonly project: string | undefined;
  /** Whole paths of the files the inventory is read from. */
  readonly inventoryFiles: readonly string[];
}

/**
 * Variables whose name stands in no source or template of the project and its roles, nor in another variable's
 * expression. A name put together at run time cannot be known, so that this is a hint and never more.
 */
export function lintUnread({ inventory, hosts, playbooks, project, inventoryFiles }: UnreadInput): Finding[] {
  if (playbooks.length === 0) return [];
  const roles = playbooks.flatMap(({ plays }) => plays.flatMap((play) => play.roles ?? []));
  const declared = new Set(roles.flatMap(({ spec }) => Object.keys(spec.vars ?? {})));
  const words = new Set(declared);
  for (const folder of new Set([...(project === undefined ? [] : [project]), ...roles.map(({ spec }) => spec.dir)]))
    for (const text of sourceTexts(folder, new Set(inventoryFiles)))
      for (const name of namesInText(text)) words.add(name);
  const found = new Map<string, { variable: Variable; hosts: string[] }>();
  for (const host of hosts) {
    for (const variable of inventory.written(host).values()) {
      if (variable.value instanceof Unreadable)
        for (const name of namesInText(reveal(variable.value.text ?? ''))) words.add(name);
      const known = found.get(variable.name) ?? { variable, hosts: [] };
      known.hosts.push(host);
      found.set(variable.name, known);
    }
  }
  return [...found].flatMap(([name, { variable, hosts: having }]): Finding[] =>
    name.startsWith('ansible_') || words.has(name)
      ? []
      : [
          {
            rule: 'unread',
            what: `Nothing reads ${name} (of ${someOf(having)})`,
            where: variable.origin.where,
            hint: hintFor(name, declared),
          },
        ],
  );
}

function hintFor(name: string, declared: ReadonlySet<string>): string {
  const [meant] = nearest(name, declared, 1);
  return meant === undefined
    ? 'Its name is in no playbook, role or template. Remove it, or check its spelling.'
    : `Did you mean ${meant}? Its name is in no playbook, role or template.`;
}
