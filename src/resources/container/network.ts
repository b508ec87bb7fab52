import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Options, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { flag, text } from '../kit/schemas.ts';
import { containersSubject, type FromEngine } from './container-engine.probe.ts';
import { containerNetwork as networkQuestion, type ContainerNetwork } from './container-parts.probe.ts';
import { container, type Container } from './container.probe.ts';
import { reached } from './engine.ts';
import { engine, engineName, labels } from './options.ts';

const options = {
  name: engineName('The network.'),
  state: v.optional(
    v.pipe(v.picklist(['present', 'absent']), v.description('Whether the network should exist. Default `present`.')),
    'present',
  ),
  driver: v.optional(text('The driver: `bridge`, `macvlan` ...'), 'bridge'),
  subnet: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[0-9a-fA-F.:]+\/\d{1,3}$/, 'must be a network, such as 172.26.43.0/24'),
      v.description('Its addresses, such as `172.26.43.0/24`. Default: the engine chooses.'),
    ),
  ),
  gateway: v.optional(
    v.pipe(v.string(), v.ip('must be an address'), v.description("The host's address in it; needs `subnet`.")),
  ),
  internal: flag('Containers in it can reach only each other.', false),
  driverOptions: v.optional(v.pipe(v.record(v.string(), v.string()), v.description('Options of the driver.')), {}),
  labels,
  force: flag(
    'If the network has to be removed or recreated, disconnect its containers, and reconnect them to the new one. They lose connections, and their own addresses.',
    false,
  ),
  engine,
};
type Wanted = Options<typeof options>;

/** A network of containers. */
export const containerNetwork = defineResource({
  name: 'containerNetwork',
  summary: 'A network for containers of docker or podman.',
  options,
  example: `containerNetwork({ name: 'backend', subnet: '172.26.43.0/24' })`,
  validateOptions: ({ gateway, subnet }) =>
    gateway !== undefined && subnet === undefined ? '`gateway` needs `subnet`' : undefined,
  title: (given) => given.name ?? '',
  prepare: (given): Wanted => given,
  probes: ({ engine: choice, name }) => [networkQuestion(choice, name)],
  plan,
  owns: ({ name }) => [{ on: 'named', name: `container network ${name}` }],
});

interface NetworkResult {
  /** The name of the network. */
  readonly name: string;
}

function plan(wanted: Wanted, found: Found): Plan<NetworkResult> {
  const { name, state } = wanted;
  const question = networkQuestion(wanted.engine, name);
  const answer = found.get(question);
  if (state === 'absent' && 'down' in answer && answer.down.endsWith('installed')) return settled({ name });
  const { engine: program, is: now } = reached(answer, wanted.engine, found);
  const changes =
    state === 'absent'
      ? now === null
        ? []
        : [{ what: 'state', from: 'present', to: 'absent' }]
      : now === null
        ? [{ what: 'state', from: 'absent', to: 'present' }]
        : differences(wanted, now);
  if (changes.length === 0) return settled({ name });
  // Check mode: some may be gone by then.
  const inside = (now?.containers ?? []).filter((one) => isIn(found.get(container(wanted.engine, one)), name));
  if (inside.length > 0 && !wanted.force) {
    const why =
      state === 'absent' ? 'cannot go' : `would have to be recreated (${changes.map((one) => one.what).join(', ')})`;
    return {
      ...settled({ name }),
      failure: `the network ${name} ${why}, but ${inside.join(', ')} ${inside.length === 1 ? 'is' : 'are'} in it; \`force: true\` takes them out${state === 'absent' ? '' : ' and puts them into the new one'}`,
    };
  }
  const is: ContainerNetwork | null =
    state === 'absent'
      ? null
      : {
          name,
          driver: wanted.driver,
          subnets:
            wanted.subnet === undefined
              ? (now?.subnets ?? [])
              : [{ subnet: wanted.subnet, gateway: wanted.gateway ?? '' }],
          internal: wanted.internal,
          options: wanted.driverOptions,
          labels: wanted.labels,
          containers: inside,
        };
  return {
    changes: now && state === 'present' ? [...changes, { what: 'network', from: 'present', to: 'recreated' }] : changes,
    steps: [
      {
        script,
        args: [program, name, now ? 'y' : 'n', state, inside.join(' '), ...(state === 'absent' ? [] : flagsOf(wanted))],
        label: `${state === 'absent' ? 'remove' : 'make'} the network ${name}`,
      },
    ],
    after: [predict(question, { engine: program, is })],
    touches: [containersSubject],
    result: { name },
  };
}

function isIn(answer: FromEngine<Container>, network: string): boolean {
  return 'down' in answer || answer.is?.networks[network] !== undefined;
}

// $1 engine, $2 name, $3 whether it is there, $4 state, $5 containers in it, then the arguments of `create`.
const script = `e=$1 name=$2 there=$3 state=$4 inside=$5; shift 5
if [ "$there" = y ]; then
  for c in $inside; do "$e" network disconnect -f "$name" "$c" || exit; done
  "$e" network rm "$name" >/dev/null || exit
fi
[ "$state" = present ] || exit 0
"$e" network create "$@" "$name" >/dev/null || exit
for c in $inside; do "$e" network connect "$name" "$c" || exit; done`;

function flagsOf({ driver, subnet, gateway, internal, driverOptions, labels: given }: Wanted): string[] {
  return [
    '--driver',
    driver,
    ...(subnet === undefined ? [] : ['--subnet', subnet]),
    ...(gateway === undefined ? [] : ['--gateway', gateway]),
    ...(internal ? ['--internal'] : []),
    ...Object.entries(driverOptions).flatMap(([key, value]) => ['--opt', `${key}=${value}`]),
    ...Object.entries(given).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
  ];
}

function differences(
  { driver, subnet, gateway, internal, driverOptions, labels: given }: Wanted,
  now: ContainerNetwork,
): Change[] {
  const at = now.subnets.find((one) => one.subnet === subnet);
  const lists = (one: Readonly<Record<string, string>>): string =>
    Object.entries(one)
      .map((pair) => pair.join('='))
      .sort()
      .join(' ');
  const pairs: readonly (readonly [string, string, string])[] = [
    ['driver', now.driver, driver],
    [
      'subnet',
      now.subnets.map((one) => one.subnet).join(' '),
      subnet === undefined || at ? now.subnets.map((one) => one.subnet).join(' ') : subnet,
    ],
    ['gateway', at?.gateway ?? '', gateway ?? at?.gateway ?? ''],
    ['internal', now.internal ? 'yes' : 'no', internal ? 'yes' : 'no'],
    ['driver options', lists(now.options), lists(driverOptions)],
    ['labels', lists(now.labels), lists(given)],
  ];
  return pairs
    .filter(([, from, to]) => from !== to)
    .map(([what, from, to]) => ({ what, from: from === '' ? 'none' : from, to: to === '' ? 'none' : to }));
}
