import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dirname } from 'node:path/posix';
import { filesBelow } from '../ansible/read-role.ts';
import type { Repository, Variables } from '../ansible/tree.ts';
import { variablesAt, variablesIn } from '../ansible/variables-file.ts';
import { NotImported } from '../expressions/code.ts';
import { TemplateStore } from '../templates/store.ts';
import type { ProjectFile } from './project-file.ts';

/** Where templates and files of all playbooks are in the project. */
const templates = 'playbooks/templates';
const files = 'playbooks/files';

/** What lies beside playbooks and their files of tasks: templates, files, variables. */
export class BesidePlaybooks {
  readonly #repository: Repository;
  readonly #folders: readonly string[];
  readonly #stores = new Map<string, TemplateStore>();
  readonly #copies = new Map<string, string>();

  constructor(repository: Repository) {
    this.#repository = repository;
    this.#folders = [...new Set(repository.playbooks.map(({ path }) => dirname(path)))];
  }

  /** The templates that tasks in a folder place. */
  templates(folder: string): TemplateStore {
    const known = this.#stores.get(folder);
    if (known !== undefined) return known;
    const places = this.#places(folder).map((one) => join(one, 'templates'));
    const names = places.flatMap((place) => filesBelow(place));
    const store = new TemplateStore({
      folders: places,
      known: [...new Set(names)],
      at: templates,
      below: prefixOf(folder),
    });
    this.#stores.set(folder, store);
    return store;
  }

  /** Names of what is below `files/` there. */
  files(folder: string): string[] {
    return this.#places(folder).flatMap((one) => filesBelow(join(one, 'files')));
  }

  /**
   * The name that a file has in the project, which is copied. Ansible looks in `files/` first, then beside.
   *
   * @throws NotImported where it is not there
   */
  place(folder: string, name: string): string {
    const from = this.#places(folder)
      .flatMap((one) => [join(one, 'files', name), join(one, name)])
      .find(existsSync);
    if (from === undefined)
      throw new NotImported('file that is not there', `there is no file ${name} beside the playbook`);
    const to = `${prefixOf(folder)}${name.replaceAll('../', '')}`;
    const all = statSync(from).isDirectory() ? filesBelow(from).map((one) => `/${one}`) : [''];
    for (const one of all) this.#copies.set(`${files}/${to.replace(/\/$/, '')}${one}`, join(from, one));
    return to;
  }

  /** Files of variables that tasks in a folder may include, by their names below `vars/`. */
  vars(folder: string): ReadonlyMap<string, Variables> {
    return new Map(
      this.#places(folder).flatMap((one) =>
        filesBelow(join(one, 'vars'))
          .filter((file) => /\.ya?ml$/.test(file))
          .flatMap((file): [string, Variables][] => {
            const found = variablesIn(join(one, 'vars', file));
            return found === undefined ? [] : [[file, found]];
          }),
      ),
    );
  }

  /** Variables of a file by its path from there. */
  varsAt(folder: string, path: string): Variables | undefined {
    return variablesAt(this.#places(folder).map((one) => join(one, path)));
  }

  made(): ProjectFile[] {
    return [...this.#stores.values()].flatMap((store) =>
      [...store.made.values()].map(({ path, text, tasks }) => ({ path: `${templates}/${path}`, text, tasks })),
    );
  }

  copies(): { from: string; to: string }[] {
    return [...this.#copies].map(([to, from]) => ({ from, to }));
  }

  /** The folder itself; of files of tasks also the one above, and that of the playbooks where all of them are in one. */
  #places(folder: string): string[] {
    const own = this.#folders.includes(folder) ? [folder] : [folder, dirname(folder)];
    const [only, second] = this.#folders;
    const all = second === undefined && only !== undefined ? [...own, only] : own;
    return [...new Set(all)].map((one) => join(this.#repository.folder, one));
  }
}

/** Those of other folders than the outermost are below a folder of their own. */
const prefixOf = (folder: string): string =>
  ['.', 'playbooks', 'tasks', 'playbooks/tasks'].includes(folder) ? '' : `${folder.replaceAll('/', '-')}/`;
