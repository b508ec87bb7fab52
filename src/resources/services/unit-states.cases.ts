import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { unitStates, unitStatesNow, type UnitStatesResult } from './unit-states.ts';

const before: UnitStatesResult = { activeUnits: ['app.service', 'cron.service'], failedUnits: ['old.service'] };
const host = (now: Partial<UnitStatesResult>): HostDescription => ({
  answers: [predict(unitStatesNow, { ...before, ...now })],
});
const hint = 'See their logs: journalctl -b -u UNIT.';

export const cases = planCases(unitStates, {
  'looked at': { options: {}, host: host({}), result: before },
  'as before, what failed then included': { options: { before }, host: host({}), result: before },
  'more is up than before': {
    options: { before },
    host: host({ activeUnits: [...before.activeUnits, 'new.service'], failedUnits: [] }),
  },
  'one has failed': {
    options: { before },
    host: host({ activeUnits: ['cron.service'], failedUnits: ['old.service', 'app.service'] }),
    fails: 'app.service has failed',
    hint,
  },
  'one is no longer up': {
    options: { before },
    host: host({ activeUnits: ['app.service'] }),
    fails: 'cron.service was active, and no longer is',
    hint,
  },
  'compared with what is no result': {
    options: { before: 'yesterday' as never },
    fails: 'unitStates: option "before" is "yesterday" (a string), but must be the result of an earlier unitStates',
  },
});
