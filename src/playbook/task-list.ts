import type { TaskContext } from '../contract/index.ts';
import { locationText, PlayError, type Location } from '../errors/index.ts';
import { mergeVariables } from '../inventory/index.ts';
import type { TaskItem } from './block.ts';
import { placeOf, type Placed } from './call-site.ts';
import { cleanupsOf, type Cleanup } from './cleanup.ts';
import { handlerTask, servedTasks, type ServedTask } from './handler-task.ts';
import { notified, type Handler } from './handler.ts';
import {
  confirmedBy,
  given,
  inherit,
  insideBlock,
  insideGate,
  ofHandlers,
  type Confirmed,
  type Defaults,
} from './inherit.ts';
import { flatten } from './list-items.ts';
import type { ListedFlush, ListedHandler, ListedItem, ListedTask } from './listed.ts';
import { ItemPlacer, rolesAmong, type OpenRole, type PlacedBlock, type PlacedItem } from './placed-items.ts';
import type { PlaySpec } from './playbook.ts';
import { conditionOf, onceEach, roleVariables } from './role-use.ts';
import type { DeclaredRole } from './role.ts';
import type { Scope } from './scope.ts';
import { SharedKeys } from './shared-key.ts';
import { tagList } from './tags.ts';
import { Task } from './task.ts';
import { transactionId, type ListedTransaction } from './transaction.ts';

/** All that one play is for one host. */
export interface HostTasks {
  readonly items: readonly ListedItem[];
  /** The same without the blocks around them, in the order in which they stand. */
  readonly tasks: readonly ListedTask[];
  /** In the order in which they run. */
  readonly handlers: readonly ListedHandler[];
  /** What its blocks do always, inner ones first; whatever the tags select. */
  readonly cleanups: readonly Cleanup[];
  /** Variables that the play, or a role that it uses, declares. */
  readonly declared: ReadonlySet<string>;
}

/** What the list is made from besides the play. */
export interface ListInput {
  readonly play: PlaySpec;
  /** Folder of the playbook file. */
  readonly dir: string;
  readonly context: TaskContext;
  /**
   * A variable of the host, and where it was set or a part of it down a way of keys and indexes; undefined when it is
   * not.
   */
  readonly variable: (
    name: string,
  ) =>
    | { readonly value: unknown; readonly within: (way: readonly (string | number)[]) => Location | undefined }
    | undefined;
  readonly openVault: Scope['openVault'];
  /** Whether `-e name=value` gave a variable: its value is text, whatever was meant. */
  readonly isTyped: (name: string) => boolean;
  /** `-e`: above all else. */
  readonly extraVars: Readonly<Record<string, unknown>>;
  /** What the play belongs to: where its mistakes are. */
  readonly playbook: Placed;
  /** Whether tasks become another user when nothing says so. */
  readonly become: boolean;
  readonly becomeUser: string;
}

/** Makes one host's task list of a play: pure but for the local files that roles read. */
export function listTasks(input: ListInput): HostTasks {
  const { play } = input;
  const become = play.become ?? (play.becomeUser === undefined ? input.become : true);
  const { environment, ignoreErrors, ignoreUnreachable, noLog, timeout, service } = play;
  const playDefaults: Defaults = {
    tags: tagList(play.tags),
    become,
    becomeUser: play.becomeUser ?? input.becomeUser,
    conditions: [],
    inherited: given({ environment, ignoreErrors, ignoreUnreachable, noLog, timeout, service }),
  };
  const declared = new Set(Object.keys(play.vars ?? {}));
  const openRole = roleOpener(input, declared);
  const builder = new ListBuilder(play, new ItemPlacer(openRole));
  const vars = mergeVariables(input.context.vars, play.vars ?? {}, input.extraVars);
  const addTasks = (tasks: PlaySpec['tasks'], defaults = playDefaults): void => {
    const scope: Scope = {
      ...input.context,
      vars,
      role: null,
      dir: input.dir,
      defaults: play.defaults ?? {},
      made: new Set(),
      openVault: input.openVault,
    };
    builder.add(scope, defaults, () => tasks?.(scope) ?? [], input.playbook);
  };
  if (play.gate?.before) addTasks(play.gate.before, insideGate(play.gate, 'before', playDefaults));
  if (play.preTasks) {
    addTasks(play.preTasks);
    builder.flush();
  }
  for (const use of onceEach(play.roles ?? [])) {
    const { scope, keywords } = openRole(use);
    const defaults = insideBlock(keywords, playDefaults);
    builder.add(scope, defaults, () => use.spec.tasks(scope), use, {
      confirmed: confirmedBy(use.keywords, playDefaults),
      inside: [use.spec],
    });
  }
  addTasks(play.tasks);
  if (play.postTasks) {
    builder.flush();
    addTasks(play.postTasks);
  }
  if (play.gate?.after) {
    builder.flush();
    addTasks(play.gate.after, insideGate(play.gate, 'after', playDefaults));
  }
  return { ...builder.finish(), declared };
}

