import { planCases } from '../../testing/index.ts';
import { assert } from './assert.ts';

export const cases = planCases(assert, {
  'it holds': { options: { that: true }, result: { msg: '' } },
  'it holds, and says so': { options: { that: true, successMsg: 'enough memory' }, message: 'enough memory' },
  'it does not': { options: { that: false }, fails: 'condition 1 of 1 does not hold' },
  'with words of its own': { options: { that: false, failMsg: 'needs Debian' }, fails: 'needs Debian' },
  'every one of several that does not': {
    options: { that: [true, false, { that: false, msg: 'needs 1 GiB' }], failMsg: 'not here' },
    fails: 'not here; condition 2 of 3 does not hold; needs 1 GiB',
  },
  'in check mode too': { options: { that: false }, behind: {}, fails: 'condition 1 of 1 does not hold' },
});
