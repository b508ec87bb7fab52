import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import {
  settled,
  type Found,
  type ImperativeContext,
  type Options,
  type Plan,
  type Question,
} from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { noAnswerText } from '../kit/no-answer.ts';
import { anticipateAnswer } from '../kit/own-host.ts';
import { flag, secretText, text } from '../kit/schemas.ts';
import { commandOutput, type CommandAnswer } from './command.probe.ts';
import { criterionProblem, levelOf, type Criteria, type Criterion, type Level, type Said } from './health-level.ts';
import { addressOf, askedOnce, httpQuick, httpStep, whyNoTool, type HttpAnswer } from './http.probe.ts';
import { readSamples } from './prometheus-query.ts';

export interface HealthResult {
  /** `green`, `yellow` or `red`. */
  readonly level: Level;
  /** What was found, as a sentence. */
  readonly said: string;
}

const code = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(599));
const address = (description: string) =>
  v.pipe(text(description), v.regex(/^https?:\/\/[^\s]+$/, 'must be an http:// or https:// address without blanks'));
const bound = (description: string) => v.optional(v.pipe(v.number(), v.description(description)));
const level = (description: string) =>
  v.optional(
    v.pipe(
      v.union([
        v.pipe(v.string(), v.minLength(1)),
        code,
        v.pipe(v.array(code), v.minLength(1)),
        v.strictObject({
          min: bound('The lower bound.'),
          max: bound('The upper bound.'),
        }),
      ]),
      v.description(description),
    ),
  );
const whole = (description: string, standard: number, least: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(least), v.description(description)), standard);

const options = {
  url: v.optional(
    address('The URL to request, from the host itself. Levels are status codes, or regular expressions for the body.'),
  ),
  argv: v.optional(
    v.pipe(
      v.array(v.string()),
      v.minLength(1),
      v.description(
        'A command that changes nothing, as a list of words. Levels are exit codes, or regular expressions for the output.',
      ),
    ),
  ),
  query: v.optional(v.pipe(text('A PromQL query. Levels are bounds for the values: `{ min, max }`.'), v.minLength(1))),
  prometheus: v.optional(
    address('With `query`: the URL of Prometheus, as the host sees it. Default `http://127.0.0.1:9090`.'),
    'http://127.0.0.1:9090',
  ),
  green: level(
    'When to go on: a code, a list of codes, a regular expression, or bounds. Default: 200 for a `url`, 0 for a command.',
  ),
  yellow: level('When somebody has to look. Default: never; with `red`, whatever is neither red nor green.'),
  red: level(
    'When to stop; it takes precedence over the others. No answer is red. Default: whatever is neither green nor yellow.',
  ),
  onYellow: v.optional(
    v.pipe(
      v.picklist(['ask', 'pass', 'fail']),
      v.description(
        'What to do if it is still yellow after all tries: ask the operator, go on, or fail. Default `ask`.',
      ),
    ),
    'ask',
  ),
  retries: whole('How many more times to try until it is green. Default 0.', 0, 0),
  delay: whole('Seconds between tries. Default 5.', 5, 1),
  timeout: whole('Timeout of each try, in seconds. Default 30.', 30, 1),
  user: v.optional(text('User name for basic authentication.')),
  password: v.optional(secretText('Password for basic authentication. Use a Secret.')),
  validateCerts: flag('Refuse invalid certificates.', true),
};
type Given = Options<typeof options>;

/** How to ask, and how to read what comes. */
interface Source {
  readonly title: string;
  readonly address: string;
  /** One short try. */
  readonly question: Question<HttpAnswer> | Question<CommandAnswer>;
  readonly read: (answer: HttpAnswer | CommandAnswer) => Said;
  readonly look: (run: ImperativeContext['run']) => Promise<Said>;
}

interface Wanted extends Pick<Given, 'onYellow' | 'retries' | 'delay'> {
  readonly source: Source;
  readonly criteria: Criteria & { readonly green: Criterion };
}

