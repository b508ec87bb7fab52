/**
 * One host: probe, plan, apply, handlers; the predicted state. Imports playbook, probes, connection; prints nothing.
 */
export type {
  Ask,
  Event,
  ForetoldCounts,
  HostCounts,
  Listener,
  MarkEvent,
  Question,
  RecapEvent,
  Refusal,
  RolloutStoppedEvent,
  ShownChange,
  TaskEvent,
  TaskFailure,
  TaskStatus,
  TaskWork,
  Wait,
} from './events.ts';
export { preparedOf, prepareTask, type Results } from './evaluate.ts';
export { standardBackups, type BackupRule } from './backups.ts';
export { decodeChanges, thingKey, type ChangeLog, type Left, type LoggedChange, type Thing } from './change-log.ts';
export { closedWindow, type ClosedWindow, type WindowRule } from './deploy-window.ts';
export {
  decodeLog,
  logEnd,
  loggedCommandSh,
  logLineSh,
  logStart,
  logWhole,
  readChanges,
  readLog,
  type FoundRun,
  type LoggedEnd,
  type LoggedRun,
} from './host-log.ts';
export { HostRun } from './host-run.ts';
export type { HostRunInput, Step } from './host-run-input.ts';
export type { HostVerdict } from './failure.ts';
export { debtName, debtText, owedFolder, owedSh, parseOwed, settleOwed, type FoundDebt } from './owed.ts';
export {
  changeText,
  decodeUnconfirmed,
  unconfirmedSh,
  undoneText,
  type FoundUnconfirmed,
  type UnconfirmedChange,
  type UndoneChange,
} from './commit-confirm/found.ts';
export { forgetRequest } from './commit-confirm/requests.ts';
export { OnceRegistry, type OnceResult, type OnceTurn, type OnceTurns } from './once.ts';
export type { Earlier, EarlierTask } from './resumed.ts';
export { readResult, writeResult, type WrittenResult } from './written-result.ts';
export { MarkTable, type Mark, type MarkedTask } from './mark-table.ts';
export { environmentOf, ignoresErrors } from './run-keywords.ts';
export { applyKeywords } from './step-keywords.ts';
export { unreachableEvent } from './task-event.ts';
export { HostSession, type Accounts, type Connect, type SharedRun } from './host-session.ts';
export type { HostLock } from './host-lock.ts';
