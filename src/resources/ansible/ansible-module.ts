import * as v from 'valibot';
import { settled, type Found, type Plan, type Report, type Resource, type StepOutput } from '../../contract/index.ts';
import { makeTask, type Deferrable, type Keywords, type Task } from '../../playbook/index.ts';
import { exposeSecrets, secretsIn, type Secret } from '../../secrets/index.ts';
import { askFolderSh, commandOutput } from '../commands/command.probe.ts';
import { firstUnmet, lacksOf, needQuestions, type ProgramNeed } from '../kit/program-need.ts';
import { anything, path, text } from '../kit/schemas.ts';
import { readAnswer, type ModuleAnswer, type ModuleFields } from './module-answer.ts';
import { packModule, payloadWith, type PackedModule } from './packed-module.ts';

/** What `ansibleModule` takes. */
export interface AnsibleModuleOptions {
  /** The module, best in full: `community.general.ufw`. */
  readonly module: Deferrable<string>;
  /** Its options, as in Ansible's YAML; Secrets are allowed anywhere. Default: none. */
  readonly args?: Deferrable<Readonly<Record<string, unknown>>>;
  /** The Python of the host. Default: the variable `ansible_python_interpreter` where it is a path, else `python3`. */
  readonly python?: Deferrable<string>;
}

interface Wanted {
  readonly packed: PackedModule;
  readonly args: Readonly<Record<string, unknown>>;
  readonly secrets: readonly Secret[];
  readonly python: string;
}

