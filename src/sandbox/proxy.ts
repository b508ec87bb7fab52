/**
 * The only way out of the sandbox: an HTTP proxy for apt that forwards to the sites of this machine's apt sources and
 * to nothing else. Packages never change under their name, so they are kept on disk.
 *
 * It listens in the fleet's network namespace and fetches from outside it. A socket belongs to the namespace it was
 * made in, whoever serves it: a helper started there makes the listening socket and hands it over.
 */
import { spawn } from 'node:child_process';
import {
  createServer,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import { connect, Server as NetServer, type Socket } from 'node:net';
import { PackageCache, isImmutable } from './package-cache.ts';

export interface ProxyOptions {
  /** `host:port` of the sites that may be reached. */
  readonly sites: readonly string[];
  readonly cacheDirectory: string;
  /** The proxy the machine itself uses. */
  readonly upstream?: string;
}

const idleMs = 120_000;
const mostRedirects = 5;

/** Headers that concern one hop only (RFC 9110, 7.6.1), or that we set ourselves. */
const hopHeaders = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-authorization',
  'host',
]);

/** Serves on a socket that listens already, until the process ends. */
export function serveProxy(listening: NetServer, options: ProxyOptions): void {
  const sites = new Set(options.sites);
  const cache = new PackageCache(options.cacheDirectory);
  const upstream = options.upstream === undefined ? undefined : new URL(options.upstream);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, error instanceof Error ? error.message : String(error));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = parseUrl(request.url ?? '');
    if (url === undefined || url.protocol !== 'http:' || !sites.has(`${url.hostname}:${url.port || '80'}`)) {
      return refuse(response, 403, `${url?.host ?? 'this'} is not one of the apt sites of the sandbox`);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only GET and HEAD');
    if (request.method === 'GET' && isImmutable(url)) {
      return cache.serve(url, response, () => fetchFrom(url, 'GET', {}, upstream));
    }
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !hopHeaders.has(name)));
    const reply = await fetchFrom(url, request.method, headers, upstream);
    const replyHeaders = Object.fromEntries(Object.entries(reply.headers).filter(([name]) => !hopHeaders.has(name)));
    response.writeHead(reply.statusCode ?? 502, replyHeaders);
    reply.on('error', () => response.destroy());
    reply.pipe(response);
  }

  server.on('connect', (request, client, head) => {
    tunnel(request.url ?? '', sites, upstream).then(
      (site) => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        site.write(head);
        for (const [from, to] of [
          [site, client],
          [client, site],
        ] as const) {
          from.on('error', () => to.destroy());
          from.on('close', () => to.destroy());
          from.pipe(to);
        }
      },
      (error: unknown) => client.end(`HTTP/1.1 403 ${error instanceof Error ? error.message : 'refused'}\r\n\r\n`),
    );
    client.on('error', () => undefined);
  });
  server.keepAliveTimeout = idleMs;
  server.listen(listening);
}

/**
 * A listening socket made inside the network namespace of another process.
 * @param helper argv that runs `listenAndHandOver` with address and port as its last arguments
 */
export function listenInNamespace(
  holder: number,
  helper: readonly string[],
  address: string,
  port: number,
): Promise<NetServer> {
  return new Promise((resolve, reject) => {
    const argv = [`--net=/proc/${holder}/ns/net`, '--', ...helper, address, String(port)];
    const child = spawn('nsenter', argv, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the listener ended with code ${code}`)));
    child.once('message', (_message, handle) => {
      if (handle instanceof NetServer) resolve(handle);
      else reject(new Error('the listener handed over no socket'));
      child.disconnect();
    });
  });
}

/** The helper's part: listens, gives the socket to its parent, ends. */
export function listenAndHandOver(address: string, port: number): void {
  const server = new NetServer();
  server.listen(port, address, 512, () => {
    process.send?.('listening', server, undefined, () => undefined);
    process.once('disconnect', () => process.exit(0));
  });
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function refuse(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain', 'connection': 'close' });
  response.end(`${text}\n`);
}

/** Follows redirects itself: a mirror may send us to a site that no host could reach. */
async function fetchFrom(
  url: URL,
  method: string,
  headers: RequestOptions['headers'],
  upstream: URL | undefined,
  redirects = 0,
): Promise<IncomingMessage> {
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent: ClientRequest = httpRequest(requestOptions(url, method, headers ?? {}, upstream));
    sent.setTimeout(idleMs, () => sent.destroy(new Error(`${url.host} does not answer`)));
    sent.on('error', reject);
    sent.on('response', resolve);
    sent.end();
  });
  const { location } = reply.headers;
  if (
    ![301, 302, 303, 307, 308].includes(reply.statusCode ?? 0) ||
    location === undefined ||
    redirects >= mostRedirects
  )
    return reply;
  const next = new URL(location, url);
  if (next.protocol !== 'http:') return reply;
  reply.resume();
  return fetchFrom(next, method, headers, upstream, redirects + 1);
}

function requestOptions(
  url: URL,
  method: string,
  headers: NonNullable<RequestOptions['headers']>,
  upstream: URL | undefined,
): RequestOptions {
  if (upstream === undefined) {
    return {
      host: url.hostname,
      port: url.port || 80,
      path: `${url.pathname}${url.search}`,
      method,
      headers: { ...headers, host: url.host },
    };
  }
  return {
    host: upstream.hostname,
    port: upstream.port || 80,
    path: url.href,
    method,
    headers: { ...headers, host: url.host, ...proxyAuthorization(upstream) },
  };
}

function proxyAuthorization(upstream: URL): Record<string, string> {
  if (upstream.username === '') return {};
  const credentials = `${decodeURIComponent(upstream.username)}:${decodeURIComponent(upstream.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function tunnel(site: string, sites: ReadonlySet<string>, upstream: URL | undefined): Promise<Socket> {
  const [, host, port] = /^([\w.-]+):(\d+)$/.exec(site) ?? [];
  return new Promise((resolve, reject) => {
    if (host === undefined || !sites.has(site)) return reject(new Error('not one of the apt sites of the sandbox'));
    if (upstream === undefined) {
      const socket = connect(Number(port), host, () => resolve(socket));
      socket.on('error', reject);
      return;
    }
    const sent = httpRequest({
      host: upstream.hostname,
      port: upstream.port || 80,
      method: 'CONNECT',
      path: site,
      headers: { host: site, ...proxyAuthorization(upstream) },
    });
    sent.on('connect', (reply, socket) =>
      reply.statusCode === 200
        ? resolve(socket)
        : reject(new Error(`the proxy of this machine says ${reply.statusCode}`)),
    );
    sent.on('error', reject);
    sent.end();
  });
}
