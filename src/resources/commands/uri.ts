import * as v from 'valibot';
import { ProbeFailure, settled, type Found, type Plan } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal, secretsIn } from '../../secrets/index.ts';
import { noAnswerText } from '../kit/no-answer.ts';
import { anticipateAnswer } from '../kit/own-host.ts';
import { readRoleFile } from '../kit/role-file.ts';
import { flag, secretText, text } from '../kit/schemas.ts';
import {
  addressOf,
  httpPatient,
  httpQuick,
  httpStep,
  whyNoTool,
  type HttpAnswer,
  type HttpReply,
  type HttpRequest,
} from './http.probe.ts';
import { requestBody, whyNoBody } from './request-body.ts';

export interface UriResult {
  /** The HTTP status of the last response. */
  readonly status: number;
  /** How long the response took, in seconds; 0 if not known. */
  readonly elapsed: number;
  /** The body of the response; empty without `returnContent` or `searchRegex`. */
  readonly content: string;
}

const seconds = (description: string, standard: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description(description)), standard);
const status = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599));
const header = v.pipe(
  secretText('A value; may be a Secret.'),
  v.check((value) => typeof value !== 'string' || !/[\r\n]/.test(value), 'must be one line'),
);

/** An HTTP request made from the host. */
export const uri = defineResource({
  name: 'uri',
  summary:
    'Makes an HTTP request from the host itself (with its curl or wget) and fails unless the answer is as expected: for gates, or to wait for a service.',
  options: {
    url: v.pipe(
      text('The URL, `http://` or `https://`.'),
      v.regex(/^https?:\/\/[^\s]+$/, 'must be an http:// or https:// address without blanks'),
    ),
    method: v.optional(
      v.pipe(
        v.picklist(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']),
        v.description(
          'Default `GET`. GET, HEAD and OPTIONS change nothing and run in check mode, unless something is planned before them; other methods count as a change every time.',
        ),
      ),
      'GET',
    ),
    statusCode: v.optional(
      v.pipe(
        v.union([status, v.pipe(v.array(status), v.minLength(1))]),
        v.description('The expected status, or a list of them. Default 200.'),
      ),
      200,
    ),
    returnContent: flag('Keep the body, up to 1 MiB, as `content` of the result.', false),
    searchRegex: v.optional(
      v.pipe(
        text('A line of the body must match this extended regular expression (regex(7)).'),
        v.minLength(1),
        v.regex(/^[^\n]*$/, 'must be one line'),
      ),
    ),
    headers: v.optional(
      v.pipe(
        v.record(v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be a header name')), header),
        v.description('Request headers.'),
      ),
      {},
    ),
    body: v.optional(
      v.pipe(
        v.union([secretText('Sent as it is.'), v.array(v.unknown()), v.record(v.string(), v.unknown())]),
        v.description(
          'What to send: text, a Secret, or data, which is sent as JSON unless `bodyFormat` says otherwise.',
        ),
      ),
    ),
    bodyFormat: v.optional(
      v.pipe(
        v.picklist(['json', 'form-urlencoded', 'form-multipart', 'raw']),
        v.description(
          "Format of `body`, and of `Content-Type` unless `headers` set it: `json`; `form-urlencoded`, form fields (`{ name: 'value' }`, or a list of pairs if order matters or a name is repeated); `form-multipart`, form parts with files (`{ name: 'value', file: { filename: 'a.png', mimeType: 'image/png' } }`): `content` is sent, or without it the file of that name in the role's `files/`; `raw`, text as it is. Text is sent unchanged with any of them. Default: `json` for data, `raw` for text.",
        ),
      ),
    ),
    followRedirects: v.optional(
      v.pipe(
        v.picklist(['safe', 'all', 'none']),
        v.description(
          '`safe` follows redirects of GET and HEAD; `all` also those of POST and OPTIONS: a POST becomes a GET after 301, 302 and 303, and is sent again after 307 and 308; `none` takes the redirect itself as the answer (`statusCode: 302`; wget shows no body for it). Default `safe`.',
        ),
      ),
      'safe',
    ),
    user: v.optional(text('User name for basic authentication.')),
    password: v.optional(secretText('Password for basic authentication. Use a Secret.')),
    useNetrc: flag(
      "Without `user`: take user name and password for the server from the account's `~/.netrc`, if it has any. Ansible does so by default.",
      false,
    ),
    timeout: seconds('Timeout of each try, in seconds. Default 30.', 30),
    within: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0.01),
        v.description(
          'Seconds within which the whole answer must arrive; a slower one counts as wrong. Default: all that `timeout` gives.',
        ),
      ),
    ),
    validateCerts: flag('Refuse invalid certificates.', true),
    retries: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.description('How many more times to try until the answer is right. Default 0.'),
      ),
      0,
    ),
    delay: seconds('Seconds between tries. Default 5.', 5),
  },
  example: `uri({ url: 'http://127.0.0.1:9090/-/ready', retries: 12, delay: 5 })
uri({ url: 'http://127.0.0.1:9200/_cat/health?h=status', searchRegex: '^green' })
uri({ url: 'https://example.org/login', method: 'POST', bodyFormat: 'form-urlencoded', body: { user: 'al', password }, statusCode: 302 })`,
  validateOptions({
    user,
    password,
    useNetrc,
    body,
    bodyFormat,
    method,
    timeout,
    within,
    searchRegex,
    followRedirects,
  }) {
    // curl(1) would keep the method on the way, and delete the page that a DELETE is sent on to.
    if (followRedirects === 'all' && ['PUT', 'PATCH', 'DELETE'].includes(method))
      return `\`followRedirects\` 'all' is for GET, HEAD, OPTIONS and POST: a ${method} is not sent again to the new address`;
    const wrong = whyNoBody(body, bodyFormat);
    if (wrong !== undefined) return wrong;
    if (bodyFormat !== undefined && body === undefined) return '`bodyFormat` needs `body`';
    if (method === 'HEAD' && searchRegex !== undefined) return 'the answer to HEAD has no body to search';
    if (within !== undefined && within > timeout) return '`within` is longer than `timeout`';
    if (useNetrc && user !== undefined) return 'give either `useNetrc` or `user`';
    if ((user === undefined) !== (password === undefined)) return '`user` and `password` go together';
    return body !== undefined && (method === 'GET' || method === 'HEAD')
      ? `a ${method} request has no body`
      : undefined;
  },
  title: (options) =>
    `${options.method === undefined || options.method === 'GET' ? '' : `${options.method} `}${options.url ?? ''}`,
  prepare: (options, scope): HttpRequest => {
    const { url, method, statusCode, returnContent, headers, body, bodyFormat, user, password, useNetrc, ...rest } =
      options;
    const { text, contentType } = requestBody(body, bodyFormat, (file) => readRoleFile(scope, 'files', file).bytes);
    const isTyped = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
    return {
      ...rest,
      url,
      method,
      accepted: typeof statusCode === 'number' ? [statusCode] : statusCode,
      headers: [
        ...(contentType === undefined || isTyped ? [] : [['Content-Type', contentType] as const]),
        ...Object.entries(headers).map(([name, value]) => [name, reveal(value)] as const),
      ],
      user: user === undefined ? undefined : { name: user, password: reveal(password ?? '') },
      body: text,
      usesNetrc: useNetrc,
      isSecret: password !== undefined || secretsIn(headers).size > 0,
      wantsBody: returnContent,
    };
  },
  probes: (request) => (isReading(request) ? [httpQuick(request)] : []),
  plan: (request, found) => (isReading(request) ? planGate(request, found) : planRequest(request)),
});

