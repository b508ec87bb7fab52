import type { DrawnPlay, DrawnTask } from '../../../pages/index.ts';
import type { ListedHandler, ListedTask } from '../../../playbook/index.ts';
import { inOneOrder, type PreparedPlay } from '../../../run/index.ts';

/** A play as it is drawn: what any of its hosts has, and the handlers that may be notified. */
export function drawnPlay({ spec, name, hosts, selected }: PreparedPlay): DrawnPlay {
  const lists = [...selected.values()].map(({ tasks }) => tasks);
  const tasks = inOneOrder(lists, ({ key }) => key);
  const notified = new Map<string, ListedHandler>();
  const edges = new Map<string, Set<string>>();
  const follow = (key: string, { notify }: ListedTask): void => {
    for (const handler of notify) {
      edges.set(key, (edges.get(key) ?? new Set()).add(handlerKey(handler)));
      if (notified.has(handler.id)) continue;
      notified.set(handler.id, handler);
      follow(handlerKey(handler), handler.listed);
    }
  };
  for (const list of lists) for (const task of list) follow(task.key, task);
  const handlers = [...notified.values()].toSorted((a, b) => a.handler.order - b.handler.order);
  const drawn = (key: string, kind: DrawnTask['kind'], { role, name: task }: ListedTask): DrawnTask => ({
    key,
    kind,
    role,
    name: task,
    notifies: [...(edges.get(key) ?? [])],
  });
  return {
    name,
    pattern: typeof spec.hosts === 'string' ? spec.hosts : spec.hosts.join(','),
    hosts: hosts.length,
    tasks: [
      ...tasks.map((task) => drawn(task.key, 'task', task)),
      ...handlers.map((handler) => drawn(handlerKey(handler), 'handler', handler.listed)),
    ],
  };
}

const handlerKey = ({ id }: ListedHandler): string => `handler ${id}`;
