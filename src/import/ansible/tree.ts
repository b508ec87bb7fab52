import type { Location } from '../../errors/index.ts';
import { textOf, type Data, type MapData } from './data.ts';

/** A task, as it is written. */
export interface AnsibleTask {
  readonly type: 'task';
  readonly name: Data | undefined;
  /** Short: `copy` for `ansible.builtin.copy`. Those of other collections that no built-in module has keep their dots. */
  readonly module: string;
  readonly options: ReadonlyMap<string, Data>;
  /** The command of `command` and the like, or what another module was given in place of options. */
  readonly text: string | undefined;
  readonly keywords: ReadonlyMap<string, Data>;
  readonly at: Location;
  readonly source: string;
  /** The task as it was written, where this is another form of it. */
  readonly insteadOf?: AnsibleTask;
  /** Nobody wrote it: it was made from something else, and is not counted. */
  readonly isMade?: true;
}

/** Tasks with what to do when one fails. */
export interface AnsibleBlock {
  readonly type: 'block';
  readonly name: Data | undefined;
  readonly tasks: readonly AnsibleItem[];
  readonly rescue: readonly AnsibleItem[];
  readonly always: readonly AnsibleItem[];
  readonly keywords: ReadonlyMap<string, Data>;
  readonly at: Location;
  readonly source: string;
}

export type AnsibleItem = AnsibleTask | AnsibleBlock;

/** A file of tasks. */
export interface TasksFile {
  /** From the repository's folder. */
  readonly path: string;
  readonly items: readonly AnsibleItem[];
}

/** Variables of one file. */
export type Variables = ReadonlyMap<string, Data>;

/** A role, with all of its files. */
export interface AnsibleRole {
  readonly name: string;
  /** Its folder, absolute. */
  readonly folder: string;
  readonly defaults: Variables;
  readonly vars: Variables;
  /** Files of `vars/` besides `main`, by name: `Debian.yml`. */
  readonly moreVars: ReadonlyMap<string, Variables>;
  /** By their path below `tasks/`: `main.yml`. */
  readonly tasks: ReadonlyMap<string, TasksFile>;
  readonly handlers: readonly AnsibleTask[];
  readonly dependencies: readonly RoleCall[];
  /** `meta/argument_specs.yml`: options of the entry point `main`. */
  readonly specs: MapData | undefined;
  readonly allowDuplicates: boolean;
  /** Below `templates/` and `files/`. */
  readonly templates: readonly string[];
  readonly files: readonly string[];
}

/** A role as a play or another role lists it. */
export interface RoleCall {
  readonly name: string;
  readonly vars: Variables;
  readonly keywords: ReadonlyMap<string, Data>;
  readonly at: Location;
}

/** A play. */
export interface AnsiblePlay {
  readonly type: 'play';
  readonly name: string | undefined;
  readonly hosts: Data;
  readonly keywords: ReadonlyMap<string, Data>;
  readonly vars: Variables;
  readonly roles: readonly RoleCall[];
  readonly preTasks: readonly AnsibleItem[];
  readonly tasks: readonly AnsibleItem[];
  readonly postTasks: readonly AnsibleItem[];
  readonly handlers: readonly AnsibleTask[];
  readonly at: Location;
  readonly source: string;
}

/** A playbook that another one imports. */
export interface ImportedPlaybook {
  readonly type: 'import';
  readonly path: string;
  /** `tags`, `when`, `vars`: what its plays get besides. */
  readonly keywords: ReadonlyMap<string, Data>;
  readonly at: Location;
}

/** A playbook file. */
export interface AnsiblePlaybook {
  readonly path: string;
  readonly plays: readonly (AnsiblePlay | ImportedPlaybook)[];
}

/** All that was found. */
export interface Repository {
  readonly folder: string;
  readonly roles: ReadonlyMap<string, AnsibleRole>;
  readonly playbooks: readonly AnsiblePlaybook[];
  /** Task files of the repository itself that plays include, by path. */
  readonly tasks: ReadonlyMap<string, TasksFile>;
  /** Names that begin like facts (`ansible_x`), and that its files give values to. */
  readonly ownNames: ReadonlySet<string>;
  /** What could not be read, with the reason. */
  readonly unread: readonly { readonly path: string; readonly why: string }[];
}

/** All tasks of an item, those in its blocks included. */
export function tasksIn(item: AnsibleItem): AnsibleTask[] {
  return item.type === 'task' ? [item] : [...item.tasks, ...item.rescue, ...item.always].flatMap(tasksIn);
}

/** The facts that a task sets by `set_fact`, with their values. */
export function factsSetBy({ module, options }: AnsibleTask): [name: string, value: Data][] {
  return module === 'set_fact' ? [...options].filter(([name]) => name !== 'cacheable') : [];
}

/** A role by the name that a play or a task gives: that may be one of a collection, or a path. */
export function roleNamed(roles: ReadonlyMap<string, AnsibleRole>, given: string): AnsibleRole | undefined {
  return roles.get(given) ?? roles.get(given.split(/[./]/).at(-1) ?? given);
}

/** The name under which later tasks know the result. */
export function registered(keywords: ReadonlyMap<string, Data>): string | undefined {
  const data = keywords.get('register');
  return data === undefined ? undefined : textOf(data);
}
