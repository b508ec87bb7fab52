import { PlayError } from '../errors/index.ts';
import type { OutputForm } from '../options/flags.ts';
import { humanReport, makeStyle, wantsColour, type ShownTaskEvent } from '../report/index.ts';
import { hasTerminal } from './prompt.ts';
import { interruptRun, type Questions } from './questions.ts';

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
    const question = { host: event.host, text: `Perform task: ${name} on ${event.host} (N)o/(y)es/(a)ll/(q)uit: ` };
    const typed = await questions
      .ask(question, signal, () => show(event))
      .catch((thrown: unknown) => {
        if (thrown instanceof PlayError) return '';
        throw thrown;
      });
    const answer = (typed ?? '').trim().toLowerCase();
    const isAll = ['a', 'all', 'c', 'continue'].includes(answer);
    if (isAll) asks = false;
    if (answer === 'q' || answer === 'quit') await interruptRun(signal);
    return isAll || answer === 'y' || answer === 'yes';
  };
}
