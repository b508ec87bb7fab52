import { copyFileSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { ExitCode, PlayError, unknownName } from '../../../errors/index.ts';
import { countsOf, importProject, reportText, type ImportedProject } from '../../../import/index.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import type { Launch } from '../../../project/launch.ts';
import { apiNames } from '../../../project/native-typescript.ts';
import { typeErrorsBelow } from '../../../project/type-check.ts';
import { writeNew, type NewFile } from '../new/skeleton.ts';

/** Where the helpers of what is made are written, and the report. */
const helpers = 'ansible.ts';
const report = 'IMPORT.md';

/** `play import ansible PATH --out DIR`: playbooks and roles of Ansible as TypeScript. */
export async function runImportCommand(args: readonly string[], launch: Launch): Promise<number> {
  const command = makeCommand(
    'play import',
    "Makes TypeScript of Ansible's playbooks and roles. What has no counterpart becomes a hole, with what it was beside it. Overwrites nothing; reads only PATH.",
  )
    .argument('<ansible>', 'what is read')
    .argument('<path>', 'a repository, a role, or a playbook')
    .requiredOption('--out <folder>', 'where it is written: a new folder, or a project')
    .option('--no-typecheck', 'do not make holes of tasks whose types do not fit')
    .option('--debug', 'show stacks with errors', false);
  parseWith(command, args);
  const [kind = '', path = ''] = command.args;
  if (kind !== 'ansible') throw unknownName('kind of source', kind, ['ansible']);
  const { out, typecheck } = command.opts<{ readonly out: string; readonly typecheck: boolean }>();
  const folder = resolve(out);
  refuseBelow(resolve(path), folder);
  const helper = { path: helpers, text: readFileSync(join(launch.root, 'src/import/support/ansible.ts'), 'utf8') };
  const made = await importProject(path, [...apiNames(), ...namesIn(helper.text)], async (files) =>
    typecheck ? await typesOf([...files, helper], launch) : undefined,
  );
  write(folder, made, helper, launch);
  process.stdout.write(summary(made, out));
  return ExitCode.ok;
}

/** What a file exports. */
const namesIn = (text: string): string[] =>
  [...text.matchAll(/^export (?:async )?(?:const|function) (\w+)/gm)].map(([, name = '']) => name);

/** What is written into what is read would be read by the next import. */
function refuseBelow(path: string, folder: string): void {
  if (folder !== path && !folder.startsWith(`${path}/`)) return;
  throw new PlayError(`--out ${basename(folder)} is in what is imported`, {
    hint: 'Name a folder beside it: --out ../play-project',
  });
}

/** Checks files where nobody else sees them. */
async function typesOf(files: readonly NewFile[], launch: Launch): Promise<readonly string[] | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'play-import-'));
  try {
    writeNew(folder, files);
    return await typeErrorsBelow(folder, join(folder, 'tsconfig.json'), launch);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, made: ImportedProject, helper: NewFile, launch: Launch): void {
  const copies = made.copies.map(({ from, to }) => ({ from, to: join(folder, to) }));
  const there = copies.filter(({ to }) => existsSync(to));
  if (there.length > 0)
    throw new PlayError(`Files are there already, and are not overwritten: ${there.map(({ to }) => to).join(', ')}`, {
      hint: 'Nothing was written. Take another folder, or move them away.',
    });
  const text = (file: NewFile): NewFile => ({
    ...file,
    text: file.text.replaceAll(/from 'play'/g, `from '${launch.packageName}'`),
  });
  writeNew(folder, [...made.files, helper, { path: report, text: reportText(made) }].map(text));
  for (const { from, to } of copies) {
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

function summary(made: ImportedProject, out: string): string {
  const { tasks, imported, holes, reviews } = countsOf(made);
  const first = holes.slice(0, 5).map(({ about, count }) => `${String(count).padStart(6)}  ${about}`);
  const errors = made.typeErrors === undefined ? 'types were not checked' : `type errors: ${made.typeErrors.length}`;
  return [
    `${imported} of ${tasks} tasks are TypeScript; holes: ${tasks - imported}, places to review: ${reviews}, ${errors}.`,
    ...(first.length === 0 ? [] : ['Why there are holes:', ...first]),
    `What became of each task is in ${join(out, report)}. Inventory and group_vars are read where they are (-i).`,
    '',
  ].join('\n');
}
