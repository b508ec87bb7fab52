/**
 * Plays over many hosts: what is prepared at the desk, then carried out. Imports engine, playbook, inventory,
 * connection.
 */
export type { HostBecome, Placed, PreparedPlay, PreparedRun, RunOptions, RunRequest, Stage } from './types.ts';
export { prepareRun } from './prepare.ts';
export { execute } from './execute.ts';
export { hostsConcerned, hostsOf } from './hosts-of.ts';
export { holderText, readHolder, RunLock, type Holder, type LockOptions } from './lock.ts';
export { holderScript } from './lock-script.ts';
export { inOneOrder } from './in-one-order.ts';
export { limiter } from './limiter.ts';
