import type { PreparedRun } from './types.ts';

/** The hosts of all plays. */
export function hostsOf({ plays }: PreparedRun): string[] {
  return [...new Set(plays.flatMap((play) => play.hosts))];
}

/** The hosts of all plays, and those that their tasks are delegated to. */
export function hostsConcerned({ plays, request }: PreparedRun): string[] {
  const delegates = plays.flatMap(({ selected }) =>
    [...selected.values()].flatMap(({ tasks, handlers }) =>
      [...tasks, ...handlers.map(({ listed }) => listed)].flatMap(({ inherited }) => inherited.delegateTo ?? []),
    ),
  );
  return [
    ...new Set([...hostsOf({ plays, request }), ...delegates.filter((host) => request.inventory.hosts.has(host))]),
  ];
}
