import * as v from 'valibot';
import { settled, type Found, type Options, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { noAnswerText } from '../kit/no-answer.ts';
import { anticipateAnswer } from '../kit/own-host.ts';
import { flag, secretText, text } from '../kit/schemas.ts';
import {
  addressOf,
  askedOnce,
  httpPatient,
  httpQuick,
  whyNoTool,
  type HttpAnswer,
  type HttpRequest,
} from './http.probe.ts';

export interface PrometheusSample {
  /** Its labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Its value; may be NaN or infinite. */
  readonly value: number;
}

export interface PrometheusQueryResult {
  /** The results of the query. */
  readonly samples: readonly PrometheusSample[];
  /** The value of the first sample; null if there are none. */
  readonly value: number | null;
}

const bound = (description: string) => v.optional(v.pipe(v.number(), v.description(description)));
const options = {
  query: v.pipe(text('A PromQL query that gives a vector or a scalar, evaluated now.'), v.minLength(1)),
  min: bound('The lower bound for every value.'),
  max: bound('The upper bound for every value.'),
  noData: v.optional(
    v.pipe(
      v.picklist(['fail', 'pass']),
      v.description('What an empty result means: `fail` or `pass`. Default `fail`.'),
    ),
    'fail',
  ),
  url: v.optional(
    v.pipe(
      text('The URL of Prometheus, as seen by the host that asks. Default `http://127.0.0.1:9090`.'),
      v.regex(/^https?:\/\/[^\s?#]+$/, 'must be an http:// or https:// address without blanks'),
    ),
    'http://127.0.0.1:9090',
  ),
  user: v.optional(text('User name for basic authentication.')),
  password: v.optional(secretText('Password for basic authentication. Use a Secret.')),
  timeout: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Timeout in seconds. Default 30.')),
    30,
  ),
  validateCerts: flag('Refuse invalid certificates.', true),
};
type Given = Options<typeof options>;

interface Wanted extends Pick<Given, 'query' | 'min' | 'max' | 'noData'> {
  readonly request: HttpRequest;
}

/** A question to Prometheus, and what its answer has to be. */
export const prometheusQuery = defineResource({
  name: 'prometheusQuery',
  summary:
    'Queries Prometheus from the host, and fails unless every value is between `min` and `max`: for gates and canaries. Without either bound it fails if the result is empty, as for a query that is a comparison.',
  options,
  example: `prometheusQuery({ query: 'sum(rate(nginx_errors_total[5m]))', max: 0.1, noData: 'pass' }, { delegateTo: 'monitoring' })
prometheusQuery({ query: 'up{job="web"} == 1', url: 'https://prometheus.example.org' })`,
  validateOptions({ min, max, user, password }) {
    if ((user === undefined) !== (password === undefined)) return '`user` and `password` go together';
    return min !== undefined && max !== undefined && min > max ? '`min` is more than `max`' : undefined;
  },
  title: ({ query }) => query ?? '',
  prepare: ({ url, user, password, timeout, validateCerts, ...rest }): Wanted => ({
    ...rest,
    request: askedOnce(`${url.replace(/\/+$/, '')}/api/v1/query?query=${encodeURIComponent(rest.query)}`, {
      user,
      password,
      timeout,
      validateCerts,
    }),
  }),
  probes: ({ request }) => [httpQuick(request)],
  plan,
});

const nothing: Plan<PrometheusQueryResult> = settled({ samples: [], value: null });

function plan(wanted: Wanted, found: Found): Plan<PrometheusQueryResult> {
  const { query, request } = wanted;
  if (anticipateAnswer(addressOf(request.url), `${query} will be within its bounds`, found))
    return { ...nothing, unforeseen: true };
  const read = readSamples(request, answerTo(request, found));
  if ('failure' in read) return { ...nothing, ...read };
  const { samples } = read;
  const right = settled({ samples, value: samples[0]?.value ?? null });
  const failure = whyWrong(wanted, samples);
  return failure === undefined ? right : { ...right, failure };
}

function answerTo(request: HttpRequest, found: Found): HttpAnswer {
  const quick = found.get(httpQuick(request));
  return 'tool' in quick || (quick.status !== 0 && quick.lack === undefined) || request.timeout <= 5
    ? quick
    : found.get(httpPatient(request));
}

/** An instant vector has a sample for each series, a scalar is one without labels (Prometheus' HTTP API). */
const answerSchema = v.variant('status', [
  v.object({ status: v.literal('error'), error: v.string() }),
  v.object({
    status: v.literal('success'),
    data: v.variant('resultType', [
      v.object({
        resultType: v.literal('vector'),
        result: v.array(
          v.object({ metric: v.record(v.string(), v.string()), value: v.tuple([v.number(), v.string()]) }),
        ),
      }),
      v.object({ resultType: v.literal('scalar'), result: v.tuple([v.number(), v.string()]) }),
      v.object({ resultType: v.picklist(['matrix', 'string']) }),
    ]),
  }),
]);

type Read =
  | { readonly samples: readonly PrometheusSample[] }
  | { readonly failure: string; readonly hopeless?: boolean };

/** The samples in an answer of Prometheus, or why there are none. */
export function readSamples({ timeout }: Pick<HttpRequest, 'timeout'>, answer: HttpAnswer): Read {
  if ('tool' in answer) return { failure: whyNoTool[answer.tool], hopeless: true };
  const { status, lack, bytes, error } = answer;
  if (status === 0 || lack !== undefined)
    return { failure: noAnswerText({ who: 'Prometheus', lack, status, bytes, timeout, text: error }) };
  const parsed = v.safeParse(answerSchema, json(answer.body));
  if (!parsed.success) return { failure: `the server there is not Prometheus: it answers ${answer.status}` };
  const { output } = parsed;
  if (output.status === 'error') return { failure: `Prometheus refuses the query: ${output.error}` };
  const { data } = output;
  if (data.resultType === 'vector')
    return { samples: data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: toNumber(value) })) };
  if (data.resultType === 'scalar') return { samples: [{ labels: {}, value: toNumber(data.result[1]) }] };
  return { failure: `the query gives a ${data.resultType}, not a vector or a scalar` };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Prometheus writes `+Inf`, `-Inf` and `NaN`. */
function toNumber(text: string): number {
  return Number(text.replace(/^([+-]?)Inf$/, '$1Infinity'));
}

function whyWrong({ query, min, max, noData }: Wanted, samples: readonly PrometheusSample[]): string | undefined {
  if (samples.length === 0) return noData === 'fail' ? `${query} gives no value` : undefined;
  // NaN is neither less nor more than anything: no bound lets it through.
  const isRight = (value: number): boolean =>
    (min === undefined || value >= min) && (max === undefined || value <= max);
  const wrong = samples.filter(({ value }) => !isRight(value));
  if (wrong.length === 0) return undefined;
  const bounds = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`];
  const shown = wrong.slice(0, 3).map(({ labels, value }) => `${value}${labelText(labels)}`);
  const more = wrong.length > 3 ? ` and ${wrong.length - 3} more` : '';
  return `${query} is ${shown.join(', ')}${more}, not ${bounds.filter((part) => part !== '').join(' and ')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const all = Object.entries(labels).filter(([name]) => name !== '__name__');
  return all.length === 0 ? '' : ` {${all.map(([name, value]) => `${name}="${value}"`).join(', ')}}`;
}
