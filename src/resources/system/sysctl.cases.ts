import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { sysctlValue } from './sysctl.probe.ts';
import { sysctl } from './sysctl.ts';

const file = '/etc/sysctl.d/99-sysctl.conf';
const forwards = 'net/ipv4/ip_forward';

/** The running kernel's value of a setting (null: it has none), and what the file holds. */
const kernel = (path: string, value: string | null, lines?: string, isWritable = true): HostDescription => ({
  answers: [predict(sysctlValue(path), value === null ? null : { value, isWritable })],
  paths: {
    '/etc/sysctl.d': { type: 'directory' },
    ...(lines === undefined ? {} : { [file]: { type: 'file', content: lines } }),
  },
});
const forward = { name: 'net.ipv4.ip_forward', value: 1 };

export const cases = planCases(sysctl, {
  'in the running kernel and in a new file': {
    options: forward,
    host: kernel(forwards, '0'),
    changes: ['running value 0 -> 1', 'content new file'],
    writes: { [file]: 'net.ipv4.ip_forward = 1\n' },
    steps: ['set net.ipv4.ip_forward', `write ${file}`],
    result: { name: 'net.ipv4.ip_forward' },
  },
  'right already': { options: forward, host: kernel(forwards, '1', 'net.ipv4.ip_forward=1\n') },
  'another value in the file': {
    options: forward,
    host: kernel(forwards, '1', '# routing\nnet.ipv4.ip_forward=0\nvm.swappiness=10\n'),
    changes: ['content'],
    writes: { [file]: '# routing\nnet.ipv4.ip_forward = 1\nvm.swappiness=10\n' },
  },
  'true means 1': { options: { ...forward, value: true }, host: kernel(forwards, '1', 'net.ipv4.ip_forward = 1\n') },
  'blanks between several values do not count': {
    options: { name: 'net.ipv4.tcp_rmem', value: '4096 87380 6291456' },
    host: kernel('net/ipv4/tcp_rmem', '4096\t87380\t6291456', 'net.ipv4.tcp_rmem = 4096 87380 6291456\n'),
  },
  'a point inside the name of an interface': {
    options: { name: 'net.ipv4.conf.eth0/100.rp_filter', value: 1 },
    host: kernel('net/ipv4/conf/eth0.100/rp_filter', '0'),
    changes: ['running value 0 -> 1', 'content new file'],
    writes: { [file]: 'net.ipv4.conf.eth0/100.rp_filter = 1\n' },
  },
  'out of the file, while the kernel keeps what it has': {
    options: { name: 'net.ipv4.ip_forward', state: 'absent' },
    host: { paths: { [file]: { type: 'file', content: 'net.ipv4.ip_forward=1\nvm.swappiness=10\n' } } },
    changes: ['content'],
    writes: { [file]: 'vm.swappiness=10\n' },
  },
  'nothing to take out': { options: { name: 'vm.swappiness', state: 'absent' } },
  'only the file, without a look at the kernel': {
    options: { ...forward, reload: false },
    host: { paths: { '/etc/sysctl.d': { type: 'directory' } } },
    changes: ['content new file'],
    steps: [`write ${file}`],
  },
  'a setting this kernel does not have': {
    options: { name: 'net.netfilter.nf_conntrack_max', value: 1 },
    host: kernel('net/netfilter/nf_conntrack_max', null),
    fails: 'the running kernel has no setting net.netfilter.nf_conntrack_max',
    hint: 'Load the module that brings it first, or write ignoreErrors: true.',
  },
  'the same, only written down': {
    options: { name: 'net.netfilter.nf_conntrack_max', value: 1, ignoreErrors: true },
    host: kernel('net/netfilter/nf_conntrack_max', null),
    changes: ['content new file'],
  },
  'a setting that a command may bring': {
    options: { name: 'net.netfilter.nf_conntrack_max', value: 1 },
    host: kernel('net/netfilter/nf_conntrack_max', null),
    behind: { command: true },
    changes: ['content new file'],
    may: 'the running kernel has no setting net.netfilter.nf_conntrack_max yet ("a command" runs before)',
  },
  'one that a container may not set': {
    options: forward,
    host: kernel(forwards, '0\n', undefined, false),
    fails: 'net.ipv4.ip_forward is 0 and cannot be set on this host',
  },
  'no value': { options: { name: 'vm.swappiness' }, fails: 'sysctl: give the `value`' },
  'a value with absent': {
    options: { name: 'vm.swappiness', state: 'absent', value: 1 },
    fails: "sysctl: state 'absent' takes no `value`",
  },
  'a name that leads out of /proc/sys': {
    options: { name: 'vm.../etc', value: 1 },
    fails: 'sysctl: option "name" is "vm.../etc" (a string), but must be the name of a setting, such as vm.swappiness',
  },
});
