import { toBytes } from './byte-text.ts';
import type { LaneRequest } from './types.ts';

export const DEFAULT_MAX_OUTPUT = 16 * 1024 * 1024;

/** Below this reading byte by byte in the shell is cheaper than starting `dd`. */
const INLINE_LIMIT = 2048;

/** A payload as the lane takes it: so many lines, or so many bytes. */
interface Payload {
  readonly kind: 'l' | 'b';
  readonly count: number;
  readonly bytes: Buffer;
}

/** Short plain text goes by lines. Other bytes go by count: `read` drops NULs, and old dash trips over bytes above 127. */
function payload(bytes: Buffer): Payload {
  let lines = 0;
  if (bytes.length <= INLINE_LIMIT && (bytes.length === 0 || bytes[bytes.length - 1] === 0x0a)) {
    for (const byte of bytes) {
      if (byte === 0x0a) lines++;
      else if (byte !== 0x09 && (byte < 0x20 || byte > 0x7e)) return { kind: 'b', count: bytes.length, bytes };
    }
    return { kind: 'l', count: lines, bytes };
  }
  return { kind: 'b', count: bytes.length, bytes };
}

/** A word for POSIX sh, whatever it holds. NUL cannot be passed to any program. */
function quoteArgument(text: string): string {
  if (text.includes('\0')) throw new TypeError('an argument of a script holds a NUL byte');
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The script file's text. The prefix stays on the first line so that line numbers in errors are the script's own. */
function scriptText(script: string, args: readonly string[] = [], recordPid = false): Buffer {
  if (script.includes('\0')) throw new TypeError('a script holds a NUL byte');
  const pid = recordPid ? 'echo $$ >"$0.p"; ' : '';
  const words = args.length === 0 ? '' : `set -- ${args.map(quoteArgument).join(' ')}; `;
  return toBytes(`${pid}${words}${script}${script.endsWith('\n') ? '' : '\n'}`);
}

/** Where a request stands in its exchange. */
export interface Place {
  readonly id: number;
  readonly first: boolean;
  readonly last: boolean;
}

/** The bytes of one request: header line, script, input, and the line without which it is not run. */
export function encodeRequest(request: LaneRequest, { id, first, last }: Place): Buffer[] {
  const timeout = request.timeout === undefined ? 0 : Math.max(1, Math.ceil(request.timeout));
  const script = payload(scriptText(request.script, request.args, timeout > 0));
  const data = request.stdin === undefined ? undefined : payload(Buffer.from(request.stdin.buffer, request.stdin.byteOffset, request.stdin.byteLength));
  // One byte more than asked for: that is how a cut is seen.
  const most = (request.maxOutput ?? DEFAULT_MAX_OUTPUT) + 1;
  const flags = `${first ? 'n' : ''}${request.afterSuccess === true ? 'a' : ''}${last ? 'z' : ''}` || '-';
  const header = ['r', id, script.kind, script.count, data?.kind ?? '-', data?.count ?? 0, most, timeout, flags].join(' ');
  const end = Buffer.from('.\n');
  return [Buffer.from(`${header}\n`), script.bytes, ...(data === undefined ? [] : [data.bytes]), end];
}

/** The frame of a script whose output goes to the channel itself. */
export function encodeLive(script: string, args: readonly string[] = []): Buffer[] {
  const { kind, count, bytes } = payload(scriptText(script, args));
  return [Buffer.from(`v 0 ${kind} ${count}\n`), bytes, Buffer.from('.\n')];
}

/** The first frame: what will delimit outputs. */
export function encodeBoundary(boundary: string): Buffer {
  return Buffer.from(`b ${boundary}\n`);
}
