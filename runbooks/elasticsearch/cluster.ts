import { assert, option, PlayError, uri, v, type RunbookContext, type RunContext, type Task } from 'play';

const seconds = (description: string, standard: number) => option.integer(description, standard, v.minValue(1));

/** What a bounce and a change of nodes have in common. */
export const clusterVariables = {
  elasticsearch_nodes: option.text('The group of hosts whose nodes are taken, one after another.', 'elasticsearch'),
  elasticsearch_asked_from: option.text(
    'The host that asks the API and stays up meanwhile, such as one with a coordinating node; it needs curl or wget.',
  ),
  elasticsearch_url: option.url('The API, as that host reaches it.', 'http://127.0.0.1:9200'),
  elasticsearch_user: v.optional(option.text('Whom the API is asked as. Default: nobody.')),
  elasticsearch_password: v.optional(option.secret('The password of `elasticsearch_user`.')),
  elasticsearch_node: v.optional(
    option.text('Of each host: what the cluster calls its node, by name or address. Default: as the inventory does.'),
  ),
  elasticsearch_unit: option.text('The unit of a node.', 'elasticsearch'),
  elasticsearch_health: option.choice(
    'The least health with which a node is stopped. With `yellow`, what has no second copy cannot be read while its node is down.',
    ['green', 'yellow'],
    'green',
  ),
  elasticsearch_unreliable: option.record(
    'Nodes that may vanish, by their attributes, such as { zone: spot }: they are kept free of shards meanwhile.',
    v.string(),
    {},
  ),
  elasticsearch_transient: option.choice(
    'What becomes of transient settings that would outweigh those of this runbook: `refuse` to begin, or `clear` them.',
    ['refuse', 'clear'],
    'refuse',
  ),
  elasticsearch_patience: seconds('Seconds that a node may take to join, and the cluster to be well again.', 3600),
  elasticsearch_moving: seconds('Seconds that shards may take to move: a day for 2 TB.', 3 * 86_400),
  elasticsearch_interval: seconds('Seconds between two looks.', 10),
};
export type Cluster = v.InferOutput<v.ObjectSchema<typeof clusterVariables, undefined>>;

const allocation = 'cluster.routing.allocation.enable';
const exclude = (attribute: string): string => `cluster.routing.allocation.exclude.${attribute}`;

/** By name, or by address where that is what is given. */
const nodeSetting = (node: string): string => exclude(/^[\d.]+$|:/.test(node) ? '_ip' : '_name');

/** The hosts to take, in the inventory's order. @throws PlayError where they are none, or one is asked from */
export function nodesOf({ vars, groups }: RunbookContext<Cluster>): readonly string[] {
  const nodes = groups[vars.elasticsearch_nodes] ?? [];
  if (nodes.length === 0)
    throw new PlayError(`There is no host in the group "${vars.elasticsearch_nodes}"`, {
      hint: 'Name the group of the nodes: -e elasticsearch_nodes=GROUP',
    });
  if (nodes.includes(vars.elasticsearch_asked_from))
    throw new PlayError(`${vars.elasticsearch_asked_from} cannot be asked while its own node is stopped`, {
      hint: 'Give a host that is not in the group and reaches the API of another node: -e elasticsearch_asked_from=HOST -e elasticsearch_url=http://NODE:9200',
    });
  return nodes;
}

/** What the inventory's host is to the cluster. */
export const nodeOf = (vars: Cluster, host: string): string => vars.elasticsearch_node ?? host;

function request(vars: Cluster, path: string) {
  const { elasticsearch_user: user, elasticsearch_password: password } = vars;
  // The API is slow while a cluster loses nodes.
  const login = user === undefined || password === undefined ? {} : { user, password };
  return { url: `${vars.elasticsearch_url.replace(/\/+$/, '')}${path}`, timeout: 60, ...login };
}

const askedFrom = ({ elasticsearch_asked_from }: Cluster) => ({
  delegateTo: elasticsearch_asked_from,
  become: false,
});

interface Look {
  readonly name: string;
  readonly path: string;
  /** What a line of the answer must fit. */
  readonly wanted: string;
  /** Seconds to wait for it. Default: it must hold now. */
  readonly within?: number;
  /** For the cluster, and not for each node. */
  readonly runOnce?: boolean;
}

