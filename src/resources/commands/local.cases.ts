import { planCases } from '../../testing/index.ts';
import { local } from './local.ts';

const run = (): string => 'done';

export const cases = planCases(local, {
  'counts as a change': {
    options: { run, changes: 'always', title: 'build the bundle' },
    changes: ['run here build the bundle'],
    result: { value: undefined },
  },
  'told in check mode': {
    options: { run, changes: 'always', title: 'build the bundle' },
    behind: {},
    changes: ['run here build the bundle'],
  },
  'without a title': { options: { run, changes: 'never' }, changes: ['run here a function of the playbook'] },
});
