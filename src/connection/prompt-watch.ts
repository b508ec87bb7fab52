/** How long a line that looks like a prompt must stay unfinished before it counts as one, in milliseconds. */
const SILENCE = 400;

/** The same for a line that does not look like one: a site's own wording of the prompt may end in anything. */
const LONG_SILENCE = 3000;

/** What prompts end with in any language: a colon, in ASCII or full width, and now and then `>` or `?`. */
const promptEnd = /[:\uff1a>?]\s*$/;

/**
 * Words of prompts for something that a password does not answer, as an extended regular expression. SSSD's "First
 * Factor" is one.
 */
export const otherWords = 'verification code|otp|one[- ]time|passcode|second factor|yubikey';
const otherThanPassword = new RegExp(`\\b(${otherWords})\\b`, 'i');

/** Control sequences of terminals, such as colours (ECMA-48). */
// oxlint-disable-next-line no-control-regex
const escapes = /\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]/g;

export interface PromptSeen {
  readonly text: string;
  readonly wantsPassword: boolean;
}

/**
 * Notices from a program's output that it waits for a password. The wording of the prompt may be the site's
 * (`passprompt_override`), in another language, or another program's (sudo-rs puts the prompt it is given into one of
 * its own), so it goes by what prompts have in common: a line without an end, after which nothing comes. A line that
 * contains `exact` is recognised at once.
 */
export class PromptWatch {
  readonly #exact: RegExp | undefined;
  readonly #onPrompt: (prompt: PromptSeen) => void;
  /**
   * Whether there is something to answer with: only then is a line that does not look like a prompt worth the guess.
   */
  readonly #guesses: boolean;
  #line = '';
  #timer: NodeJS.Timeout | undefined;

  constructor({
    exact,
    guesses,
    onPrompt,
  }: {
    exact: RegExp | undefined;
    guesses: boolean;
    onPrompt: (prompt: PromptSeen) => void;
  }) {
    this.#exact = exact;
    this.#guesses = guesses;
    this.#onPrompt = onPrompt;
  }

  push(text: string): void {
    clearTimeout(this.#timer);
    this.#line = (this.#line + text).replace(/^.*\n/s, '').slice(-1000);
    const line = this.#line.replace(escapes, '');
    if (line.trim() === '') return;
    if (this.#exact?.test(line)) this.#seen(line);
    else if (promptEnd.test(line)) this.#timer = setTimeout(() => this.#seen(line), SILENCE);
    else if (this.#guesses) this.#timer = setTimeout(() => this.#seen(line), LONG_SILENCE);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #seen(text: string): void {
    this.#line = '';
    const isOurs = this.#exact?.test(text) === true;
    this.#onPrompt({ text: text.trim(), wantsPassword: isOurs || !otherThanPassword.test(text) });
  }
}
