import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../../../errors/index.ts';
import type { Inventory, Variable } from '../../../inventory/index.ts';
import type { Playbook } from '../../../playbook/index.ts';
import { Unreadable, reveal } from '../../../secrets/index.ts';
import { someOf, type Finding } from './finding.ts';

/** Also Ansible's: whoever uses both has variables that only roles and templates of theirs read. */
const sources = /\.(?:[cm]?[jt]s|hbs|j2|ya?ml)$/;
/** Inventories and files of variables name them, but do not read them. */
const skipped = /^(?:node_modules|dist|inventory|group_vars|host_vars|\..*)$/;

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
    addWordsBelow(folder, new Set(inventoryFiles), words);
  const found = new Map<string, { variable: Variable; hosts: string[] }>();
  for (const host of hosts) {
    for (const variable of inventory.written(host).values()) {
      if (variable.value instanceof Unreadable) addWords(reveal(variable.value.text ?? ''), words);
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
    ? 'Its name stands in no playbook, role or template. Remove it, or check its spelling.'
    : `Did you mean ${meant}? Its name stands in no playbook, role or template.`;
}

function addWordsBelow(folder: string, without: ReadonlySet<string>, words: Set<string>): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skipped.test(entry.name)) addWordsBelow(path, without, words);
    else if (entry.isFile() && sources.test(entry.name) && !without.has(path))
      addWords(readFileSync(path, 'utf8'), words);
  }
}

function addWords(text: string, words: Set<string>): void {
  for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) words.add(word);
}
