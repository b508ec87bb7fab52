import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { ufwRule, ufwState, type UfwRule, type UfwState } from './ufw.probe.ts';
import { ufw } from './ufw.ts';

const on: UfwState = {
  isActive: true,
  isEnabled: true,
  incoming: 'deny',
  outgoing: 'allow',
  routed: 'deny',
  logging: 'low',
};
const ssh = ['allow', 'from', 'any', 'to', 'any', 'port', '22', 'proto', 'tcp'];
const noSsh = ['delete', ...ssh];
const host = (
  now: Partial<UfwState> = {},
  rule: readonly string[] = ssh,
  answer: UfwRule = 'missing',
): HostDescription => ({
  answers: [predict(ufwState, { ...on, ...now }), predict(ufwRule(rule), answer)],
});
const options = { rule: 'allow', toPort: '22', proto: 'tcp' } as const;

export const cases = planCases(ufw, {
  'a rule': {
    options,
    host: host(),
    changes: ['rule allow from any to any port 22 proto tcp'],
    args: [ssh],
    result: { rule: 'allow from any to any port 22 proto tcp' },
  },
  'right already': { options, host: host({}, ssh, 'there') },
  'a rule that goes': {
    options: { ...options, delete: true },
    host: host({}, noSsh, 'there'),
    changes: ['rule allow from any to any port 22 proto tcp -> absent'],
    args: [noSsh],
  },
  'gone already': { options: { ...options, delete: true }, host: host({}, noSsh, 'missing') },
  'one that a task before makes goes, too': {
    options: { ...options, delete: true },
    host: host({}, noSsh, 'missing'),
    behind: { planned: [predict(ufwRule(ssh), 'there')] },
    changes: ['rule allow from any to any port 22 proto tcp -> absent'],
  },
  'all that a rule may say': {
    options: {
      rule: 'limit',
      route: true,
      insert: 2,
      interfaceIn: 'a0',
      interfaceOut: 'b0',
      log: true,
      fromIp: '10.0.0.0/8',
      fromPort: '1',
      toIp: '10.1.0.1',
      name: 'WWW Full',
      comment: 'x y',
    },
    host: host(
      {},
      words('route insert 2 limit in on a0 out on b0 log from 10.0.0.0/8 port 1 to 10.1.0.1 app WWW+Full comment x+y'),
    ),
    changes: [
      'rule route insert 2 limit in on a0 out on b0 log from 10.0.0.0/8 port 1 to 10.1.0.1 app WWW Full comment x y',
    ],
  },
  'by an interface': {
    options: { ...options, direction: 'outgoing', interface: 'eth0' },
    host: host({}, words('allow out on eth0 from any to any port 22 proto tcp')),
    changes: ['rule allow out on eth0 from any to any port 22 proto tcp'],
  },
  'put in force, with what it does by default': {
    options: { state: 'enabled', default: 'reject', logging: 'on' },
    host: host({ isActive: false, isEnabled: false, logging: 'off' }),
    changes: ['default incoming deny -> reject', 'logging off -> low', 'state disabled -> enabled'],
    args: [['default', 'reject', 'incoming'], ['logging', 'low'], ['enable']],
  },
  'in force now, but not after a boot': {
    options: { state: 'enabled' },
    host: host({ isEnabled: false }),
    changes: ['after a reboot disabled -> enabled'],
  },
  'off': { options: { state: 'disabled' }, host: host(), changes: ['state enabled -> disabled'], args: [['disable']] },
  'nothing to read again': { options: { state: 'reloaded' }, host: host({ isActive: false }) },
  'a rule that ufw does not take': {
    options,
    host: host({}, ssh, { refused: 'Bad port' }),
    fails: 'ufw refuses the rule allow from any to any port 22 proto tcp: Bad port',
  },
  'ufw is missing': {
    options,
    host: { answers: [predict(ufwState, 'no ufw'), predict(ufwRule(ssh), 'no ufw')] },
    fails: 'ufw is not installed',
    hint: "Install it first: apt({ name: 'ufw' })",
  },
  'ufw may come with what is planned': {
    options,
    host: { answers: [predict(ufwState, 'no ufw'), predict(ufwRule(ssh), 'no ufw')] },
    behind: {},
    changes: ['rule allow from any to any port 22 proto tcp'],
    assumed: ['ufw is installed, with the settings it comes with by then ("a task" changes the host before)'],
  },
  'nothing said': { options: {}, fails: 'ufw: give a `rule`, `default`, `state` or `logging`' },
  'a port without a rule': { options: { state: 'enabled', toPort: '22' }, fails: 'ufw: `toPort` needs a `rule`' },
  'an interface without a direction': {
    options: { ...options, interface: 'eth0' },
    fails: 'ufw: `interface` needs the `direction`',
  },
});

function words(text: string): string[] {
  return text.split(' ').map((word) => word.replaceAll('+', ' '));
}
