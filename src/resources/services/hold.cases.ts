import { predict } from '../../contract/index.ts';
import { holdsQuestion, holdText, noUnit, self, unit, type FoundHolds, type Hold } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { hold } from './hold.ts';
import { programState } from './program.probe.ts';

const ours: Hold = {
  unit: 'nginx.service',
  names: ['nginx.service'],
  by: 'bob@desk',
  holder: 'emergency-stop',
  reason: 'the database is gone',
  since: 1_790_000_000,
  until: undefined,
};
const theirs: Hold = { ...ours, holder: undefined, by: 'anna@laptop', reason: 'disk being replaced' };
const having = (found: Partial<FoundHolds>, uid = 0): HostDescription => ({
  answers: [
    predict(holdsQuestion, { holds: [], isDistrusted: false, ...found }),
    predict(unit('nginx'), { ...noUnit, loaded: true, names: ['nginx.service', 'www.service'], active: 'active' }),
    predict(unit('www'), { ...noUnit, loaded: true, names: ['nginx.service', 'www.service'], active: 'active' }),
    predict(unit('gone'), { ...noUnit, names: ['gone.service'] }),
    predict(programState('worker'), { is: 'known', state: 'RUNNING' }),
    predict(programState('gone'), { is: 'known', state: '' }),
    predict(self, { uid, gid: uid, owner: 'somebody', group: 'somebody', gids: [uid] }),
  ],
});
const on = { unit: 'nginx', holder: 'emergency-stop', reason: 'the database is gone' } as const;
const off = { unit: 'nginx', holder: 'emergency-stop', state: 'absent' } as const;

export const cases = planCases(hold, {
  'put on': {
    options: on,
    host: having({}),
    changes: ['hold the database is gone'],
    steps: ['hold nginx.service'],
    result: { isHeld: true },
  },
  'on already, whoever of us put it there': { options: on, host: having({ holds: [ours] }), result: { isHeld: true } },
  'by another name of the unit': {
    options: { ...on, unit: 'www' },
    host: having({ holds: [{ ...ours, names: ['nginx.service', 'www.service'] }] }),
    result: { isHeld: true },
  },
  'for another reason': {
    options: { ...on, reason: 'a flood' },
    host: having({ holds: [ours] }),
    changes: ['hold the database is gone -> a flood'],
    steps: ['hold nginx.service'],
    result: { isHeld: true },
  },
  'held by somebody else is held as well': {
    options: on,
    host: having({ holds: [theirs] }),
    result: { isHeld: true },
  },
  'taken off': {
    options: off,
    host: having({ holds: [ours] }),
    changes: ['hold the database is gone -> none'],
    steps: ['take the hold off nginx.service'],
    result: { isHeld: false },
  },
  'not there': { options: off, host: having({}), result: { isHeld: false } },
  "somebody else's is not taken off": {
    options: off,
    host: having({ holds: [theirs] }),
    fails: holdText(theirs),
  },
  'a unit that is not': {
    options: { ...on, unit: 'gone' },
    host: having({}),
    fails: 'there is no unit gone.service',
  },
  'a program of supervisord': {
    options: { ...on, unit: 'supervisor:worker' },
    host: having({}),
    changes: ['hold the database is gone'],
    steps: ['hold supervisor:worker'],
    result: { isHeld: true },
  },
  'a program that is not': {
    options: { ...on, unit: 'supervisor:gone' },
    host: having({}),
    fails: 'there is no supervisor:gone',
  },
  'records that others may write': {
    options: on,
    host: having({ isDistrusted: true }),
    fails: 'users other than root may write to /var/lib/play/holds, so no hold there is trusted',
  },
  'without root': { options: on, host: having({}, 1000), fails: 'only root may place or lift a hold' },
  'no reason': {
    options: { ...off, state: 'present' },
    fails: 'hold: give the `reason`, for people who come across the hold',
  },
});
