import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import type { HttpAnswer } from './http.probe.ts';
import { uri } from './uri.ts';

const url = 'http://127.0.0.1:9090/-/ready';
/** What the first, short try says, and what the patient ones. */
const saying = (quick: HttpAnswer, patient?: HttpAnswer): HostDescription => ({
  answersOfKind: { 'http': () => quick, 'http-patient': () => patient ?? quick },
});
const ok: HttpAnswer = { status: 200, body: 'ready', error: '' };
const refused: HttpAnswer = { status: 0, body: '', error: 'curl: (7)\nConnection refused' };
const starting: HttpAnswer = { status: 503, body: '', error: '' };

export const cases = planCases(uri, {
  'it answers': { options: { url }, host: saying(ok), result: { status: 200, elapsed: 0, content: 'ready' } },
  'another status than the wanted one': {
    options: { url, statusCode: [200, 204] },
    host: saying(starting),
    fails: `${url} answered 503, not 200 or 204`,
  },
  'a status that is asked for': { options: { url, statusCode: 503 }, host: saying(starting) },
  'no answer': {
    options: { url, timeout: 5 },
    host: saying(refused),
    fails: `${url} gave no answer: Connection refused`,
  },
  'one that is stalled is not down': {
    options: { url, timeout: 5 },
    host: saying({ ...refused, lack: 'stalled' }),
    fails: `${url} took the connection and gave no answer within 5 s: it is stalled, not down`,
  },
  'the right status is not enough where the rest does not come': {
    options: { url, timeout: 5 },
    host: saying({ ...ok, lack: 'unfinished', bytes: 3 }),
    fails: `${url} began to answer 200, and was not done within 5 s: 3 bytes came`,
  },
  'the right answer, but slow': {
    options: { url, timeout: 5, within: 1 },
    host: saying({ ...ok, seconds: 1.34 }),
    fails: `${url} answered 200 too slowly: after 1.3 s, not within 1 s`,
  },
  'no patience beyond the time-out': { options: { url, within: 60 }, fails: 'uri: `within` is longer than `timeout`' },
  'it answers at a later try': { options: { url, retries: 3 }, host: saying(starting, ok) },
  'it never does': {
    options: { url, retries: 3 },
    host: saying(starting, starting),
    fails: `${url} answered 503 after 4 tries, not 200`,
  },
  'a body without the line that is wanted': {
    options: { url, searchRegex: '^green' },
    host: saying({ status: 200, body: 'yellow\n', error: '', misfits: true }),
    fails: `${url} answered 200, with "yellow" that does not match ^green`,
  },
  'a long one': {
    options: { url, searchRegex: '^green' },
    host: saying({ status: 200, body: 'yellow\nred', error: '', misfits: true }),
    fails: `${url} answered 200, with a body of 10 characters that does not match ^green`,
  },
  'a body to search of an answer that has none': {
    options: { url, method: 'HEAD', searchRegex: 'green' },
    fails: 'uri: the answer to HEAD has no body to search',
  },
  'nothing on the host to ask with': {
    options: { url },
    host: saying({ tool: 'missing' }),
    fails: 'the host has neither curl nor wget to ask with; install one before: apt({ name: "curl" })',
  },
  'a password that busybox would show': {
    options: { url, user: 'me', password: secret`pa55-w0rd` },
    host: saying({ tool: 'not discreet' }),
    fails:
      'the host has only busybox wget, which would show the password to everybody on it; ' +
      'install curl before: apt({ name: "curl" })',
  },
  'behind a planned change its own host is taken to answer by then': {
    options: { url },
    host: saying(refused),
    behind: {},
    assumed: [`${url} will answer as it should (not known before the start: "a task" changes the host before)`],
  },
  'one that changes something is due every time': {
    options: { url, method: 'POST', body: { a: 1 } },
    changes: [`request POST ${url}`],
    steps: [`ask ${url}`],
  },
  'and only told in check mode': { options: { url, method: 'DELETE' }, behind: {}, changes: [`request DELETE ${url}`] },
  'a password without a user': {
    options: { url, password: secret`pa55-w0rd` },
    fails: 'uri: `user` and `password` go together',
  },
  'a body with GET': { options: { url, body: 'x' }, fails: 'uri: a GET request has no body' },
  'a header of two lines': {
    options: { url, headers: { 'X-App': 'a\nb' } },
    fails: 'uri: option "headers", at X-App, is "a\\nb" (a string), but must be one line',
  },
  'no address': {
    options: { url: 'localhost:9090' },
    fails:
      'uri: option "url" is "localhost:9090" (a string), but ' +
      'must be an http:// or https:// address without blanks',
  },
  'a form needs fields': {
    options: { url, method: 'POST', bodyFormat: 'form-urlencoded', body: ['a', 'b'] },
    fails:
      "uri: `bodyFormat` 'form-urlencoded' needs names with a value or a list of them, or a list of pairs: [['name', 'value']]",
  },
  'data is not raw': {
    options: { url, method: 'POST', bodyFormat: 'raw', body: { a: 1 } },
    fails: "uri: `bodyFormat` 'raw' is text as it is; for data write 'json' or 'form-urlencoded'",
  },
  'a format of nothing': { options: { url, bodyFormat: 'json' }, fails: 'uri: `bodyFormat` needs `body`' },
  'a DELETE is sent nowhere else': {
    options: { url, method: 'DELETE', followRedirects: 'all' },
    fails:
      "uri: `followRedirects` 'all' is for GET, HEAD, OPTIONS and POST: a DELETE is not sent again to the new address",
  },
  'a redirect that is not to be followed, and a tool that follows all': {
    options: { url, followRedirects: 'none', statusCode: 302 },
    host: saying({ tool: 'follows' }),
    fails: 'the host has only busybox wget, which follows all redirects; install curl before: apt({ name: "curl" })',
  },
});
