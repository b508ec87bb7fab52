/** The public API: all that a playbook, a role or an inventory may import. */
export {
  block,
  defineResource,
  definePlaybook,
  defineRole,
  handler,
  topic,
  type Deferrable,
  type Keywords,
  type PlaySpec,
  type RoleSpec,
  type RunContext,
  type Task,
  type TaskOutcome,
} from './playbook/index.ts';
export type { HostView, TaskContext } from './contract/index.ts';
export { defineConfig, type ProjectConfig } from './project/config.ts';
export { defineInventory, type InventoryTree } from './inventory/index.ts';
export { Secret, secret, secretJson, secretFromCommand, secretFromEnv, secretFromFile } from './secrets/index.ts';
export { PlayError, unknownName } from './errors/index.ts';
/** The schema language of role variables, so that a repository needs no dependency of its own for it. */
export * as v from 'valibot';
export { secretText } from './resources/kit/schemas.ts';
export * from './resources/index.ts';
