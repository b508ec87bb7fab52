/**
 * What playbooks are written with: plays, roles, tasks, handlers, tags, and the shape every resource has.
 * Imports contract, probes, inventory, template, secrets, errors.
 */
export { Block, block, type BlockKeywords, type TaskItem, type Trial } from './block.ts';
export { callSite, firstFrame, ofPlace, placeOf, userFrame, type Placed } from './call-site.ts';
export type { Cleanup } from './cleanup.ts';
export { defineResource, isDeferred, makeTask, withDefaults, type ResourceFunction } from './define-resource.ts';
export type { Deferrable, DeferrableOptions, RunContext, TaskOutcome } from './deferred.ts';
export { gateKind, type Canary, type Gate, type ListedGate } from './gate.ts';
export {
  handler,
  Handler,
  notified,
  topic,
  type HandlerBody,
  type HandlerOptions,
  type Notifiable,
  type Topic,
} from './handler.ts';
export {
  isEnvironment,
  checkKeywords,
  common as commonKinds,
  isAccountName,
  isBatch,
  kind as keywordKind,
  shared as sharedKinds,
  type Kinds,
} from './keywords.ts';
export { readOption } from './option-text.ts';
export { checkOptions, wrongValue } from './options.ts';
export { definePlaybook, Playbook, type PlayKeywords, type PlaySpec } from './playbook.ts';
export {
  defineRole,
  RoleUse,
  type DeclaredRole,
  type RoleContext,
  type RoleFunction,
  type RoleKeywords,
  type RoleModule,
  type RoleSpec,
} from './role.ts';
export {
  defineRunbook,
  isQuestion,
  Runbook,
  type Confirmation,
  type QuestionStep,
  type RunbookContext,
  type RunbookSpec,
  type RunbookStep,
  type StepContext,
  type StepText,
  type WorkStep,
} from './runbook.ts';
export { schemaRows, valueText, type SchemaRow } from './schema-rows.ts';
export { sandboxSecretFile, secretOf, type SecretSource } from './secret-of.ts';
export { currentScope, withScope, type Scope } from './scope.ts';
export { runbookOf, serviceText, type IfItBreaks, type Service, type ServicePriority } from './service.ts';
export { isSelected, refuseUnknownTags, tagList, type TagSelection } from './tags.ts';
export { filterItems, flatten, notifiedBy, partsOf } from './list-items.ts';
export { SharedKeys, sharedKeyOf } from './shared-key.ts';
export type { ListedBlock, ListedFlush, ListedHandler, ListedItem, ListedTask } from './listed.ts';
export { listTasks, type HostTasks, type ListInput } from './task-list.ts';
export { transactionIds, type ListedTransaction } from './transaction.ts';
export {
  Task,
  type CommitConfirmed,
  type JudgeContext,
  type Environment,
  type Keywords,
  type SharedKeywords,
  type TaskBody,
} from './task.ts';
export { callUserCode } from './user-code.ts';
export { withPlace, withWhere } from './with-place.ts';
