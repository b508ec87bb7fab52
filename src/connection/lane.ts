import { randomBytes } from 'node:crypto';
import { isSource, pour, sentLength, type ByteSource } from './byte-source.ts';
import { drained } from './drained.ts';
import { ConnectionLost } from './errors.ts';
import { DEFAULT_MAX_OUTPUT, encodeBoundary, encodeRequest, KeptScripts } from './lane-frame.ts';
import { HeldBytes, transferTime, type Holder, type Limits } from './limits.ts';
import { outOfStep, ReplyParser, type Answer, type ReplyLimit } from './reply-parser.ts';
import type { StartedLane } from './start.ts';
import type { Channel } from './transport.ts';
import type { Lane, LaneGreeting, LaneReply, LaneRequest } from './types.ts';

/** An exchange under way: its requests, the replies so far. */
interface Exchange {
  readonly firstId: number;
  readonly requests: readonly LaneRequest[];
  readonly replies: LaneReply[];
  /** Bytes of its frames, and of its replies so far. */
  readonly sent: number;
  received: number;
  /** When the reply that is now awaited became due, in milliseconds. */
  since: number;
  readonly onReply: ((reply: LaneReply, index: number) => void) | undefined;
  readonly resolve: (replies: LaneReply[]) => void;
  readonly reject: (error: Error) => void;
}

/** How much of the lane's own stderr is kept to explain its end. */
const STDERR_KEPT = 4096;

/** From this size on, what a lane keeps counts towards the total of all lanes. */
const NOTABLE = 1024 * 1024;

/** `setTimeout` accepts no more milliseconds than this. */
const LONGEST_TIMER = 2 ** 31 - 1;

const heldByAll = new HeldBytes();

/** Why a lane has ended. */
interface End {
  readonly what: string;
  readonly hint: string;
  readonly detail?: string | undefined;
}

/** A started lane program: frames go out, replies come in. */
export class ShellLane implements Lane, Holder {
  readonly greeting: LaneGreeting;
  readonly #channel: Channel;
  readonly #hostName: string;
  readonly #limits: Limits;
  #exchanges = 0;
  #nextId = 0;
  #boundary: Buffer | undefined;
  #current: Exchange | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #kept = new KeptScripts();
  #parser: ReplyParser | undefined;
  #patience: NodeJS.Timeout | undefined;
  #ended: End | undefined;
  #stderr = '';

