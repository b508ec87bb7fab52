import * as v from 'valibot';
import { predict, settled, type Found, type Plan } from '../../contract/index.ts';
import { editSysctl, sameValue, sysctlPath, type SysctlEdit } from '../../formats/sysctl-edit.ts';
import { defineResource } from '../../playbook/index.ts';
import { inOrder } from '../kit/in-order.ts';
import { flag, path, text } from '../kit/schemas.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';
import { sysctlValue, sysctlSubject } from './sysctl.probe.ts';

interface WantedSetting {
  readonly edit: SysctlEdit;
  readonly file: string;
  readonly live: boolean;
  readonly ignoreErrors: boolean;
}

interface SysctlResult {
  /** The setting. */
  readonly name: string;
}

/** Settings of the kernel. */
export const sysctl = defineResource({
  name: 'sysctl',
  summary: 'A kernel setting: in a file, so that it survives a reboot, and in the running kernel.',
  options: {
    name: v.pipe(
      text(
        'The setting: `net.ipv4.ip_forward`; a dot inside a name is written as `/`: `net.ipv4.conf.eth0/100.rp_filter`.',
      ),
      v.regex(/^[A-Za-z0-9_][\w./:@+-]*$/, 'must be the name of a setting, such as vm.swappiness'),
      v.check(
        (name) =>
          !sysctlPath(name)
            .split('/')
            .some((part) => part === '..' || part === ''),
        'must be the name of a setting, such as vm.swappiness',
      ),
    ),
    value: v.optional(
      v.pipe(
        v.union([v.pipe(v.string(), v.regex(/^[^\r\n]*\S[^\r\n]*$/, 'must be one line')), v.number(), v.boolean()]),
        v.description('Its value; `true` and `false` are 1 and 0.'),
      ),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent']),
        v.description('`absent` removes it from the file; the running kernel keeps its value.'),
      ),
      'present',
    ),
    // On Debian up to 12 this is a link to /etc/sysctl.conf, which later releases no longer read.
    sysctlFile: v.optional(path('The file.'), '/etc/sysctl.d/99-sysctl.conf'),
    reload: flag('Set it in the running kernel too, and check that in every run.', true),
    ignoreErrors: flag(
      'Only write the file if the running kernel has no such setting (its module may come later).',
      false,
    ),
  },
  example: `sysctl({ name: 'net.ipv4.ip_forward', value: 1 })
sysctl({ name: 'vm.swappiness', value: 10, sysctlFile: '/etc/sysctl.d/50-database.conf' })`,
  validateOptions: ({ state, value }) =>
    state === 'present' && value === undefined
      ? 'give the `value`'
      : state === 'absent' && value !== undefined
        ? "state 'absent' takes no `value`"
        : undefined,
  title: ({ name }) => name ?? '',
  prepare({ name, value, state, sysctlFile, reload, ignoreErrors }): WantedSetting {
    const words =
      value === undefined ? undefined : typeof value === 'boolean' ? (value ? '1' : '0') : String(value).trim();
    return {
      edit: { path: sysctlPath(name), name, value: words },
      file: sysctlFile,
      live: reload && state === 'present',
      ignoreErrors,
    };
  },
  probes: ({ edit, file, live }) => [...editQuestions(file), ...(live ? [sysctlValue(edit.path)] : [])],
  plan: ({ edit, edit: { value }, file, live, ignoreErrors }, found): Plan<SysctlResult> =>
    inOrder(
      found,
      { name: edit.name },
      (now) => (live && value !== undefined ? planLive(edit.path, value, ignoreErrors, now) : nothing),
      (now) => planEdit({ path: file, create: true, onlyIfThere: value === undefined }, now, edit, editSysctl),
    ),
});

const nothing: Plan<undefined> = settled(undefined);

// The path is below /proc/sys by the schema. A value that the kernel refuses is told by the failing write.
const script = `printf '%s\\n' "$2" >"/proc/sys/$1"`;

function planLive(path: string, value: string, ignoreErrors: boolean, found: Found): Plan<undefined> {
  const now = found.get(sysctlValue(path));
  if (now === null && ignoreErrors) return nothing;
  const name = path.replaceAll('/', '.');
  found.require(now !== null, {
    failure: `the running kernel has no setting ${name}`,
    hint: 'Load the module that brings it first, or write ignoreErrors: true.',
  });
  if (sameValue(now.value, value)) return nothing;
  found.require(now.isWritable, { failure: `${name} is ${now.value.trim()} and cannot be set on this host`, by: null });
  return {
    ...nothing,
    changes: [{ what: 'running value', from: now.value.trim().split(/\s+/).join(' '), to: value }],
    steps: [{ script, args: [path, value], label: `set ${name}` }],
    after: [predict(sysctlValue(path), { ...now, value })],
    touches: [sysctlSubject(path)],
  };
}
