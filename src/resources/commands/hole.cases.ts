import { planCases } from '../../testing/index.ts';
import { hole } from './hole.ts';

export const cases = planCases(hole, {
  'a run stops there': {
    options: { was: 'ufw: rule=allow', why: 'there is no resource like ufw here' },
    fails: 'it was not imported: there is no resource like ufw here',
  },
});
