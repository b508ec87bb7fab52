import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What of a request decides whether it is answered. */
export interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface Door {
  readonly port: number;
  /** In the path of every address: who has not seen the terminal does not know it. */
  readonly token: string;
}

export type Verdict =
  | { readonly is: 'answered'; readonly path: string; readonly query: URLSearchParams }
  | { readonly is: 'refused'; readonly status: 403 | 404 | 405; readonly why: string };

/**
 * Who is let in. Any account of this machine, and any page in the operator's browser, can reach a port of the loopback:
 *
 * - another account does not know the token;
 * - a page whose name was made to lead to 127.0.0.1 (DNS rebinding) sends its own name as `Host`;
 * - a page of another origin says so (`Origin`, `Sec-Fetch-Site`), and could read no answer: none allows it;
 * - nothing is changed by any request: there is GET and HEAD alone.
 */
export function judge({ method, url = '', headers }: Asked, { port, token }: Door): Verdict {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  const refuse = (status: 403 | 404 | 405, why: string): Verdict => ({ is: 'refused', status, why });
  if (!names.includes(headers.host ?? '')) return refuse(403, 'This server answers only to 127.0.0.1.');
  const { origin } = headers;
  if (origin !== undefined && !names.some((name) => origin === `http://${name}`))
    return refuse(403, 'Pages of other origins are not answered.');
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none' && site !== 'same-origin')
    return refuse(403, 'Pages of other origins are not answered.');
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'Nothing can be changed here.');
  const [path = '', query = ''] = url.split('?', 2);
  const [, given = '', ...rest] = path.split('/');
  if (!isSame(given, token)) return refuse(404, 'There is no such page.');
  return { is: 'answered', path: rest.join('/'), query: new URLSearchParams(query) };
}

/** Takes as long for any wrong token of its length. */
function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
