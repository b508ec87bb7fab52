import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
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

  const upload = async (name: string, isLong: boolean): Promise<void> => {
    const body = randomBytes(isLong ? 20_000 : 2_000);
    sent++;
    const { host, port } = where;
    const options = { host, port, agent, method: 'PUT', path: `/${name}`, headers: { 'content-length': body.length } };
    const one = request({ ...options, timeout: 60_000 });
    const answered = new Promise<void>((done) => {
      const fail = (why: string): void => {
        failed++;
        reasons.add(`${isLong ? 'long' : 'short'}: ${why}`);
        done();
      };
      one.once('response', (answer) => {
        answer.resume();
        answer.once('error', (error) => fail(error.message));
        answer.once('end', () => {
          if (answer.statusCode !== 201) return fail(`status ${answer.statusCode}`);
          acknowledged.set(name, createHash('sha256').update(body).digest('hex'));
          const from = `release ${String(answer.headers['x-release'])}, ${String(answer.headers['x-certificate'])}`;
          answers.set(from, (answers.get(from) ?? 0) + 1);
          if (isLong) long++;
          done();
        });
      });
      one.once('timeout', () => one.destroy(new Error('no answer within 60 s')));
      one.once('error', (error) => fail(error.message));
    });
    const pieces = isLong ? 20 : 1;
    for (let i = 0; i < pieces; i++) {
      one.write(body.subarray((i * body.length) / pieces, ((i + 1) * body.length) / pieces));
      if (isLong) await sleep((where.seconds * 1000) / pieces);
    }
    one.end();
    await answered;
  };
  const client = async (number: number): Promise<void> => {
    for (let i = 0; !stop.signal.aborted; i++) {
      await upload(`${where.port}-${began}-${number}-${i}`, number >= where.clients);
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
