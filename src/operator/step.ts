import type { Question } from '../engine/index.ts';
import { PlayError } from '../errors/index.ts';
import type { OutputForm } from '../options/flags.ts';
import { humanReport, makeStyle, said, wantsColour, type ShownTaskEvent } from '../report/index.ts';
import { hasTerminal } from './prompt.ts';
import { interruptRun, type Questions } from './questions.ts';

type Answer = 'yes' | 'no' | 'all' | 'quit';

/** What may be typed: Ansible's `c` is `a`, and Enter a no. */
const answers: ReadonlyMap<string, Answer> = new Map([
  ...(['y', 'yes'] as const).map((typed) => [typed, 'yes'] as const),
  ...(['', 'n', 'no'] as const).map((typed) => [typed, 'no'] as const),
  ...(['a', 'all', 'c', 'continue'] as const).map((typed) => [typed, 'all'] as const),
  ...(['q', 'quit'] as const).map((typed) => [typed, 'quit'] as const),
]);

interface Stepping {
  readonly questions: Questions;
  readonly output: OutputForm;
  readonly signal: AbortSignal;
}

/** @throws PlayError without a terminal to ask at */
export function requireTerminalForSteps(): void {
  if (!hasTerminal())
    throw new PlayError('--ask (or --step) needs a terminal to ask at', {
      hint: 'Run it in a terminal, or check first with -C --diff.',
    });
}

/**
 * `--ask`, which Ansible calls `--step`: shows each change as a dry run would, with its diff, and asks whether to make it:
 * yes, no, all that come, or quit, which is Ctrl-C: what was done stays done. Ansible's `c` (continue) is `a`.
 */
export function stepper({ questions, output, signal }: Stepping): (event: ShownTaskEvent) => Promise<boolean> {
  // stdout is for events alone where these are asked for.
  const stream = output === 'human' ? process.stdout : process.stderr;
  const show = humanReport({ stream, style: makeStyle(wantsColour(stream)), check: true, diff: 'full', verbosity: 1 });
  let asks = true;
  return async (event) => {
    if (!asks) return true;
    const name = event.role === null ? event.task : `${event.role} : ${event.task}`;
    const question = {
      host: event.host,
      text: `Perform task: ${said(name)} on ${event.host} (N)o/(y)es/(a)ll/(q)uit: `,
    };
    let answer = await ask(question, () => show(event));
    // A slip of the finger is neither a yes nor a no.
    while (answer === undefined) answer = await ask({ ...question, text: `Not an answer. ${question.text}` });
    if (answer === 'all') asks = false;
    if (answer === 'quit') await interruptRun(signal);
    return answer === 'all' || answer === 'yes';
  };

  async function ask(question: Question, before?: () => void): Promise<Answer | undefined> {
    const typed = await questions.ask(question, signal, before).catch((thrown: unknown) => {
      if (thrown instanceof PlayError) return '';
      throw thrown;
    });
    return answers.get((typed ?? '').trim().toLowerCase());
  }
}
