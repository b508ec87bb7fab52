import { locationText, nearest } from '../../../errors/index.ts';
import {
  hiddenDefinitions,
  levelText,
  strayHostFiles,
  type HiddenDefinition,
  type Inventory,
  type Value,
  type Variable,
} from '../../../inventory/index.ts';
import { Secret, Unreadable } from '../../../secrets/index.ts';
import { meantBy, withoutEffect } from '../../../targets/connection-variables.ts';
import { PythonValue } from '../../../values/index.ts';
import { someOf, type Finding } from './finding.ts';

/** What the variables of these hosts have that Ansible would see otherwise, or that nobody sees. */
export function lintVariables(inventory: Inventory, hosts: readonly string[]): Finding[] {
  return [...hidden(inventory, hosts), ...ofPlaces(inventory, hosts), ...strayFiles(inventory)];
}

function hidden(inventory: Inventory, hosts: readonly string[]): Finding[] {
  const found = new Map<string, HiddenDefinition & { hosts: string[] }>();
  for (const host of hosts) {
    for (const one of hiddenDefinitions(inventory, host)) {
      // A locked value is no value to compare: one definition is the same on both sides.
      if (place(one.used) === place(one.hidden)) continue;
      const key = `${one.name}\0${place(one.used)}\0${place(one.hidden)}`;
      const known = found.get(key) ?? { ...one, hosts: [] };
      known.hosts.push(host);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ name, used, hidden: other, hosts: concerned }) => ({
    rule: 'precedence',
    what: `${name} of ${someOf(concerned)} is that of ${levelText(used.origin.level)}, not that of ${levelText(other.origin.level)} (${place(other)})`,
    where: used.origin.where,
    hint: 'As in Ansible, a group_vars file beats what an inventory says about any group, and one next to the playbook beats those next to the inventory. Keep it in one of the two places.',
  }));
}

const place = ({ origin }: Variable): string => locationText(origin.where);

/** What is wrong with a definition itself: told once, however many hosts have it. */
function ofPlaces(inventory: Inventory, hosts: readonly string[]): Finding[] {
  const seen = new Map<string, Variable>();
  for (const host of hosts) {
    for (const variable of inventory.variables(host).values()) {
      const key = `${variable.name}\0${place(variable)}`;
      // What one host can look up, another may not.
      if (!seen.has(key) || variable.jinja) seen.set(key, variable);
    }
  }
  return [...seen.values()].flatMap((variable): Finding[] => {
    const { name, origin } = variable;
    const at = { where: origin.where };
    if (variable.jinja)
      return [
        {
          rule: 'jinja',
          what: `${name} is a Jinja expression that play does not evaluate`,
          ...at,
          hint: jinjaHint(variable.value),
        },
      ];
    if (withoutEffect.includes(name))
      return [
        {
          rule: 'no-effect',
          what: `${name} has no effect: it is about how Ansible works internally`,
          ...at,
          hint: 'It can stay as long as Ansible is used too.',
        },
      ];
    const meant = meantBy(name, variable.value);
    return meant === undefined
      ? []
      : [{ rule: 'misspelt', what: `${name} means nothing to play or Ansible`, ...at, hint: `Did you mean ${meant}?` }];
  });
}

/** Why a value, or the first such part of it, is not to be had. */
function jinjaHint(value: Value): string {
  const [first] = unreadableIn(value);
  if (first === undefined) return 'Compute the value in TypeScript, or write it out.';
  const { message, hint = '' } = first.problem();
  return `${message}. ${hint}`;
}

function unreadableIn(value: Value): Unreadable[] {
  if (value instanceof Unreadable) return [value];
  return typeof value === 'object' && value !== null && !(value instanceof Secret) && !(value instanceof PythonValue)
    ? Object.values(value).flatMap(unreadableIn)
    : [];
}

function strayFiles(inventory: Inventory): Finding[] {
  return strayHostFiles(inventory).map(({ name, file }) => ({
    rule: 'stray-file',
    what: `There is no host "${name}", so this is never read`,
    where: { file },
    hint: nearestHint(name, inventory.hosts.keys()),
  }));
}

function nearestHint(name: string, known: Iterable<string>): string {
  const [meant] = nearest(name, known, 1);
  return meant === undefined ? 'Check the spelling of the file, or remove it.' : `Did you mean "${meant}"?`;
}
