import {
  ProbeFailed,
  Unanswered,
  Unknowable,
  type Found,
  type Prediction,
  type Question,
  type Seen,
} from '../../../../contract/index.ts';

/** Why it is a guess; undefined: it is sure. */
export type Reason = string | undefined;

export function predicted(question: Question, answer: unknown, what: string, reason: Reason): Prediction {
  return reason === undefined ? { question, answer } : { question, answer, assumed: `${what}: ${reason}` };
}

/** What of the host is known; what nobody asked yet is noted, to be asked all together. */
export class Asked {
  readonly #found: Found;
  readonly lacking: Question[] = [];

  constructor(found: Found) {
    this.#found = found;
  }

  seen<A>(question: Question<A>): Seen<A> | undefined {
    try {
      return this.#found.peek(question);
    } catch (error) {
      if (error instanceof Unanswered) this.lacking.push(question);
      else if (!(error instanceof Unknowable) && !(error instanceof ProbeFailed)) throw error;
      return undefined;
    }
  }
}
