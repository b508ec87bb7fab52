import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Bull from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import { PlayError } from '../errors/index.ts';
import { requireTrusted } from '../trust/index.ts';
import type { Frame } from './link.ts';
import { lastWait, within } from './within.ts';
import type { WorkerKey } from './worker-key.ts';

/** The queue engine, which is there only for who uses workers. */
interface Engine {
  readonly Queue: typeof Bull.Queue;
  readonly Worker: typeof Bull.Worker;
  readonly Redis: typeof Redis;
}

const wantedPackages = 'bullmq@6 ioredis@5';

/** @param folders where a package may be installed, the project first */
function loadEngine(folders: readonly string[]): Engine {
  const load = (name: string): unknown => {
    for (const folder of folders) {
      const require = createRequire(join(folder, 'package.json'));
      let file: string;
      try {
        file = require.resolve(name);
      } catch {
        continue;
      }
      requireTrusted(file, `the package ${name}`);
      return require(file);
    }
    throw new PlayError(`Workers need the package ${name}, which is not installed`, {
      hint: `npm install --ignore-scripts ${wantedPackages}   (in ${folders[0] ?? 'the project'})`,
    });
  };
  const bull = load('bullmq') as Pick<typeof Bull, 'Queue' | 'Worker'>;
  const { Redis: client } = load('ioredis') as { readonly Redis: typeof Redis };
  return { Queue: bull.Queue, Worker: bull.Worker, Redis: client };
}

/** A job of the queue: what is in it is sealed. */
export interface JobData {
  readonly sealed: string;
}

/** Seconds that what nobody reads stays in Redis. */
const keptFor = 3600;
/** Characters of an id: those of a process, whose inbox it is, and those of one of its links. */
const idLength = 32;
const inboxLength = 24;

/** Milliseconds between two looks whether this process gets to its work, and how many pass where it was held up. */
const watchEvery = 1000;
const heldUp = 3000;

export interface Way {
  readonly url: string;
  readonly key: WorkerKey;
  /** Where the queue engine may be installed. */
  readonly folders: readonly string[];
}

/** The way through Redis: a queue of hosts that wait for a worker, and an inbox for each process. */
export class Exchange {
  readonly #key: WorkerKey;
  readonly #engine: Engine;
  readonly #client: Redis;
  readonly #reader: Redis;
  readonly #options: RedisOptions;
  readonly #url: string;
  #isClosed = false;
  readonly #watch: NodeJS.Timeout;
  #watchedAt = Date.now();
  #hearsSince = Date.now();

