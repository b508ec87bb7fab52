import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import type { HttpAnswer } from './http.probe.ts';
import { prometheusQuery } from './prometheus-query.ts';

const query = 'sum(rate(errors_total[5m])) by (job)';
const saying = (quick: HttpAnswer, patient?: HttpAnswer): HostDescription => ({
  answersOfKind: { 'http': () => quick, 'http-patient': () => patient ?? quick },
});
const answer = (body: unknown, status = 200): HttpAnswer => ({ status, body: JSON.stringify(body), error: '' });
const vector = (...values: readonly (readonly [labels: Record<string, string>, value: string])[]): HttpAnswer =>
  answer({
    status: 'success',
    data: {
      resultType: 'vector',
      result: values.map(([metric, value]) => ({ metric, value: [1_700_000_000.5, value] })),
    },
  });
const refused: HttpAnswer = { status: 0, body: '', error: 'curl: (7)\nConnection refused' };

export const cases = planCases(prometheusQuery, {
  'a value within its bounds': {
    options: { query, min: 0, max: 0.5 },
    host: saying(vector([{ job: 'web' }, '0.25'])),
    result: { samples: [{ labels: { job: 'web' }, value: 0.25 }], value: 0.25 },
  },
  'one of several is too much': {
    options: { query, max: 0.5 },
    host: saying(vector([{ __name__: 'e', job: 'web' }, '0.25'], [{ job: 'api' }, '2'])),
    fails: `${query} is 2 {job="api"}, not at most 0.5`,
  },
  'too little, and not a number': {
    options: { query, min: 1, max: 2 },
    host: saying(vector([{}, '0'], [{}, 'NaN'], [{}, '-Inf'], [{}, '+Inf'])),
    fails: `${query} is 0, NaN, -Infinity and 1 more, not at least 1 and at most 2`,
  },
  'a scalar': {
    options: { query: 'scalar(up)', min: 1 },
    host: saying(answer({ status: 'success', data: { resultType: 'scalar', result: [1, '1'] } })),
    result: { samples: [{ labels: {}, value: 1 }], value: 1 },
  },
  'a comparison that holds for something': {
    options: { query: 'up == 1' },
    host: saying(vector([{ job: 'web' }, '1'])),
  },
  'a comparison that holds for nothing': {
    options: { query: 'up == 1' },
    host: saying(vector()),
    fails: 'up == 1 gives no value',
  },
  'no value may be right': {
    options: { query, max: 0.5, noData: 'pass' },
    host: saying(vector()),
    result: { samples: [], value: null },
  },
  'a query that Prometheus cannot read': {
    options: { query: 'sum(' },
    host: saying(answer({ status: 'error', errorType: 'bad_data', error: 'parse error: unclosed' }, 400)),
    fails: 'Prometheus refuses the query: parse error: unclosed',
  },
  'a query over time': {
    options: { query: 'up[5m]' },
    host: saying(answer({ status: 'success', data: { resultType: 'matrix', result: [] } })),
    fails: 'the query gives a matrix, not a vector or a scalar',
  },
  'something else that answers there': {
    options: { query },
    host: saying({ status: 404, body: 'not found', error: '' }),
    fails: 'the server there is not Prometheus: it answers 404',
  },
  'nobody answers': {
    options: { query, timeout: 5 },
    host: saying(refused),
    fails: 'Prometheus gave no answer: Connection refused',
  },
  'one that takes its time': { options: { query, max: 1 }, host: saying(refused, vector([{}, '1'])) },
  'nothing on the host to ask with': {
    options: { query },
    host: saying({ tool: 'missing' }),
    fails: 'the host has neither curl nor wget to ask with; install one before: apt({ name: "curl" })',
  },
  'behind a planned change it is taken to be right': {
    options: { query },
    host: saying(refused),
    behind: {},
    assumed: [`${query} will be within its bounds (not known before the start: "a task" changes the host before)`],
  },
  'bounds the wrong way around': {
    options: { query, min: 2, max: 1 },
    fails: 'prometheusQuery: `min` is more than `max`',
  },
  'a password without a user': {
    options: { query, password: secret`pa55-w0rd` },
    fails: 'prometheusQuery: `user` and `password` go together',
  },
});