/** A service that is green, yellow or red. */
export const health = defineResource({
  name: 'health',
  summary:
    'Checks the health of a service by a URL, a command or a metric: goes on if it is green, asks the operator if it is yellow, fails if it is red.',
  options,
  example: `health({ url: 'http://127.0.0.1:9200/_cluster/health', green: '"status":"green"', yellow: '"status":"yellow"', retries: 60 })
health({ query: 'rate(uploads_failed_total[5m])', green: { max: 0.01 }, yellow: { max: 0.1 } }, { delegateTo: 'monitoring' })
health({ argv: ['etl', 'status'], green: 0, yellow: 1 })`,
  validateOptions({ url, argv, query, green, yellow, red, user, password }) {
    if ([url, argv, query].filter((one) => one !== undefined).length !== 1)
      return 'give one of `url`, `argv` and `query`';
    if ((user === undefined) !== (password === undefined)) return '`user` and `password` go together';
    if (query !== undefined && green === undefined) return 'say which values of the `query` are `green`: { max: 0.1 }';
    for (const criterion of [green, yellow, red]) {
      const problem = criterion === undefined ? undefined : criterionProblem(criterion, query !== undefined);
      if (problem !== undefined) return problem;
    }
    return undefined;
  },
  title: ({ url, argv, query }) => url ?? query ?? argv?.join(' ') ?? '',
  prepare: (given): Wanted => {
    const { green = given.url === undefined ? 0 : 200, yellow, red, onYellow, retries, delay } = given;
    return {
      source: sourceOf(given),
      criteria: { green, ...(yellow === undefined ? {} : { yellow }), ...(red === undefined ? {} : { red }) },
      onYellow,
      retries,
      delay,
    };
  },
  probes: ({ source }) => [source.question],
  plan: planHealth,
});

function sourceOf(given: Given): Source {
  const { url, argv = [], query } = given;
  if (url === undefined && query === undefined) return commandSource(argv, given.timeout);
  if (query === undefined) return httpSource(given, url ?? '', url ?? '', readPage(url ?? '', given.timeout));
  const asked = `${given.prometheus.replace(/\/+$/, '')}/api/v1/query?query=${encodeURIComponent(query)}`;
  return httpSource(given, asked, query, (answer) => {
    const read = readSamples({ timeout: given.timeout }, answer);
    const values = 'samples' in read ? read.samples.map(({ value }) => value) : [];
    const lack = 'failure' in read ? read.failure : values.length === 0 ? `${query} gives no value` : undefined;
    return { code: 0, text: values.join(', '), values, lack };
  });
}

function httpSource(given: Given, url: string, title: string, read: (answer: HttpAnswer) => Said): Source {
  const request = askedOnce(url, given);
  const isHttp = (answer: HttpAnswer | CommandAnswer): answer is HttpAnswer => 'status' in answer || 'tool' in answer;
  return {
    title,
    address: addressOf(url),
    question: httpQuick(request),
    read: (answer) => (isHttp(answer) ? read(answer) : nothingSaid),
    look: async (run) => {
      const { script, stdin, read: decode } = httpStep(request);
      const answer = decode((await run({ script, stdin, label: `ask ${title}` })).stdout);
      return 'message' in answer ? { ...nothingSaid, lack: answer.message } : read(answer);
    },
  };
}

const nothingSaid: Said = { code: 0, text: '', values: [], lack: 'it gave no answer' };

function readPage(url: string, timeout: number): (answer: HttpAnswer) => Said {
  return (answer) => {
    if ('tool' in answer) return { ...nothingSaid, lack: whyNoTool[answer.tool] };
    const { status, body, lack, bytes, error } = answer;
    const isNone = status === 0 || lack !== undefined;
    const why = isNone ? noAnswerText({ who: url, lack, status, bytes, timeout, text: error }) : undefined;
    return { code: status, text: body, values: [], lack: why };
  };
}

// timeout(1) ends with 124, which is a code that the command may have, too; that it took too long is in words then.
const commandScript = `t=$1; shift; timeout "$t" "$@"; c=$?; [ $c != 124 ] || { echo "it took over $t s"; c=125; }; exit $c`;

