import { ExitCode, PlayError, unknownName } from '../../../errors/index.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import type { Launch } from '../../../project/launch.ts';
import { findProject } from '../../../project/project.ts';
import { filesOf, kinds, requireName, writeNew } from './skeleton.ts';

/** `play new role|playbook|resource|ci NAME`: one of them with its test, or a file for CI, in the project we are in. */
export function runNewCommand(args: readonly string[], launch: Launch): number {
  const command = makeCommand(
    'play new',
    'Creates a role, a playbook or a resource to start from, or a CI file that posts plans. Overwrites nothing.',
  )
    .argument(`<${kinds.join('|')}>`)
    .argument('<name>', 'what its files are called: node-exporter; for ci: github or gitlab')
    .option('--debug', 'show stack traces with errors', false);
  parseWith(command, args);
  const [given = '', name = ''] = command.args;
  const kind = kinds.find((known) => known === given);
  if (kind === undefined) throw unknownName('kind', given, kinds);
  requireName(kind, name);
  const project = findProject();
  if (project === undefined)
    throw new PlayError('This is not a project: no folder from here upwards holds inventory/ or play.config.ts', {
      hint: 'play init makes one here.',
    });
  const made = filesOf(launch, kind, name);
  writeNew(project, made);
  process.stdout.write(made.map(({ path }) => `made ${path}\n`).join(''));
  return ExitCode.ok;
}
