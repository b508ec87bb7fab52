import { systemd, type RunbookContext, type RunbookStep, type TaskContext, type TaskItem, type WorkStep } from 'play';
import {
  allowAllocation,
  clearAll,
  excludeNode,
  excludeUnreliable,
  hasJoined,
  includeNode,
  isEmpty,
  isWell,
  nobodyElse,
  nodeOf,
  nodesOf,
  nothingMoves,
  nothingTransient,
  stopAllocation,
  type Cluster,
} from './cluster.ts';

interface Kind {
  /** What a node's step is called: `bounce`, `change`. */
  readonly verb: string;
  /** Whether all shards leave a node before it is stopped. */
  readonly empties: boolean;
  /** What is done while the node is stopped. Default: nothing. */
  readonly change?: (host: string) => Pick<WorkStep<Cluster>, 'playbook' | 'tasks'>;
}

/**
 * The steps around what is done to nodes, one step a node. What the runbook sets is cleared by one step's `always`, so
 * that going on does not begin again with nodes that are done.
 */
export function aroundNodes(context: RunbookContext<Cluster>, kind: Kind): RunbookStep<Cluster>[] {
  const hosts = [...nodesOf(context)];
  return [
    {
      name: 'look',
      description: 'Nothing is begun with a cluster that is not well, or that somebody else works at.',
      hosts,
      tasks: (one) => [
        isWell(one.vars, { runOnce: true }),
        ...nobodyElse(one.vars, playNodes(one)),
        ...nothingTransient(one.vars, { runOnce: true }),
      ],
    },
    {
      name: 'keep shards off what may vanish',
      hosts,
      tasks: ({ vars }) => [...excludeUnreliable(vars), nothingMoves(vars)],
      always: (one) => clearAll(one.vars, playNodes(one)),
    },
    ...hosts.map((host): RunbookStep<Cluster> => {
      const change = kind.change?.(host);
      return {
        name: `${kind.verb} ${host}`,
        hosts: host,
        become: true,
        before: (one) => stop(one, kind),
        ...(change?.playbook === undefined ? {} : { playbook: change.playbook }),
        tasks: (one) => change?.tasks?.(one) ?? [],
        after: (one) => start(one, kind),
      };
    }),
  ];
}

function playNodes({ playHosts, hostOf }: TaskContext<Cluster>): string[] {
  return playHosts.map((name) => {
    const node = hostOf(name).vars['elasticsearch_node'];
    return typeof node === 'string' ? node : name;
  });
}

function stop({ vars, host }: TaskContext<Cluster>, { empties }: Kind): TaskItem[] {
  const node = nodeOf(vars, host.name);
  return [
    isWell(vars),
    ...nothingTransient(vars),
    // Moving off it, shards need allocation.
    ...(empties ? [...excludeNode(vars, node), isEmpty(vars, node), isWell(vars)] : []),
    stopAllocation(vars),
    systemd({ name: vars.elasticsearch_unit, state: 'stopped' }),
  ];
}

function start({ vars, host }: TaskContext<Cluster>, { empties }: Kind): TaskItem[] {
  const node = nodeOf(vars, host.name);
  return [
    systemd({ name: vars.elasticsearch_unit, state: 'started' }),
    hasJoined(vars, node),
    ...allowAllocation(vars),
    ...(empties ? includeNode(vars, node) : []),
    isWell(vars, { within: vars.elasticsearch_patience }),
  ];
}