function look(vars: Cluster, { name, path, wanted, within, runOnce = false }: Look): Task {
  const delay = vars.elasticsearch_interval;
  return uri(
    { ...request(vars, path), searchRegex: wanted },
    {
      name,
      runOnce,
      ...askedFrom(vars),
      ...(within === undefined
        ? {}
        : {
            until: ({ result }: { readonly result: { readonly failed: boolean } }) => !result.failed,
            retries: Math.ceil(within / delay),
            delay,
          }),
    },
  );
}

/** Fails, or waits, unless the cluster is well enough. */
export const isWell = (vars: Cluster, options: Pick<Look, 'within' | 'runOnce'> = {}): Task =>
  look(vars, {
    name: `the cluster is ${vars.elasticsearch_health}`,
    path: '/_cat/health?h=status',
    wanted: vars.elasticsearch_health === 'green' ? '^green *$' : '^(green|yellow) *$',
    ...options,
  });

/** Waits until nothing moves any more. */
export const nothingMoves = (vars: Cluster): Task =>
  look(vars, {
    name: 'no shard moves',
    path: '/_cat/health?h=relo',
    wanted: '^ *0 *$',
    within: vars.elasticsearch_moving,
    runOnce: true,
  });

/** Waits until a node has no shard left. */
export const isEmpty = (vars: Cluster, node: string): Task =>
  look(vars, {
    name: `${node} has no shard left`,
    path: `/_cat/allocation/${encodeURIComponent(node)}?h=shards`,
    wanted: '^ *0 *$',
    within: vars.elasticsearch_moving,
  });

/** Waits until a node is a member of the cluster. */
export const hasJoined = (vars: Cluster, node: string): Task =>
  look(vars, {
    name: `${node} has joined`,
    path: `/_cat/nodes?h=${nodeSetting(node) === exclude('_ip') ? 'ip' : 'name'}`,
    wanted: `^${node.replace(/[.[\]*^$+?(){}|\\]/g, '\\$&')} *$`,
    within: vars.elasticsearch_patience,
  });

const settingsSchema = v.object({
  persistent: v.record(v.string(), v.unknown()),
  transient: v.record(v.string(), v.unknown()),
});
type Settings = v.InferOutput<typeof settingsSchema>;

/** None where the API was not asked yet: in check mode, behind a planned change. */
function parsed(content: string): Settings {
  if (content === '') return { persistent: {}, transient: {} };
  const settings = v.safeParse(settingsSchema, JSON.parse(content));
  if (settings.success) return settings.output;
  throw new PlayError("What answers there is no Elasticsearch: its settings are not of Elasticsearch's form");
}

const settingsOf = (vars: Cluster, why: string, runOnce: boolean) =>
  uri(
    { ...request(vars, '/_cluster/settings?flat_settings=true'), returnContent: true },
    { name: `settings of the cluster, ${why}`, runOnce, ...askedFrom(vars) },
  );

type Edit = (settings: Settings) => Readonly<Record<string, string | null>>;

interface Setting {
  readonly name: string;
  readonly kind?: 'persistent' | 'transient';
  /** What is to be set, null to take a setting back; empty where all is right. */
  readonly edit: Edit;
  readonly runOnce?: boolean;
}

/** Changes settings where they are not so already. */
function set(vars: Cluster, { name, kind = 'persistent', edit, runOnce = false }: Setting): Task[] {
  const before = settingsOf(vars, `before: ${name}`, runOnce);
  const content = ({ results }: RunContext): string => results(before).content;
  return [
    before,
    uri(
      { ...change(vars), body: (run) => ({ [kind]: edit(parsed(content(run))) }) },
      {
        name,
        runOnce,
        ...askedFrom(vars),
        when: (run) => content(run) === '' || Object.keys(edit(parsed(content(run)))).length > 0,
      },
    ),
  ];
}

const change = (vars: Cluster) => ({
  ...request(vars, '/_cluster/settings'),
  method: 'PUT' as const,
  searchRegex: '"acknowledged" *: *true',
});

const words = (value: unknown): string[] => (typeof value === 'string' && value !== '' ? value.split(/ *, */) : []);

const added =
  (key: string, value: string): Edit =>
  ({ persistent }) => {
    const list = words(persistent[key]);
    return list.includes(value) ? {} : { [key]: [...list, value].join(',') };
  };

/** What others excluded stays so. */
const without =
  (key: string, values: readonly string[]): Edit =>
  ({ persistent }) => {
    const list = words(persistent[key]);
    const left = list.filter((one) => !values.includes(one));
    return left.length === list.length ? {} : { [key]: left.join(',') || null };
  };

