import { AsyncLocalStorage } from 'node:async_hooks';
import type { ResourceScope } from '../contract/index.ts';
import type { Task } from './task.ts';

/** Where a task list is being made: tasks remember it to find their files and variables. */
export interface Scope extends ResourceScope {
  /** Every task made while this scope was current: one made and not returned is a mistake. */
  readonly made: Set<Task>;
}

const current = new AsyncLocalStorage<Scope>();

/** Runs `body` with `scope` current: what makes `template()` know its role. */
export function withScope<T>(scope: Scope, body: () => T): T {
  return current.run(scope, body);
}

export function currentScope(): Scope | undefined {
  return current.getStore();
}
