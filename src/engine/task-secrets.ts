import type { ListedTask } from '../playbook/index.ts';
import { secretsIn, type Secret } from '../secrets/index.ts';

const known = new WeakMap<ListedTask, Set<Secret>>();

/** Every secret a task was given: in its options, its role's variables, and what its functions came to so far. */
export function secretsOfTask(listed: ListedTask): ReadonlySet<Secret> {
  const found = known.get(listed) ?? secretsIn([listed.task.body.options, listed.task.scope?.vars, listed.inherited.environment]);
  known.set(listed, found);
  return found;
}

/** Remembers the secrets in options that were functions. @returns the options */
export function learnSecrets<O>(listed: ListedTask, options: O): O {
  known.set(listed, secretsIn(options, new Set(secretsOfTask(listed))));
  return options;
}
