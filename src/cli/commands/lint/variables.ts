import { locationText, nearest } from '../../../errors/index.ts';
import {
  differencesFromAnsible,
  levelText,
  strayHostFiles,
  type Inventory,
  type Value,
  type Variable,
} from '../../../inventory/index.ts';
import { Unreadable } from '../../../secrets/index.ts';
import { meantBy, withoutEffect } from '../../../targets/connection-variables.ts';
import { someOf, type Finding } from './finding.ts';

/** What the variables of these hosts have that Ansible would see otherwise, or that nobody sees. */
export function lintVariables(inventory: Inventory, hosts: readonly string[]): Finding[] {
  return [...differences(inventory, hosts), ...ofPlaces(inventory, hosts), ...strayFiles(inventory)];
}

function differences(inventory: Inventory, hosts: readonly string[]): Finding[] {
  const found = new Map<string, { name: string; here: Variable; ansible: Variable; hosts: string[] }>();
  for (const host of hosts) {
    for (const { name, here, ansible } of differencesFromAnsible(inventory, host)) {
      // A locked value is no value to compare: one definition is the same on both sides.
      if (place(here) === place(ansible)) continue;
      const key = `${name}\0${place(here)}\0${place(ansible)}`;
      const known = found.get(key) ?? { name, here, ansible, hosts: [] };
      known.hosts.push(host);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ name, here, ansible, hosts: concerned }) => ({
    rule: 'precedence',
    what: `${name} of ${someOf(concerned)} is that of ${levelText(here.origin.level)}; in Ansible it would be that of ${levelText(ansible.origin.level)} (${place(ansible)})`,
    where: here.origin.where,
    hint: 'Here the deeper group always wins, there a group_vars file beats an inline variable of any group. Keep it in one of the two places.',
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
          what: `${name} has no effect: it says how Ansible works inside`,
          ...at,
          hint: 'It can stay as long as Ansible is used too.',
        },
      ];
    const meant = meantBy(name);
    return meant === undefined
      ? []
      : [{ rule: 'misspelt', what: `${name} means nothing to play or Ansible`, ...at, hint: `Did you mean ${meant}?` }];
  });
}

/** Why a value is not to be had, where it is no part of a larger one. */
function jinjaHint(value: Value): string {
  if (!(value instanceof Unreadable))
    return 'Only names are looked up ({{ name }}, {{ name.key }}). Compute the rest in TypeScript, or write it out.';
  const { message, hint = '' } = value.problem();
  return `${message}. ${hint}`;
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
