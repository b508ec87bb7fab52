import { dirname, join } from 'node:path';
import { companionsOf } from './ansible/companions.ts';
import type { Repository } from './ansible/tree.ts';
import { BesidePlaybooks } from './emit/beside-playbooks.ts';
import type { HandlerName } from './emit/handlers.ts';
import { looseTasks } from './emit/loose-tasks.ts';
import { MissingHandlers } from './emit/missing-handlers.ts';
import { ParametersOf } from './emit/parameters.ts';
import { PlaybookWriter, type RolesOf } from './emit/playbook-writer.ts';
import type { ProjectFile } from './emit/project-file.ts';
import type { Records } from './emit/report.ts';
import { RoleCalls } from './emit/role-calls.ts';
import { RoleWriter } from './emit/role-writer.ts';
import { isUnderstood } from './expressions/names.ts';

/** A project that is made: files to write, and files to copy as they are. */
export interface MadeProject {
  readonly files: readonly ProjectFile[];
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  readonly notes: readonly string[];
}

/** Makes a project of a repository. What became of its tasks is in `records`. */
export function writeProject(repository: Repository, records: Records, taken: ReadonlySet<string>): MadeProject {
  const notes = new Set<string>();
  const writers = new Map<string, RoleWriter>();
  const calls = new RoleCalls(repository, writers);
  const loose = new ParametersOf();
  const missing = new MissingHandlers(taken);
  const handler = (name: string, role?: string): HandlerName => {
    const owners = [...writers.values()].filter((writer) => writer.handlers.find(name) !== undefined);
    // If several roles have a handler with this name, it is that of the role used in the same plays.
    const beside = owners.length > 1 && role !== undefined ? companionsOf(repository, role) : undefined;
    const meant = beside === undefined ? owners : owners.filter((writer) => beside.has(writer.role.name));
    const [only] = meant.length === 1 ? meant : [];
    return only?.handlers.find(name) ?? missing.named(name, meant.length === 0);
  };
  // What the first look made of templates may be another thing in the end.
  let beside = new BesidePlaybooks(repository);
  const others: RolesOf = {
    records,
    taken,
    get beside() {
      return beside;
    },
    handler,
    role: (compiler, task, writer) => calls.amongTasks(compiler, task, writer),
    ownNames: new Set([...repository.ownNames].filter((name) => !isUnderstood(name))),
    templateFolders: [
      ...new Set(repository.playbooks.map(({ path }) => join(repository.folder, dirname(path), 'templates'))),
    ],
    looseParameters: (path) => loose.of(path),
    roleUse: (call, compiler, scope) => calls.ofPlay(call, compiler, scope),
    roleReads: (call, names) => calls.reads(call, names),
  };
  for (const [name, role] of repository.roles) writers.set(name, new RoleWriter(role, others));
  const books = repository.playbooks.map(
    (book) => new PlaybookWriter(book, repository, others, (where, what) => notes.add(`${where}: ${what}`)),
  );
  for (const book of books) book.file();
  for (const path of repository.tasks.keys()) looseTasks(path, repository, others);
  // All is looked at beforehand, for what files share and what others call of a role: twice, as what one file sets under a
  // condition of the run is read by others that came before it.
  for (const writer of writers.values()) writer.files();
  for (const writer of writers.values()) writer.lookAgain();
  for (const writer of writers.values()) writer.settle();
  beside = new BesidePlaybooks(repository);
  const files = [
    ...books.map((book) => book.file()),
    ...[...writers.values()].flatMap((writer) => writer.files()),
    ...[...repository.tasks.keys()].map((path) => looseTasks(path, repository, others)),
    ...beside.made(),
    ...missing.files(),
  ];
  for (const note of missing.notes()) notes.add(note);
  return { files, copies: [...copiesOf(repository), ...beside.copies()], notes: [...notes] };
}

const copiesOf = (repository: Repository): { from: string; to: string }[] =>
  [...repository.roles.values()].flatMap((role) =>
    role.files.map((file) => ({ from: join(role.folder, 'files', file), to: `roles/${role.name}/files/${file}` })),
  );
