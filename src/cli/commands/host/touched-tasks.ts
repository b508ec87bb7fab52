import { PlayError } from '../../../errors/index.ts';
import type { Inventory } from '../../../inventory/index.ts';
import type { HostTasks, Playbook } from '../../../playbook/index.ts';
import { prepareRun } from '../../../run/index.ts';
import { hideSecrets } from '../../../secrets/index.ts';

/** What an edit of the inventory changes on a host that was not edited itself. */
export interface TouchedHost {
  readonly host: string;
  /** `role : task`, in the order in which they run. */
  readonly tasks: readonly string[];
  /** Tags that select them and as little else as can be; none where one of them has no tag. */
  readonly tags: readonly string[];
}

/** Task lists of more hosts take longer than somebody waits who only adds one. */
const mostHosts = 500;

/**
 * The hosts of both inventories whose tasks of a playbook come out otherwise with the other: what is made of groups.
 * Options that are functions are not known here and taken for the same. Undefined: it could not be told.
 */
export function touchedHosts(
  file: string,
  playbook: Playbook,
  before: Inventory,
  after: Inventory,
): TouchedHost[] | undefined {
  if (after.hosts.size > mostHosts) return undefined;
  try {
    const [old, now] = [tasksOf(file, playbook, before), tasksOf(file, playbook, after)];
    return [...now].flatMap(([host, lists]) => touched(host, old.get(host), lists) ?? []);
  } catch (thrown) {
    // A role may refuse an inventory that is half way: lint and the run say so.
    if (thrown instanceof PlayError) return undefined;
    throw thrown;
  }
}

function tasksOf(file: string, playbook: Playbook, inventory: Inventory): Map<string, HostTasks['tasks']> {
  const { plays } = prepareRun({
    isListing: true,
    playbook,
    file,
    inventory,
    limit: undefined,
    tags: { only: [], skip: [] },
    extraVars: {},
    become: false,
    becomeUser: 'root',
    becomeMethod: 'sudo',
    becomePassword: undefined,
  });
  const all = new Map<string, HostTasks['tasks']>();
  for (const play of plays)
    for (const [host, { tasks }] of play.all) all.set(host, [...(all.get(host) ?? []), ...tasks]);
  return all;
}

function touched(host: string, old: HostTasks['tasks'] | undefined, now: HostTasks['tasks']): TouchedHost | undefined {
  // Not a host of the playbook until now: its whole run is due, which is told elsewhere.
  if (old === undefined) return undefined;
  const asWas = new Map(old.map((one) => [one.key, JSON.stringify(hideSecrets(one.task.body.options))]));
  const changed = now.filter((one) => asWas.get(one.key) !== JSON.stringify(hideSecrets(one.task.body.options)));
  if (changed.length === 0) return undefined;
  return {
    host,
    tasks: changed.map(({ role, name }) => (role === null ? name : `${role} : ${name}`)),
    tags: narrowest(changed, now),
  };
}

function narrowest(changed: HostTasks['tasks'], all: HostTasks['tasks']): string[] {
  const usable = changed.map(({ tags }) => tags.filter((tag) => tag !== 'always' && tag !== 'never'));
  const [first = []] = usable;
  const reach = (chosen: readonly string[]): number =>
    all.filter(({ tags }) => chosen.some((tag) => tags.includes(tag))).length;
  const best = (tags: readonly string[]): string | undefined => tags.toSorted((a, b) => reach([a]) - reach([b]))[0];
  const one = best(first.filter((tag) => usable.every((tags) => tags.includes(tag))));
  const each = usable.map(best);
  const several = each.every((tag) => tag !== undefined) ? [...new Set(each)] : [];
  if (one === undefined) return several;
  return several.length > 0 && reach(several) < reach([one]) ? several : [one];
}
