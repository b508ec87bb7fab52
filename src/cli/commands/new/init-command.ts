import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import type { Launch } from '../../../project/launch.ts';
import { configName } from '../../../project/project.ts';
import { schemasFor } from '../schema/schema-command.ts';
import { editPackage } from './package-json.ts';
import { filesOf, writeNew } from './skeleton.ts';

/** The role a new repository begins with. */
const firstRole = 'hello';

/** Files a repository may have before it has anything of play; without them all works. */
const mayBeThere = ['README.md', '.gitignore'];

/** What a repository of Ansible's has. */
const ofAnsible = ['ansible.cfg', 'group_vars', 'host_vars'];

/** `play init [FOLDER]`: a repository to begin with: inventory, playbook, role, its test, and what npm and tsc need. */
export async function runInitCommand(args: readonly string[], launch: Launch): Promise<number> {
  const command = makeCommand(
    'play init',
    'Creates a repository: inventory, a playbook, a role with its test, tsconfig.json, package.json. Overwrites nothing.',
  )
    .argument('[folder]', 'where (default: the working directory)')
    .option('--debug', 'show stack traces with errors', false);
  parseWith(command, args);
  const folder = resolve(command.args[0] ?? '.');
  const all = [...filesOf(launch, 'repository', firstRole), ...filesOf(launch, 'role', firstRole)];
  const kept = mayBeThere.filter((path) => existsSync(join(folder, path)));
  // The configuration refuses YAML that files of Ansible's are full of.
  const isOfAnsible = ofAnsible.some((name) => existsSync(join(folder, name)));
  const made = all.filter(({ path }) => !kept.includes(path) && !(isOfAnsible && path === configName));
  // Read before anything is written: it may be wrong.
  const hadPackage = existsSync(join(folder, 'package.json'));
  const { text, notes, next } = editPackage(folder, launch);
  writeNew(folder, made);
  if (text !== undefined) writeFileSync(join(folder, 'package.json'), text);
  const schemas = await schemasFor(folder, launch, !isOfAnsible).catch(untold);
  const lines = [
    ...made.map(({ path }) => `made ${path}`),
    ...(text === undefined ? [] : [`${hadPackage ? 'completed' : 'made'} package.json`]),
    ...kept.map((path) => `${path} already exists, and is left alone`),
    ...(isOfAnsible ? [`no ${configName}: Ansible's files here are read as Ansible reads them`] : []),
    ...schemas,
    ...notes,
    '',
    ...[...next, 'npm test'].map((command, index) => `${index === 0 ? 'Next: ' : '      '}${command}`),
    '      Put your hosts into inventory/hosts, then: npx play site.ts -CD',
    'The test of a role needs root and Debian, for a throwaway host; elsewhere it skips and says so.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return ExitCode.ok;
}

/** A repository is of use without schemas: roles that are there already may be at fault. */
function untold(thrown: unknown): string[] {
  if (!(thrown instanceof PlayError)) throw thrown;
  return [`no schemas for editors: ${thrown.message}; \`play schema\` says more`];
}
