import type { InferOutput, ObjectEntries, StrictObjectSchema } from 'valibot';
import type { InferInput } from 'valibot';
import type { TaskContext } from '../contract/index.ts';
import { PlayError, type Location } from '../errors/index.ts';
import type { TaskItem } from './block.ts';
import { callSite, placeOf } from './call-site.ts';
import type { RunContext } from './deferred.ts';
import type { Handler } from './handler.ts';
import { checkKeywords, common, isPlainObject, isText, kind, shared, type Kinds } from './keywords.ts';
import type { SharedKeywords } from './task.ts';

/** What a role declares. */
export interface RoleSpec<E extends ObjectEntries> {
  /** The role's name, as output and `--list-tasks` show it. */
  readonly name: string;
  /** The role's folder, which holds `templates/` and `files/`: write `import.meta.dirname`. */
  readonly dir: string;
  /**
   * The variables it takes, each with a valibot schema; `v.optional(schema, value)` gives a default. Values come from
   * default < inventory (all < groups < host) < the arguments in the playbook < `-e`.
   */
  readonly vars?: E;
  /** Tags of every task of the role. */
  readonly tags?: string | readonly string[];
  /** Listed twice with the same arguments and keywords it runs twice. Default: once. */
  readonly allowDuplicates?: boolean;
  /** Its handlers, in the order in which they run. */
  readonly handlers?: readonly Handler[];
  /** The tasks for one host: a plain function of variables and inventory. */
  readonly tasks: (context: TaskContext<InferOutput<StrictObjectSchema<E, undefined>>>) => readonly TaskItem[];
}

/** What `when` of a role may read: the host and its variables besides facts and earlier results. */
export type RoleContext = TaskContext & RunContext;

/** Keywords of a role in a play; its tasks inherit them. */
export interface RoleKeywords extends SharedKeywords {
  /** Holds for each task of the role, with the task's own. */
  readonly when?: boolean | ((context: RoleContext) => boolean);
}

/** A role with the arguments a playbook gave it. */
export class RoleUse {
  readonly spec: RoleSpec<ObjectEntries>;
  readonly args: Readonly<Record<string, unknown>>;
  readonly keywords: RoleKeywords;
  readonly #at: () => Location | undefined;

  constructor(
    spec: RoleSpec<ObjectEntries>,
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
  dir: kind(
    (value) => isText(value) && value.startsWith('/'),
    'must be the whole path of its folder: write import.meta.dirname',
  ),
  vars: kind(
    (value) => isPlainObject(value) && Object.values(value).every((one) => isPlainObject(one) && 'type' in one),
    'must be variables, each with its schema: { port: v.number() }',
  ),
  tags: common.tags,
  allowDuplicates: common.flag,
  handlers: common.handlers,
  tasks: common.tasks,
};

const roleUseKinds: Kinds<RoleKeywords> = { ...shared, when: common.condition };

/** The function a playbook calls to use a role. */
export type RoleFunction<E extends ObjectEntries> = (
  args?: Partial<InferInput<StrictObjectSchema<E, undefined>>>,
  keywords?: RoleKeywords,
) => RoleUse;

/**
 * Declares a role: typed variables, tasks, handlers.
 *
 * @example
 * export const motd = defineRole({
 *   name: 'motd',
 *   dir: import.meta.dirname,
 *   vars: { text: v.optional(v.string(), 'Welcome') },
 *   tasks: ({ vars }) => [copy({ content: vars.text, dest: '/etc/motd', mode: '0644' })],
 * });
 */
export function defineRole<const E extends ObjectEntries = Record<string, never>>(spec: RoleSpec<E>): RoleFunction<E> {
  checkKeywords(spec, { of: 'a role', kinds: roleKinds, needed: ['name', 'dir', 'tasks'], at: callSite(defineRole) });
  const use = (args: Readonly<Record<string, unknown>> = {}, keywords: RoleKeywords = {}): RoleUse => {
    const at = callSite(use);
    checkArguments(spec.name, args, at);
    checkKeywords(keywords, { of: `the role ${spec.name}`, kinds: roleUseKinds, at });
    return new RoleUse(spec as unknown as RoleSpec<ObjectEntries>, args, keywords, at);
  };
  return use;
}

function checkArguments(role: string, args: unknown, at: () => Location | undefined): void {
  if (typeof args === 'object' && args !== null && !Array.isArray(args)) return;
  throw new PlayError(`The role "${role}" is not given an object of variables`, {
    ...placeOf({ at: at() }),
    hint: `Write ${role}({ name: value }), and keywords behind it: ${role}({}, { tags: 'x' })`,
  });
}
