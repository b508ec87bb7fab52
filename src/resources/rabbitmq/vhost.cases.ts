import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { rabbitmqBroker, rabbitmqTracing } from './rabbitmq.probe.ts';
import { rabbitmqVhost } from './vhost.ts';

const name = 'shop';
const broker = (...names: readonly string[]): HostDescription => ({
  answers: [
    predict(rabbitmqBroker('rabbit@a'), {
      users: [],
      permissions: [],
      vhosts: names,
    }),
    predict(rabbitmqTracing('rabbit@a'), { traced: [] }),
  ],
});
const node = 'rabbit@a';

export const cases = planCases(rabbitmqVhost, {
  'made and traced': {
    options: { name, node, tracing: true },
    host: broker('/'),
    changes: ['state absent -> present', 'tracing no -> yes'],
    args: [
      [node, 'add_vhost', name],
      [node, 'trace_on', '-p', name],
    ],
    result: { name },
  },
  'right already': { options: { name, node, tracing: false }, host: broker('/', name) },
  'removed': {
    options: { name, node, state: 'absent' },
    host: broker('/', name),
    changes: ['state present -> absent'],
    args: [[node, 'delete_vhost', name]],
  },
  'removed already': { options: { name, node, state: 'absent' }, host: broker('/') },
});