/**
 * What a role finds around it where it is used, and what its tasks inherit.
 *
 * @param declared gets the names of its variables
 */
function roleOpener(input: ListInput, declared: Set<string>): OpenRole {
  return (use) => {
    for (const name of Object.keys(use.spec.vars ?? {})) declared.add(name);
    const { when, ...keywords } = use.keywords;
    const { service } = use.spec;
    return {
      scope: {
        ...input.context,
        vars: roleVariables(use, input),
        role: use.spec.name,
        dir: use.spec.dir,
        defaults: { ...input.play.defaults, ...use.spec.defaults },
        made: new Set(),
        openVault: input.openVault,
      },
      keywords: {
        ...(service === undefined ? {} : { service }),
        ...keywords,
        tags: tagList(keywords.tags, use.spec.tags),
        ...(when === undefined ? {} : { when: conditionOf(when, input.context) }),
      },
    };
  };
}

interface Draft {
  readonly items: readonly PlacedItem[];
  /** Set where all of it is to be confirmed together. */
  readonly confirmed: Confirmed | undefined;
  readonly scope: Scope;
  readonly defaults: Defaults;
}

/** Collects drafts first: handlers are known once all tasks are that may notify them. */
class ListBuilder {
  readonly #drafts: (Draft | ListedFlush)[] = [];
  readonly #handlers = new Map<Handler, ListedHandler>();
  readonly #names = new Map<string, number>();
  readonly #sharedKeys = new SharedKeys();
  readonly #play: string;

  readonly #placer: ItemPlacer;

  constructor({ name, hosts }: PlaySpec, placer: ItemPlacer) {
    this.#placer = placer;
    this.#play = name ?? (typeof hosts === 'string' ? hosts : hosts.join(','));
  }

  add(
    scope: Scope,
    defaults: Defaults,
    tasks: () => readonly TaskItem[],
    owned: Placed,
    {
      confirmed,
      inside,
    }: { readonly confirmed?: Confirmed | undefined; readonly inside?: readonly DeclaredRole[] } = {},
  ): void {
    this.#drafts.push({ items: this.#placer.items(scope, tasks, owned, inside), scope, defaults, confirmed });
  }

  flush(): void {
    this.#drafts.push({ flush: true });
  }

