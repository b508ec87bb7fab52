import { basename, join, resolve } from 'node:path';
import { ExitCode, PlayError, unknownName } from '../../../errors/index.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import type { Launch } from '../../../project/launch.ts';
import { importInto } from './import-into.ts';

/** `play import ansible PATH --out DIR`: playbooks and roles of Ansible as TypeScript. */
export async function runImportCommand(args: readonly string[], launch: Launch): Promise<number> {
  const command = makeCommand(
    'play import',
    "Converts Ansible's playbooks and roles to TypeScript. Whatever has no counterpart becomes a hole, with the original next to it. Overwrites nothing; reads only PATH.",
  )
    .argument('<ansible>', 'what is read')
    .argument('<path>', 'a repository, a role, or a playbook')
    .requiredOption('--out <folder>', 'where to write it: a new folder, or a project')
    .option('--no-typecheck', 'do not turn tasks with type errors into holes')
    .option('--debug', 'show stack traces with errors', false);
  parseWith(command, args);
  const [kind = '', path = ''] = command.args;
  if (kind !== 'ansible') throw unknownName('kind of source', kind, ['ansible']);
  const { out, typecheck } = command.opts<{ readonly out: string; readonly typecheck: boolean }>();
  const folder = resolve(out);
  refuseBelow(resolve(path), folder);
  const { summary, reasons, notes, report } = await importInto({ path, folder, typecheck, launch });
  process.stdout.write(
    [
      summary,
      ...(reasons.length === 0 ? [] : ['Why there are holes:', ...reasons]),
      ...notes.map((note) => `Not imported: ${note}`),
      `What became of each task is in ${join(out, basename(report))}. Inventory and group_vars are read where they are (-i).`,
      '',
    ].join('\n'),
  );
  return ExitCode.ok;
}

/** What is written into what is read would be read by the next import. */
function refuseBelow(path: string, folder: string): void {
  if (folder !== path && !folder.startsWith(`${path}/`)) return;
  throw new PlayError(`--out ${basename(folder)} is inside what is imported`, {
    hint: 'Name a folder next to it: --out ../play-project',
  });
}
