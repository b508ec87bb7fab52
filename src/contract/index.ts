/**
 * The words a resource is written in, and what the engine holds it to: questions and answers, what is found, plans. Any
 * folder of src/ that deals with hosts may read it; it imports errors, secrets and types of connection.
 */
export type { AccountTable, TableGroup, TableUser } from './accounts.ts';
export { systemFiles, type TaskDefaults } from './defaults.ts';
export {
  ProbeFailed,
  Unanswered,
  Unknowable,
  type ByThen,
  type Forecast,
  type Found,
  type Need,
  type PlannedPath,
  type Seen,
} from './found.ts';
export { predict, type Below, type Prediction } from './prediction.ts';
export type { PathState, Stat } from './path.ts';
export {
  everyUnit,
  settled,
  type Change,
  type ImperativeContext,
  type LargeContent,
  type Plan,
  type Report,
  type Step,
  type StepOutput,
  type TextChange,
  type Validation,
  type WayIn,
} from './plan.ts';
export { ProbeFailure, questionKey, type Owned, type ProbeKind, type Question, type Subject } from './question.ts';
export type { AddedHost, Options, Resource } from './resource.ts';
export type { HostView, ResourceScope, TaskContext } from './scope.ts';
