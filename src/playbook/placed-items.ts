import { PlayError, type Location } from '../errors/index.ts';
import { hideSecrets } from '../secrets/index.ts';
import { Block, type BlockKeywords, type TaskItem, type Trial } from './block.ts';
import { placeOf, type Placed } from './call-site.ts';
import { RoleUse, type DeclaredRole } from './role.ts';
import { withScope, type Scope } from './scope.ts';
import { Task } from './task.ts';
import { callUserCode } from './user-code.ts';

/** A block as it stands in its list: with the roles in it unfolded. */
export interface PlacedBlock {
  readonly tasks: readonly PlacedItem[];
  readonly rescue: readonly PlacedItem[];
  readonly always: readonly PlacedItem[];
  readonly keywords: BlockKeywords;
  readonly trial?: Omit<Trial, 'healthy'> & { readonly healthy: readonly PlacedItem[] };
  /** Set for the tasks of a role: they find their files, variables and handlers there. */
  readonly scope?: Scope;
}
export type PlacedItem = Task | PlacedBlock;

/** What a role's tasks have around them where it is used, and what they inherit. */
export type OpenRole = (use: RoleUse) => { readonly scope: Scope; readonly keywords: BlockKeywords };

/** Makes the items of task lists: calls what gives them, and unfolds the roles among them. */
export class ItemPlacer {
  readonly #open: OpenRole;

  constructor(open: OpenRole) {
    this.#open = open;
  }

  /**
   * Calls the function that lists tasks.
   *
   * @param inside roles whose tasks these are part of
   * @throws PlayError where something else than tasks is listed, or a task is made and not listed
   */
  items(
    scope: Scope,
    tasks: () => readonly TaskItem[],
    owned: Placed,
    inside: readonly DeclaredRole[] = [],
  ): PlacedItem[] {
    const owner = scope.role === null ? 'The play' : `The role "${scope.role}"`;
    const list: unknown = callUserCode(`${owner}: tasks`, owned, () => withScope(scope, tasks));
    if (!Array.isArray(list)) {
      const hint =
        list instanceof Promise
          ? 'Make the function synchronous: a task list depends on variables and inventory only.'
          : 'Write tasks: () => [ ... ]';
      throw new PlayError(`${owner} does not return a list of tasks`, { ...placeOf(owned), hint });
    }
    const items = this.#place(list, { owner, owned, made: scope.made, inside });
    const forgotten = [...scope.made][0];
    if (forgotten) {
      throw new PlayError(`The task "${forgotten.name}" is made but not in the list of tasks`, {
        ...placeOf(forgotten),
        hint: 'Put it into the list that `tasks` returns.',
      });
    }
    return items;
  }

  /** Refuses what is neither task, block nor role, however deep. */
  #place(list: readonly unknown[], within: Within): PlacedItem[] {
    return list.flat(Infinity).map((item): PlacedItem => {
      if (item instanceof Block) return this.#block(item, { ...within, owned: item });
      if (item instanceof RoleUse) return this.#role(item, within);
      if (item instanceof Task) {
        within.made.delete(item);
        return item;
      }
      throw new PlayError(
        `${within.owner} lists something that is not a task: ${item instanceof Promise ? 'a promise' : JSON.stringify(hideSecrets(item))}`,
        {
          ...placeOf(within.owned),
          hint: 'Lists hold what template(), apt() ... return. To leave a task out, use `when`, or spread: ...(yes ? [task] : [])',
        },
      );
    });
  }

  #block({ tasks, keywords, trial }: Block, within: Within): PlacedBlock {
    const placed = {
      keywords,
      tasks: this.#place(tasks, within),
      rescue: this.#place(keywords.rescue ?? [], within),
      always: this.#place(keywords.always ?? [], within),
    };
    if (trial === undefined) return placed;
    if (trial.validate !== undefined) within.made.delete(trial.validate);
    return { ...placed, trial: { ...trial, healthy: this.#place(trial.healthy, within) } };
  }

  /** In a list a role runs as often as it stands there: only the `roles` of a play leave out what they list twice. */
  #role(use: RoleUse, { inside }: Within): PlacedBlock {
    const { spec } = use;
    if (inside.includes(spec))
      throw new PlayError(`The role "${spec.name}" lists itself among its tasks`, {
        ...placeOf(use),
        hint: `${[...inside, spec].map(({ name }) => name).join(' > ')}: leave one of them out.`,
      });
    const { scope, keywords } = this.#open(use);
    const tasks = this.items(scope, () => spec.tasks(scope), use, [...inside, spec]);
    return { tasks, rescue: [], always: [], keywords, scope };
  }
}

interface Within {
  /** Whose list it is, for errors. */
  readonly owner: string;
  readonly owned: Placed & { readonly at?: Location | undefined };
  /** Tasks that were made and are not listed yet. */
  readonly made: Set<Task>;
  readonly inside: readonly DeclaredRole[];
}

/** The tasks of roles among these, each with what stands around it. */
export function rolesAmong(items: readonly PlacedItem[]): (PlacedBlock & { readonly scope: Scope })[] {
  return items.flatMap((item) => {
    if (item instanceof Task) return [];
    const { scope } = item;
    if (scope !== undefined) return [{ ...item, scope }];
    return rolesAmong([...item.tasks, ...(item.trial?.healthy ?? []), ...item.rescue, ...item.always]);
  });
}
