import { planCases } from '../../testing/index.ts';
import { reboot } from './reboot.ts';

export const cases = planCases(reboot, {
  'due every time': { options: {}, changes: ['state rebooted'], result: { rebooted: true, elapsed: 0 } },
  'told in check mode, and done by nobody': { options: {}, behind: {}, changes: ['state rebooted'], steps: [] },
  'a delay below zero': {
    options: { preRebootDelay: -1 },
    fails: 'reboot: option "preRebootDelay" is -1 (a number), but must be >=0',
  },
});
