/** Why nobody answered, or not to the end. */
export type Lack =
  | 'no name'
  | 'refused'
  | 'no route'
  | 'not taken'
  | 'no tls'
  /** The connection was taken, and nothing came: what takes requests is there, and stalled. */
  | 'stalled'
  | 'closed'
  /** Nothing came, and the client does not say how far it got. */
  | 'mute'
  /** An answer began, and did not end in time. */
  | 'unfinished'
  /** An answer began, and the connection was closed before its end. */
  | 'cut';

/** What a client said, and how far it came. */
export interface Fate {
  readonly tool: 'curl' | 'wget' | 'busybox';
  /** Its exit code; 124 and 143 are timeout(1)'s. */
  readonly code: number;
  /** What it printed of it. */
  readonly text: string;
  /** The status that came; 0: none. */
  readonly status: number;
  /** The seconds after which curl had resolved the name and had a connection; 0: never. Undefined for other clients. */
  readonly resolved?: number | undefined;
  readonly connected?: number | undefined;
}

/** Why there is no whole answer; undefined where there is one, or nothing is known. */
export function lackOf(fate: Fate): Lack | undefined {
  const { tool, code, text, status } = fate;
  if (code === 0) return undefined;
  if (status !== 0) return lackBehind(fate);
  if (
    /unable to resolve|could(?: not|n't) resolve|bad address|name or service not known|resolving timed out/i.test(text)
  )
    return 'no name';
  if (/connection refused/i.test(text)) return 'refused';
  if (/no route to host|network is unreachable|host is unreachable/i.test(text)) return 'no route';
  return tool === 'curl' ? curlLack(fate) : wgetLack(fate);
}

/** What is missing of an answer that began. Other codes are about its end (TLS that is not closed as it should be). */
function lackBehind(fate: Fate): Lack | undefined {
  const { tool, code, text } = fate;
  if (tool === 'curl') return code === 28 ? 'unfinished' : code === 18 ? 'cut' : undefined;
  if (isTimeout(fate)) return 'unfinished';
  return (tool === 'wget' && code === 4) || /closed prematurely/.test(text) ? 'cut' : undefined;
}

/** curl(1), EXIT CODES. */
function curlLack({ code, text, resolved = 0, connected }: Fate): Lack | undefined {
  if (code === 6) return 'no name';
  if (code === 7) return /timed out/i.test(text) ? 'not taken' : undefined;
  if (code === 28 && connected === undefined) return /operation timed out/i.test(text) ? timeoutOf(text) : 'not taken';
  if (code === 28) return connected ? 'stalled' : resolved > 0 ? 'not taken' : 'no name';
  if (code === 35 || code === 60 || (code >= 51 && code <= 59 && code !== 52 && code !== 55 && code !== 56))
    return 'no tls';
  return code === 52 || code === 55 || code === 56 ? 'closed' : undefined;
}

/** curl without its times: `Operation timed out after 5001 milliseconds with 0 out of 0 bytes received`. */
const timeoutOf = (text: string): Lack => (/with 0 (?:out of \d+ )?bytes/.test(text) ? 'stalled' : 'unfinished');

/** GNU wget says how far it came: `Connecting to ... connected.`, `HTTP request sent, awaiting response...`. */
function wgetLack(fate: Fate): Lack | undefined {
  const { tool, code, text } = fate;
  if (/no data received|connection reset|closed|error getting response/i.test(text)) return 'closed';
  if (code === 5 || /ssl|certificate/i.test(text)) return 'no tls';
  if (!isTimeout(fate)) return undefined;
  if (/awaiting response/.test(text)) return 'stalled';
  return tool === 'wget' && /Connecting to/.test(text) ? 'not taken' : 'mute';
}

const isTimeout = ({ code, text }: Fate): boolean => code === 124 || code === 143 || /timed out/i.test(text);

/** What is known of a request that nobody answered, or not to the end. */
export interface NoAnswer {
  /** Who was asked: an address, or `Prometheus`. */
  readonly who: string;
  readonly lack: Lack | undefined;
  /** The status that came; 0: none. */
  readonly status: number;
  /** How much of it came. */
  readonly bytes?: number | undefined;
  /** Seconds that the try had. */
  readonly timeout: number;
  /** What the client printed: told where nothing else is known. */
  readonly text: string;
}

/**
 * The same as a sentence, by which one that is stalled is told from one that is down.
 *
 * @param tries ` after 4 tries`, where there were several
 */
export function noAnswerText({ who, lack, status, bytes, timeout, text }: NoAnswer, tries = ''): string {
  const last = text.split('\n').at(-1) ?? '';
  const none = `${who} gave no answer${tries}: `;
  switch (lack) {
    case 'no name':
      return `${none}its name cannot be resolved`;
    case 'refused':
      return `${none}the connection is refused: nothing listens there`;
    case 'no route':
      return `${none}there is no route to it`;
    case 'not taken':
      return `${none}nothing accepted the connection within ${timeout} s: it is down, or a firewall is in between`;
    case 'no tls':
      return `${who} took the connection${tries}, but TLS failed: ${last}`;
    case 'stalled':
      return `${who} took the connection and gave no answer within ${timeout} s${tries}: it is stalled, not down`;
    case 'mute':
      return `${none}nothing came within ${timeout} s: it is stalled or down`;
    case 'closed':
      return `${who} took the connection and closed it without an answer${tries}`;
    case 'unfinished':
      return `${who} began to answer${status === 0 ? '' : ` ${status}`}, and was not done within ${timeout} s${tries}${bytes === undefined ? '' : `: ${bytes} bytes came`}`;
    case 'cut':
      return `${who} began to answer${status === 0 ? '' : ` ${status}`}, and closed the connection before the end of the answer${tries}`;
    case undefined:
      return `${none}${last}`;
  }
}
