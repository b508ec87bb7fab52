import { copyFileSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import { countsOf, importProject, reportText, type ImportedProject } from '../../../import/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { apiNames } from '../../../project/native-typescript.ts';
import { typeErrorsBelow } from '../../../project/type-check.ts';
import { filesOf, writeNew, type NewFile } from '../new/skeleton.ts';

/** Where the helpers of what is made are written, and the report. */
const helpers = 'ansible.ts';
const report = 'IMPORT.md';
/** What editors, `tsc` and git need in a project; kept where they are there already. */
const ofProject = ['tsconfig.json', '.gitignore'];

/** What is imported, and where to. */
export interface ImportJob {
  /** A repository, a role, or a playbook. */
  readonly path: string;
  /** Absolute; new, or a project. */
  readonly folder: string;
  /** Make holes of tasks whose types do not fit. */
  readonly typecheck: boolean;
  readonly launch: Launch;
}

/**
 * Writes what an import makes. Overwrites nothing.
 *
 * @returns the summary, a line @throws PlayError where there is nothing to import, or files are there already
 */
export async function importInto({ path, folder, typecheck, launch }: ImportJob): Promise<{
  readonly summary: string;
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
  readonly report: string;
}> {
  const helper = { path: helpers, text: readFileSync(join(launch.root, 'src/import/support/ansible.ts'), 'utf8') };
  const made = await importProject(path, [...apiNames(), ...namesIn(helper.text)], async (files) =>
    typecheck ? await typesOf([...files, helper], launch) : undefined,
  );
  write(folder, made, helper, launch);
  return { ...summaryOf(made), notes: made.notes, report: join(folder, report) };
}

/** What a file exports. */
const namesIn = (text: string): string[] =>
  [...text.matchAll(/^export (?:async )?(?:const|function) (\w+)/gm)].map(([, name = '']) => name);

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
    throw new PlayError(`These files already exist, and are not overwritten: ${there.map(({ to }) => to).join(', ')}`, {
      hint: 'Nothing was written. Choose another folder, or move them away.',
    });
  const text = (file: NewFile): NewFile => ({
    ...file,
    text: file.text.replaceAll(/from 'play'/g, `from '${launch.packageName}'`),
  });
  const missing = filesOf(launch, 'repository', '').filter(
    ({ path }) => ofProject.includes(path) && !existsSync(join(folder, path)),
  );
  writeNew(folder, [...[...made.files, helper, { path: report, text: reportText(made) }].map(text), ...missing]);
  for (const { from, to } of copies) {
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

function summaryOf(made: ImportedProject): { readonly summary: string; readonly reasons: readonly string[] } {
  const { tasks, imported, holes, reviews } = countsOf(made);
  const errors = made.typeErrors === undefined ? 'types were not checked' : `type errors: ${made.typeErrors.length}`;
  return {
    summary: `${imported} of ${tasks} tasks are TypeScript; holes: ${tasks - imported}, places to review: ${reviews}, ${errors}.`,
    reasons: holes.slice(0, 5).map(({ about, count }) => `${String(count).padStart(6)}  ${about}`),
  };
}
