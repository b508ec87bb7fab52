import type { Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { text } from '../kit/schemas.ts';

/** A gap that somebody has to fill. */
export const hole = defineResource({
  name: 'hole',
  summary:
    'Stands for a task that `play import` could not convert: check mode goes on and reports it, a run fails there. Replace it with what the task did.',
  options: {
    was: text('The original task.'),
    why: text('Why it was not imported.'),
  },
  example:
    "hole({ was: 'ufw: { rule: allow, port: 22 }', why: 'there is no resource like ufw here' }, { name: 'open ssh' })",
  title: ({ was }) => was?.trim().split('\n')[0] ?? '',
  prepare: ({ why }) => ({ why }),
  probes: () => [],
  plan({ why }, found): Plan<object> {
    const missing = `it was not imported: ${why}`;
    const plan: Plan<object> = { changes: [], steps: [], after: [], touches: [], result: {} };
    if (found.forecast === undefined)
      return {
        ...plan,
        failure: missing,
        hint: 'Replace it with what the task did, or skip it by its tags (--skip-tags).',
      };
    return { ...plan, may: missing, unforeseen: true };
  },
});