const options = {
  module: v.pipe(
    text('The module, best in full: `community.general.ufw`.'),
    v.regex(/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/, 'must be the name of a module: community.general.ufw'),
  ),
  args: v.optional(
    v.pipe(
      anything,
      v.check(
        (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
        "must be a mapping of the module's options",
      ),
      v.description("The module's options, as in Ansible's YAML. May hold Secrets."),
    ),
  ),
  python: v.optional(
    path(
      'The Python of the host. Default: the variable `ansible_python_interpreter` where it is a path, else `python3`.',
    ),
  ),
};

// $1 Python. The payload comes on stdin and makes itself a folder below TMPDIR; none of its files stays.
const runScript = `${askFolderSh}TMPDIR=$d; export TMPDIR
"$1" -`;

const resource: Resource<typeof options, Wanted, ModuleFields> = {
  name: 'ansibleModule',
  summary:
    'Runs a module of Ansible on the host, as the Ansible that is installed here packs it: for what play has no resource for.',
  options,
  example: `const rule = ansibleModule<{ msg: string }>({ module: 'community.general.ufw', args: { rule: 'allow', port: '22' } });
debug({ msg: ({ results }) => results(rule).msg })`,
  title: ({ module, args }) => [module ?? '', nameIn(args)].join(' ').trim(),
  prepare({ module, args = {}, python }, scope) {
    const given = scope.host.vars['ansible_python_interpreter'];
    const ofHost = typeof given === 'string' && given.startsWith('/') ? given : 'python3';
    return {
      packed: packModule(module, scope.dir),
      args: exposeSecrets(args) as Wanted['args'],
      secrets: [...secretsIn(args)],
      python: python ?? ofHost,
    };
  },
  probes: (wanted) => needQuestions(needOf(wanted)),
  plan(wanted, found) {
    const unmet = firstUnmet(lacksOf(needOf(wanted), found), found);
    if (unmet !== undefined)
      return {
        ...settled({}),
        failure: unmet.failure,
        hopeless: true,
        hint: unmet.hint ?? "Modules of Ansible need Python on the host: apt({ name: 'python3' }).",
      };
    return found.forecast === undefined ? planRun(wanted) : planCheck(wanted, found);
  },
};

/** What most modules call the thing they manage. */
function nameIn(args: unknown): string {
  if (typeof args !== 'object' || args === null) return '';
  const named = ['name', 'path', 'dest'].map((key): unknown => Reflect.get(args, key));
  return named.find((value) => typeof value === 'string') ?? '';
}

function needOf({ python }: Wanted): ProgramNeed {
  return { chdir: '/', programs: [python] };
}

/** Ansible's own settings for its modules. Nothing is logged by the module: arguments would be. */
function payloadOf({ packed, args }: Wanted, isCheck: boolean): string {
  return payloadWith(packed, {
    ...args,
    _ansible_check_mode: isCheck,
    _ansible_no_log: true,
    _ansible_debug: false,
    _ansible_diff: true,
    _ansible_verbosity: 0,
    _ansible_version: packed.version,
    _ansible_module_name: packed.name,
    _ansible_syslog_facility: 'LOG_USER',
    _ansible_selinux_special_fs: ['fuse', 'nfs', 'vboxsf', 'ramfs', '9p', 'vfat'],
    _ansible_string_conversion_action: 'warn',
    _ansible_socket: null,
    _ansible_shell_executable: '/bin/sh',
    _ansible_keep_remote_files: false,
  });
}

/** The module is run once, and is believed: whether something is due it alone can tell. */
function planRun(wanted: Wanted): Plan<ModuleFields> {
  const { packed, args, python } = wanted;
  const { name } = args;
  return {
    ...settled({}),
    changes: [{ what: 'run', to: packed.name }],
    steps: [
      {
        script: runScript,
        args: [python],
        stdin: Buffer.from(payloadOf(wanted, false)),
        anyExit: true,
        label: `run ${packed.name}`,
      },
    ],
    touches: [{ on: 'everything' }],
    ...(switchesUnits.test(packed.name) && typeof name === 'string' ? { units: [name] } : {}),
    again: true,
    unforeseen: true,
    report: ([output]) => reportOf(wanted, output),
  };
}

const switchesUnits = /^ansible\.builtin\.(?:systemd|systemd_service|sysvinit)$/;

function reportOf({ packed, secrets, python }: Wanted, output: StepOutput | undefined): Report<ModuleFields> {
  const { code = -1, stdout = '', stderr = '' } = output ?? {};
  const answer = readAnswer(stdout, packed.name, secrets);
  if (answer === undefined)
    return {
      result: {},
      changes: [],
      failure: noAnswer(packed, code),
      output: { code, stdout, stderr },
      hint: oldPython(python),
    };
  const { fields, changes, message, failure } = answer;
  const report = { result: fields, changes, ...(message === undefined ? {} : { message }) };
  if (failure === undefined && code === 0) return report;
  return { ...report, failure: failure ?? noAnswer(packed, code), output: saidBy(answer, code, stderr) };
}

function noAnswer({ name }: PackedModule, code: number): string {
  return `${name} ended with code ${code} and gave no answer`;
}

function oldPython(python: string): string {
  return `Where it speaks of syntax or of what cannot be imported, the Python of the host (${python}) does not fit the Ansible here: \`python\` names another one.`;
}

/** What the module says of the programs it ran, or else what Python says of the module. */
function saidBy({ fields }: ModuleAnswer, code: number, stderr: string): StepOutput {
  const field = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  return { code, stdout: field('stdout'), stderr: field('stderr') || field('exception') || stderr };
}

/** Check mode: the module's own, where planned files are in place. */
function planCheck(wanted: Wanted, found: Found): Plan<ModuleFields> {
  const { packed } = wanted;
  const open = (why: string): Plan<ModuleFields> => ({ ...settled({}), may: why, unforeseen: true });
  if (!packed.hasCheckMode) return open(`${packed.name} has no check mode`);
  const said = found.get(commandOutput(checkScript(wanted), payloadOf(wanted, true)));
  if ('notRun' in said) return open(`not asked: ${said.notRun}`);
  const { code, stdout, stderr, caveat } = said;
  const answer = readAnswer(stdout, packed.name, wanted.secrets);
  const failure = answer === undefined ? noAnswer(packed, code) : answer.failure;
  if (failure !== undefined) {
    if (caveat !== undefined) return open(`it fails as things are: ${failure}; but ${caveat}`);
    found.doubt(`as things are it fails: ${failure}`, 'changes');
  }
  if (answer === undefined || failure !== undefined)
    return { ...settled(answer?.fields ?? {}), ...failed(wanted, failure ?? '', answer, { code, stdout, stderr }) };
  if (answer.skipped !== undefined) return open(`${packed.name} says: ${answer.skipped}`);
  const { changes, fields, message } = answer;
  if (changes.length > 0 && caveat === undefined) found.assume(`${packed.name} does what its own check mode says`);
  return {
    ...settled(fields),
    ...(changes.length > 0 ? { changes, touches: [{ on: 'everything' }], unforeseen: true, again: true } : {}),
    ...(message === undefined ? {} : { message }),
    ...(caveat === undefined ? {} : { assumed: [`the module says the same by then (${caveat})`] }),
  };
}

function failed(
  { python }: Wanted,
  failure: string,
  answer: ModuleAnswer | undefined,
  { stdout, stderr }: StepOutput,
): Pick<Plan<ModuleFields>, 'failure' | 'hint'> {
  if (answer !== undefined) return { failure };
  const last = (stderr.trim() || stdout.trim()).split('\n').at(-1);
  return { failure: last ? `${failure}: ${last}` : failure, hint: oldPython(python) };
}

/** The script of a question is one text. */
function checkScript({ python }: Wanted): string {
  return `set -- '${python.replaceAll("'", `'\\''`)}'\n${runScript}`;
}

/**
 * Runs a module of Ansible on the host, as the Ansible that is installed here packs it.
 *
 * @typeParam T the fields of its result that later tasks read, as the module's documentation has them. Default: JSON of
 * which nothing is known.
 * @throws PlayError before any host is touched: without Ansible here, for a module that is not installed, and for one
 * that Ansible carries out on its own side (template, copy ...)
 * @example ansibleModule({ module: 'community.general.ufw', args: { rule: 'allow', port: '22' } })
 */
export const ansibleModule = Object.assign(
  function ansibleModule<T extends object = ModuleFields>(
    given: AnsibleModuleOptions,
    keywords: Keywords<T> = {},
  ): Task<T> {
    return makeTask(resource, { ...given }, keywords, ansibleModule) as Task<T>;
  },
  { resource },
);
