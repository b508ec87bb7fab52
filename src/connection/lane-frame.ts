import { isSource, sentLength, type ByteSource, type Input } from './byte-source.ts';
import { toBytes } from './byte-text.ts';
import { Unsendable } from './errors.ts';
import type { LaneRequest, PlainRequest } from './types.ts';

export const DEFAULT_MAX_OUTPUT = 16 * 1024 * 1024;

/** For less than this, reading byte by byte in the shell is cheaper than starting `dd`. */
const INLINE_LIMIT = 2048;

/** How much of scripts a lane keeps in its folder, which is mostly memory. */
const MOST_KEPT = 1024 * 1024;

/** A payload as the lane reads it: a number of lines, of strings that each end with NUL, or of bytes. */
interface Payload {
  readonly kind: 'l' | 'z' | 'b';
  readonly count: number;
  readonly bytes: Buffer;
}

/**
 * Short plain text is counted in lines, and so are strings without line breaks. Other payloads are counted in bytes:
 * old versions of dash trip over bytes above 127.
 */
function payload(bytes: Buffer): Payload {
  const kind = bytes.length > INLINE_LIMIT ? 'b' : kindOf(bytes);
  if (kind === 'b') return { kind, count: bytes.length, bytes };
  if (kind === 'l') return { kind, count: countOf(NEWLINE, bytes), bytes };
  return { kind, count: countOf(NUL, bytes), bytes: Buffer.from(bytes.map((byte) => (byte === NUL ? NEWLINE : byte))) };
}

const NUL = 0x00;
const TAB = 0x09;
const NEWLINE = 0x0a;

/** Lines and strings are whole: each ends with its own mark, and contains none of the other kind. */
function kindOf(bytes: Buffer): Payload['kind'] {
  const isPlain = bytes.every(
    (byte) => byte === NUL || byte === TAB || byte === NEWLINE || (byte >= 0x20 && byte <= 0x7e),
  );
  if (!isPlain) return 'b';
  const end = bytes.at(-1) ?? NEWLINE;
  if (end === NEWLINE && !bytes.includes(NUL)) return 'l';
  if (end === NUL && !bytes.includes(NEWLINE)) return 'z';
  return 'b';
}

const countOf = (wanted: number, bytes: Buffer): number => bytes.filter((byte) => byte === wanted).length;

/** A word for POSIX sh, whatever it holds. NUL cannot be passed to any program. */
export function quoteArgument(text: string): string {
  if (text.includes('\0')) throw new Unsendable('an argument of a script holds a NUL byte');
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The script file's text. The prefix stays on the first line so that line numbers in errors are the script's own. */
function scriptText(script: string, args: readonly string[] = [], recordPid = false): Buffer {
  if (script.includes('\0')) throw new Unsendable('a script holds a NUL byte');
  // With the time it began, since its number may be reused: the watchdog ends only what matches both.
  const pid = recordPid ? '{ IFS= read -r l </proc/$$/stat; } 2>/dev/null; echo "$$ $l" >"$0.p"; unset l; ' : '';
  const words = args.length === 0 ? '' : `set -- ${args.map(quoteArgument).join(' ')}; `;
  return toBytes(`${pid}${words}${script}${script.endsWith('\n') ? '' : '\n'}`);
}

/** The position of a request in its exchange. */
export interface Place {
  readonly id: number;
  readonly first: boolean;
  readonly last: boolean;
}

/** The scripts that a lane was sent and keeps, so that they need not be sent again. */
export class KeptScripts {
  readonly #ids = new Map<string, number>();
  #bytes = 0;

  /** The header's two words for a script, and what is sent of it. @param id of the request that it comes with */
  frame(
    text: Buffer,
    id: number,
    isConstant: boolean,
  ): { readonly words: readonly [string, number]; readonly bytes: Buffer } {
    const { kind, count, bytes } = payload(text);
    if (!isConstant || kind !== 'b' || text.length <= INLINE_LIMIT) return { words: [kind, count], bytes };
    const key = text.toString('latin1');
    const known = this.#ids.get(key);
    if (known !== undefined) return { words: ['k', known], bytes: Buffer.alloc(0) };
    if (this.#bytes + text.length > MOST_KEPT) return { words: [kind, count], bytes };
    this.#ids.set(key, id);
    this.#bytes += text.length;
    return { words: ['c', count], bytes };
  }
}

/**
 * The bytes of one request: header line, script, input, and the line without which it is not run. The script of a
 * source is run before that line comes, and has a line of its own to go by.
 */
export function encodeRequest(request: PlainRequest, place: Place, kept?: KeptScripts): Buffer[];
export function encodeRequest(request: LaneRequest, place: Place, kept?: KeptScripts): (Buffer | ByteSource)[];
export function encodeRequest(
  request: LaneRequest,
  { id, first, last }: Place,
  kept = new KeptScripts(),
): (Buffer | ByteSource)[] {
  const timeout = request.timeout === undefined ? 0 : Math.max(1, Math.ceil(request.timeout));
  const script = kept.frame(
    scriptText(request.script, request.args, timeout > 0),
    id,
    (request.args ?? []).length === 0,
  );
  const data = request.stdin === undefined ? undefined : inputPayload(request.stdin);
  // One byte more than asked for: that shows whether the output was cut.
  const most = (request.maxOutput ?? DEFAULT_MAX_OUTPUT) + 1;
  const flags =
    `${first ? 'n' : ''}${request.afterSuccess === true ? 'a' : ''}${request.asks === true ? 'q' : ''}${last ? 'z' : ''}` ||
    '-';
  const header = ['r', id, ...script.words, data?.kind ?? '-', data?.count ?? 0, most, timeout, flags].join(' ');
  const end = Buffer.from('.\n');
  return [Buffer.from(`${header}\n`), script.bytes, ...(data === undefined ? [] : [data.bytes]), end];
}

function inputPayload(input: Input): { kind: Payload['kind'] | 's'; count: number; bytes: Buffer | ByteSource } {
  if (isSource(input)) return { kind: 's', count: sentLength(input), bytes: input };
  return payload(Buffer.from(input.buffer, input.byteOffset, input.byteLength));
}

/** The frame of a script whose output goes to the channel itself. */
export function encodeLive(script: string, args: readonly string[] = []): Buffer[] {
  const { kind, count, bytes } = payload(scriptText(script, args));
  return [Buffer.from(`v 0 ${kind} ${count}\n`), bytes, Buffer.from('.\n')];
}

/** The first frame: the boundary that will delimit outputs. */
export function encodeBoundary(boundary: string): Buffer {
  return Buffer.from(`b ${boundary}\n`);
}
