import { createHash, randomBytes } from 'node:crypto';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What uploads came to. */
export interface UploadFigures {
  readonly sent: number;
  readonly failed: number;
  /** The first reasons, each once. */
  readonly reasons: readonly string[];
  /** Those that took seconds. */
  readonly long: number;
  /** How often each release and certificate answered: `release 2, first`. */
  readonly answers: ReadonlyMap<string, number>;
  readonly seconds: number;
}

export interface Uploads {
  readonly figures: () => UploadFigures;
  /** No more is sent; what is under way is waited for. */
  readonly stop: () => Promise<UploadFigures>;
}

interface Where {
  readonly host: string;
  readonly port: number;
  /** Clients that send a small upload, then the next. */
  readonly clients: number;
  /** Clients whose uploads take this many seconds. */
  readonly long: number;
  readonly seconds: number;
  /** Each is a report, of several requests. Default: one request. */
  readonly inPieces?: boolean;
}

/** Milliseconds between two uploads of a client. */
const pause = 10;

/**
 * Uploads without end, each over a connection of its own: one that is kept may be closed by a reload of nginx just when
 * it is used, and a client must then try again.
 *
 * @param acknowledged gets the hash of each that was answered with 201, by its name
 */
export function startUploads(where: Where, acknowledged: Map<string, string>): Uploads {
  const agent = new Agent({ keepAlive: false });
  const answers = new Map<string, number>();
  const reasons = new Set<string>();
  const began = Date.now();
  const stop = new AbortController();
  let [sent, failed, long] = [0, 0, 0];

  /** One request, in pieces over some seconds. @returns the answer's head @throws unless it is 201 */
  const send = async (path: string, body: Buffer, { cookie = '', seconds = 0 } = {}): Promise<IncomingHttpHeaders> => {
    const { host, port } = where;
    const headers = { 'content-length': body.length, ...(cookie === '' ? {} : { cookie }) };
    const one = request({ host, port, agent, method: 'PUT', path, headers, timeout: 60_000 });
    const answered = new Promise<IncomingHttpHeaders>((done, fail) => {
      one.once('response', (answer) => {
        answer.resume();
        answer.once('error', fail);
        answer.once('end', () =>
          answer.statusCode === 201 ? done(answer.headers) : fail(new Error(`status ${answer.statusCode}`)),
        );
      });
      one.once('timeout', () => one.destroy(new Error('no answer within 60 s')));
      one.once('error', fail);
    });
    // It may fail before all is sent.
    answered.catch(() => undefined);
    const pieces = seconds > 0 ? 20 : 1;
    for (let i = 0; i < pieces; i++) {
      one.write(body.subarray((i * body.length) / pieces, ((i + 1) * body.length) / pieces));
      if (seconds > 0) await sleep((seconds * 1000) / pieces);
    }
    one.end();
    return answered;
  };
  const upload = (name: string, body: Buffer, seconds: number): Promise<IncomingHttpHeaders> =>
    send(`/upload/${name}`, body, { seconds });
  /** Opened, sent in pieces and closed, by a cookie that leads to who has it open. */
  const report = async (name: string, body: Buffer, seconds: number): Promise<IncomingHttpHeaders> => {
    const pieces = 10;
    const opened = await send(`/open/${name}`, Buffer.alloc(0));
    const cookie = opened['set-cookie']?.[0]?.split(';')[0] ?? '';
    for (let i = 0; i < pieces; i++) {
      await sleep((seconds * 1000) / pieces);
      await send(`/piece/${name}`, body.subarray((i * body.length) / pieces, ((i + 1) * body.length) / pieces), {
        cookie,
      });
    }
    return send(`/close/${name}`, Buffer.alloc(0), { cookie });
  };
  const once = async (name: string, isLong: boolean): Promise<void> => {
    const body = randomBytes(isLong ? 20_000 : 2_000);
    sent++;
    try {
      const send = where.inPieces ? report : upload;
      const head = await send(name, body, isLong ? where.seconds : 0);
      acknowledged.set(name, createHash('sha256').update(body).digest('hex'));
      const from = `release ${String(head['x-release'])}, ${String(head['x-certificate'])}`;
      answers.set(from, (answers.get(from) ?? 0) + 1);
      if (isLong) long++;
    } catch (error) {
      failed++;
      reasons.add(`${isLong ? 'long' : 'short'}: ${String(error)}`);
    }
  };
  const client = async (number: number): Promise<void> => {
    for (let i = 0; !stop.signal.aborted; i++) {
      await once(`${where.port}-${began}-${number}-${i}`, number >= where.clients);
      await sleep(pause);
    }
  };
  const all = Promise.all(Array.from({ length: where.clients + where.long }, (_, number) => client(number)));
  const figures = (): UploadFigures => ({
    sent,
    failed,
    reasons: [...reasons].slice(0, 5),
    long,
    answers,
    seconds: (Date.now() - began) / 1000,
  });
  return {
    figures,
    async stop() {
      stop.abort();
      await all;
      agent.destroy();
      return figures();
    },
  };
}