  finish(): Omit<HostTasks, 'declared'> {
    for (const draft of this.#drafts) if (!('flush' in draft)) this.#addHandlers(draft);
    const handlers = [...this.#handlers.values()].map((one) => ({
      ...one,
      listed: { ...one.listed, notify: this.#resolve(one.listed.task) },
    }));
    for (const one of handlers) this.#handlers.set(one.handler, one);
    const items = this.#drafts.flatMap((draft): ListedItem[] => {
      if ('flush' in draft) return [draft];
      const listed = draft.items.map((item) => this.#list(item, draft.scope, draft.defaults));
      return draft.confirmed === undefined ? listed : [{ block: listed, rescue: [], always: [], ...draft.confirmed }];
    });
    return { items, tasks: items.flatMap(flatten), handlers, cleanups: cleanupsOf(items, this.#play) };
  }

  /** Makes the handlers that a draft is the first to notify, and those that these notify. */
  #addHandlers({ items, scope, defaults }: Pick<Draft, 'items' | 'scope' | 'defaults'>): void {
    const own = new Map<Handler, ServedTask>();
    const collect = ({ task, service }: ServedTask): void => {
      for (const one of notified(task.keywords.notify)) {
        if (own.has(one) || this.#handlers.has(one)) continue;
        const made = { task: handlerTask(one, scope), service };
        own.set(one, made);
        collect(made);
      }
    };
    for (const served of items.flatMap((item) => servedTasks(item, defaults.inherited.service))) collect(served);
    const inOrder = [...own].toSorted(([a], [b]) => a.order - b.order);
    for (const [one, { task, service }] of inOrder)
      this.#addHandler(one, task, scope, {
        ...defaults,
        inherited: { ...defaults.inherited, ...given({ service }) },
      });
    for (const { tasks, scope: ofRole, keywords } of rolesAmong(items))
      this.#addHandlers({ items: tasks, scope: ofRole, defaults: insideBlock(keywords, defaults) });
  }

  #addHandler(handler: Handler, task: Task, scope: Scope, defaults: Defaults): void {
    const id = scope.role === null ? `play ${this.#play} : ${handler.name}` : `${scope.role} : ${handler.name}`;
    const same = [...this.#handlers.values()].find((one) => one.id === id);
    if (same) {
      const first = same.handler.at;
      throw new PlayError(
        `Two handlers of ${scope.role === null ? 'the play' : `the role "${scope.role}"`} are called "${handler.name}"`,
        {
          ...placeOf(handler),
          hint: `The first${first ? ` is at ${locationText(first)}` : ' comes before it'}. A host is owed a handler by its name: rename one of them.`,
        },
      );
    }
    this.#handlers.set(handler, {
      id,
      handler,
      listed: { ...inherit(task, scope, ofHandlers(defaults), [], id), name: handler.name },
    });
  }

  #list(item: PlacedItem, around: Scope, defaults: Defaults): ListedItem {
    const scope = item instanceof Task ? around : (item.scope ?? around);
    if (item instanceof Task) {
      const listed = this.#withShared(inherit(item, scope, defaults, this.#resolve(item), this.#keyOf(item, scope)));
      const confirmed = confirmedBy(item.keywords, defaults);
      if (confirmed !== undefined && listed.inherited.delegateTo !== undefined)
        throw new PlayError(`The task "${item.name}" is delegated, and commitConfirmed is about the play's own host`, {
          ...placeOf(item),
          hint: 'Leave it out: whatever could close the way in to the other host is confirmed automatically.',
        });
      return confirmed === undefined ? listed : { block: [listed], rescue: [], always: [], ...confirmed };
    }
    const inside = insideBlock(item.keywords, defaults);
    const listAll = (items: readonly PlacedItem[]): ListedItem[] => items.map((one) => this.#list(one, scope, inside));
    const { rescue, always } = item;
    const block = listAll(item.tasks);
    return {
      block,
      rescue: listAll(rescue),
      always: listAll(always),
      ...confirmedBy(item.keywords, defaults),
      ...(item.trial === undefined ? {} : { transaction: this.#transaction(item, item.trial, block, scope, inside) }),
    };
  }

  #transaction(
    { keywords: { name } }: PlacedBlock,
    { validate, healthy, retries, delay }: NonNullable<PlacedBlock['trial']>,
    work: readonly ListedItem[],
    scope: Scope,
    defaults: Defaults,
  ): ListedTransaction {
    const asked: Defaults = { ...defaults, gate: { when: 'healthy', retries, delay } };
    return {
      id: transactionId(work, this.#play),
      name: name ?? `${work.flatMap(flatten)[0]?.name ?? ''} ...`,
      validate: validate && inherit(validate, scope, defaults, [], this.#keyOf(validate, scope)),
      healthy: healthy.map((one) => this.#list(one, scope, asked)),
    };
  }

  #keyOf(task: Task, scope: Scope): string {
    const name = `${scope.role ?? ''}\0${task.name}`;
    const count = this.#names.get(name) ?? 0;
    this.#names.set(name, count + 1);
    return `${name}\0${count}`;
  }

  #withShared(listed: ListedTask): ListedTask {
    const shared = this.#sharedKeys.of(listed);
    return shared === undefined ? listed : { ...listed, shared };
  }

  #resolve(task: Task): ListedHandler[] {
    return notified(task.keywords.notify).flatMap((one) => this.#handlers.get(one) ?? []);
  }
}
