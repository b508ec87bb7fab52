import { secret } from '../../secrets/index.ts';
import { planCases } from '../../testing/index.ts';
import { debug } from './debug.ts';

export const cases = planCases(debug, {
  'a message': { options: { msg: 'hello' }, message: 'hello', result: { msg: 'hello' } },
  'a value': { options: { var: { a: [1] } }, message: '{\n  "a": [\n    1\n  ]\n}' },
  'a secret is not shown': { options: { var: { a: secret`s3cr3t-t0ken` } }, message: '{\n  "a": "<secret>"\n}' },
  'neither': { options: {}, fails: 'debug: give either `msg` or `var`' },
});
