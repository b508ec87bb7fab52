import { PlayError } from '../errors/index.ts';
import { humanReport, makeStyle, wantsColour, type ShownTaskEvent } from '../report/index.ts';
import { hasTerminal } from './prompt.ts';
import type { Questions } from './questions.ts';

interface Stepping {
  readonly questions: Questions;
  readonly output: 'human' | 'jsonl';
  readonly signal: AbortSignal;
}

/** @throws PlayError without a terminal for `--step` to ask at */
export function requireTerminalForSteps(): void {
  if (!hasTerminal())
    throw new PlayError('--step needs a terminal to ask at', {
      hint: 'Run it in a terminal, or look first with -C --diff.',
    });
}

/** `--step`: shows each change as a dry run would and asks whether to make it, with ansible-playbook's answers. */
export function stepper({ questions, output, signal }: Stepping): (event: ShownTaskEvent) => Promise<boolean> {
  // stdout is for events alone where these are asked for.
  const stream = output === 'jsonl' ? process.stderr : process.stdout;
  const show = humanReport({ stream, style: makeStyle(wantsColour(stream)), check: true, diff: true, verbosity: 0 });
  let asks = true;
  return async (event) => {
    if (!asks) return true;
    const name = event.role === null ? event.task : `${event.role} : ${event.task}`;
    const question = { host: event.host, text: `Perform task: ${name} on ${event.host} (N)o/(y)es/(c)ontinue: ` };
    const typed = await questions
      .ask(question, signal, () => show(event))
      .catch((thrown: unknown) => {
        if (thrown instanceof PlayError) return '';
        throw thrown;
      });
    const answer = (typed ?? '').trim().toLowerCase();
    if (answer === 'c' || answer === 'continue') asks = false;
    return ['y', 'yes', 'c', 'continue'].includes(answer);
  };
}