  private constructor(engine: Engine, { url, key }: Way) {
    this.#engine = engine;
    this.#key = key;
    this.#url = url;
    this.#options = {
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(100 * times, 1000),
      // A server that is killed amid an answer sends nothing more, and TCP waits long.
      connectTimeout: 5000,
      keepAlive: 5000,
    };
    this.#client = this.#open({ enableOfflineQueue: false, lazyConnect: true });
    this.#client.on('ready', () => (this.#hearsSince = Date.now()));
    this.#reader = this.#open({ lazyConnect: true });
    this.#watch = setInterval(() => this.#look(), watchEvery).unref();
  }

  /** @throws PlayError where the engine is not installed, or Redis does not answer */
  static async open(way: Way): Promise<Exchange> {
    const exchange = new Exchange(loadEngine(way.folders), way);
    await exchange.#connect();
    return exchange;
  }

  /** Whether what is sent now gets to Redis, as far as is known. */
  get isUp(): boolean {
    return this.#client.status === 'ready';
  }

  /**
   * Since when what is sent to us would have been heard: since Redis answers, and since this process was last held up (by a
   * machine that slept, or by its own work). Who was deaf does not say that others were silent.
   */
  get hearsSince(): number {
    this.#look();
    return this.#hearsSince;
  }

  /** @returns false where it cannot be sent now */
  send(from: string, to: string, frame: Frame): boolean {
    if (!this.isUp) return false;
    const sealed = this.#key.seal(`${from}>${to}`, Buffer.from(JSON.stringify(frame)));
    const inbox = this.#inbox(to);
    this.#client
      .pipeline()
      .rpush(inbox, Buffer.concat([Buffer.from(from + to, 'latin1'), sealed]))
      .expire(inbox, keptFor)
      .exec()
      .catch(() => undefined);
    return true;
  }

  /** Hears what is sent to the links of a process, until it is closed. What was not sealed for them is left out. */
  async listen(to: string, hear: (from: string, link: string, frame: Frame) => void): Promise<void> {
    const inbox = this.#inbox(to);
    while (!this.#isClosed) {
      for (const packet of await this.#fetch(inbox)) {
        const from = packet.subarray(0, idLength).toString('latin1');
        const link = packet.subarray(idLength, 2 * idLength).toString('latin1');
        if (!/^[0-9a-f]{64}$/.test(from + link)) continue;
        const plain = this.#key.open(`${from}>${link}`, packet.subarray(2 * idLength));
        // Only who has the key can have made it, so it has the form.
        if (plain !== undefined) hear(from, link, JSON.parse(plain.toString('utf8')) as Frame);
      }
    }
  }

  queue(): Bull.Queue<JobData> {
    const queue = new this.#engine.Queue<JobData>(this.#queueName, this.#queueOptions());
    queue.on('error', () => undefined);
    return queue;
  }

  /** Fetches jobs one by one, and puts back what a process that is gone had fetched. */
  fetcher(): Bull.Worker<JobData> {
    const worker = new this.#engine.Worker<JobData>(this.#queueName, null, {
      ...this.#queueOptions(),
      autorun: false,
      lockDuration: 20_000,
      stalledInterval: 5000,
      // Who may have a host is decided by its run, not by how often it was fetched.
      maxStalledCount: 1_000_000,
    });
    worker.on('error', () => undefined);
    return worker;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watch);
    this.#reader.disconnect();
    await within(lastWait, this.#client.quit());
    this.#client.disconnect();
  }

  /** An inbox that nobody will read any more. */
  async drop(to: string): Promise<void> {
    if (this.isUp) await within(lastWait, this.#client.del(this.#inbox(to)));
  }

  /** Waits for what is in an inbox, a few seconds at most. */
  async #fetch(inbox: string): Promise<readonly Buffer[]> {
    try {
      const first = await this.#reader.blpopBuffer(inbox, 5);
      if (first === null) return [];
      return [first[1], ...((await this.#reader.lpopBuffer(inbox, 1000)) ?? [])];
    } catch {
      // Redis is gone for a moment: what was lost is sent again.
      await new Promise((done) => setTimeout(done, 200));
      return [];
    }
  }

  #look(): void {
    const now = Date.now();
    if (now - this.#watchedAt > heldUp) this.#hearsSince = now;
    this.#watchedAt = now;
  }

  get #queueName(): string {
    return `hosts-${this.#key.id}`;
  }

  #queueOptions(): { connection: Redis; prefix: string } {
    return { connection: this.#open({}), prefix: 'play' };
  }

  #inbox(of: string): string {
    return `play:${this.#key.id}:in:${of.slice(0, inboxLength)}`;
  }

  #open(more: RedisOptions): Redis {
    const client = new this.#engine.Redis(this.#url, { ...this.#options, ...more });
    // Without a listener an error ends the process; that the connection is gone, its status tells.
    client.on('error', () => undefined);
    return client;
  }

  async #connect(): Promise<void> {
    let why = 'no answer';
    this.#client.once('error', (error: Error) => (why = error.message));
    try {
      await Promise.race([
        Promise.all([this.#client.connect(), this.#reader.connect()]),
        new Promise((_, fail) => setTimeout(() => fail(new Error(why)), 10_000).unref()),
      ]);
      await this.#client.ping();
    } catch (thrown) {
      this.#client.disconnect();
      this.#reader.disconnect();
      const reason = thrown instanceof Error && thrown.message !== 'Connection is closed.' ? thrown.message : why;
      throw new PlayError(`Redis does not answer at ${placeOfRedis(this.#url)}: ${reason}`, {
        hint: 'The address is redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER], or rediss:// with TLS.',
      });
    }
  }
}

/** Where Redis is, without the password. @example placeOfRedis('redis://:pw@queue:6379')  // 'queue:6379' */
export function placeOfRedis(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
}

/** Folders that may have the engine: of those given the ones that are there. */
export function engineFolders(project: string | undefined, installation: string): string[] {
  return [...new Set([project, installation])].filter((one) => one !== undefined && existsSync(one)) as string[];
}
