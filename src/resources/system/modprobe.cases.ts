import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { kernelModule, type KernelModule } from './kernel-module.probe.ts';
import { modprobe } from './modprobe.ts';

const name = 'br_netfilter';
const boot = `/etc/modules-load.d/${name}.conf`;
const options = `/etc/modprobe.d/${name}.conf`;
const folders = { '/etc/modules-load.d': { type: 'directory' }, '/etc/modprobe.d': { type: 'directory' } } as const;
const host = (now: Partial<KernelModule>, files: Readonly<Record<string, string>> = {}): HostDescription => ({
  paths: {
    ...folders,
    ...Object.fromEntries(
      Object.entries(files).map(([path, content]) => [path, { type: 'file', mode: '0644', content }]),
    ),
  },
  answers: [predict(kernelModule(name), { is: 'available', uses: 0, needs: [], ...now })],
});

export const cases = planCases(modprobe, {
  'loaded, with what it needs': {
    options: { name: 'br-netfilter', params: 'a=1 b=2' },
    host: host({ needs: ['bridge', 'llc'] }),
    changes: ['module not loaded -> loaded'],
    steps: ['load the module br_netfilter'],
    args: [[name, 'a=1 b=2']],
    leaves: [
      predict(kernelModule(name), { is: 'loaded', uses: 0, needs: [] }),
      predict(kernelModule('bridge'), { is: 'loaded', uses: 1, needs: [] }),
    ],
    result: { name },
  },
  'loaded already': { options: { name }, host: host({ is: 'loaded' }), steps: [] },
  'a part of the kernel': { options: { name }, host: host({ is: 'built-in' }), steps: [] },
  'at boot, too': {
    options: { name, persistent: 'present', params: 'a=1' },
    host: host({ is: 'loaded' }),
    changes: ['content new file', 'owner root', 'group root', 'content new file', 'owner root', 'group root'],
    writes: { [boot]: 'br_netfilter\n', [options]: 'options br_netfilter a=1\n' },
  },
  'at boot already; without parameters those in a file stay': {
    options: { name, persistent: 'present' },
    host: host({ is: 'loaded' }, { [boot]: 'br_netfilter\n', [options]: 'options br_netfilter a=1\n' }),
    steps: [],
  },
  'taken out, and not at boot': {
    options: { name, state: 'absent', persistent: 'absent' },
    host: host({ is: 'loaded' }, { [boot]: 'br_netfilter\n' }),
    changes: ['state file -> absent', 'module loaded -> not loaded'],
  },
  'not there, and not wanted': { options: { name, state: 'absent' }, host: host({ is: 'missing' }), steps: [] },
  'taken out while in use': {
    options: { name, state: 'absent' },
    host: host({ is: 'loaded', uses: 2 }),
    fails: 'the module br_netfilter is in use',
    hint: 'To see what uses it: lsmod, /sys/module/br_netfilter/holders',
  },
  'a part of the kernel cannot be taken out': {
    options: { name, state: 'absent' },
    host: host({ is: 'built-in' }),
    fails: 'br_netfilter is built into the kernel',
  },
  'no such module': {
    options: { name },
    host: host({ is: 'missing' }),
    fails: 'the kernel has no module br_netfilter',
    hint: 'Is it spelt right? Some are in a package of their own, such as linux-modules-extra.',
  },
  'one that a command may bring': {
    options: { name },
    host: host({ is: 'missing' }),
    behind: { command: true },
    may: 'the kernel has no module br_netfilter yet ("a command" runs before)',
  },
  'no modprobe': {
    options: { name },
    host: host({ is: 'no modprobe' }),
    fails: 'modprobe is not installed',
    hint: "Install it first: apt({ name: 'kmod' })",
  },
  'a path in place of a name': {
    options: { name: '../x' },
    fails: 'modprobe: option "name" is "../x" (a string), but must be the name of a module, such as br_netfilter',
  },
  'parameters of what is taken out': {
    options: { name, state: 'absent', params: 'a=1' },
    fails: "modprobe: state 'absent' takes no `params`",
  },
});