function commandSource(argv: readonly string[], timeout: number): Source {
  const words = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const read = ({ code: exit, stdout, stderr }: { code: number; stdout: string; stderr: string }): Said => ({
    code: exit,
    text: `${stdout}${stderr}`,
    values: [],
  });
  return {
    title: argv.join(' '),
    address: 'localhost',
    question: commandOutput(`set -- ${timeout} ${words}\n${commandScript}`, ''),
    read: (answer) =>
      'code' in answer ? read(answer) : { ...nothingSaid, lack: 'notRun' in answer ? answer.notRun : nothingSaid.lack },
    look: async (run) =>
      read(
        await run({
          script: commandScript,
          args: [String(timeout), ...argv],
          anyExit: true,
          label: `run ${argv[0] ?? ''}`,
        }),
      ),
  };
}

function planHealth(wanted: Wanted, found: Found): Plan<HealthResult> {
  const { source, criteria, onYellow, retries } = wanted;
  const none = settled<HealthResult>({ level: 'green', said: '' });
  if (anticipateAnswer(source.address, `${source.title} will be green`, found)) return { ...none, unforeseen: true };
  const said = source.read(found.get<HttpAnswer | CommandAnswer>(source.question));
  const now = levelOf(said, criteria);
  const sentence = toSentence(source.title, now, said);
  const come = { ...none, result: { level: now, said: sentence } };
  if (now === 'green') return come;
  // Nobody is asked, and nothing waited for, where nothing is done.
  if (found.forecast !== undefined && now === 'yellow' && onYellow !== 'fail')
    return { ...come, message: `${sentence}${onYellow === 'ask' ? '; a run would ask whether to go on' : ''}` };
  if (found.forecast !== undefined || (retries === 0 && (now === 'red' || onYellow === 'fail')))
    return { ...come, failure: sentence };
  if (retries === 0 && onYellow === 'pass') return { ...come, message: sentence };
  return {
    ...come,
    changes: [{ what: 'wait', to: `${source.title} is green` }],
    quiet: true,
    again: true,
    imperative: (context) => waitUntilGreen(wanted, context),
  };
}

async function waitUntilGreen(
  { source, criteria, onYellow, retries, delay }: Wanted,
  { run, signal, progress, ask }: ImperativeContext,
): Promise<HealthResult> {
  for (let left = retries; ; left--) {
    const said = await source.look(run);
    const now = levelOf(said, criteria);
    const sentence = toSentence(source.title, now, said);
    const result = { level: now, said: sentence };
    if (now === 'green') return result;
    if (left > 0) {
      progress(`${now}, ${left} tries left`);
      await sleep(delay * 1000, undefined, signal ? { signal } : {}).catch((cause: unknown) => {
        throw new PlayError(`Interrupted while waiting: ${sentence}`, { cause });
      });
      continue;
    }
    const tries = retries === 0 ? '' : ` (${retries + 1} tries)`;
    if (now === 'red' || onYellow === 'fail') throw new PlayError(`${sentence}${tries}`);
    if (onYellow === 'ask') await agree(`${sentence}${tries}`, ask);
    return result;
  }
}

async function agree(sentence: string, ask: ImperativeContext['ask']): Promise<void> {
  const answer = await ask(
    `${sentence}\nType "yes" to go on anyway: `,
    `${sentence}. Run it at a terminal, or say in advance what to do: onYellow: 'pass' or 'fail'.`,
  );
  if (answer.trim() !== 'yes')
    throw new PlayError(`${sentence}, and ${JSON.stringify(answer.trim())} was typed, not "yes"`);
}

/** @example http://127.0.0.1:9200/_cluster/health is yellow: 200, {"status":"yellow"} */
function toSentence(title: string, now: Level, { code: number, text: all, values, lack }: Said): string {
  if (lack !== undefined) return `${title} is ${now}: ${lack}`;
  const line = all.trim().replace(/\s+/g, ' ');
  const shown = line.length > 120 ? `${line.slice(0, 120)}...` : line;
  return `${title} is ${now}: ${[...(values.length > 0 ? [] : [String(number)]), ...(shown === '' ? [] : [shown])].join(', ')}`;
}
