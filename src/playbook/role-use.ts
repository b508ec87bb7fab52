import { isDeepStrictEqual } from 'node:util';
import type { TaskContext } from '../contract/index.ts';
import { PlayError, unknownName, type Location } from '../errors/index.ts';
import { inOrderOf } from '../values/index.ts';
import { placeOf } from './call-site.ts';
import type { Deferrable } from './deferred.ts';
import { fittingText } from './fitting.ts';
import { wrongValue } from './options.ts';
import type { RoleKeywords, RoleUse } from './role.ts';
import type { ListInput } from './task-list.ts';

/** The roles of a play without those listed before with the same arguments and keywords, as in Ansible. */
export function onceEach(uses: readonly RoleUse[]): RoleUse[] {
  const isSame = (a: RoleUse, b: RoleUse): boolean =>
    a.spec === b.spec && isDeepStrictEqual([a.args, a.keywords], [b.args, b.keywords]);
  return uses.filter(
    (use, i) => use.spec.allowDuplicates === true || !uses.slice(0, i).some((earlier) => isSame(earlier, use)),
  );
}

/** A role's `when` as its tasks have it: the host is known to it. */
export function conditionOf(when: NonNullable<RoleKeywords['when']>, context: TaskContext): Deferrable<boolean> {
  return typeof when === 'boolean' ? when : (run) => when({ ...context, ...run });
}

/** The variables a role declares, by precedence, checked against their schemas. */
export function roleVariables(use: RoleUse, input: ListInput): Record<string, unknown> {
  const declared = use.spec.vars ?? {};
  const at = (): Location | undefined => use.at;
  for (const name of Object.keys(use.args)) {
    if (!Object.hasOwn(declared, name))
      throw unknownName(`variable of role ${use.spec.name}`, name, Object.keys(declared), placeOf(use));
  }
  const vars: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(declared)) {
    const fromInventory = input.variable(name);
    const written = { ...input.play.vars, ...use.args };
    const value =
      name in input.extraVars ? input.extraVars[name] : name in written ? written[name] : fromInventory?.value;
    const place =
      name in input.extraVars
        ? () => ({ file: '-e' })
        : name in written || fromInventory === undefined
          ? at
          : fromInventory.within;
    if (value === undefined && schema.type !== 'optional' && schema.type !== 'exact_optional') {
      throw new PlayError(
        `The role "${use.spec.name}" needs the variable "${name}", which is not set for ${input.context.host.name}`,
        {
          ...placeOf(use),
          hint: `Set it in host_vars/${input.context.host.name}.yml or group_vars/, or pass it: ${use.spec.name}({ ${name}: ... })`,
        },
      );
    }
    const result = fittingText(schema, value, name in input.extraVars && input.isTyped(name));
    if (!result.success)
      throw wrongValue(
        `${input.context.host.name}: variable "${name}" of role ${use.spec.name}`,
        value,
        result.issues,
        place,
      );
    vars[name] = inOrderOf(value, result.output);
  }
  return vars;
}
