/** The public API: all that a playbook, a role, an inventory or a resource of one's own may import. */
export {
  block,
  defineResource,
  definePlaybook,
  defineRole,
  defineRunbook,
  handler,
  sandboxSecretFile,
  secretOf,
  topic,
  type Block,
  type BlockKeywords,
  type Canary,
  type Confirmation,
  type Deferrable,
  type Environment,
  type Gate,
  type Handler,
  type HandlerBody,
  type HandlerOptions,
  type IfItBreaks,
  type JudgeContext,
  type Keywords,
  type Notifiable,
  type Playbook,
  type PlayKeywords,
  type PlaySpec,
  type QuestionStep,
  type ResourceFunction,
  type RoleContext,
  type RoleFunction,
  type RoleKeywords,
  type RoleModule,
  type RoleSpec,
  type RoleUse,
  type RunContext,
  type Runbook,
  type RunbookContext,
  type RunbookSpec,
  type RunbookStep,
  type SecretSource,
  type Service,
  type ServicePriority,
  type SharedKeywords,
  type StepContext,
  type StepText,
  type Task,
  type TaskItem,
  type TaskOutcome,
  type Topic,
  type WorkStep,
} from './playbook/index.ts';
export type {
  AddressFact,
  ClockFact,
  Content,
  EnvironmentFact,
  Facts,
  InterfaceFact,
  MountFact,
  NetworkFact,
  PackageFact,
  RouteFact,
} from './probes/index.ts';
export {
  predict,
  ProbeFailure,
  settled,
  systemFiles,
  type AccountTable,
  type Below,
  type ByThen,
  type Change,
  type Forecast,
  type Found,
  type HostView,
  type ImperativeContext,
  type LargeContent,
  type Need,
  type Options,
  type Owned,
  type PathState,
  type Plan,
  type Report,
  type PlannedPath,
  type Prediction,
  type ProbeKind,
  type Question,
  type Resource,
  type ResourceScope,
  type Seen,
  type Stat,
  type Step,
  type StepOutput,
  type Subject,
  type TaskDefaults,
  type TableGroup,
  type TableUser,
  type TaskContext,
  type TextChange,
  type Validation,
} from './contract/index.ts';
export { type ByteSource, type Input } from './connection/index.ts';
export { defineConfig, type ProjectConfig } from './project/config.ts';
export { defineInventory, type GroupTree, type InventoryTree } from './inventory/index.ts';
export {
  Secret,
  secret,
  secretJson,
  secretFromCommand,
  secretFromCredential,
  secretFromEnv,
  secretFromFile,
  secretFromPrompt,
} from './secrets/index.ts';
export { PythonValue, type PythonKind } from './values/index.ts';
export { PlayError, unknownName, type PlayErrorData } from './errors/index.ts';
/**
 * The schema language of variables and options, valibot (https://valibot.dev), so that a repository needs no dependency
 * of its own for it.
 *
 * @example vars: { port: v.optional(v.pipe(v.number(), v.integer()), 80), names: v.array(v.string()) }
 */
export * as v from 'valibot';
/**
 * Shorthand for the schemas of variables and options. Each takes a description, which errors and reference pages show,
 * then a default, without which the value is required, then checks from `v`. `v.optional(option.text('...'))` may be
 * left out. `mode`, `owner`, `validate` and the like are complete options that many resources share.
 *
 * @example vars: { port: option.port('Where it listens.', 80), names: option.list('Who may log in.', v.string()) }
 * @example options: { path: option.path('The file.'), mode: option.mode, force: option.flag('Replace what is there.', false) }
 */
export * as option from './resources/kit/schemas.ts';
/**
 * Ready-made questions about a host, for `probes` and `found.get`.
 *
 * @example const now = found.get(ask.stat('/etc/motd'))
 */
export * as ask from './resources/kit/ask.ts';
export { secretText } from './resources/kit/schemas.ts';
export { fileQuestions, planFile, type WantedFile } from './resources/kit/file-content.ts';
export { presumeFolder } from './resources/kit/folder.ts';
export { inOrder } from './resources/kit/in-order.ts';
export { planManagedFile, planNoFile, type MissingFolder } from './resources/kit/managed-file.ts';
export type { WantedAttributes } from './resources/kit/ownership.ts';
export { readRoleFile, type RoleFile } from './resources/kit/role-file.ts';
export { each, type EachResult, type Repeatable } from './resources/commands/each.ts';
export { transaction, type TransactionKeywords } from './resources/commands/transaction.ts';
export * from './resources/index.ts';
