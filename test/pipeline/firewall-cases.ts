import type { Task } from '../../src/playbook/index.ts';
import { firewalld, iptables, ufw } from '../../src/resources/index.ts';
import type { LawCase } from '../support/laws.ts';

const rule = (more: Partial<Parameters<typeof ufw>[0]>): Task => ufw({ rule: 'allow', ...more });
const packet = (more: Partial<Parameters<typeof iptables>[0]>): Task => iptables({ chain: 'lawful', ...more });

/** Rules of iptables in force, beside a real login. They build on one another. */
export const iptablesCases: readonly LawCase[] = [
  {
    name: 'iptables: a chain, and rules in it',
    tasks: () => [
      packet({ chainManagement: true }),
      packet({
        protocol: 'tcp',
        destinationPorts: ['80', '8000:8010'],
        ctstate: ['NEW'],
        jump: 'ACCEPT',
        comment: `o'd "d`,
      }),
      packet({
        protocol: 'tcp',
        source: '!10.0.0.0/8',
        syn: 'match',
        limit: '2/minute',
        limitBurst: '20',
        rejectWith: 'tcp-reset',
      }),
      packet({
        action: 'insert',
        ruleNum: 1,
        protocol: 'icmp',
        icmpType: 'echo-request',
        jump: 'LOG',
        logPrefix: 'law: ',
      }),
      iptables({ chain: 'INPUT', protocol: 'udp', destinationPort: '5353', jump: 'lawful' }),
      iptables({ chain: 'FORWARD', policy: 'DROP' }),
      iptables({ chain: 'OUTPUT', ipVersion: 'ipv6', outInterface: 'nowhere0', jump: 'DROP' }),
      iptables({
        table: 'nat',
        chain: 'PREROUTING',
        protocol: 'tcp',
        destinationPort: '81',
        jump: 'REDIRECT',
        toPorts: '80',
      }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed', 'changed', 'changed', 'changed'],
    afterwards: `[ "$(iptables -S lawful | grep -c '^-A')" = 3 ]; iptables -S lawful | sed -n 2p | grep -q LOG; iptables -S FORWARD | grep -q -- '-P FORWARD DROP'`,
  },
  {
    name: 'iptables: a rule that is there twice goes whole; a chain goes once it is empty',
    setup: 'iptables -A INPUT -p udp --dport 5353 -j lawful',
    tasks: () => [
      iptables({ chain: 'INPUT', protocol: 'udp', destinationPort: '5353', jump: 'lawful', state: 'absent' }),
      packet({ flush: true }),
      packet({ chainManagement: true, state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed'],
  },
  {
    name: 'iptables: what it does not take',
    tasks: () => [iptables({ chain: 'INPUT', protocol: 'tpc', jump: 'ACCEPT' })],
    expect: ['failed'],
    again: ['failed'],
    says: /refuses the rule: unknown protocol "tpc"/,
  },
];

/** The same of ufw, whose every question starts Python. */
export const ufwCases: readonly LawCase[] = [
  {
    name: 'ufw: rules before it is in force, and then it is',
    tasks: () => [
      rule({ toPort: '22', proto: 'tcp' }),
      rule({ name: 'WWW Full', comment: 'o "d $x' }),
      rule({
        rule: 'limit',
        toPort: '5432',
        proto: 'tcp',
        fromIp: '10.0.0.7/8',
        direction: 'in',
        interface: 'host0',
        log: true,
      }),
      rule({ rule: 'deny', toPort: '6000:6010', proto: 'udp' }),
      rule({ route: true, interfaceIn: 'a0', interfaceOut: 'b0', toIp: '2001:db8::/32' }),
      ufw({ default: 'reject', direction: 'routed' }),
      ufw({ logging: 'medium' }),
      ufw({ state: 'enabled', default: 'deny' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed', 'changed', 'changed', 'changed'],
    afterwards: `ufw status | grep -q 'Status: active'; iptables -S ufw-user-input | grep -q 'dport 22'`,
  },
  {
    name: 'ufw: rules that are in force already, and others',
    setup: 'ufw allow 53 >/dev/null',
    tasks: () => [
      rule({ toPort: '53' }),
      rule({ toPort: '22', proto: 'tcp', comment: 'ssh' }),
      rule({ toPort: '6000:6010', proto: 'udp', rule: 'deny', delete: true }),
      rule({ toPort: '99', delete: true }),
      rule({ rule: 'reject', toPort: '25', insert: 1 }),
      ufw({ state: 'enabled', logging: 'low' }),
    ],
    expect: ['ok', 'changed', 'changed', 'ok', 'changed', 'changed'],
    afterwards: `ufw status numbered | grep -q '^\\[ 1\\] 25 .*REJECT'`,
  },
  {
    name: 'ufw: what it does not take',
    tasks: () => [rule({ toPort: 'no-such-service' })],
    expect: ['failed'],
    again: ['failed'],
    says: /ufw refuses the rule .*: Bad port/,
  },
  { name: 'ufw: read again', tasks: () => [ufw({ state: 'reloaded' })], expect: ['changed'], again: ['changed'] },
  { name: 'ufw: off', tasks: () => [ufw({ state: 'disabled' })], expect: ['changed'] },
];

const zone = (more: Partial<Parameters<typeof firewalld>[0]>): Task => firewalld({ state: 'enabled', ...more });

/** The same of firewalld. */
export const firewalldCases: readonly LawCase[] = [
  {
    name: 'firewalld: services, ports, rules, now and later',
    setup: 'systemctl start firewalld; until firewall-cmd -q --state; do sleep 0.2; done',
    tasks: () => [
      zone({ service: 'https', permanent: true, immediate: true }),
      zone({ zone: 'dmz', port: '8000-8010/udp', permanent: true }),
      zone({ richRule: 'rule family=ipv4 source address="10.0.0.0/8" port port=5432 protocol=tcp accept' }),
      zone({ zone: 'work', portForward: { port: '443', proto: 'tcp', toport: '8443' }, permanent: true }),
      zone({ service: 'dhcpv6-client', state: 'disabled', permanent: true, immediate: true }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed'],
    afterwards: 'firewall-cmd -q --query-service=https; nft list table inet firewalld | grep -q "tcp dport 443"',
  },
  {
    name: 'firewalld: what it does not take',
    tasks: () => [zone({ service: 'no-such' })],
    expect: ['failed'],
    again: ['failed'],
    says: /firewalld refuses service=no-such: INVALID_SERVICE/,
  },
];
