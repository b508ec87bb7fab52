import {
  settled,
  type Found,
  type Plan,
  type Question,
  type Report,
  type ResourceScope,
  type StepOutput,
} from '../../../contract/index.ts';
import { exposeSecrets, secretsIn, type Secret } from '../../../secrets/index.ts';
import { askFolderSh, commandOutput } from '../../commands/command.probe.ts';
import { firstUnmet, lacksOf, needQuestions, type ProgramNeed } from '../../kit/program-need.ts';
import { readAnswer, type ModuleAnswer, type ModuleFields } from './module-answer.ts';
import { packModule, payloadWith, type PackedModule } from './packed-module.ts';

// $1 Python. The payload comes on stdin and makes itself a folder below TMPDIR; none of its files stays.
const runScript = `${askFolderSh}TMPDIR=$d; export TMPDIR
"$1" -`;

/** A module, ready to be sent. */
export interface Wanted {
  readonly packed: PackedModule;
  readonly args: Readonly<Record<string, unknown>>;
  readonly secrets: readonly Secret[];
  readonly python: string;
}

interface Given {
  readonly module: string;
  readonly args: unknown;
  readonly python: string | undefined;
}

/** @throws PlayError without Ansible here, or where it does not have the module */
export function prepareModule({ module, args, python }: Given, scope: ResourceScope): Wanted {
  const given = scope.host.vars['ansible_python_interpreter'];
  const ofHost = typeof given === 'string' && given.startsWith('/') ? given : 'python3';
  return {
    packed: packModule(module, scope.dir),
    args: exposeSecrets(args) as Wanted['args'],
    secrets: [...secretsIn(args)],
    python: python ?? ofHost,
  };
}

/** What is asked of the host before. */
export function questionsOf(wanted: Wanted): readonly Question[] {
  return needQuestions(needOf(wanted));
}

/** What the module would do, by its own check mode; in a run that it is to be run. */
export function planModule(wanted: Wanted, found: Found): Plan<ModuleFields> {
  const unmet = firstUnmet(lacksOf(needOf(wanted), found), found);
  if (unmet !== undefined)
    return {
      ...settled({}),
      failure: unmet.failure,
      hopeless: true,
      hint: unmet.hint ?? "Modules of Ansible need Python on the host: apt({ name: 'python3' }).",
    };
  return found.forecast === undefined ? planRun(wanted) : planCheck(wanted, found);
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
  return `If it reports a syntax error or a failed import, the host's Python (${python}) does not fit the Ansible here: \`python\` names another one.`;
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
    if (caveat !== undefined) return open(`at present it fails: ${failure}; but ${caveat}`);
    found.doubt(`at present it fails: ${failure}`, 'changes');
  }
  if (answer === undefined || failure !== undefined)
    return { ...settled(answer?.fields ?? {}), ...failed(wanted, failure ?? '', answer, { code, stdout, stderr }) };
  if (answer.skipped !== undefined) return open(`${packed.name} says: ${answer.skipped}`);
  const { changes, fields, message } = answer;
  if (changes.length > 0 && caveat === undefined) found.assume(`${packed.name} does what its own check mode predicts`);
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
