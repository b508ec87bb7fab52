import type { TaskEvent } from '../engine/index.ts';
import { PlayError } from '../errors/index.ts';
import { humanReport, makeStyle, wantsColour } from '../report/index.ts';
import type { Redactor } from '../secrets/index.ts';
import { hasTerminal, promptLine } from './prompt.ts';

/**
 * `--step`: shows each change as a dry run would and asks whether to make it, with ansible-playbook's answers.
 *
 * @throws PlayError without a terminal to ask at
 */
export function stepper(redactor: Redactor): (event: TaskEvent) => Promise<boolean> {
  if (!hasTerminal()) throw new PlayError('--step needs a terminal to ask at', { hint: 'Run it in a terminal, or look first with -C --diff.' });
  const show = humanReport({ stream: process.stdout, style: makeStyle(wantsColour(process.stdout)), redactor, check: true, diff: true, verbosity: 0 });
  let asks = true;
  return async (event) => {
    if (!asks) return true;
    show(event);
    const name = event.role === null ? event.task : `${event.role} : ${event.task}`;
    const answer = (await askUntilGone(`Perform task: ${redactor.redact(name)} on ${event.host} (N)o/(y)es/(c)ontinue: `)).trim().toLowerCase();
    if (answer === 'c' || answer === 'continue') asks = false;
    return ['y', 'yes', 'c', 'continue'].includes(answer);
  };
}

/** Ctrl-C at the question is Ctrl-C for the run. */
async function askUntilGone(question: string): Promise<string> {
  try {
    return (await promptLine(question)) ?? '';
  } catch (thrown) {
    if (!(thrown instanceof PlayError)) throw thrown;
    process.kill(process.pid, 'SIGINT');
    return '';
  }
}
