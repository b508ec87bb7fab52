/**
 * One host: probe, plan, apply, handlers; the predicted state. Imports playbook, probes, connection; prints nothing.
 */
export type {
  Ask,
  Event,
  HostCounts,
  Listener,
  Question,
  RecapEvent,
  RolloutStoppedEvent,
  TaskEvent,
  TaskFailure,
  TaskStatus,
} from './events.ts';
export { preparedOf, prepareTask, type Results } from './evaluate.ts';
export { HostRun } from './host-run.ts';
export type { HostRunInput } from './host-context.ts';
export type { HostVerdict } from './failure.ts';
export { OnceRegistry } from './once.ts';
export { unreachableEvent } from './task-event.ts';
export { HostSession, type Accounts, type SharedRun } from './host-session.ts';
export type { HostLock } from './host-lock.ts';
