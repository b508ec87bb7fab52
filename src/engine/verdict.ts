import type { Plan } from '../contract/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import type { Evaluation } from './evaluate.ts';
import type { HostContext } from './host-context.ts';
import type { TaskKind } from './host-run-input.ts';
import { askAll } from './place.ts';
import type { FailureSource } from './task-event.ts';

/** Plans a changed task again against fresh answers: whatever it still wants to change did not hold. */
export async function doubt(
  context: HostContext,
  listed: ListedTask,
  kind: TaskKind,
): Promise<FailureSource | undefined> {
  for (let round = 0; round < 4; round++) {
    const proof = context.evaluate(listed, kind);
    if (proof.is === 'needs') {
      await askAll(proof.questions);
      continue;
    }
    return verdict(proof);
  }
  return undefined;
}

/** What the host, as it is now, says about a change that was made. */
export function verdict(proof: Evaluation): FailureSource | undefined {
  // The old bytes of a file are asked for only where its hash differs from the wanted one.
  if (proof.is === 'needs' && proof.questions.every(({ question }) => question.kind.kind.endsWith('content')))
    return { what: 'The change was made but did not hold: content' };
  if (proof.is === 'failed')
    return {
      what: `The change was made, but ${proof.isUnmet ? 'then' : 'the host cannot be asked about it'}: ${proof.what}`,
    };
  if (proof.is !== 'planned') return undefined;
  if (proof.plan.failure !== undefined) return { what: `The change was made, but then: ${proof.plan.failure}` };
  return proof.plan.changes.length > 0
    ? {
        what: `The change was made but did not hold: ${stillWanted(proof.plan)}`,
        hint: 'Something on the host undoes it, or two tasks want different things.',
      }
    : undefined;
}

function stillWanted({ changes }: Plan<unknown>): string {
  return changes.map((one) => `${one.what}${one.from === undefined ? '' : ` is still ${one.from}`}`).join(', ');
}
