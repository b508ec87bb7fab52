import { ExitCode } from '../../../errors/index.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import { port } from '../../../options/option-values.ts';
import { serveUi } from '../../../pages/index.ts';
import { readPlan } from '../../../plans/index.ts';
import { findProject } from '../../../project/project.ts';
import { localDesk } from './local-desk.ts';

/** `play ui [PLAN...]`: pages over what is on record here, for a browser on this machine. Changes nothing. */
export async function runUiCommand(args: readonly string[]): Promise<number> {
  const command = makeCommand(
    'play ui',
    'Serves pages about records, plans, drift and holds to a browser on this machine, until Ctrl-C. Changes nothing, and connects to no host.',
  )
    .argument('[plan...]', "plans to show besides those in the project's folder and its plans/")
    .option('--port <n>', 'the port, on 127.0.0.1 (default: a free one)', port('--port'))
    .option('--debug', 'show stack traces with errors', false);
  parseWith(command, args);
  const { port: wanted = 0 } = command.opts<{ readonly port?: number }>();
  // What lies in the project may be anything; what is named is meant.
  for (const file of command.args) readPlan(file);
  const project = findProject() ?? process.cwd();
  const over = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done());
  });
  const served = await serveUi(localDesk(project, command.args), wanted);
  process.stdout.write(`${served.url}\n`);
  process.stderr.write('Keep this address to yourself: it contains the key. Ctrl-C ends it.\n');
  await over;
  await served.close();
  return ExitCode.ok;
}
