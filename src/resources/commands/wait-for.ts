import * as v from 'valibot';
import { settled, type Found, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { anticipateAnswer } from '../kit/own-host.ts';
import { path, text } from '../kit/schemas.ts';
import { waitPatient, waitQuick, type WaitAnswer, type WaitRequest } from './wait.probe.ts';

export interface WaitForResult {
  /** Seconds it waited. */
  readonly elapsed: number;
}

const seconds = (description: string, standard: number, least: number) =>
  v.optional(v.pipe(v.number(), v.minValue(least), v.description(description)), standard);
const states = v.picklist(['started', 'stopped', 'present', 'absent', 'drained']);

/** A wait, on the host, until something is there. */
export const waitFor = defineResource({
  name: 'waitFor',
  summary: 'Waits, on the host, until a port answers, a file exists, or a text is in it; or until it is gone again.',
  options: {
    host: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9.:_-]+$/, 'must be a name or address'),
        v.description('The host to connect to. Default `127.0.0.1`.'),
      ),
      '127.0.0.1',
    ),
    port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535), v.description('A TCP port.'))),
    path: v.optional(path('A path.')),
    searchRegex: v.optional(
      v.pipe(text('With `path`: a line must match this extended regular expression (regex(7)).'), v.minLength(1)),
    ),
    state: v.optional(
      v.pipe(
        states,
        v.description(
          '`started`, `present`: it exists. `stopped`, `absent`: it does not. `drained`: the port has no connections. Default `started`.',
        ),
      ),
      'started',
    ),
    timeout: seconds('Seconds until the task fails. Default 300.', 300, 1),
    delay: seconds('Seconds to wait before the first check. Default 0.', 0, 0),
    sleep: seconds('Seconds between checks. Default 1.', 1, 0.1),
    connectTimeout: seconds('Timeout of one connection attempt, in seconds. Default 5.', 5, 1),
    msg: v.optional(text('The message if it fails.')),
  },
  example: `waitFor({ port: 5432, timeout: 60 })
waitFor({ path: '/var/log/app.log', searchRegex: 'listening on' })`,
  validateOptions({ port, path: at, searchRegex, state, delay, timeout }) {
    if (port === undefined && at === undefined) return delay > 0 ? undefined : 'give `port`, `path`, or a `delay`';
    if (port !== undefined && at !== undefined) return 'give either `port` or `path`';
    if (searchRegex !== undefined && at === undefined) return '`searchRegex` needs a `path`';
    if (state === 'drained' && port === undefined) return "state 'drained' needs a `port`";
    return delay > timeout ? '`delay` is longer than `timeout`' : undefined;
  },
  title: ({ host = '127.0.0.1', port, path: at, delay }) =>
    port === undefined ? (at ?? (delay === undefined ? '' : `${delay} s`)) : `${host}:${port}`,
  prepare: ({
    host,
    port,
    path: at,
    searchRegex,
    state,
    msg,
    ...times
  }): WaitRequest & { readonly msg: string | undefined } => ({
    ...times,
    kind:
      port !== undefined
        ? state === 'drained'
          ? 'drained'
          : 'port'
        : at === undefined
          ? 'nothing'
          : searchRegex === undefined
            ? 'path'
            : 'text',
    wanted: state !== 'stopped' && state !== 'absent',
    host,
    port: port ?? 0,
    path: at ?? '',
    regex: searchRegex ?? '',
    msg,
  }),
  probes: (request) => [waitQuick(request)],
  plan(request, found): Plan<WaitForResult> {
    const nothing: Plan<WaitForResult> = settled({ elapsed: 0 });
    // In check mode what is planned before is not there yet: it is taken to go well then.
    const address = request.kind === 'port' ? request.host : 'localhost';
    if (anticipateAnswer(address, `${toldAs(request)} by then`, found)) return { ...nothing, unforeseen: true };
    const answer = answerTo(request, found);
    if (answer.is === 'yes') return settled({ elapsed: answer.elapsed });
    if (answer.is === 'no tool')
      return {
        ...nothing,
        failure:
          'the host has neither bash nor nc to try a port with; install one before: apt({ name: "netcat-openbsd" })',
      };
    const why = answer.why === undefined ? '' : ` (${whyNot[answer.why](request)})`;
    return { ...nothing, failure: request.msg ?? `not so after ${request.timeout} s: ${toldAs(request)}${why}` };
  },
});

type Why = NonNullable<(WaitAnswer & { is: 'no' })['why']>;

/** What the last try found: what is down is told from what nothing listens for. */
const whyNot: Readonly<Record<Why, (request: WaitRequest) => string>> = {
  'refused': () => 'the connection is refused: nothing listens there',
  'no answer': ({ connectTimeout }) =>
    `nothing accepted the connection within ${connectTimeout} s: it is down, or a firewall is in between`,
  'no route': () => 'there is no route to it',
  'no name': () => 'its name cannot be resolved',
  'taken': () => 'the connection is accepted',
  'no file': () => 'there is no such file',
};

function answerTo(request: WaitRequest, found: Found): WaitAnswer {
  const quick = found.get(waitQuick(request));
  return quick.is === 'no' ? found.get(waitPatient(request)) : quick;
}

function toldAs({ kind, wanted, host, port, path: at, regex }: WaitRequest): string {
  switch (kind) {
    case 'nothing':
      return 'the time is up';
    case 'port':
      return `${host}:${port} ${wanted ? 'answers' : 'no longer answers'}`;
    case 'drained':
      return `nobody is connected to ${host}:${port}`;
    case 'path':
      return `${at} ${wanted ? 'is there' : 'is gone'}`;
    case 'text':
      return `${at} ${wanted ? 'holds' : 'does not hold'} ${regex}`;
  }
}
