import { canonical, endOfByte, folded, type Canonical } from './canonical.ts';
import { NeedleSet, type Found } from './needle-set.ts';
import { mask, needlesOf } from './needles.ts';
import { openedSecrets, type Secret } from './secret.ts';

interface Span {
  from: number;
  to: number;
}

interface Searched {
  /** Where secrets stand, overlapping ones joined: masking one must not leave the end of another. */
  readonly spans: readonly Span[];
  /** How much can be printed whatever comes next. */
  readonly cut: number;
  /**
   * Where a secret may have begun whose next part stands behind a blank or line end: it is printed, and kept in mind.
   */
  readonly begun: number;
}

const asItIs = Uint8Array.from({ length: 256 }, (_, byte) => byte);
/** What is searched at once: the table beside it has five bytes for each. */
const slice = 64 * 1024;
/** More is never held back: a host that writes the start of a secret and blanks without end would fill the memory. */
const mostHeld = 32 * 1024;
/** Fewer characters before a blank are no reason to hold a line back until more comes. */
const worthHolding = 4;
/** How much of what was printed is kept in mind. */
const mostRemembered = 64;

/**
 * Masks every secret whose text is known to this process, in any way programs commonly write it: the second line of
 * defence, behind `Secret` itself. Everything else passes byte for byte.
 *
 * @example const redactor = new Redactor(); print(redactor.redact(line))
 */
export class Redactor {
  readonly #opened: readonly Secret[];
  /** How many of the opened secrets are learnt. */
  #learnt = 0;
  readonly #waiting = new Set<Secret>();
  readonly #plain = new NeedleSet();
  readonly #canonical = new NeedleSet();
  #isEmpty = true;
  /** There is one of signs alone, of which nothing is left in canonical text. */
  #hasPlainOnly = false;

  /** @param opened the secrets to mask, which may become more; default: all this process has opened */
  constructor(opened: readonly Secret[] = openedSecrets()) {
    this.#opened = opened;
  }

  /**
   * Secrets to open, where that is possible, before anything more is shown: a host may hold and print one that no task
   * of this run reads.
   */
  watch(...secrets: readonly Secret[]): void {
    for (const secret of secrets) if (!secret.wasExposed) this.#waiting.add(secret);
  }

  redact(text: string): string {
    this.#learn();
    if (this.#isEmpty || text.length < worthHolding) return text;
    // Most lines hold no secret: keep the string as it is instead of going through bytes, which a lone surrogate would
    // not survive.
    const bytes = Buffer.from(text, 'utf8');
    const masked = this.redactBuffer(bytes);
    return masked === bytes ? text : masked.toString('utf8');
  }

  /** The same Buffer when nothing was found in it. */
  redactBuffer(bytes: Buffer): Buffer {
    this.#learn();
    if (this.#isEmpty) return bytes;
    if (bytes.length <= slice) {
      const { spans } = this.#search(bytes, false);
      return spans.length === 0 ? bytes : masked(bytes, spans);
    }
    const stream = this.stream();
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += slice) pieces.push(stream.write(bytes.subarray(at, at + slice)));
    const whole = Buffer.concat([...pieces, stream.end()]);
    return whole.equals(bytes) ? bytes : whole;
  }

  /**
   * For output that arrives in pieces: a secret cut by a border is still found. Only what may be the start of one is
   * held back.
   */
  stream(): RedactingStream {
    let held: Buffer = Buffer.alloc(0);
    // The end of what was printed already, where a secret may have begun.
    let before: Buffer = Buffer.alloc(0);
    const step = (chunk: Buffer, isLast: boolean): Buffer => {
      this.#learn();
      if (this.#isEmpty) return chunk;
      const text = Buffer.concat([before, held, chunk]);
      const { spans, cut, begun } = this.#search(text, !isLast);
      const printed = before.length;
      const gaveUp = text.length - Math.max(cut, printed) > mostHeld;
      const until = isLast || gaveUp ? text.length : Math.max(cut, printed);
      const shown = spans.flatMap(({ from, to }) =>
        to > printed && to <= until ? [{ from: Math.max(from, printed) - printed, to: to - printed }] : [],
      );
      if (gaveUp && !isLast) shown.push({ from: Math.max(cut, printed) - printed, to: until - printed });
      held = text.subarray(until);
      before =
        until === text.length && begun < until
          ? text.subarray(Math.max(begun, until - mostRemembered), until)
          : Buffer.alloc(0);
      return masked(text.subarray(printed, until), shown);
    };
    return { write: (chunk) => step(chunk, false), end: () => step(Buffer.alloc(0), true) };
  }

  #learn(): void {
    for (const secret of this.#waiting) {
      this.#waiting.delete(secret);
      // Whoever needs it is told what is wrong with it.
      secret.tryToOpen();
    }
    if (this.#learnt === this.#opened.length) return;
    const news = this.#opened.slice(this.#learnt);
    this.#learnt += news.length;
    for (const secret of news) {
      const needles = needlesOf(
        secret.expose(),
        secret.parts.map((part) => part.expose()),
      );
      for (const needle of needles.plain) this.#plain.add(needle);
      for (const needle of needles.canonical) this.#canonical.add(needle);
      this.#isEmpty &&= needles.plain.length === 0;
      this.#hasPlainOnly ||= needles.hasPlainOnly;
    }
  }

  #search(text: Buffer, mayGoOn: boolean): Searched {
    const spans: Span[] = [];
    const reduced = canonical(text, { mayGoOn });
    const plainCut =
      reduced.hasSigns || this.#hasPlainOnly
        ? this.#plain.find(text, text.length, folded, ({ from, to }) => spans.push({ from, to }))
        : text.length;
    const reducedCut = this.#canonical.find(reduced.bytes, reduced.length, asItIs, (found) => {
      const span = spanOf(found, reduced, text);
      if (span !== undefined) spans.push(span);
    });
    const begun = reducedCut < reduced.length ? (reduced.from[reducedCut] ?? 0) : reduced.end;
    // Behind a blank or line end the few characters before it are not held back.
    const isLoose =
      reduced.end === text.length &&
      reduced.length - reducedCut < worthHolding &&
      /\s/.test(text.toString('latin1', text.length - 1));
    const joined = join(spans);
    const wanted = Math.min(plainCut, isLoose ? text.length : begun);
    const across = joined.find(({ from, to }) => from < wanted && wanted < to);
    return { spans: joined, cut: across?.from ?? wanted, begun };
  }
}

export interface RedactingStream {
  write(chunk: Buffer): Buffer;
  /** What was held back. */
  end(): Buffer;
}

function spanOf({ from, to, needle }: Found, reduced: Canonical, text: Buffer): Span | undefined {
  const span = { from: reduced.from[from] ?? 0, to: endOfByte(text, reduced.from[to - 1] ?? 0) };
  return needle.acrossBlanks || !/\s/.test(text.toString('latin1', span.from, span.to)) ? span : undefined;
}

function join(spans: Span[]): Span[] {
  spans.sort((a, b) => a.from - b.from);
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last !== undefined && span.from < last.to) last.to = Math.max(last.to, span.to);
    else joined.push({ ...span });
  }
  return joined;
}

function masked(text: Buffer, spans: readonly Span[]): Buffer {
  const parts: Buffer[] = [];
  let done = 0;
  for (const { from, to } of spans) {
    parts.push(text.subarray(done, from), Buffer.from(mask));
    done = to;
  }
  return Buffer.concat([...parts, text.subarray(done)]);
}