/** Keeps shards from being put on a node; those that are there move away. */
export const excludeNode = (vars: Cluster, node: string): Task[] =>
  set(vars, { name: `exclude ${node}`, edit: added(nodeSetting(node), node) });

export const includeNode = (vars: Cluster, node: string): Task[] =>
  set(vars, { name: `include ${node} again`, edit: without(nodeSetting(node), [node]) });

export const excludeUnreliable = (vars: Cluster): Task[] =>
  Object.entries(vars.elasticsearch_unreliable).flatMap(([attribute, value]) =>
    set(vars, { name: `exclude ${attribute} ${value}`, edit: added(exclude(attribute), value), runOnce: true }),
  );

/** Copies that go with a node stay missing until it is back, and are not made anew elsewhere. */
export const stopAllocation = (vars: Cluster): Task =>
  uri(
    { ...change(vars), body: { persistent: { [allocation]: 'none' } } },
    { name: 'stop allocation', ...askedFrom(vars) },
  );

const resume: Edit = ({ persistent }) => (persistent[allocation] === undefined ? {} : { [allocation]: null });

export const allowAllocation = (vars: Cluster): Task[] => set(vars, { name: 'allow allocation', edit: resume });

/** Takes back all that this runbook may have set. */
export const clearAll = (vars: Cluster, nodes: readonly string[]): Task[] =>
  set(vars, {
    name: 'clear what this runbook has set',
    runOnce: true,
    edit: (settings) => ({
      ...resume(settings),
      ...without(exclude('_name'), nodes)(settings),
      ...without(exclude('_ip'), nodes)(settings),
      ...Object.assign(
        {},
        ...Object.entries(vars.elasticsearch_unreliable).map(([attribute, value]) =>
          without(exclude(attribute), [value])(settings),
        ),
      ),
    }),
  });

/** What is transient outweighs what is persistent, also where it is empty: with it, what this runbook sets does nothing. */
function outweighing({ transient }: Settings): string[] {
  return Object.keys(transient).filter((key) =>
    /^cluster\.routing\.(allocation\.(enable$|exclude\.)|rebalance\.)/.test(key),
  );
}

const shown = (settings: Readonly<Record<string, unknown>>, keys: readonly string[]): string =>
  keys.map((key) => `${key} = ${JSON.stringify(settings[key])}`).join(', ');

/** Fails where transient settings stand in the way, or clears them. */
export function nothingTransient(vars: Cluster, { runOnce = false }: Pick<Look, 'runOnce'> = {}): Task[] {
  if (vars.elasticsearch_transient === 'clear')
    return set(vars, {
      name: 'clear transient settings',
      kind: 'transient',
      runOnce,
      edit: (settings) => Object.fromEntries(outweighing(settings).map((key) => [key, null])),
    });
  const now = settingsOf(vars, 'that are transient', runOnce);
  return [
    now,
    assert(
      {
        that: ({ results }) => {
          const settings = parsed(results(now).content);
          const keys = outweighing(settings);
          return [
            {
              that: keys.length === 0,
              msg: `transient settings outweigh those of this runbook: ${shown(settings.transient, keys)}; persistent: ${shown(settings.persistent, keys)}. See whose they are, then -e elasticsearch_transient=clear`,
            },
          ];
        },
      },
      { name: 'no transient setting stands in the way', runOnce },
    ),
  ];
}

/** Fails where somebody else has allocation off, or excluded what this runbook would include again. */
export function nobodyElse(vars: Cluster, nodes: readonly string[]): Task[] {
  const now = settingsOf(vars, 'that others left', true);
  const taken = (settings: Settings): string[] => [
    ...(['all', undefined].includes(settings.persistent[allocation] as string | undefined) ? [] : [allocation]),
    ...[
      ...Object.entries(vars.elasticsearch_unreliable).map(
        ([attribute, value]) => [exclude(attribute), value] as const,
      ),
      ...nodes.map((node) => [nodeSetting(node), node] as const),
    ].flatMap(([key, value]) => (words(settings.persistent[key]).includes(value) ? [key] : [])),
  ];
  return [
    now,
    assert(
      {
        that: ({ results }) => {
          const settings = parsed(results(now).content);
          const keys = taken(settings);
          return [
            {
              that: keys.length === 0,
              msg: `somebody is at it already, or left this behind: ${shown(settings.persistent, keys)}. If nobody is, set it to null by PUT ${vars.elasticsearch_url}/_cluster/settings`,
            },
          ];
        },
      },
      { name: 'nobody else is at it', runOnce: true },
    ),
  ];
}
