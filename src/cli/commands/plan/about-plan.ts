import type { About } from '../../../pages/index.ts';
import type { Plan } from '../../../plans/index.ts';
import { said } from '../../../report/index.ts';

/** What a plan is of, in a line. */
export function headline({ playbook, made, code, options }: Plan): string {
  const commit =
    code === null ? '' : `, commit ${code.commit.slice(0, 12)}${code.dirty ? ' and what is not committed' : ''}`;
  const limit = options.limit === undefined ? '' : `, only ${options.limit}`;
  return said(`plan of ${playbook}${limit}, made ${made}${commit}`);
}

/** The same for its page. */
export function aboutPlan(plan: Plan): About {
  return {
    title: plan.playbook,
    command: headline(plan),
    by: '',
    started: plan.made,
    check: true,
    source: 'plan',
    commit: plan.code?.commit,
  };
}
