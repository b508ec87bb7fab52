import { sep } from 'node:path';
import { distance, nearest, PlayError } from '../../errors/index.ts';
import type { Inventory, Variable } from '../../inventory/index.ts';
import { namesInText, sourceTexts } from '../../project/names-in-sources.ts';
import { findProject } from '../../project/project.ts';
import { warnOf } from '../../report/warnings.ts';
import type { PreparedRun } from '../../run/index.ts';
import { reveal, Unreadable } from '../../secrets/index.ts';

/**
 * A variable of `-e` that nothing reads changes nothing, and the run goes on with the value it was meant to replace. One
 * that is a letter or two away from a known name is refused. Of any other, which a wrapper may give to every playbook, a
 * warning tells. Files (`-e @FILE`) may serve several playbooks and are not looked at.
 *
 * @param declared variables that are known besides those of the plays and the inventory
 * @throws PlayError with the name that was meant
 */
export function refuseMisspeltExtras({ plays, request }: PreparedRun, declared: readonly string[] = []): void {
  const { inventory, file } = request;
  const lists = plays.flatMap(({ all }) => [...all]);
  const known = new Set([...declared, ...lists.flatMap(([, tasks]) => [...tasks.declared])]);
  const unknown = [...inventory.extra.values()].filter(
    (variable) => isTyped(variable) && !variable.name.startsWith('ansible_') && !known.has(variable.name),
  );
  // Without a project nothing says which of the files around the playbook belong to it.
  const project = findProject(file);
  if (unknown.length === 0 || project === undefined || !file.startsWith(project + sep)) return;
  const inInventory = namesOf(
    inventory,
    lists.map(([host]) => host),
  );
  for (const name of inInventory.defined) known.add(name);
  const open = unknown.filter(({ name }) => !known.has(name) && !inInventory.read.has(name));
  for (const { name, origin } of unreadIn(project, open)) {
    const [meant] = nearest(name, known, 1);
    const what = `Nothing reads the variable "${name}"`;
    const hint = meant === undefined ? 'Check its spelling, or leave it out.' : `Did you mean "${meant}"?`;
    const told = { where: origin.where, hint };
    if (meant !== undefined && distance(name, meant) <= 2) throw new PlayError(what, told);
    warnOf({ what, ...told });
  }
}

/** Whether it stands on the command line itself: `name=value`, or a mapping in braces. */
function isTyped({ origin: { where } }: Variable): boolean {
  return typeof where === 'string' || where.file === '-e';
}

/** Names that the inventory gives to these hosts, and those that its expressions read. */
function namesOf(inventory: Inventory, hosts: Iterable<string>): { defined: Set<string>; read: Set<string> } {
  const defined = new Set<string>();
  const read = new Set<string>();
  for (const host of new Set(hosts)) {
    for (const { name, value, origin, overrides } of inventory.written(host).values()) {
      if (origin.level.kind !== 'extra' || overrides !== undefined) defined.add(name);
      if (value instanceof Unreadable) for (const word of namesInText(reveal(value.text ?? ''))) read.add(word);
    }
  }
  return { defined, read };
}

/** Those whose names stand in no source of the project. */
function unreadIn(project: string, variables: readonly Variable[]): readonly Variable[] {
  let unread = variables;
  for (const text of sourceTexts(project)) {
    if (unread.length === 0) break;
    unread = unread.filter(({ name }) => !text.includes(name));
  }
  return unread;
}
