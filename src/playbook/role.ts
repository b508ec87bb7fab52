import { basename } from 'node:path';
import type { InferOutput, ObjectEntries, StrictObjectSchema } from 'valibot';
import type { InferInput } from 'valibot';
import type { TaskContext, TaskDefaults } from '../contract/index.ts';
import { PlayError, type Location } from '../errors/index.ts';
import type { TaskItem } from './block.ts';
import { callSite, placeOf } from './call-site.ts';
import type { RunContext } from './deferred.ts';
import { checkKeywords, common, isPlainObject, isText, kind, shared, type Kinds } from './keywords.ts';
import type { Service } from './service.ts';
import type { SharedKeywords } from './task.ts';

/** What a role declares. */
export interface RoleSpec<E extends ObjectEntries> {
  /** The role's name, as output and `--list-tasks` show it. Default: the name of its folder. */
  readonly name?: string;
  /** One sentence on what the role is for, as `play role` shows it. */
  readonly description?: string;
  /**
   * The variables it takes, each with a valibot schema; `v.optional(schema, value)` gives a default. Values come from
   * default < inventory (all < groups < host) < the arguments in the playbook < `-e`.
   */
  readonly vars?: E;
  /** Options for its tasks, unless a task sets them itself: `{ owner: 'root', group: 'root', mode: '0644' }`. */
  readonly defaults?: TaskDefaults;
  /** The service it sets up. A play that uses the role may override it. */
  readonly service?: Service;
  /** Tags for every task of the role. */
  readonly tags?: string | readonly string[];
  /** Run the role each time it is listed, even with the same arguments and keywords. Default false: once. */
  readonly allowDuplicates?: boolean;
  /** The tasks for one host: a plain function of variables and inventory. */
  readonly tasks: (context: TaskContext<InferOutput<StrictObjectSchema<E, undefined>>>) => readonly TaskItem[];
}

/** What a role's `when` may read: the host and its variables, besides facts and earlier results. */
export type RoleContext = TaskContext & RunContext;

/** Keywords of a role in a play; its tasks inherit them. */
export interface RoleKeywords extends SharedKeywords {
  /** A condition for each task of the role, in addition to the task's own. */
  readonly when?: boolean | ((context: RoleContext) => boolean);
}

/** Where a role is located: its module's `import.meta`. */
export interface RoleModule {
  /** The role's folder, which contains `templates/` and `files/`. */
  readonly dirname: string;
}

/** A role as it was declared, with its name and folder. */
export type DeclaredRole = RoleSpec<ObjectEntries> & { readonly name: string; readonly dir: string };

/** A role with the arguments a playbook gave it. */
export class RoleUse {
  readonly spec: DeclaredRole;
  readonly args: Readonly<Record<string, unknown>>;
  readonly keywords: RoleKeywords;
  readonly #at: () => Location | undefined;

  constructor(
    spec: DeclaredRole,
    args: Readonly<Record<string, unknown>>,
    keywords: RoleKeywords,
    at: () => Location | undefined,
  ) {
    this.spec = spec;
    this.args = args;
    this.keywords = keywords;
    this.#at = at;
  }
  get at(): Location | undefined {
    return this.#at();
  }
}

type AnyRole = RoleSpec<Record<string, never>>;
const roleKinds: Kinds<AnyRole> = {
  name: common.name,
  description: common.name,
  vars: kind(
    (value) => isPlainObject(value) && Object.values(value).every((one) => isPlainObject(one) && 'type' in one),
    'must be variables, each with its schema: { port: v.number() }',
  ),
  defaults: common.defaults,
  service: common.service,
  tags: common.tags,
  allowDuplicates: common.flag,
  tasks: common.tasks,
};

const roleUseKinds: Kinds<RoleKeywords> = { ...shared, when: common.condition };

/** The function a playbook calls to use a role. */
export interface RoleFunction<E extends ObjectEntries> {
  (args?: Partial<InferInput<StrictObjectSchema<E, undefined>>>, keywords?: RoleKeywords): RoleUse;
  /** The declaration it was made from. */
  readonly role: DeclaredRole;
}

/**
 * Declares a role: typed variables, tasks, and what its tasks share.
 *
 * @param module the `import.meta` of the role's file: the folder of that file is the role's, and gives the role its
 * name
 * @throws PlayError if a keyword is unknown or has the wrong type
 * @example
 * // roles/motd/index.ts
 * export const motd = defineRole(import.meta, {
 *   vars: { motd_text: option.text('Text shown at login.', 'Welcome') },
 *   defaults: { owner: 'root', group: 'root', mode: '0644' },
 *   tasks: ({ vars }) => [copy({ content: vars.motd_text, dest: '/etc/motd' })],
 * });
 */
export function defineRole<const E extends ObjectEntries = Record<string, never>>(
  module: RoleModule,
  spec: RoleSpec<E>,
): RoleFunction<E> {
  const at = callSite(defineRole);
  const dir = folderOf(module, at);
  checkKeywords(spec, { of: 'a role', kinds: roleKinds, needed: ['tasks'], at });
  const role = { name: basename(dir), ...spec, dir } as unknown as DeclaredRole;
  const use = (args: Readonly<Record<string, unknown>> = {}, keywords: RoleKeywords = {}): RoleUse => {
    const place = callSite(use);
    checkArguments(role.name, args, place);
    checkKeywords(keywords, { of: `the role ${role.name}`, kinds: roleUseKinds, at: place });
    return new RoleUse(role, args, keywords, place);
  };
  return Object.assign(use, { role });
}

function folderOf(module: unknown, at: () => Location | undefined): string {
  if (typeof module === 'object' && module !== null && 'dirname' in module && isText(module.dirname))
    if (module.dirname.startsWith('/')) return module.dirname;
  throw new PlayError('A role does not know where it is', {
    ...placeOf({ at: at() }),
    hint: 'Write defineRole(import.meta, { ... }).',
  });
}

function checkArguments(role: string, args: unknown, at: () => Location | undefined): void {
  if (typeof args === 'object' && args !== null && !Array.isArray(args)) return;
  throw new PlayError(`The role "${role}" is not given an object of variables`, {
    ...placeOf({ at: at() }),
    hint: `Write ${role}({ name: value }), with keywords after it: ${role}({}, { tags: 'x' })`,
  });
}
