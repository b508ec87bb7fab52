import type { TaskFailure } from '../engine/index.ts';
import { locationText, type PlayError } from '../errors/index.ts';
import type { HostTasks } from '../playbook/index.ts';

/** A fault of play, with its stack, so that it can be reported without another run. */
export function faultOf(error: unknown): TaskFailure {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return {
    what: `internal error: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
    hint: 'This is a bug in play: please report it. Other hosts go on.',
    code: null,
    stdout: '',
    stderr: stack.split('\n').slice(1).join('\n'),
    at: null,
  };
}

/** Why nothing more was done on a host. */
export function failureOf(error: PlayError): TaskFailure {
  return {
    what: error.message,
    hint: error.hint ?? null,
    code: null,
    stdout: '',
    stderr: error.detail ?? '',
    at: error.where ? locationText(error.where) : null,
  };
}

/** The services that a host has of a play, for who is told that it cannot be reached. */
export function servicesOf({ tasks }: HostTasks): Pick<TaskFailure, 'services'> {
  const services = new Map(tasks.flatMap(({ inherited: { service } }) => (service ? [[service.name, service]] : [])));
  return services.size === 0 ? {} : { services: [...services.values()] };
}
