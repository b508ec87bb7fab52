import { defineRunbook, option, PlayError, shell, systemd, v, type RunbookContext, type TaskContext } from 'play';

const vars = {
  redis_nodes: option.text('The group of the hosts. One failover is enough where the primary is its last.'),
  redis_unit: option.text('The unit of Redis.', 'redis-server'),
  redis_port: option.port('Its port, on all hosts.', 6379),
  redis_password: v.optional(option.secret('The password of the default user. Default: none.')),
  redis_address: v.optional(
    option.text('Of each host: where the others and clients reach it. Default: `ansible_host`, or its name.'),
  ),
  redis_patience: option.integer(
    'Seconds that each wait may take, as for a full copy to a replica.',
    300,
    v.minValue(1),
  ),
  redis_change: v.optional(
    option.text(
      'The playbook that changes a node, such as an upgrade, by name or path. Default: the unit is restarted.',
    ),
  ),
};
type Vars = v.InferOutput<v.ObjectSchema<typeof vars, undefined>>;

/** @throws PlayError where there is none to take over */
function nodesOf({ vars: given, groups }: RunbookContext<Vars>): readonly string[] {
  const nodes = groups[given.redis_nodes] ?? [];
  if (nodes.length > 1) return nodes;
  throw new PlayError(`"${given.redis_nodes}" is no group of a primary and its replicas`, {
    hint: 'Name the group of the nodes: -e redis_nodes=GROUP',
  });
}

/** Addresses hold for the host itself, too: what a node is called must be the same wherever it is asked. */
function environmentOf({ vars: given, host, hostOf }: TaskContext<Vars>, nodes: readonly string[]) {
  const addressOf = (name: string): string => {
    const { redis_address, ansible_host } = hostOf(name).vars;
    const address = redis_address ?? ansible_host;
    return typeof address === 'string' ? address : name;
  };
  return {
    OWN: addressOf(host.name),
    NODES: nodes.map(addressOf).join(' '),
    PORT: String(given.redis_port),
    PATIENCE: String(given.redis_patience),
    ...(given.redis_password === undefined ? {} : { REDISCLI_AUTH: given.redis_password }),
  };
}

const words = `set -u
ask() { a=$1; shift; timeout 5 redis-cli -h "$a" -p "$PORT" "$@" 2>&1 | tr -d '\\r'; }
says() { ask "$1" INFO replication | sed -n "s/^$2://p"; }
is() { [ "$(says "$1" "$2")" = "$3" ]; }
# Every node answers, one is the primary, and all others follow just that one and have what it has.
whole() {
  primary=; why=
  for n in $NODES; do
    case $(says "$n" role) in
      master) [ -z "$primary" ] || { why="$primary and $n are both primary"; return 1; }; primary=$n;;
      slave) ;;
      *) why="$n does not answer: $(ask "$n" PING)"; return 1;;
    esac
  done
  [ -n "$primary" ] || { why='none is the primary'; return 1; }
  for n in $NODES; do
    [ "$n" != "$primary" ] || continue
    is "$n" master_host "$primary" || { why="$n follows $(says "$n" master_host), and not $primary. If it shall: redis-cli -h $n -p $PORT REPLICAOF $primary $PORT"; return 1; }
    is "$n" master_link_status up && is "$n" master_sync_in_progress 0 || { why="$n has not got all of $primary"; return 1; }
  done
}
within() {
  left=$((PATIENCE * 5))
  until "$@"; do
    left=$((left - 1)); [ "$left" -gt 0 ] || { echo "$why" >&2; exit 1; }
    sleep 0.2
  done
}
`;

const look = `${words}whole || { echo "$why" >&2; exit 1; }
echo "$primary is the primary"`;

const wait = `${words}within whole
echo "$primary is the primary"`;

// A node that could not write down whom it follows would be a second primary after its restart.
const handOver = `${words}whole || { echo "$why" >&2; exit 1; }
[ "$primary" = "$OWN" ] || exit 0
for n in $NODES; do
  [ "$(ask "$n" CONFIG REWRITE)" = OK ] || { echo "$n cannot write its configuration: $(ask "$n" CONFIG REWRITE)" >&2; exit 1; }
done
for n in $NODES; do [ "$n" = "$OWN" ] || { next=$n; break; }; done
[ "$(ask "$OWN" FAILOVER TO "$next" "$PORT" TIMEOUT $((PATIENCE * 1000)))" = OK ] || { echo "$OWN does not hand over to $next" >&2; exit 1; }
why="$OWN has not handed over to $next"
over() { is "$next" role master && is "$OWN" role slave; }
within over
for n in $NODES; do
  [ "$n" = "$OWN" ] || [ "$n" = "$next" ] || ask "$n" REPLICAOF "$next" "$PORT" >/dev/null
done
within whole
for n in $NODES; do ask "$n" CONFIG REWRITE >/dev/null; done
echo "handed over to $next"`;

/** Restarts, or changes, the nodes of a replicated Redis one by one. */
export default defineRunbook({
  title: 'Bounce or upgrade the nodes of a replicated Redis',
  description:
    'One node after another, each only while one of them is the primary and all others have what it has. The primary first hands over to another: it holds writes back until that has them all (`FAILOVER`), so none is lost. For Redis 6.2 and newer without Sentinel, which fails over by itself: `redis-cli -p 26379 SENTINEL FAILOVER NAME`. Clients have to find the primary by themselves.',
  vars,
  steps: (context) => {
    const nodes = nodesOf(context);
    const { redis_change } = context.vars;
    return nodes.map((node) => ({
      name: `${redis_change === undefined ? 'bounce' : 'change'} ${node}`,
      hosts: node,
      become: true,
      before: (one: TaskContext<Vars>) => [
        shell(
          { cmd: look, environment: environmentOf(one, nodes), changes: 'never' },
          { name: 'one is the primary, and the others have what it has' },
        ),
        shell(
          { cmd: handOver, environment: environmentOf(one, nodes), changes: 'always' },
          // Which is the primary by then, those before have to do with.
          { name: 'hand over to another, if it is the primary', changedWhen: ({ result }) => result.stdout !== '' },
        ),
      ],
      ...(redis_change === undefined ? {} : { playbook: redis_change }),
      tasks: ({ vars: given }: TaskContext<Vars>) =>
        redis_change === undefined ? [systemd({ name: given.redis_unit, state: 'restarted' })] : [],
      after: (one: TaskContext<Vars>) => [
        // One that only reads would be asked, and so wait, ahead of its turn.
        shell(
          { cmd: wait, environment: environmentOf(one, nodes), changes: 'always' },
          { name: `${node} follows, and has all`, changedWhen: false },
        ),
      ],
    }));
  },
});
