import type { OutputForm } from '../../options/flags.ts';
import { RunProfile, profileLines, shownLines, type ShownEvent, type Style } from '../../report/index.ts';

/** What the time is measured by that is waited for tsc. */
const typesMark = 'play: types';

/** Waits for tsc, and remembers how long. */
export async function timedTypes<T>(verdict: Promise<T>): Promise<T> {
  const start = performance.now();
  const came = await verdict;
  performance.measure(typesMark, { start });
  return came;
}

/** `--profile`: where the time of a run went, told behind its recap; to programs before it, as that is the last line. */
export class ProfileReport {
  readonly #profile = new RunProfile();
  readonly #style: Style;
  readonly #output: OutputForm;
  /** Milliseconds since the process began. */
  readonly #begun = performance.now();
  #reached: number | undefined;

  constructor(flags: { readonly output: OutputForm }, style: Style) {
    this.#output = flags.output;
    this.#style = style;
  }

  /** The hosts can be reached: throwaway ones are there. */
  reached(): void {
    this.#reached = performance.now();
  }

  hear(event: ShownEvent): void {
    this.#profile.hear(event);
  }

  /** @param tellRecap tells the end of the run in the usual way */
  around(tellRecap: () => void): void {
    const data = this.#profile.data(this.#stages());
    if (this.#output === 'jsonl') process.stdout.write(`${JSON.stringify({ event: 'profile', ...data })}\n`);
    tellRecap();
    // Standard output is for JUnit or Markdown alone where these are asked for.
    const stream = this.#output === 'human' ? process.stdout : process.stderr;
    if (this.#output !== 'jsonl') stream.write(shownLines(profileLines(data, this.#style)));
  }

  #stages(): { stage: string; seconds: number }[] {
    const types = performance.getEntriesByName(typesMark).reduce((sum, { duration }) => sum + duration, 0);
    const reached = this.#reached ?? this.#begun;
    return [
      { stage: 'reading the project', seconds: (this.#begun - types) / 1000 },
      { stage: 'waiting for the type check', seconds: types / 1000 },
      { stage: 'getting hosts ready', seconds: (reached - this.#begun) / 1000 },
      { stage: 'the run', seconds: (performance.now() - reached) / 1000 },
    ].filter(({ seconds }) => seconds >= 0.005);
  }
}
