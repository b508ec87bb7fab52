import { readRepository } from './ansible/read-repository.ts';
import type { AnsibleTask, Repository } from './ansible/tree.ts';
import { withoutMarks, type Lines } from './emit/doc.ts';
import type { ProjectFile } from './emit/project-file.ts';
import { Records, type TaskRecord } from './emit/report.ts';
import { writeProject } from './project-writer.ts';

/** Checks the types of files: gives tsc's lines, `path:line:column text`; undefined where they cannot be checked. */
export type TypeErrors = (files: readonly ProjectFile[]) => Promise<readonly string[] | undefined>;

/** What a repository has become. */
export interface ImportedProject {
  readonly repository: Repository;
  readonly files: readonly ProjectFile[];
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  readonly tasks: readonly TaskRecord[];
  /** What of playbooks has no counterpart. */
  readonly notes: readonly string[];
  /** Type errors that no task could be blamed for; undefined where types were not checked. */
  readonly typeErrors: readonly string[] | undefined;
}

/** Times that types are checked: a task that becomes another may leave others without what they read. */
const mostRounds = 6;

/**
 * Makes a project of Ansible's files. A task that does not type-check runs Ansible's own module; where that does not either, it
 * becomes a hole.
 *
 * @throws PlayError where there is nothing to import
 */
export async function importProject(
  path: string,
  taken: readonly string[],
  check: TypeErrors,
): Promise<ImportedProject> {
  const repository = readRepository(path);
  const records = new Records();
  const names = new Set(taken);
  for (let round = 1; ; round++) {
    const made = writeProject(repository, records, names);
    const plain = made.files.map(({ path: file, text }) => ({ file, ...withoutMarks(text) }));
    const files = plain.map(({ file, text }) => ({ path: file, text }));
    const errors = await check(files);
    const lines = new Map(plain.map(({ file, lines: of }) => [file, of]));
    const placed = new Map(made.files.map(({ path: file, tasks }) => [file, tasks ?? []]));
    const blamed = new Map<AnsibleTask, string>();
    const unblamed = errors?.filter((error) => !blame(records, lines, placed, blamed, error));
    const done = errors === undefined || errors.length === unblamed?.length || round === mostRounds;
    if (done)
      return { repository, files, copies: made.copies, tasks: records.all(), notes: made.notes, typeErrors: unblamed };
    for (const [task, why] of blamed) records.refuse(task, why);
  }
}

/** Blames the task that an error lies in, or those that place what a template makes. False where there is none. */
function blame(
  records: Records,
  lines: ReadonlyMap<string, Lines>,
  placed: ReadonlyMap<string, readonly AnsibleTask[]>,
  blamed: Map<AnsibleTask, string>,
  error: string,
): boolean {
  const [, file = '', line = '', text = ''] = /^(.+?):(\d+):\d+ ([^]*)$/.exec(error) ?? [];
  const at = Number(line);
  const inside = [...(lines.get(file) ?? [])].filter(([, { first, last }]) => first <= at && at <= last);
  // The innermost: a block's first task is its mark, too.
  const [id] = inside.sort(([, a], [, b]) => a.last - a.first - (b.last - b.first))[0] ?? [];
  const task = id === undefined ? undefined : records.taskOf(id);
  const tasks = [...(task === undefined ? [] : [task]), ...(placed.get(file) ?? [])].filter(
    (one) => records.refusal(one) === undefined,
  );
  for (const one of tasks) blamed.set(one, `its types do not fit: ${text.split('\n')[0] ?? ''}`);
  return tasks.length > 0;
}
