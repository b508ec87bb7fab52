import { dirname } from 'node:path';
import type { HostView, TaskContext } from '../contract/index.ts';
import { prepareTask } from '../engine/index.ts';
import { PlayError, unknownName, type Location } from '../errors/index.ts';
import { matchHosts, mergeVariables, placeWithin, type Inventory } from '../inventory/index.ts';
import {
  callSite,
  filterItems,
  flatten,
  isSelected,
  listTasks,
  placeOf,
  refuseUnknownTags,
  withPlace,
  type HostTasks,
  type PlaySpec,
} from '../playbook/index.ts';
import { addedHosts } from './added-hosts.ts';
import { batchesOf } from './batches.ts';
import { refuseBecomeAgainst } from './become-conflicts.ts';
import { refuseConflicts } from './conflicts.ts';
import { inOrder } from './order.ts';
import { startAt } from './start-at.ts';
import type { PreparedPlay, PreparedRun, RunRequest } from './types.ts';

/**
 * All that can be known before anything is connected: each play's hosts, and each host's tasks with their files read
 * and templates rendered.
 *
 * @throws PlayError for every mistake that can be seen from here
 */
export function prepareRun(request: RunRequest): PreparedRun {
  const { drafts, inventory, limited, offered } = draftPlays(request);
  const known = { ...request, inventory };
  refuseUntouched(known, drafts, limited);
  request.onHosts?.(drafts.flatMap(({ hosts }) => hosts));
  const tags = new Set(
    drafts.flatMap(({ all }) => [...all.values()].flatMap((list) => list.tasks.flatMap((one) => one.tags))),
  );
  refuseUnknownTags(request.tags, tags);
  const delegates = new Set([...inventory.hosts.keys(), ...offered, 'localhost']);
  for (const { all } of drafts) for (const list of all.values()) refuseUnknownDelegates(list, delegates);
  const chosen = drafts.map((draft) => ({
    ...draft,
    selected: new Map([...draft.all].map(([host, list]) => [host, select(list, request)])),
  }));
  const plays = request.startAtTask === undefined ? chosen : startAt(request.startAtTask, chosen);
  const prepared = { request: known, plays };
  if (request.isListing || request.isLazy) return prepared;
  for (const play of plays) for (const host of play.selected.keys()) prepareIn(play, host, known);
  return prepared;
}

/** The plays in their order: each finds the inventory with the hosts that tasks of those before it add. */
function draftPlays(request: RunRequest): {
  readonly drafts: readonly Draft[];
  readonly inventory: Inventory;
  /** The hosts that the limit leaves, as the last play finds them. */
  readonly limited: ReadonlySet<string> | undefined;
  /** Hosts that tasks add, also those that the tags leave out. */
  readonly offered: readonly string[];
} {
  let { inventory } = request;
  let views = new HostViews(request);
  let limited = limitOf(request);
  const drafts: Draft[] = [];
  const offered: string[] = [];
  for (const spec of request.playbook.plays) {
    const draft = draftPlay(spec, { ...request, inventory }, views, limited);
    drafts.push(draft);
    const added = addedHosts([...draft.all.values()], request.tags);
    if (added.length === 0) continue;
    offered.push(...added.map(({ name }) => name));
    inventory = inventory.with(added.map(({ source }) => source));
    const now = { ...request, inventory };
    views = new HostViews(now);
    limited = limitOf(now);
  }
  return { drafts, inventory, limited, offered };
}

function limitOf({ inventory, limit, onWarning }: RunRequest): ReadonlySet<string> | undefined {
  return limit === undefined ? undefined : new Set(matchHosts(inventory, limit, { onWarning }));
}

/** Makes the tasks of one host ready, where the run was prepared without them. */
export function prepareHost({ plays, request }: PreparedRun, host: string): void {
  for (const play of plays) prepareIn(play, host, request);
}

function prepareIn(play: PreparedPlay, host: string, request: RunRequest): void {
  const list = play.selected.get(host);
  if (list === undefined) return;
  refuseBecomeAgainst(host, play, list, request);
  prepareTasks(list);
  refuseConflicts(host, list);
}

function select(list: HostTasks, { tags }: RunRequest): HostTasks {
  const items = filterItems(list.items, (one) => isSelected(one.tags, tags));
  return { ...list, items, tasks: items.flatMap(flatten) };
}

function prepareTasks(list: HostTasks): void {
  for (const one of list.tasks) prepareTask(one);
  // A handler is prepared only where it may be notified: by a selected task, or by another handler that may run.
  const due = new Set(list.tasks.flatMap((one) => one.notify));
  for (const one of due) for (const next of one.listed.notify) due.add(next);
  for (const one of due) prepareTask(one.listed);
}

/** Otherwise a misspelt host would only be noticed at its task's turn, half way through the run. */
function refuseUnknownDelegates({ tasks, handlers }: HostTasks, known: ReadonlySet<string>): void {
  for (const { inherited, task } of [...tasks, ...handlers.map(({ listed }) => listed)]) {
    const { delegateTo } = inherited;
    if (delegateTo === undefined || known.has(delegateTo)) continue;
    throw unknownName(`host to delegate the task "${task.name}" to`, delegateTo, known, placeOf(task));
  }
}

