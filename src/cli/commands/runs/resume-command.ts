import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { findRun, type KnownRun } from '../../../operator/known-runs.ts';
import { earlierRun } from '../../../operator/run-marks.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import type { Launch } from '../../../project/launch.ts';
import { saidLines } from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { runPlaybook } from '../run.ts';
import { runRunbookCommand } from '../runbook/runbook-command.ts';
import { followRun } from './follow.ts';

const description = `Comes back to a run: a running one as in its own terminal (Ctrl-Z leaves it again, Ctrl-C interrupts it); one that was killed, interrupted or failed is continued.

When a killed run continues, hosts that finished a play are left out of it; elsewhere tasks are planned again, so that what is right stays as it is. Work done anew each time (a command with changes: 'always') is not repeated if it was done; if nobody knows, you are asked. Passwords are asked for again, and arguments with secrets must be given again.`;

/** What stands in a record for a secret of the command line. */
const masked = '********';

/** `play resume [RUN]`: attaches to a run, or goes on with one that was killed. */
export async function runResumeCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  if (args.includes('-h') || args.includes('--help')) {
    const command = makeCommand('play resume', description)
      .argument('[run]', 'its id, or the beginning of it; play runs lists them (default: the only one)')
      .argument('[option...]', 'options of the run, in addition to what it was given');
    parseWith(command, ['--help']);
  }
  const [first, ...rest] = args;
  const wanted = first === undefined || first.startsWith('-') ? undefined : first;
  const more = wanted === undefined ? args : rest;
  const run = findRun(wanted);
  if (run.machine !== hostname())
    throw new PlayError(`The run was started on ${run.machine}`, {
      hint: 'Continue it there: that machine has its record.',
    });
  if (run.isAlive && run.exit === undefined) {
    if (more.length > 0)
      throw new PlayError(`The run is in progress and takes no further options: ${more.join(' ')}`, {
        hint: `Come back to it: play resume ${run.id}`,
      });
    return await followRun(run);
  }
  return await goOn(run, more, launch, redactor);
}

async function goOn(run: KnownRun, more: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const { id, kind, exit, isSettled, command } = run;
  if (exit === ExitCode.ok) throw new PlayError('The run has succeeded', { hint: `play log ${id} shows what it did.` });
  if (isSettled)
    throw new PlayError('The run was already continued, or forgotten', {
      hint: 'play runs lists what is unfinished.',
    });
  if (kind === 'apply')
    throw new PlayError('A plan cannot be continued: it leaves out what is already correct', {
      hint: 'Make a new one: play PLAYBOOK -C --out PLAN.json',
    });
  if (kind !== 'playbook' && kind !== 'runbook')
    throw new PlayError('A single resource cannot be continued: run it again', { hint: command });
  const args = [...givenAgain(run, more), ...more];
  if (!existsSync(run.cwd)) throw new PlayError(`The folder of the run is gone: ${run.cwd}`);
  process.chdir(run.cwd);
  // What is recorded, and told to others, is what it comes to.
  process.argv = [...process.argv.slice(0, 2), ...args];
  process.stderr.write(`continuing ${id}: ${saidLines(command)}\n`);
  if (kind === 'runbook') return await runRunbookCommand(args.slice(1), launch, redactor);
  return await runPlaybook(args, launch, redactor, { id, earlier: earlierRun(id) });
}

/** The arguments of a run as they can be given again. @throws PlayError where secrets were among them */
function givenAgain({ id, args }: KnownRun, more: readonly string[]): string[] {
  if (args === undefined)
    throw new PlayError('The record was written by an older version of play, which did not keep the arguments');
  const isSecret = args.map((arg) => arg.includes(masked));
  if (!isSecret.includes(true)) return args.filter((arg) => arg !== '--detach');
  if (!more.some((arg) => /^(?:-e|--extra-vars)/.test(arg)))
    throw new PlayError('Its arguments included secrets, which are not kept', {
      hint: `Give them again: play resume ${id} ${args.flatMap((arg, i) => (isSecret[i] ? (arg.startsWith('-') ? [arg] : ['-e', arg]) : [])).join(' ')}`,
    });
  return args.filter(
    (arg, i) => arg !== '--detach' && !isSecret[i] && !(isSecret[i + 1] && /^(?:-e|--extra-vars)$/.test(arg)),
  );
}