function isReading({ method }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

const nothing: Plan<UriResult> = settled({ status: 0, elapsed: 0, content: '' });

/**
 * A request that changes nothing. In check mode what is planned before it is not there yet, so it is taken to go well
 * then.
 */
function planGate(request: HttpRequest, found: Found): Plan<UriResult> {
  if (anticipateAnswer(addressOf(request.url), `${request.url} will answer as it should`, found))
    return { ...nothing, unforeseen: true };
  const quick = found.get(httpQuick(request));
  const isFinal =
    'tool' in quick ||
    isRight(request, quick) ||
    (request.retries === 0 && (request.timeout <= 5 || (quick.status !== 0 && quick.lack === undefined)));
  const answer = isFinal ? quick : found.get(httpPatient(request));
  const failure = whyWrong(request, answer);
  return {
    ...nothing,
    result: toResult(answer),
    ...(failure === undefined ? {} : { failure, hopeless: 'tool' in answer }),
  };
}

function planRequest(request: HttpRequest): Plan<UriResult> {
  const { script, stdin, read } = httpStep(request);
  return {
    ...nothing,
    changes: [{ what: 'request', to: `${request.method} ${request.url}` }],
    always: true,
    steps: [{ script, stdin, label: `ask ${request.url}` }],
    touches: [{ on: 'everything' }],
    again: true,
    unforeseen: true,
    conclude([output]) {
      const answer = read(output?.stdout ?? '');
      const failure = answer instanceof ProbeFailure ? answer.message : whyWrong(request, answer);
      if (failure !== undefined || answer instanceof ProbeFailure) throw new PlayError(failure ?? '');
      return toResult(answer);
    },
  };
}

function isRight(request: HttpRequest, answer: HttpReply): boolean {
  const { status, lack, misfits = false } = answer;
  return request.accepted.includes(status) && lack === undefined && !misfits && !isSlow(request, answer);
}

function isSlow({ within }: HttpRequest, { seconds = 0 }: HttpReply): boolean {
  return within !== undefined && seconds > within;
}

function whyWrong(request: HttpRequest, answer: HttpAnswer): string | undefined {
  if ('tool' in answer) return whyNoTool[answer.tool];
  if (isRight(request, answer)) return undefined;
  const tries = request.retries === 0 ? '' : ` after ${request.retries + 1} tries`;
  const { url, accepted, timeout, within = timeout } = request;
  const { status, lack, bytes, seconds = 0, error } = answer;
  const isWrong = status !== 0 && !accepted.includes(status);
  if (isWrong) return `${url} answered ${status}${tries}, not ${accepted.join(' or ')}`;
  if (status === 0 || lack !== undefined)
    return noAnswerText({ who: url, lack, status, bytes, timeout, text: error }, tries);
  if (answer.misfits === true)
    return `${url} answered ${status}${tries}, with ${shortened(answer.body)} that does not match ${request.searchRegex}`;
  return `${url} answered ${status} too slowly${tries}: after ${seconds.toFixed(1)} s, not within ${within} s`;
}

/** A body of a few words says most of itself; of others, nobody reads more than their size. */
function shortened(body: string): string {
  const text = body.trim();
  return text.length <= 200 && !text.includes('\n') ? JSON.stringify(text) : `a body of ${text.length} characters`;
}

function toResult(answer: HttpAnswer): UriResult {
  if ('tool' in answer) return nothing.result;
  return { status: answer.status, elapsed: answer.seconds ?? 0, content: answer.body };
}
