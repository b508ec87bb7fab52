/** One host: probe, plan, apply, handlers; what will be. Imports playbook, probes, connection; prints nothing. */
export type { Event, HostCounts, Listener, RecapEvent, TaskEvent, TaskFailure, TaskStatus } from './events.ts';
