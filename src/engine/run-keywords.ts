import { PlayError } from '../errors/index.ts';
import { isEnvironment, placeOf, type Environment, type ListedTask, type RunContext } from '../playbook/index.ts';

/** Keywords that may be functions of facts and results, as they were last worked out for a task. */
interface RunKeywords {
  readonly environment: Environment | undefined;
  readonly ignoreErrors: boolean;
}

const workedOut = new WeakMap<ListedTask, RunKeywords>();

/** Whether something of a task's keywords waits for the run. */
export const hasRunKeywords = ({ inherited }: ListedTask): boolean =>
  typeof inherited.environment === 'function' || typeof inherited.ignoreErrors === 'function';

/**
 * Works them out, before the task is planned: its own result plays no part in them.
 *
 * @param call calls a function of the playbook, for the keyword it belongs to
 * @throws PlayError for a function that gives something else
 */
export function resolveRunKeywords(
  listed: ListedTask,
  call: (keyword: string, given: (context: RunContext) => unknown) => unknown,
): void {
  if (!hasRunKeywords(listed)) return;
  const { environment, ignoreErrors } = listed.inherited;
  const ignored = typeof ignoreErrors === 'function' ? call('ignoreErrors', ignoreErrors) : ignoreErrors === true;
  if (typeof ignored !== 'boolean')
    throw new PlayError(
      `"ignoreErrors" of the task "${listed.name}" gives ${String(ignored)}, which is neither true nor false`,
      placeOf(listed.task),
    );
  workedOut.set(listed, { environment: undefined, ignoreErrors: ignored });
  const variables = typeof environment === 'function' ? call('environment', environment) : environment;
  if (variables !== undefined && !isEnvironment(variables))
    throw new PlayError(`"environment" of the task "${listed.name}" gives something else than names with texts`, {
      ...placeOf(listed.task),
      hint: "It must give names of variables with their values as text: { LANG: 'C' }",
    });
  workedOut.set(listed, { environment: variables, ignoreErrors: ignored });
}

/** The environment of a task: of its play, its role, its blocks and its own. */
export function environmentOf(listed: ListedTask): Environment | undefined {
  const { environment } = listed.inherited;
  return typeof environment === 'function' ? workedOut.get(listed)?.environment : environment;
}

/** Whether the run goes on when the task fails. */
export function ignoresErrors(listed: ListedTask): boolean {
  const { ignoreErrors } = listed.inherited;
  return typeof ignoreErrors === 'function' ? workedOut.get(listed)?.ignoreErrors === true : ignoreErrors === true;
}
