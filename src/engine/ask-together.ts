import { randomBytes } from 'node:crypto';
import { quoteArgument } from '../connection/index.ts';
import type { LaneReply, LaneRequest } from '../connection/index.ts';
import { oneByOne, timedOut, type Asked } from './ask.ts';

/** What travels as one request, and how its reply is read. */
export interface Sent {
  readonly request: LaneRequest;
  readonly read: (reply: LaneReply) => Told;
}

/** What a reply says: the replies to kinds of questions, and what has to be asked again by itself. */
interface Told {
  readonly replies: readonly (readonly [Asked, LaneReply])[];
  readonly again: readonly Asked[];
}

/** With more strings than this, a kind is asked by itself: `set -- "$@" "$p"` copies all of them each time. */
const mostStrings = 300;

/** Far from what execve(2) takes, in characters. */
const mostText = 32 * 1024;

/** Every kind by a request of its own. */
export function apart(asked: readonly Asked[]): Sent[] {
  return asked.map((one) => ({ request: one.request, read: (reply) => alone(one, reply) }));
}

/**
 * As few requests as can be: the kinds that have words for it are asked in one shell. Of a request of its own each would
 * need a shell, a program that hands it the names, and one that prints what it said: some two milliseconds of the host's
 * processor.
 */
export function together(asked: readonly Asked[]): Sent[] {
  const mayShare = asked.filter(fits);
  if (mayShare.length < 2) return apart(asked);
  return [inOneShell(mayShare), ...apart(asked.filter((one) => !mayShare.includes(one)))];
}

function fits({ kind, questions }: Asked): boolean {
  if (kind.together === undefined) return false;
  const strings = questions.flatMap(({ args }) => args);
  return strings.length <= mostStrings && strings.reduce((sum, { length }) => sum + length, 0) <= mostText;
}

/** A batch that hung is split into its questions, to find the one that hangs. */
function alone(asked: Asked, reply: LaneReply): Told {
  return reply.code === timedOut && asked.questions.length > 1
    ? { replies: [], again: oneByOne(asked) }
    : { replies: [[asked, reply]], again: [] };
}

/**
 * Each part in a subshell, so that none finds what another has set; a mark that nobody can foresee ends it on both streams.
 * The lane's watchdog goes by what stands in its file (lane-program.ts): so each part has the time of its kind.
 */
function inOneShell(parts: readonly Asked[]): Sent {
  const mark = `=${randomBytes(18).toString('base64url')}=`;
  const texts = parts.map(({ kind, questions, request }) => {
    const strings = questions.flatMap(({ args }) => args.map(quoteArgument));
    return `begun ${request.timeout ?? 0}; (set -- ${strings.join(' ')}\n${kind.together}\n); over $?`;
  });
  return {
    request: {
      script: `mark=$1 part=0
begun() { part=$((part + 1)); echo "\${0##*/s}.$part $1 $0" >"\${0%/*}/w"; }
over() { printf '%s%s\\n' "$mark" "$1"; printf %s "$mark" >&2; }
${texts.join('\n')}
exit 0`,
      args: [mark],
      // For the wait here alone, which is longer by the limit for answers: a stuck host must not take the time of each kind.
      timeout: Math.max(...parts.map(({ request }) => request.timeout ?? 0)),
      maxOutput: Math.max(...parts.map(({ request }) => request.maxOutput ?? 0)),
    },
    read: (reply) => {
      const [stdout, stderr] = [reply.stdout, reply.stderr].map((bytes) => new Parts(bytes, mark));
      const replies = parts.flatMap((part): [Asked, LaneReply][] => {
        const [out, err] = [stdout?.next(true), stderr?.next(false)];
        if (out === undefined || err === undefined) return [];
        const truncated = out.bytes.length > (part.request.maxOutput ?? Infinity);
        return [[part, { code: out.code, stdout: out.bytes, stderr: err.bytes, truncated, skipped: false }]];
      });
      // What it hung at, or died of, is among the questions of the first part that is not over.
      const [broken, ...unasked] = parts.slice(replies.length);
      return { replies, again: [...(broken ? oneByOne(broken) : []), ...unasked] };
    },
  };
}

/** Takes a stream apart at its marks, behind which there may be an exit code on the rest of the line. */
class Parts {
  readonly #bytes: Buffer;
  readonly #mark: Buffer;
  #at = 0;

  constructor(bytes: Buffer, mark: string) {
    this.#bytes = bytes;
    this.#mark = Buffer.from(mark);
  }

  /** @returns undefined where the part is not over */
  next(hasCode: boolean): { readonly bytes: Buffer; readonly code: number } | undefined {
    const end = this.#bytes.indexOf(this.#mark, this.#at);
    if (end < 0) return undefined;
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end + this.#mark.length;
    if (!hasCode) return { bytes, code: 0 };
    const line = this.#bytes.indexOf(0x0a, this.#at);
    const [code] = /^\d{1,3}$/.exec(this.#bytes.toString('latin1', this.#at, Math.max(line, 0))) ?? [];
    this.#at = line + 1;
    return code === undefined ? undefined : { bytes, code: Number(code) };
  }
}
