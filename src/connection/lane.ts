import { randomBytes } from 'node:crypto';
import { drained } from './drained.ts';
import { ConnectionLost } from './errors.ts';
import { DEFAULT_MAX_OUTPUT, encodeBoundary, encodeRequest } from './lane-frame.ts';
import { ReplyParser, type Answer } from './reply-parser.ts';
import type { StartedLane } from './start.ts';
import type { Channel } from './transport.ts';
import type { Lane, LaneGreeting, LaneReply, LaneRequest } from './types.ts';

/** An exchange under way: its requests, the replies so far. */
interface Exchange {
  readonly firstId: number;
  readonly requests: readonly LaneRequest[];
  readonly replies: LaneReply[];
  readonly onReply: ((reply: LaneReply, index: number) => void) | undefined;
  readonly resolve: (replies: LaneReply[]) => void;
  readonly reject: (error: Error) => void;
}

/** How much of the lane's own stderr is kept to explain its end. */
const STDERR_KEPT = 4096;

/** A started lane program: frames go out, replies come in. */
export class ShellLane implements Lane {
  readonly greeting: LaneGreeting;
  readonly #channel: Channel;
  readonly #hostName: string;
  #exchanges = 0;
  #nextId = 0;
  #boundary: Buffer | undefined;
  #current: Exchange | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #parser: ReplyParser | undefined;
  #ended: Error | undefined;
  #gaveUp = false;
  #stderr = '';

  constructor({ channel, greeting }: StartedLane, hostName: string) {
    this.greeting = greeting;
    this.#channel = channel;
    this.#hostName = hostName;
    channel.stdout.on('data', (chunk: Buffer) => this.#parser?.push(chunk));
    channel.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    // A write to a lane that is gone fails; its exit tells the story.
    channel.stdin.on('error', () => undefined);
    void channel.exit.then(async ({ error }) => {
      await drained(channel);
      this.#end(error);
    });
  }

  get exchanges(): number {
    return this.#exchanges;
  }

  /** False once the lane is gone: the next one asked for is a new one. */
  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  exchange(requests: readonly LaneRequest[], onReply?: (reply: LaneReply, index: number) => void): Promise<LaneReply[]> {
    if (requests.length === 0) return Promise.resolve([]);
    const done = this.#queue.then(() => this.#send(requests, onReply));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Does not wait for an answer, which would cost a round trip: the lane finishes and tidies up by itself. */
  async close(): Promise<void> {
    if (this.#ended === undefined) this.#channel.stdin.write('q\n');
    this.#end(new Error('it was closed'));
    this.#channel.close();
  }

  #send(requests: readonly LaneRequest[], onReply: Exchange['onReply']): Promise<LaneReply[]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#lost([]));
        return;
      }
      const firstId = this.#nextId;
      const frames = requests.flatMap((request, index) =>
        encodeRequest(request, { id: firstId + index, first: index === 0, last: index === requests.length - 1 }),
      );
      this.#nextId += requests.length;
      this.#exchanges++;
      this.#current = { firstId, requests, replies: [], onReply, resolve, reject };
      if (this.#boundary === undefined) {
        this.#boundary = Buffer.from(`=${randomBytes(18).toString('base64url')}=`);
        this.#parser = new ReplyParser(this.#boundary, (id) => this.#limitOf(id), (answer) => this.#onAnswer(answer));
        frames.unshift(encodeBoundary(this.#boundary.toString()));
      }
      writeAll(this.#channel, frames);
    });
  }

  #limitOf(id: number): number {
    const exchange = this.#current;
    return exchange?.requests[id - exchange.firstId]?.maxOutput ?? DEFAULT_MAX_OUTPUT;
  }

  #onAnswer(answer: Answer): void {
    const exchange = this.#current;
    if (exchange === undefined) return;
    if (!('reply' in answer) || answer.id !== exchange.firstId + exchange.replies.length) {
      this.#gaveUp = true;
      this.#end(new Error('gaveUp' in answer ? answer.gaveUp : 'it answered out of step'));
      this.#channel.close();
      return;
    }
    const index = exchange.replies.push(answer.reply) - 1;
    const isLast = exchange.replies.length === exchange.requests.length;
    if (isLast) this.#current = undefined;
    try {
      exchange.onReply?.(answer.reply, index);
    } catch (error) {
      // A listener's fault is the caller's to hear; the lane goes on counting replies.
      exchange.reject(error instanceof Error ? error : new Error(String(error)));
    }
    if (isLast) exchange.resolve(exchange.replies);
  }

  #end(error: Error | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = error ?? new Error('the lane has ended');
    const exchange = this.#current;
    this.#current = undefined;
    exchange?.reject(this.#lost(exchange.replies));
  }

  #lost(replies: readonly LaneReply[]): ConnectionLost {
    const detail = [this.#ended?.message, this.#stderr.trim()].filter((line) => line !== undefined && line !== '').join('\n');
    return new ConnectionLost(this.#gaveUp ? `the lane on ${this.#hostName} gave up` : `the connection to ${this.#hostName} was lost`, replies, {
      where: this.#hostName,
      hint: this.#gaveUp ? 'Is there room in /run, /dev/shm or /tmp there?' : 'What was in flight may have run to its end there: run again, the dry run tells what is left.',
      ...(detail === '' ? {} : { detail }),
    });
  }
}

/** Small frames in one write, so that they share packets; large ones as they are, uncopied. */
export function writeAll(channel: Channel, frames: readonly Buffer[]): void {
  let small: Buffer[] = [];
  const flush = (): void => {
    if (small.length > 0) channel.stdin.write(Buffer.concat(small));
    small = [];
  };
  for (const frame of frames) {
    if (frame.length < 65536) {
      small.push(frame);
      continue;
    }
    flush();
    channel.stdin.write(frame);
  }
  flush();
}