type Draft = Omit<PreparedPlay, 'selected'>;

function draftPlay(
  spec: PlaySpec,
  request: RunRequest,
  views: HostViews,
  limited: ReadonlySet<string> | undefined,
): Draft {
  const pattern = typeof spec.hosts === 'string' ? spec.hosts : spec.hosts.join(',');
  const matched = withPlace(request.playbook, () => matchHosts(request.inventory, pattern));
  const meant = limited ? matched.filter((host) => limited.has(host)) : matched;
  const hosts = inOrder(spec.order, meant);
  // Batches are cut anew from the hosts left by then; an invalid `serial` is found here.
  withPlace(request.playbook, () => batchesOf(spec, hosts));
  const all = new Map(hosts.map((host) => [host, listHostTasks(spec, host, meant, request, views)]));
  return { spec, name: spec.name ?? pattern, hosts, all };
}

function listHostTasks(
  play: PlaySpec,
  host: string,
  playHosts: readonly string[],
  request: RunRequest,
  views: HostViews,
): HostTasks {
  const variables = request.inventory.variables(host);
  const own = request.becomeOf?.(host, request.inventory) ?? {};
  const context: TaskContext = {
    host: views.of(host),
    vars: views.of(host).vars,
    groups: views.groups,
    hostvars: views.vars,
    hostOf: (name) => views.of(name),
    playHosts,
  };
  return listTasks({
    play,
    dir: dirname(request.file),
    context,
    variable: (name) => {
      const found = variables.get(name);
      if (!found) return undefined;
      const { where } = found.origin;
      const at: Location = typeof where === 'string' ? { file: where } : where;
      return { value: found.value, within: (path) => placeWithin(at, path) };
    },
    isTyped: (name) => request.inventory.isTyped(name),
    openVault: (bytes, where) => request.inventory.vault.decryptFile(bytes, where),
    extraVars: mergeVariables(request.extraVars ?? {}, request.inventory.extraVars(host)),
    playbook: request.playbook,
    become: own.become?.value ?? request.become,
    becomeUser: own.user?.value ?? request.becomeUser,
  });
}

/** Hosts as roles see them, each made once. */
class HostViews {
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** By host; each host's variables are merged when they are first read. */
  readonly vars: Readonly<Record<string, HostView['vars']>> = {};
  readonly #inventory: Inventory;
  readonly #isSandbox: boolean;
  readonly #standIns: Pick<HostView, 'standInImages' | 'sandboxSecrets'>;
  readonly #views = new Map<string, HostView>();

  constructor({ inventory, sandbox = false, standInImages = {}, sandboxSecrets }: RunRequest) {
    this.#inventory = inventory;
    this.#isSandbox = sandbox;
    this.#standIns = { standInImages, ...(sandbox && sandboxSecrets !== undefined ? { sandboxSecrets } : {}) };
    this.groups = Object.fromEntries([...inventory.groups].map(([name, group]) => [name, group.hosts]));
    for (const name of inventory.hosts.keys())
      Object.defineProperty(this.vars, name, { enumerable: true, get: () => this.of(name).vars });
  }

  of(name: string): HostView {
    let view = this.#views.get(name);
    if (!view) {
      view = {
        name,
        groups: this.#inventory.host(name).groups,
        vars: this.#inventory.vars(name),
        isSandbox: this.#isSandbox,
        ...this.#standIns,
      };
      Object.defineProperty(view, 'facts', { get: factsAreForTheRun });
      this.#views.set(name, view);
    }
    return view;
  }
}

/** `host.facts` is not in the type; code that reads it anyway is told where facts are. */
function factsAreForTheRun(): never {
  throw new PlayError("A host's facts are not known while its task list is made", {
    ...placeOf({ at: callSite(factsAreForTheRun)() }),
    hint: 'Read them inside a function: when: ({ facts }) => facts.memoryMb > 4000, or content: ({ facts }) => `...`.',
  });
}

/** A run for no host at all does nothing, which is never what was meant. */
function refuseUntouched(
  request: RunRequest,
  drafts: readonly Draft[],
  limited: ReadonlySet<string> | undefined,
): void {
  if (drafts.length === 0 || drafts.some((draft) => draft.hosts.length > 0)) return;
  const wanted = drafts.map((draft) => `"${draft.name}"`).join(', ');
  if (limited === undefined)
    throw new PlayError(`No play of this playbook has a host: ${wanted} match none`, {
      hint: '`play inventory --graph` shows what each group holds.',
    });
  throw new PlayError(`The limit "${request.limit ?? ''}" leaves no hosts in this playbook`, {
    hint: `Its plays are for ${wanted}; the limit matches ${[...limited].join(', ') || 'nothing'}.`,
  });
}
