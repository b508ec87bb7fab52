import { mask, needlesOf, shortestSearched } from './needles.ts';
import type { Secret } from './secret.ts';

export interface RedactorOptions {
  /** Told once for each secret too short to be searched for; `source` says where it came from. */
  readonly onShort?: (source: string) => void;
}

interface Span {
  from: number;
  to: number;
}

/**
 * Masks the texts of known secrets, and their common encodings, in whatever is printed: the second line of defence, behind
 * `Secret` itself. Everything else passes byte for byte. A secret nobody has read yet is not searched for (it cannot have
 * been printed), so all secrets of an inventory may be added without opening any.
 *
 * @example const redactor = new Redactor(); redactor.add(password); print(redactor.redact(line))
 */
export class Redactor {
  readonly #onShort: ((source: string) => void) | undefined;
  readonly #waiting = new Set<Secret>();
  readonly #known = new Set<Secret>();
  readonly #needles = new Set<string>();
  #longest = 0;

  constructor(options: RedactorOptions = {}) {
    this.#onShort = options.onShort;
  }

  add(...secrets: readonly Secret[]): void {
    for (const secret of secrets) if (!this.#known.has(secret)) this.#waiting.add(secret);
  }

  redact(text: string): string {
    this.#learn();
    if (this.#needles.size === 0) return text;
    // Most lines hold no secret: keep the string as it is instead of going through bytes, which a lone surrogate would not survive.
    const bytes = Buffer.from(text, 'utf8');
    const masked = this.redactBuffer(bytes);
    return masked === bytes ? text : masked.toString('utf8');
  }

  /** The same Buffer when nothing was found in it. */
  redactBuffer(bytes: Buffer): Buffer {
    this.#learn();
    if (this.#needles.size === 0) return bytes;
    const text = bytes.toString('latin1');
    const spans = this.#find(text);
    return spans.length === 0 ? bytes : Buffer.from(maskSpans(text, spans), 'latin1');
  }

  /** For output that arrives in pieces: a secret cut by a border is still found. Only what may be the start of one is held back. */
  stream(): RedactingStream {
    let held = '';
    return {
      write: (chunk) => {
        this.#learn();
        const text = held + chunk.toString('latin1');
        const spans = this.#find(text);
        const cut = this.#safeUntil(text, spans);
        held = text.slice(cut);
        return Buffer.from(maskSpans(text.slice(0, cut), spans.filter(({ to }) => to <= cut)), 'latin1');
      },
      end: () => {
        const rest = Buffer.from(held, 'latin1');
        held = '';
        return this.redactBuffer(rest);
      },
    };
  }

  #learn(): void {
    for (const secret of this.#waiting) {
      if (!secret.wasExposed) continue;
      this.#waiting.delete(secret);
      this.#known.add(secret);
      const text = secret.expose();
      if (text.trim().length < shortestSearched) this.#onShort?.(secret.source);
      for (const needle of needlesOf(text)) {
        this.#needles.add(needle);
        this.#longest = Math.max(this.#longest, needle.length);
      }
    }
  }

  /** Where secrets stand, overlapping and touching ones joined: masking one must not leave the end of another. */
  #find(text: string): Span[] {
    const spans: Span[] = [];
    for (const needle of this.#needles) {
      for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) spans.push({ from: at, to: at + needle.length });
    }
    spans.sort((a, b) => a.from - b.from);
    const joined: Span[] = [];
    for (const span of spans) {
      const last = joined.at(-1);
      if (last !== undefined && span.from < last.to) last.to = Math.max(last.to, span.to);
      else joined.push({ ...span });
    }
    return joined;
  }

  /** How much of `text` can be printed whatever comes next. */
  #safeUntil(text: string, spans: readonly Span[]): number {
    const earliest = Math.max(0, text.length - this.#longest + 1);
    let cut = text.length;
    for (let at = earliest; at < text.length && cut === text.length; at++) {
      const tail = text.slice(at);
      for (const needle of this.#needles) if (needle.length > tail.length && needle.startsWith(tail)) cut = at;
    }
    const across = spans.find(({ from, to }) => from < cut && cut < to);
    return across?.from ?? cut;
  }
}

export interface RedactingStream {
  write(chunk: Buffer): Buffer;
  /** What was held back. */
  end(): Buffer;
}

function maskSpans(text: string, spans: readonly Span[]): string {
  let masked = '';
  let done = 0;
  for (const { from, to } of spans) {
    masked += text.slice(done, from) + mask;
    done = to;
  }
  return masked + text.slice(done);
}
