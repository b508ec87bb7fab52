import { Agent, request } from 'node:http';

/** What a load came to. */
export interface Figures {
  readonly sent: number;
  readonly failed: number;
  /** The first reasons, each once. */
  readonly reasons: readonly string[];
  /** How often each `X-Release` and backend answered: `web1 release 2`. */
  readonly answers: ReadonlyMap<string, number>;
  /** Answers that took longer than a second: those that a drain has to wait for. */
  readonly slow: number;
  readonly seconds: number;
}

export interface Load {
  readonly figures: () => Figures;
  /** No more is sent; what is under way is waited for. */
  readonly stop: () => Promise<Figures>;
}

/** Milliseconds a client pauses between two requests: a steady load, not as much as the machine gives. */
const pause = 12;

/**
 * A steady load of some clients, each over a connection that it keeps. A request fails unless its whole answer comes, with
 * status 200.
 *
 * @param slow how many more clients ask for what takes a while
 */
export function startLoad(host: string, { clients, slow }: { readonly clients: number; readonly slow: number }): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: clients + slow });
  const answers = new Map<string, number>();
  const reasons = new Set<string>();
  const started = Date.now();
  let [sent, failed, slowOnes] = [0, 0, 0];
  const stop = new AbortController();

  const ask = (path: string): Promise<void> =>
    new Promise((done) => {
      const began = Date.now();
      sent++;
      const fail = (why: string): void => {
        failed++;
        reasons.add(`${path}: ${why}`);
        done();
      };
      const one = request({ host, path, agent, timeout: 30_000 }, (answer) => {
        answer.resume();
        answer.once('error', (error) => fail(error.message));
        answer.once('end', () => {
          if (!answer.complete || answer.statusCode !== 200) return fail(`status ${answer.statusCode}`);
          const from = `${String(answer.headers['x-backend'])} release ${String(answer.headers['x-release'])}`;
          answers.set(from, (answers.get(from) ?? 0) + 1);
          if (Date.now() - began > 1000) slowOnes++;
          done();
        });
      });
      one.once('timeout', () => one.destroy(new Error('no answer within 30 s')));
      one.once('error', (error) => fail(error.message));
      one.end();
    });

  const client = async (path: string): Promise<void> => {
    while (!stop.signal.aborted) {
      await ask(path);
      await new Promise((done) => setTimeout(done, pause));
    }
  };
  const all = Promise.all(Array.from({ length: clients + slow }, (_, i) => client(i < clients ? '/health' : '/slow')));
  const figures = (): Figures => ({
    sent,
    failed,
    reasons: [...reasons].slice(0, 5),
    answers,
    slow: slowOnes,
    seconds: (Date.now() - started) / 1000,
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
