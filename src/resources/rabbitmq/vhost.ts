import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Plan, type Step } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { node, rabbitmqName, state } from './options.ts';
import { answered, ctlSh, fresh, rabbitmqBroker, rabbitmqSubject, rabbitmqTracing } from './rabbitmq.probe.ts';

interface Wanted {
  readonly name: string;
  readonly node: string;
  readonly tracing: boolean | undefined;
  readonly state: 'present' | 'absent';
}

interface VhostResult {
  /** The name of the virtual host. */
  readonly name: string;
}

const script = `${ctlSh}
node=$1; shift
ctl "$@" </dev/null`;

/** A virtual host of RabbitMQ. */
export const rabbitmqVhost = defineResource({
  name: 'rabbitmqVhost',
  summary: 'A RabbitMQ virtual host.',
  options: {
    name: rabbitmqName('The virtual host.'),
    tracing: v.optional(v.pipe(v.boolean(), v.description('Whether messages are traced. Default: as it is.'))),
    node,
    state,
  },
  example: `rabbitmqVhost({ name: 'shop' })`,
  validateOptions: (given) =>
    given.state === 'absent' && given.tracing !== undefined ? '`tracing` needs state `present`' : undefined,
  title: ({ name }) => name ?? '',
  prepare: ({ node: of = '', tracing, ...rest }): Wanted => ({ ...rest, tracing, node: of }),
  probes: ({ node: of, tracing }) => [rabbitmqBroker(of), ...(tracing === undefined ? [] : [rabbitmqTracing(of)])],
  plan,
  owns: ({ name, node: of }) => [{ on: 'named', name: `rabbitmq vhost ${name}${of === '' ? '' : ` of ${of}`}` }],
});

function plan(wanted: Wanted, found: Found): Plan<VhostResult> {
  const { name, tracing } = wanted;
  const question = rabbitmqBroker(wanted.node);
  const broker = answered(found.get(question), fresh, found);
  const isThere = broker.vhosts.includes(name);
  const others = broker.vhosts.filter((one) => one !== name);
  const changes: Change[] = [];
  const steps: Step[] = [];
  const run = (...words: readonly string[]): void =>
    void steps.push({ script, args: [wanted.node, ...words], label: `rabbitmqctl ${words.join(' ')}` });
  const after = [
    predict(question, {
      ...broker,
      vhosts: wanted.state === 'absent' ? others : [...others, name],
      permissions: broker.permissions.filter((one) => wanted.state === 'present' || one.vhost !== name),
    }),
  ];
  if (wanted.state === 'absent' && isThere) {
    changes.push({ what: 'state', from: 'present', to: 'absent' });
    run('delete_vhost', name);
  }
  if (wanted.state === 'present' && !isThere) {
    changes.push({ what: 'state', from: 'absent', to: 'present' });
    run('add_vhost', name);
  }
  if (tracing !== undefined) {
    const asked = rabbitmqTracing(wanted.node);
    const { traced } = answered<{ readonly traced: readonly string[] }>(found.get(asked), { traced: [] }, found);
    if (tracing !== traced.includes(name)) {
      changes.push({ what: 'tracing', from: tracing ? 'no' : 'yes', to: tracing ? 'yes' : 'no' });
      run(tracing ? 'trace_on' : 'trace_off', '-p', name);
      after.push(predict(asked, { traced: [...traced.filter((one) => one !== name), ...(tracing ? [name] : [])] }));
    }
  }
  return changes.length === 0
    ? settled({ name })
    : { ...settled({ name }), changes, steps, after, touches: [rabbitmqSubject] };
}
