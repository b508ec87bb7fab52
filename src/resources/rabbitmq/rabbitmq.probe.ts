import * as v from 'valibot';
import { ProbeFailure, type Found, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** What a broker knows of accounts and virtual hosts. */
export const rabbitmqSubject: Subject = { on: 'named', name: 'rabbitmq' };

const permission = v.object({
  user: v.string(),
  vhost: v.string(),
  configure: v.string(),
  write: v.string(),
  read: v.string(),
});
export type RabbitmqPermission = v.InferOutput<typeof permission>;

export interface RabbitmqUser {
  readonly name: string;
  /** Base64 of a salt of four bytes and the hash. */
  readonly hash: string;
  readonly algorithm: string;
  readonly tags: readonly string[];
}

export interface RabbitmqBroker {
  readonly users: readonly RabbitmqUser[];
  readonly permissions: readonly RabbitmqPermission[];
  /** Virtual hosts. */
  readonly vhosts: readonly string[];
}

const definitions = v.object({
  users: v.array(
    v.object({
      name: v.string(),
      password_hash: v.optional(v.string(), ''),
      hashing_algorithm: v.optional(v.string(), ''),
      // Of brokers before 3.9 a text with commas.
      tags: v.union([v.array(v.string()), v.string()]),
    }),
  ),
  permissions: v.array(permission),
  vhosts: v.array(v.object({ name: v.string() })),
});

/**
 * sh: `ctl WORD...` is rabbitmqctl of `$node`. Debian's wrapper hands its words to a shell once more, in which `$` and backticks count (its rabbitmq-script-wrapper):
 * what it calls is called in its place, as the account that may.
 */
export const ctlSh = `ctl() {
  [ -z "$node" ] || set -- -n "$node" "$@"
  real=/usr/lib/rabbitmq/bin/rabbitmqctl
  if [ "$(id -u)" = 0 ] && [ -x "$real" ]; then (cd /var/lib/rabbitmq && exec runuser -u rabbitmq -- env HOME=/var/lib/rabbitmq "$real" -q "$@")
  else rabbitmqctl -q "$@"
  fi
}`;

/** One question of a broker in words of rabbitmqctl, whose start takes a second or two. It prints JSON. */
function brokerKind<A>(
  name: string,
  words: string,
  read: (json: unknown) => A,
): ProbeKind<A | { readonly down: string }> {
  return {
    kind: name,
    arity: 1,
    timeout: 120,
    sh: `${ctlSh}
tr '\\0' '\\n' | while IFS= read -r node; do
  command -v rabbitmqctl >/dev/null 2>&1 || { echo 'down RabbitMQ is not installed'; continue; }
  # It logs on both, and what it says on stderr matters only where it fails.
  if all=$(ctl ${words} 2>/dev/null </dev/null); then printf '%s\\n' "$all" | tr -d '\\n'; echo
  else printf 'down %s\\n' "$(ctl ${words} 2>&1 </dev/null | grep -m 1 -i -e error -e 'only root' -e unable)"; fi
done`,
    decode(stdout, questions) {
      const lines = stdout.toString('utf8').split('\n');
      return questions.map((_, i) => {
        const line = lines[i] ?? '';
        if (line.startsWith('down ')) return { down: line.slice('down '.length).replace(/^Error: /, '') };
        // Lines of its log may stand before what was asked for.
        const start = line.search(/\{"|\[(?:\{"|\])/);
        return start === -1 ? new ProbeFailure('no answer') : read(JSON.parse(line.slice(start)));
      });
    },
    depends: () => [{ on: 'packages' }, { on: 'unit', unit: 'rabbitmq-server.service' }, rabbitmqSubject],
  };
}

// Its definitions have passwords as it keeps them, which nothing else tells.
const broker = brokerKind('rabbitmq', 'export_definitions - --format json', (json): RabbitmqBroker => {
  const { users, permissions, vhosts } = v.parse(definitions, json);
  return {
    users: users.map(({ name, password_hash, hashing_algorithm, tags }) => ({
      name,
      hash: password_hash,
      algorithm: hashing_algorithm,
      tags: (typeof tags === 'string' ? tags.split(',') : tags).filter((tag) => tag !== '').toSorted(),
    })),
    permissions,
    vhosts: vhosts.map(({ name }) => name),
  };
});
const traced = v.array(v.object({ name: v.string(), tracing: v.boolean() }));
const tracing = brokerKind(
  'rabbitmq-tracing',
  'list_vhosts name tracing --formatter json',
  (json): { readonly traced: readonly string[] } => ({
    traced: v.parse(traced, json).flatMap((one) => (one.tracing ? [one.name] : [])),
  }),
);

export type FromRabbitmq<A> = A | { readonly down: string };

/** All that a broker knows of accounts and virtual hosts. @param node empty: that of the host */
export function rabbitmqBroker(node: string): Question<FromRabbitmq<RabbitmqBroker>> {
  return { kind: broker, args: [node] };
}

/** The virtual hosts whose messages are traced. */
export function rabbitmqTracing(node: string): Question<FromRabbitmq<{ readonly traced: readonly string[] }>> {
  return { kind: tracing, args: [node] };
}

/** As Debian's package brings it. */
export const fresh: RabbitmqBroker = {
  users: [{ name: 'guest', hash: '', algorithm: '', tags: ['administrator'] }],
  permissions: [{ user: 'guest', vhost: '/', configure: '.*', write: '.*', read: '.*' }],
  vhosts: ['/'],
};

/** What the broker said. In check mode one that is not there yet may be by then: it is taken to be new. */
export function answered<A extends object>(answer: FromRabbitmq<A>, ifNew: A, found: Found): A {
  if (!('down' in answer)) return answer;
  found.presume(false, {
    failure: `RabbitMQ cannot be asked: ${answer.down}`,
    hint: answer.down.endsWith('installed')
      ? "Install it before: apt({ name: 'rabbitmq-server' })"
      : "Make sure that it runs (systemd({ name: 'rabbitmq-server', state: 'started' })), and that the task runs as root.",
    by: 'changes',
    assume: 'RabbitMQ, as a new broker, answers',
  });
  return ifNew;
}
