import { locationText, unknownName } from '../errors/index.ts';
import type { Inventory } from './inventory.ts';
import { toListed, type Listed } from './listing.ts';
import { allLocked } from './locked.ts';
import { levelText, type Variable } from './types.ts';

export interface ExplainedDefinition {
  /** As it may be printed: secrets hidden. */
  readonly value: Listed;
  /** `group web`, `host_vars of a`, `-e`. */
  readonly level: string;
  /** `file:line:column`. */
  readonly where: string;
  /** Whether it is written as a Jinja expression. */
  readonly jinja: boolean;
}

export interface ExplainedVariable {
  readonly host: string;
  readonly name: string;
  /** The value for the host: names of other variables in it are looked up. */
  readonly value: Listed;
  /** The definition that counts first, then those it overrides, nearest first. */
  readonly definitions: readonly [ExplainedDefinition, ...ExplainedDefinition[]];
}

/**
 * Where a host's variable comes from, for `play why HOST NAME`.
 *
 * @throws PlayError naming the nearest when the host or the variable is unknown
 */
export function explainVariable(inventory: Inventory, host: string, name: string): ExplainedVariable {
  const variables = inventory.written(host);
  const variable = variables.get(name);
  if (variable === undefined || !variables.has(name)) {
    const [locked] = inventory.lockedFiles(host);
    const hint =
      locked === undefined
        ? {}
        : { hint: `It may be in ${locked.file}, which is encrypted. ${allLocked(locked).hint ?? ''}` };
    throw unknownName('variable', name, variables.keys(), { where: host, ...hint });
  }
  const value = toListed(inventory.variable(host, name)?.value ?? null);
  return { host, name, value, definitions: [explain(variable), ...variable.chain.map(explain)] };
}

function explain(variable: Variable): ExplainedDefinition {
  return {
    value: toListed(variable.value),
    level: levelText(variable.origin.level),
    where: locationText(variable.origin.where),
    jinja: variable.jinja,
  };
}
