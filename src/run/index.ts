/**
 * Plays over many hosts: what is prepared at the desk, then carried out. Imports engine, playbook, inventory,
 * connection.
 */
export type {
  Elsewhere,
  HostBecome,
  Placed,
  PreparedPlay,
  PreparedRun,
  RunOptions,
  RunRequest,
  Stage,
} from './types.ts';
export { prepareHost, prepareRun } from './prepare.ts';
export { runPart, type PartEnd, type PartTurn, type Workplace } from './host-part.ts';
export { HostPool } from './host-pool.ts';
export { stepsOf } from './lockstep.ts';
export { watchingPlay } from './soak.ts';
export { execute } from './execute.ts';
export { hostsConcerned, hostsOf } from './hosts-of.ts';
export {
  holderText,
  readHolder,
  RunLock,
  type Holder,
  type HostSeat,
  type LockOptions,
  type SharedLock,
} from './lock.ts';
export { holderScript } from './lock-script.ts';
export { inOneOrder } from './in-one-order.ts';
export { limiter, places, type TakePlace } from './limiter.ts';
