import { withScope, type ListedTask } from '../playbook/index.ts';
import type { FoldedFile } from '../probes/index.ts';
import { restoredFiles } from '../resources/files/restored-files.ts';

/**
 * A task that puts files back as they were, whatever became of them since.
 *
 * @param like the task whose account, role and keywords it has
 */
export function listedRestore(like: ListedTask, files: readonly FoldedFile[], folder: string): ListedTask {
  const { scope } = like.task;
  const make = () => restoredFiles({ files, folder, force: true }, { name: nameOf(files) });
  const task = scope === undefined ? make() : withScope({ ...scope, made: new Set() }, make);
  const { gate: _gate, ...listed } = like;
  return { ...listed, task, name: task.name, notify: [], conditions: [], key: `${like.key}\0put back` };
}

function nameOf(files: readonly FoldedFile[]): string {
  return files.length === 1 ? `put back ${files[0]?.file.path ?? ''}` : `put back ${files.length} files`;
}
