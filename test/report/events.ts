import type { RecapEvent, TaskEvent } from '../../src/engine/index.ts';

/** A finished task as the engine tells it: ok, and nothing to say, unless told otherwise. */
export function taskEvent(part: Partial<TaskEvent> = {}): TaskEvent {
  return {
    event: 'task',
    host: 'web1',
    play: 'site',
    role: 'nginx',
    task: 'write config',
    resource: 'template',
    tags: [],
    status: 'ok',
    changed: false,
    assumed: [],
    may: null,
    changes: [],
    message: null,
    error: null,
    seconds: 0.25,
    hidden: false,
    ignored: false,
    rescued: false,
    ...part,
  };
}

/** The end of a run as the engine tells it: nothing came of it, unless told otherwise. */
export function recapEvent(part: Partial<RecapEvent> = {}): RecapEvent {
  return {
    event: 'recap',
    hosts: {},
    assumed: {},
    may: {},
    held: {},
    gone: [],
    exit: 0,
    seconds: 1,
    check: false,
    ...part,
  };
}
