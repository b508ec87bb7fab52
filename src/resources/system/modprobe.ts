import * as v from 'valibot';
import { predict, settled, type Found, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { fileQuestions } from '../kit/file-content.ts';
import { inOrder } from '../kit/in-order.ts';
import { planManagedFile, planNoFile } from '../kit/managed-file.ts';
import { text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { kernelModule, kernelModules } from './kernel-module.probe.ts';

interface WantedModule {
  /** With underscores, as the kernel has it. */
  readonly name: string;
  readonly state: 'present' | 'absent';
  readonly params: string;
  readonly persistent: 'disabled' | 'present' | 'absent';
}

export interface ModprobeResult {
  /** The module, with underscores. */
  readonly name: string;
}

/** A module of the kernel. */
export const modprobe = defineResource({
  name: 'modprobe',
  summary: 'Loads a kernel module, or unloads it: now, and with `persistent` at boot too.',
  options: {
    name: v.pipe(
      text('The module: `br_netfilter`. `-` and `_` are equivalent.'),
      v.regex(/^[A-Za-z0-9_][\w-]*$/, 'must be the name of a module, such as br_netfilter'),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent']),
        v.description('Whether it is loaded. A module built into the kernel always is. Default `present`.'),
      ),
      'present',
    ),
    params: v.optional(
      v.pipe(
        text(
          'Parameters to load it with: `numdummies=2`. A module that is already loaded keeps its own; see /sys/module/NAME/parameters. Default: none.',
        ),
        v.regex(/^[^\r\n]*$/, 'must be one line'),
      ),
      '',
    ),
    persistent: v.optional(
      v.pipe(
        v.picklist(['disabled', 'present', 'absent']),
        v.description(
          '`present`: also loaded at boot, by /etc/modules-load.d/NAME.conf and, with `params`, /etc/modprobe.d/NAME.conf. `absent`: these files do not exist; lines in other files stay. Default `disabled`: files are left alone.',
        ),
      ),
      'disabled',
    ),
  },
  example: `modprobe({ name: 'br_netfilter', persistent: 'present' })
modprobe({ name: 'dummy', params: 'numdummies=2' })`,
  validateOptions: ({ state, params, persistent }) =>
    state === 'absent' && params !== ''
      ? "state 'absent' takes no `params`"
      : state === 'absent' && persistent === 'present'
        ? "state 'absent' contradicts `persistent: 'present'`, which loads it at boot"
        : undefined,
  title: ({ name }) => name ?? '',
  prepare: ({ name, params, ...rest }): WantedModule => ({
    ...rest,
    name: name.replaceAll('-', '_'),
    params: params.trim(),
  }),
  probes: (wanted) => [kernelModule(wanted.name), ...filesOf(wanted).flatMap(({ path }) => fileQuestions(path))],
  plan: (wanted, found): Plan<ModprobeResult> =>
    inOrder(
      found,
      { name: wanted.name },
      ...filesOf(wanted).map(({ path, content }) => (now: Found) => {
        if (wanted.persistent === 'absent') return planNoFile(path, now, undefined);
        const file = { path, content: Buffer.from(content), mode: '0644', owner: 'root', group: 'root' };
        return planManagedFile(file, { mode: '0755' }, now, undefined);
      }),
      (now) => (wanted.state === 'present' ? planLoaded(wanted, now) : planTakenOut(wanted.name, now)),
    ),
  owns: (wanted) => filesOf(wanted).map(({ path }) => ({ on: 'path', path })),
});

/** What says at boot that it is loaded, and with what (modules-load.d(5), modprobe.d(5)). */
function filesOf({ name, params, persistent }: WantedModule): { readonly path: string; readonly content: string }[] {
  if (persistent === 'disabled') return [];
  const options = { path: `/etc/modprobe.d/${name}.conf`, content: `options ${name} ${params}\n` };
  return [
    { path: `/etc/modules-load.d/${name}.conf`, content: `${name}\n` },
    ...(persistent === 'present' && params === '' ? [] : [options]),
  ];
}

const nothing: Plan<undefined> = settled(undefined);

function planLoaded({ name, params }: WantedModule, found: Found): Plan<undefined> {
  const now = found.get(kernelModule(name));
  found.require(now.is !== 'no modprobe', toolNeed('modprobe', 'kmod', 'programs'));
  found.require(now.is !== 'missing', {
    failure: `the kernel has no module ${name}`,
    hint: 'Is it spelt right? Some are in a package of their own, such as linux-modules-extra.',
    by: 'programs',
  });
  if (now.is !== 'available') return nothing;
  return {
    ...nothing,
    changes: [{ what: 'module', from: 'not loaded', to: 'loaded' }],
    // Parameters are words: the shell is to split them.
    steps: [{ script: 'modprobe -- "$1" $2', args: [name, params], label: `load the module ${name}` }],
    after: [name, ...now.needs].map((one) =>
      predict(kernelModule(one), { is: 'loaded', uses: one === name ? 0 : 1, needs: [] }),
    ),
    touches: [kernelModules],
  };
}

function planTakenOut(name: string, found: Found): Plan<undefined> {
  const now = found.get(kernelModule(name));
  found.require(now.is !== 'built-in', { failure: `${name} is built into the kernel`, by: null });
  if (now.is !== 'loaded') return nothing;
  found.require(now.uses === 0, {
    failure: `the module ${name} is in use`,
    hint: `To see what uses it: lsmod, /sys/module/${name}/holders`,
    by: 'changes',
  });
  return {
    ...nothing,
    changes: [{ what: 'module', from: 'loaded', to: 'not loaded' }],
    steps: [{ script: 'modprobe -r -- "$1"', args: [name], label: `unload the module ${name}` }],
    after: [predict(kernelModule(name), { is: 'available', uses: 0, needs: [] })],
    touches: [kernelModules],
  };
}
