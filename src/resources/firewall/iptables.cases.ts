import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { iptablesChain, iptablesRule, type IptablesAnswer } from './iptables.probe.ts';
import { iptables } from './iptables.ts';

const accept = ['-p', 'tcp', '--dport', '8443', '-j', 'ACCEPT'];
const options = { chain: 'INPUT', protocol: 'tcp', destinationPort: '8443', jump: 'ACCEPT' };
const there = (policy = 'ACCEPT', rules = 1): IptablesAnswer => ({ is: 'there', policy, rules });
const missing: IptablesAnswer = { is: 'missing' };
const host = (
  chain: IptablesAnswer,
  rule: IptablesAnswer = missing,
  words = accept,
  name = 'INPUT',
): HostDescription => ({
  answers: [
    predict(iptablesChain('ipv4', 'filter', name), chain),
    predict(iptablesRule('ipv4', 'filter', name, words), rule),
  ],
});

export const cases = planCases(iptables, {
  'a rule': {
    options,
    host: host(there()),
    changes: ['rule -A INPUT -p tcp --dport 8443 -j ACCEPT'],
    args: [['iptables', 'filter', '-A', 'INPUT', ...accept]],
    result: { rule: accept.join(' ') },
  },
  'right already': { options, host: host(there(), there('-', 0)) },
  'in its place': {
    options: { ...options, action: 'insert', ruleNum: 2 },
    host: host(there()),
    changes: ['rule -A INPUT -p tcp --dport 8443 -j ACCEPT'],
    args: [['iptables', 'filter', '-I', 'INPUT', '2', ...accept]],
  },
  'removed': {
    options: { ...options, state: 'absent' },
    host: host(there(), there('-', 0)),
    changes: ['rule -A INPUT -p tcp --dport 8443 -j ACCEPT -> absent'],
    args: [['iptables', 'filter', '-D', 'INPUT', ...accept]],
  },
  'removed already': { options: { ...options, state: 'absent' }, host: host(there()) },
  'all that a rule may say': {
    options: {
      chain: 'INPUT',
      source: '!10.0.0.0/8',
      match: ['comment'],
      destinationPorts: ['80', '8000:8010'],
      ctstate: ['NEW', 'RELATED'],
      syn: 'negate',
      limit: '2/minute',
      uidOwner: '!33',
      comment: 'x y',
      rejectWith: 'tcp-reset',
    },
    host: host(
      there(),
      missing,
      words(
        '! -s 10.0.0.0/8 -m comment -m multiport --dports 80,8000:8010 ! --syn -m conntrack --ctstate NEW,RELATED -m limit --limit 2/minute -m owner ! --uid-owner 33 --comment x+y -j REJECT --reject-with tcp-reset',
      ),
    ),
    changes: [
      'rule -A INPUT ! -s 10.0.0.0/8 -m comment -m multiport --dports 80,8000:8010 ! --syn -m conntrack --ctstate NEW,RELATED -m limit --limit 2/minute -m owner ! --uid-owner 33 --comment x y -j REJECT --reject-with tcp-reset',
    ],
  },
  'a chain of its own, made with its rule': {
    options: { ...options, chain: 'mine', chainManagement: true },
    host: host(missing, missing, accept, 'mine'),
    changes: ['chain mine absent -> present', 'rule -A mine -p tcp --dport 8443 -j ACCEPT'],
  },
  'no such chain': {
    options: { ...options, chain: 'mine' },
    host: host(missing, missing, accept, 'mine'),
    fails: 'there is no chain mine in the table filter of iptables',
    hint: '`chainManagement: true` creates it.',
  },
  'a rule for a chain that is planned': {
    options: { chain: 'INPUT', jump: 'mine' },
    host: {
      answers: [
        predict(iptablesChain('ipv4', 'filter', 'INPUT'), there()),
        predict(iptablesRule('ipv4', 'filter', 'INPUT', ['-j', 'mine']), {
          is: 'refused',
          why: "Chain 'mine' does not exist",
        }),
      ],
    },
    behind: { planned: [predict(iptablesChain('ipv4', 'filter', 'mine'), there('-', 0))] },
    changes: ['rule -A INPUT -j mine'],
  },
  'a policy': {
    options: { chain: 'INPUT', policy: 'DROP' },
    host: host(there()),
    changes: ['policy of INPUT ACCEPT -> DROP'],
    args: [['iptables', 'filter', '-P', 'INPUT', 'DROP']],
  },
  'only chains of the kernel have a policy': {
    options: { chain: 'mine', policy: 'DROP' },
    host: host(there('-'), missing, accept, 'mine'),
    fails: 'mine has no policy: only built-in chains have one',
  },
  'emptied': {
    options: { chain: 'INPUT', flush: true },
    host: host(there()),
    changes: ['rules of INPUT 1 -> none'],
    args: [['iptables', 'filter', '-F', 'INPUT']],
  },
  'a chain that goes must be empty': {
    options: { chain: 'mine', chainManagement: true, state: 'absent' },
    host: host(there('-', 2), missing, accept, 'mine'),
    fails: 'the chain mine has 2 rules',
    hint: "Empty it first: iptables({ chain: 'mine', flush: true })",
  },
  'a rule that iptables does not take': {
    options,
    host: host(there(), { is: 'refused', why: 'unknown protocol' }),
    fails: 'iptables refuses the rule: unknown protocol',
  },
  'iptables is missing': {
    options,
    host: host({ is: 'no iptables' }, { is: 'no iptables' }),
    fails: 'iptables is not installed',
    hint: "Install it first: apt({ name: 'iptables' })",
  },
  'no rule': { options: { chain: 'INPUT' }, fails: 'iptables: give a rule: what it matches, and `jump`' },
  'a rule and a policy': {
    options: { ...options, policy: 'DROP' },
    fails: 'iptables: give a rule, `policy` or `flush`, each in a task of its own',
  },
});

function words(text: string): string[] {
  return text.split(' ').map((word) => word.replaceAll('+', ' '));
}
