import { PlayError } from '../errors/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import type { HostVerdict } from './failure.ts';
import type { HostContext, TaskKind } from './host-context.ts';
import { failureEvent } from './task-event.ts';

/** Runs a task here if it is this host's turn; otherwise waits for the outcome elsewhere. */
export async function runOnce(
  context: HostContext,
  listed: ListedTask,
  kind: TaskKind,
  run: () => Promise<HostVerdict>,
): Promise<HostVerdict> {
  const { results, once } = context.input;
  const { host } = context.session;
  const turn = await once.turn(listed.key, host);
  if (context.signal?.aborted) return 'interrupted';
  if (turn.isMine) {
    try {
      const verdict = await run();
      turn.settle({ ok: verdict === 'ok', result: results.get(listed.task), host });
      return verdict;
    } catch (error) {
      turn.settle({ ok: false, result: undefined, host, isLost: error instanceof PlayError });
      throw error;
    }
  }
  const { came } = turn;
  if (came.result) results.set(listed.task, came.result);
  if (came.ok) return 'ok';
  const what = came.isLost
    ? `It runs once, and ${came.host} was lost while running it`
    : `It runs once, and failed on ${came.host}`;
  context.tell(failureEvent(context.base(listed, kind), { what }));
  return 'failed';
}
