import { dirname, join } from 'node:path/posix';
import type { Repository } from '../ansible/tree.ts';
import { copyCallOf } from './copy-call.ts';
import { PlayVariables } from './play-variables.ts';
import type { RolesOf } from './playbook-writer.ts';
import type { ProjectFile } from './project-file.ts';
import { looseName, taskFilePath, tasksBeside } from './project-paths.ts';
import { FileScope, SharedNames } from './scope.ts';
import { structureOf } from './structure.ts';
import { fileText, tasksFunction } from './tasks-file.ts';
import type { Surroundings } from './tasks-writer.ts';

/** A file of tasks that belongs to no role. */
export function looseTasks(path: string, repository: Repository, others: RolesOf): ProjectFile {
  const parameters = others.looseParameters(path);
  const scope = new FileScope(
    path,
    new PlayVariables(new Map(), others.ownNames),
    new SharedNames(others.taken),
    parameters,
  );
  const file = taskFilePath(path);
  const around: Surroundings = {
    records: others.records,
    taken: others.taken,
    handler: others.handler,
    handlers: new Map(),
    templateCall: (compiler, task, file) => others.beside.templates(dirname(path)).call(compiler, task, file),
    templateText: (compiler, name, file) => others.beside.templates(dirname(path)).text(compiler, name, file),
    copyCall: copyCallOf(others.beside.files(dirname(path)), (name) => others.beside.place(dirname(path), name)),
    structure: structureOf({
      files: tasksBeside(path, repository),
      moduleOf: (one) => taskFilePath(join(dirname(path), one)).replace(/\.ts$/, ''),
      nameOf: (one) => looseName(join(dirname(path), one)),
      parametersOf: (one) => others.looseParameters(join(dirname(path), one)),
      vars: others.beside.vars(dirname(path)),
      varsAt: (one) => others.beside.varsAt(dirname(path), one),
      role: others.role,
    }),
  };
  const text = tasksFunction(repository.tasks.get(path)?.items ?? [], scope, around, {
    name: looseName(path),
    isExported: true,
    context: { type: 'TaskContext', from: 'play' },
    variables: { call: 'variablesOfPlay', from: 'ansible' },
    parameters: parameters.names,
    isFirst: false,
    comment: path,
  });
  return { path: file, text: fileText(scope, file, text) };
}
