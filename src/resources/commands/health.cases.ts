import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import type { CommandAnswer } from './command.probe.ts';
import { health } from './health.ts';
import type { HttpAnswer } from './http.probe.ts';

const url = 'http://127.0.0.1:9200/_cluster/health';
const cluster = { url, green: '"status":"green"', yellow: '"status":"yellow"' };
const page = (body: string, status = 200): HostDescription => ({
  answersOfKind: { http: (): HttpAnswer => ({ status, body, error: '' }) },
});
const none: HostDescription = {
  answersOfKind: { http: (): HttpAnswer => ({ status: 0, body: '', error: '', lack: 'stalled' }) },
};
const ending = (code: number, stdout = ''): HostDescription => ({
  answersOfKind: { command: (): CommandAnswer => ({ code, stdout, stderr: '' }) },
});
const values = (...all: readonly number[]): HostDescription =>
  page(
    JSON.stringify({
      status: 'success',
      data: { resultType: 'vector', result: all.map((value) => ({ metric: {}, value: [0, String(value)] })) },
    }),
  );
const failures = { query: 'failures', green: { max: 0.01 }, yellow: { max: 0.1 } };

export const cases = planCases(health, {
  'a page is green': {
    options: cluster,
    host: page('{"status":"green"}'),
    result: { level: 'green', said: `${url} is green: 200, {"status":"green"}` },
  },
  'red': { options: cluster, host: page('{"status":"red"}'), fails: `${url} is red: 200, {"status":"red"}` },
  'what fits nothing is red': { options: cluster, host: page('?'), fails: `${url} is red: 200, ?` },
  'no answer is red, whatever is': {
    options: { ...cluster, red: 'never' },
    host: none,
    fails: `${url} is red: ${url} took the connection and gave no answer within 30 s: it is stalled, not down`,
  },
  'yellow asks the operator': {
    options: cluster,
    host: page('{"status":"yellow"}'),
    changes: [`wait ${url} is green`],
    steps: [],
  },
  'yellow, and that is enough': {
    options: { ...cluster, onYellow: 'pass' },
    host: page('{"status":"yellow"}'),
    result: { level: 'yellow', said: `${url} is yellow: 200, {"status":"yellow"}` },
  },
  'yellow, and nobody is asked': {
    options: { ...cluster, onYellow: 'fail' },
    host: page('{"status":"yellow"}'),
    fails: `${url} is yellow: 200, {"status":"yellow"}`,
  },
  'red, and waited for': {
    options: { ...cluster, retries: 3 },
    host: page('{"status":"red"}'),
    changes: [`wait ${url} is green`],
    steps: [],
  },
  'a status alone': {
    options: { url, yellow: [429, 503] },
    host: page('busy', 503),
    changes: [`wait ${url} is green`],
    steps: [],
  },
  'only what is red is said: the rest is yellow': {
    options: { url, red: 500, onYellow: 'pass' },
    host: page('', 404),
    result: { level: 'yellow', said: `${url} is yellow: 404` },
  },
  'a command is green by its exit code': {
    options: { argv: ['etl', 'status'] },
    host: ending(0, 'fine\n'),
    result: { level: 'green', said: 'etl status is green: 0, fine' },
  },
  'and red by any other': { options: { argv: ['etl', 'status'] }, host: ending(3), fails: 'etl status is red: 3' },
  'a metric within its bounds': {
    options: failures,
    host: values(0, 0.01),
    result: { level: 'green', said: 'failures is green: 0, 0.01' },
  },
  'the worst value counts': {
    options: { ...failures, red: { min: 0.5 } },
    host: values(0, 0.7),
    fails: 'failures is red: 0, 0.7',
  },
  'a metric without a value is red': {
    options: failures,
    host: values(),
    fails: 'failures is red: failures gives no value',
  },
  'behind a planned change it is taken for green': {
    options: cluster,
    host: none,
    behind: {},
    assumed: [`${url} will be green (not known before the start: "a task" changes the host before)`],
  },
  'nothing to ask': { options: { green: 200 }, fails: 'health: give one of `url`, `argv` and `query`' },
  'a metric without bounds': {
    options: { query: 'up' },
    fails: 'health: say which values of the `query` are `green`: { max: 0.1 }',
  },
  'bounds for a page': {
    options: { url, green: { max: 1 } },
    fails: 'health: bounds are for a `query`: give a code, or a regular expression',
  },
  'a code for a metric': {
    options: { query: 'up', green: 1 },
    fails: 'health: levels of a `query` must be bounds: { max: 0.1 }',
  },
  'an expression that is none': {
    options: { url, green: '(' },
    fails: 'health: "(" is not a regular expression: a ")" is missing (at 2 of ()',
  },
  'a password without a user': {
    options: { url, password: secret`pa55-w0rd` },
    fails: 'health: `user` and `password` go together',
  },
});