  constructor({ channel, greeting }: StartedLane, hostName: string, limits: Limits) {
    this.greeting = greeting;
    this.#channel = channel;
    this.#hostName = hostName;
    this.#limits = limits;
    channel.stdout.on('data', (chunk: Buffer) => this.#onData(chunk));
    channel.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    // A write to a lane that is gone fails; its exit explains why.
    channel.stdin.on('error', () => undefined);
    void channel.exit.then(async ({ error }) => {
      await drained(channel);
      this.#end(this.#lost(error?.message));
    });
  }

  /** Bytes of answers that are not complete yet. */
  get held(): number {
    return (this.#current?.received ?? 0) + (this.#parser?.held ?? 0);
  }

  get exchanges(): number {
    return this.#exchanges;
  }

  /** False once the lane is gone: the next call for it opens a new one. */
  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  exchange(
    requests: readonly LaneRequest[],
    onReply?: (reply: LaneReply, index: number) => void,
  ): Promise<LaneReply[]> {
    if (requests.length === 0) return Promise.resolve([]);
    const done = this.#queue.then(() => this.#send(requests, onReply));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Does not wait for an answer, which would cost a round trip: the lane finishes and cleans up by itself. */
  async close(): Promise<void> {
    if (this.#ended === undefined) this.#channel.stdin.write('q\n');
    this.#end(this.#lost('it was closed'));
    this.#channel.close();
  }

  /** Ends the lane because of what its host sent, or did not send. */
  giveUp(why: string): void {
    this.#endWith({
      what: `the lane on ${this.#hostName} gave up`,
      detail: why,
      hint: 'The host sent garbage: is it healthy, and is it the right host?',
    });
  }

  #send(requests: readonly LaneRequest[], onReply: Exchange['onReply']): Promise<LaneReply[]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#error(this.#ended, []));
        return;
      }
      const firstId = this.#nextId;
      const frames = requests.flatMap((request, index) =>
        encodeRequest(
          request,
          { id: firstId + index, first: index === 0, last: index === requests.length - 1 },
          this.#kept,
        ),
      );
      this.#nextId += requests.length;
      this.#exchanges++;
      const sent = frames.reduce((sum, frame) => sum + (isSource(frame) ? sentLength(frame) : frame.length), 0);
      this.#current = {
        firstId,
        requests,
        replies: [],
        sent,
        received: 0,
        since: Date.now(),
        onReply,
        resolve,
        reject,
      };
      if (this.#boundary === undefined) {
        this.#boundary = Buffer.from(`=${randomBytes(18).toString('base64url')}=`);
        this.#parser = new ReplyParser(
          this.#boundary,
          () => this.#limit(),
          (answer) => this.#onAnswer(answer),
        );
        frames.unshift(encodeBoundary(this.#boundary.toString()));
      }
      this.#wait();
      void writeAll(this.#channel, frames);
    });
  }

  #onData(chunk: Buffer): void {
    this.#parser?.push(chunk);
    if (this.held > NOTABLE) heldByAll.grown(this);
  }

  /**
   * Waits for the reply that is due; when its time is up, bytes sent and received meanwhile may have earned it more.
   */
  #wait(): void {
    const exchange = this.#current;
    if (exchange === undefined) return;
    const own = exchange.requests[exchange.replies.length]?.timeout;
    const seconds = (own ?? this.#limits.task) + this.#limits.answer + transferTime(exchange.sent + this.held);
    const left = exchange.since + seconds * 1000 - Date.now();
    if (left > 0) this.#patience = setTimeout(() => this.#wait(), Math.min(left + 1, LONGEST_TIMER));
    else
      this.#endWith({
        what: `${this.#hostName} did not answer within ${Math.round(seconds)} s`,
        hint:
          own === undefined
            ? 'What it was told may go on there. --task-timeout waits longer; a `timeout` of the task ends it on the host.'
            : 'It accepts the login, but does not answer: is it out of memory, or its disk stuck? --answer-timeout waits longer.',
      });
  }

  #limit(): ReplyLimit {
    const exchange = this.#current;
    if (exchange === undefined) return { bytes: -1, why: 'it sent something it was not asked for' };
    const wanted = exchange.requests[exchange.replies.length]?.maxOutput ?? DEFAULT_MAX_OUTPUT;
    const left = this.#limits.bytes - exchange.received;
    if (wanted <= left) return { bytes: wanted, why: 'it sent more than it was asked for' };
    return {
      bytes: left,
      why: `its answers were longer than ${Math.round(this.#limits.bytes / 1024 / 1024)} MiB at once; --max-answer takes more`,
    };
  }

  #onAnswer(answer: Answer): void {
    const exchange = this.#current;
    if (exchange === undefined) {
      this.giveUp(outOfStep);
      return;
    }
    clearTimeout(this.#patience);
    if ('gaveUp' in answer && answer.id >= 0) {
      this.#endWith({
        what: `the lane on ${this.#hostName} gave up`,
        detail: answer.gaveUp,
        hint: 'Is there room in /run, /dev/shm or /tmp there?',
      });
      return;
    }
    if (!('reply' in answer) || answer.id !== exchange.firstId + exchange.replies.length) {
      this.giveUp('gaveUp' in answer ? answer.gaveUp : outOfStep);
      return;
    }
    exchange.received += answer.reply.stdout.length + answer.reply.stderr.length;
    exchange.since = Date.now();
    const index = exchange.replies.push(answer.reply) - 1;
    const isLast = exchange.replies.length === exchange.requests.length;
    if (isLast) {
      this.#current = undefined;
      heldByAll.released(this);
    } else this.#wait();
    try {
      exchange.onReply?.(answer.reply, index);
    } catch (error) {
      // An exception in a listener concerns the caller; the lane goes on counting replies.
      exchange.reject(error instanceof Error ? error : new Error(String(error)));
    }
    if (isLast) exchange.resolve(exchange.replies);
  }

  #endWith(end: End): void {
    this.#end(end);
    this.#channel.close();
  }

  #end(end: End): void {
    if (this.#ended !== undefined) return;
    this.#ended = end;
    clearTimeout(this.#patience);
    heldByAll.released(this);
    this.#parser?.stop();
    const exchange = this.#current;
    this.#current = undefined;
    exchange?.reject(this.#error(end, exchange.replies));
  }

  #lost(detail: string | undefined): End {
    return {
      what: `the connection to ${this.#hostName} was lost`,
      hint: 'What was in flight may have run to its end there: run again; check mode shows what is left.',
      detail: detail ?? 'the lane has ended',
    };
  }

  #error({ what, hint, detail }: End, replies: readonly LaneReply[]): ConnectionLost {
    const details = [detail, this.#stderr.trim()].filter((line) => line !== undefined && line !== '').join('\n');
    return new ConnectionLost(what, replies, {
      where: this.#hostName,
      hint,
      ...(details === '' ? {} : { detail: details }),
    });
  }
}

/**
 * Small frames in one write, so that they share packets; large ones as they are, uncopied; sources as fast as they are
 * taken. Without sources all is written at once.
 */
export async function writeAll(channel: Channel, frames: readonly (Buffer | ByteSource)[]): Promise<void> {
  let small: Buffer[] = [];
  const flush = (): void => {
    if (small.length > 0) channel.stdin.write(Buffer.concat(small));
    small = [];
  };
  for (const frame of frames) {
    if (!isSource(frame) && frame.length < 65536) {
      small.push(frame);
      continue;
    }
    flush();
    if (isSource(frame)) await pour(frame, channel.stdin);
    else channel.stdin.write(frame);
  }
  flush();
}
