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
/** The words a resource of one's own is written in; all that its types name. */
export {
  predict,
  settled,
  type Change,
  type Found,
  type HostView,
  type Plan,
  type Prediction,
  type ProbeKind,
  type Question,
  type Resource,
  type ResourceScope,
  type Step,
  type Subject,
  type TaskContext,
} from './contract/index.ts';
/** For resources that come to one file. */
export { fileQuestions, planFile, type WantedFile } from './resources/kit/file-content.ts';
export { defineConfig, type ProjectConfig } from './project/config.ts';
export { defineInventory, type InventoryTree } from './inventory/index.ts';
export { Secret, secret, secretJson, secretFromCommand, secretFromEnv, secretFromFile } from './secrets/index.ts';
export { PlayError, unknownName } from './errors/index.ts';
/** The schema language of role variables, so that a repository needs no dependency of its own for it. */
export * as v from 'valibot';
export { secretText } from './resources/kit/schemas.ts';
export * from './resources/index.ts';
