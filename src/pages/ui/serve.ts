import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { contentPolicy, pageOf } from '../document.ts';
import { html, type Html } from '../html.ts';
import { modelOfRecord } from '../report.ts';
import { runBody } from '../run-page.ts';
import { compareView } from './compare-runs.ts';
import type { ShortRun, UiDesk } from './desk.ts';
import { judge } from './guard.ts';
import { driftPage, holdsPage, plansPage, runsPage } from './lists.ts';

/** Milliseconds between two looks at a run that is followed. */
const pause = 1000;
/** Pages that follow a run at once: each costs a timer. */
const mostFollowers = 32;

/** The local pages, while they are served. */
export interface ServedUi {
  /** With the token: for the operator alone. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the pages on a port of the loopback, reading only.
 *
 * @param port 0: one that is free
 */
export async function serveUi(desk: UiDesk, port: number): Promise<ServedUi> {
  const token = randomBytes(24).toString('base64url');
  const pages = new Pages(desk);
  let bound = 0;
  const server = createServer((request, response) => {
    const verdict = judge(request, { port: bound, token });
    if (verdict.is === 'refused') return answer(request, response, verdict.status, 'text/plain', `${verdict.why}\n`);
    try {
      pages.serve(verdict.path, verdict.query, request, response);
    } catch {
      // A record that goes while it is read.
      answer(request, response, 500, 'text/plain', 'This could not be read.\n');
    }
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  server.maxConnections = 100;
  bound = await listen(server, port);
  return {
    url: `http://127.0.0.1:${bound}/${token}/`,
    close: async () => {
      pages.end();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

const policy = contentPolicy("'self'").replace("form-action 'none'", "form-action 'self'");

function answer(request: IncomingMessage, response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

class Pages {
  readonly #desk: UiDesk;
  readonly #followers = new Set<NodeJS.Timeout>();

  constructor(desk: UiDesk) {
    this.#desk = desk;
  }

  end(): void {
    for (const timer of this.#followers) clearInterval(timer);
  }

  serve(path: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const [kind = '', which = '', part] = path.split('/');
    if (kind === 'run' && part === 'events') return this.#follow(which, request, response);
    if (kind === 'run' && part === 'part') {
      const body = this.#run(which);
      return answer(request, response, body ? 200 : 404, 'text/html', body?.body.text ?? '');
    }
    const made = this.#page(kind, which, query);
    // Addresses are relative, as the token is in the path.
    const up = which === '' ? '.' : '..';
    const { title, body } = made ?? { title: 'not found', body: html`<h1>There is no such page</h1>` };
    const whole = html`${navigation(kind, up)}${body}`;
    answer(request, response, made ? 200 : 404, 'text/html', pageOf({ title: `${title} - play`, body: whole, policy }));
  }

  #page(kind: string, which: string, query: URLSearchParams): { title: string; body: Html } | undefined {
    const desk = this.#desk;
    switch (kind) {
      case '':
        return { title: 'runs', body: runsPage(desk, query) };
      case 'plans':
        return { title: 'plans', body: plansPage(desk.plans()) };
      case 'drift':
        return { title: 'drift', body: driftPage(desk.standings()) };
      case 'holds':
        return { title: 'holds', body: holdsPage(desk) };
      case 'compare':
        return this.#compare(query.getAll('run'));
      case 'plan': {
        const model = /^\d{1,6}$/.test(which) ? desk.plans()[Number(which)]?.model() : undefined;
        return model && { title: model.about.title, body: runBody(model) };
      }
      case 'run': {
        const found = this.#run(which);
        if (!found || !found.isLive) return found;
        return {
          title: found.title,
          body: html`<div data-events="${which}/events" data-part="${which}/part">${found.body}</div>`,
        };
      }
      default:
        return undefined;
    }
  }

  #run(id: string): { title: string; body: Html; isLive: boolean } | undefined {
    // An id is a name of a file: none but those that are listed.
    if (!this.#desk.runIds().includes(id)) return undefined;
    const model = modelOfRecord(this.#desk.entries(id));
    const short = this.#desk.runInShort(id);
    if (model === undefined || short === undefined) return undefined;
    const isLive = short.isAlive && short.exit === undefined;
    return { title: model.about.title, isLive, body: html`${isLive && doing(short)}${runBody(model)}` };
  }

  #compare(ids: readonly string[]): { title: string; body: Html } | undefined {
    const known = this.#desk.runIds();
    const [before, after] = ids.filter((id) => known.includes(id)).sort();
    if (before === undefined || after === undefined || ids.length !== 2)
      return {
        title: 'compare',
        body: html`<h1>Compare</h1><p>Tick two runs, and no more, in the <a href=".">list</a>.</p>`,
      };
    const [a, b] = [before, after].map((id) => modelOfRecord(this.#desk.entries(id)));
    return a && b && { title: 'compare', body: compareView(a, b, [`run/${before}`, `run/${after}`]) };
  }

  /** Server-sent events: `changed` whenever there is more of a run, `over` at its end. */
  #follow(id: string, request: IncomingMessage, response: ServerResponse): void {
    if (!this.#desk.runIds().includes(id) || this.#followers.size >= mostFollowers)
      return answer(request, response, 404, 'text/plain', '');
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
    response.write(': \n\n');
    let last = '';
    const look = (): void => {
      const short = this.#desk.runInShort(id);
      const state = this.#desk.stateOf(id);
      const isOver = short === undefined || short.exit !== undefined || !short.isAlive;
      if (isOver) {
        response.write('event: over\ndata:\n\n');
        stop();
        response.end();
      } else if (state !== last) response.write('event: changed\ndata:\n\n');
      last = state;
    };
    const timer = setInterval(look, pause);
    const stop = (): void => {
      clearInterval(timer);
      this.#followers.delete(timer);
    };
    this.#followers.add(timer);
    response.on('close', stop);
    look();
  }
}

function navigation(kind: string, up: string): Html {
  const links = [
    ['', 'Runs', ['', 'run', 'compare']],
    ['plans', 'Plans', ['plans', 'plan']],
    ['drift', 'Drift', ['drift']],
    ['holds', 'Holds', ['holds']],
  ] as const;
  return html`<nav aria-label="pages">${links.map(
    ([path, name, kinds]) =>
      html`<a href="${up}/${path}"${kinds.some((one) => one === kind) && html` aria-current="${path === kind ? 'page' : 'true'}"`}>${name}</a>`,
  )}</nav>`;
}

function doing({ doing: all, question }: ShortRun): Html {
  return html`<div class="doing" role="status"><strong>It goes on.</strong>${all.map(
    ({ host, task }) => html` <span><code>${host}</code> ${task}</span>`,
  )}${question !== null && html`<p>It asks: ${question}</p>`}</div>`;
}
