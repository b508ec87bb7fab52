import { resolve } from 'node:path/posix';
import { predict, settled, type Found, type Plan, type Question, type Step } from '../../contract/index.ts';
import { self, stat, walkSh } from '../../probes/index.ts';
import { reveal, type Secret } from '../../secrets/index.ts';
import { firstUnmet, lacksOf, needQuestions, type Lack, type ProgramNeed } from '../kit/program-need.ts';
import { commandOutput, type CommandAnswer } from './command.probe.ts';
import { guard, guardText } from './guard.probe.ts';
import { checkedFolders, isClient, newKeyFiles } from './known-programs.ts';
import { switchedUnits } from './switched-units.ts';

/** What command and shell have in common, checked. */
export interface WantedCommand {
  readonly argv: readonly string[];
  /** What must be there for it to be started, as paths or names. */
  readonly programs: readonly string[];
  /** For people: the command in one line. */
  readonly text: string;
  readonly chdir: string;
  readonly creates?: string | undefined;
  readonly removes?: string | undefined;
  readonly unless?: string | undefined;
  readonly onlyIf?: string | undefined;
  readonly changes?: 'always' | 'never' | undefined;
  readonly stdin: string;
  readonly environment: Readonly<Record<string, string | Secret>>;
}

export interface CommandResult {
  /** The exit code; 0 if the command was not due. */
  readonly rc: number;
  /** What it printed, without trailing line ends. Empty if the command was not due. */
  readonly stdout: string;
  /** What it printed on stderr, without trailing line ends. Empty if the command was not due. */
  readonly stderr: string;
  /** The lines it printed. */
  readonly stdoutLines: readonly string[];
  /** The lines it printed on stderr. */
  readonly stderrLines: readonly string[];
}

/** Which of the options that say when to run are missing or at odds. */
export function refuseCommand(
  options: Partial<Record<'creates' | 'removes' | 'unless' | 'onlyIf' | 'changes', unknown>>,
): string | undefined {
  const { creates, removes, unless, onlyIf, changes } = options;
  if ([creates, removes, unless, onlyIf, changes].every((one) => one === undefined)) {
    return "say when it is due, so that a second run changes nothing: `creates` or `removes` (a path), `unless` or `onlyIf` (a command that only looks), or `changes: 'always'`; `changes: 'never'` if it only reads";
  }
  return undefined;
}

// $1 folder, $2 how many NAME=value follow, then the words of the command. The lane puts all of it into a file only its
// user can read. What is run there shall not find itself elsewhere by a link of others; it sees the folder by the name
// the playbook has for it.
const runScript = `${walkSh}
[ "$1" = / ] && cd / || enter "$1" || exit 125
PWD=$1; export PWD
n=$2; shift 2
while [ "$n" -gt 0 ]; do export "$1"; shift; n=$((n-1)); done
exec "$@"`;

function runArgs({ chdir, environment, argv }: WantedCommand): string[] {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${reveal(value)}`);
  return [chdir, String(variables.length), ...variables, ...argv];
}

/** The same as a script that carries its arguments: for questions, which are one text. */
function asText(command: WantedCommand): string {
  return `set -- ${runArgs(command)
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ')}\n${runScript}`;
}

function guardOf(script: string, command: WantedCommand): Question<number> {
  if (Object.keys(command.environment).length === 0) return guard(script, command.chdir);
  return guardText(asText({ ...command, argv: ['sh', '-c', script] }));
}

function ask(command: WantedCommand): Question<CommandAnswer> {
  return commandOutput(asText(command), command.stdin, checkedFolders(command.argv));
}

export function commandQuestions(command: WantedCommand): Question[] {
  const { creates, removes, unless, onlyIf, changes, chdir } = command;
  const paths = [creates, removes].filter((path) => path !== undefined).map((path) => stat(resolve(chdir, path)));
  const guards = [unless, onlyIf].filter((script) => script !== undefined).map((script) => guardOf(script, command));
  // Asked of what only reads once that could not be started: most often it can.
  if (changes !== 'never') return [...paths, ...guards, ...needQuestions(needOf(command))];
  // With a guard it is not sure yet that it will be asked.
  return [...paths, ...guards, ...(paths.length + guards.length === 0 ? [ask(command)] : [])];
}

export function planCommand(command: WantedCommand, found: Found): Plan<CommandResult> {
  const blocked = whyNotDue(command, found);
  if (blocked !== undefined) return { ...nothing, ...blocked };
  const changes = [{ what: 'run', to: command.text }];
  if (command.changes === 'never') return planQuestion(command, found);
  const unmet = firstUnmet(lacksOf(needOf(command), found), found);
  if (unmet !== undefined) return { ...cannotStart(unmet), changes };
  const created = command.creates === undefined ? undefined : resolve(command.chdir, command.creates);
  const removed = command.removes === undefined ? undefined : resolve(command.chdir, command.removes);
  const step: Step = {
    script: runScript,
    args: runArgs(command),
    label: `run ${command.text}`,
    ...(command.stdin === '' ? {} : { stdin: Buffer.from(command.stdin) }),
  };
  const key =
    found.forecast === undefined ? undefined : newKeyFiles(command.argv, command.chdir, () => found.get(self));
  const made = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 } as const;
  return {
    changes,
    steps: [step],
    after: [
      ...(key ?? []),
      ...(created === undefined || key?.some(({ question }) => question.args[0] === created) === true
        ? []
        : [predict(stat(created), made, `${created} is there once "${command.text}" has run`)]),
      ...(removed === undefined
        ? []
        : [predict(stat(removed), { type: 'absent' as const }, `${removed} is gone once "${command.text}" has run`)]),
    ],
    touches: [{ on: 'everything' }],
    units: switchedUnits(command.argv),
    // A path can be looked at again; what a guard sees may come true only later (a service starting).
    ...(command.unless === undefined && command.onlyIf === undefined && command.changes === undefined
      ? {}
      : { again: true }),
    ...(command.changes === 'always' ? { always: true } : {}),
    unforeseen: true,
    ...(key !== undefined || isClient(command.argv, command.stdin) ? { bringsNothing: true } : {}),
    result: toResult(0, '', ''),
    conclude: ([output]) => toResult(output?.code ?? 0, output?.stdout ?? '', output?.stderr ?? ''),
  };
}

/** A command is not there (sh(1), EXIT STATUS). */
const notThere = 127;

function needOf({ chdir, programs, environment }: WantedCommand): ProgramNeed {
  return { chdir, programs, searchPath: environment['PATH'] === undefined ? undefined : reveal(environment['PATH']) };
}

function cannotStart({ failure, hint, code }: Lack): Plan<CommandResult> {
  return {
    ...settled(toResult(code, '', failure)),
    failure,
    hopeless: code === notThere,
    ...(hint === undefined ? {} : { hint }),
  };
}

const nothing: Plan<CommandResult> = settled(toResult(0, '', ''));

/** Why the command is not run, or cannot be judged; undefined when it is due. */
function whyNotDue(command: WantedCommand, found: Found): Partial<Plan<CommandResult>> | undefined {
  const { creates, removes, unless, onlyIf, chdir } = command;
  if (creates !== undefined && found.get(stat(resolve(chdir, creates))).type !== 'absent') return {};
  if (removes !== undefined && found.get(stat(resolve(chdir, removes))).type === 'absent') {
    found.doubt(`${removes} may be there by then`);
    return {};
  }
  // A guard that cannot be asked says neither yes nor no.
  const unmet =
    unless === undefined && onlyIf === undefined
      ? undefined
      : firstUnmet(lacksOf({ chdir, programs: [] }, found), found);
  if (unmet !== undefined) return cannotStart(unmet);
  for (const [script, dueOn] of [
    [unless, (code: number) => code !== 0],
    [onlyIf, (code: number) => code === 0],
  ] as const) {
    if (script === undefined) continue;
    const code = found.get(guardOf(script, command));
    if (code === 124) return { failure: `the guard took more than a minute: ${script}` };
    if (!dueOn(code)) return {};
  }
  return undefined;
}

/** A command that only reads: its answer is known while planning, in check mode too. */
function planQuestion(command: WantedCommand, found: Found): Plan<CommandResult> {
  const answer = found.get(ask(command));
  if ('notRun' in answer) return { ...nothing, assumed: [`not checked (${answer.notRun})`], unforeseen: true };
  const { code, stdout, stderr, caveat } = answer;
  const result = toResult(code, stdout, stderr);
  // Good as things are; what is planned and was not in place may make it otherwise.
  if (code === 0)
    return {
      ...settled(result),
      ...(caveat === undefined ? {} : { assumed: [`it says the same by then (${caveat})`] }),
    };
  const lacks = code >= 125 && code <= 127 ? lacksOf(needOf(command), found) : [];
  const unmet = firstUnmet(lacks, found);
  if (unmet !== undefined) return cannotStart(unmet);
  const said = lastLine(stderr) ?? lastLine(stdout);
  const failure = `${command.text} ended with code ${code}${said === undefined ? '' : `: ${said}`}`;
  const tool = command.argv[0] === '/bin/sh' ? command.text.split(/\s/)[0] : command.argv[0];
  if (lacks.length > 0 || (code === notThere && found.anticipate(`${tool} is installed`, 'changes')))
    return { ...nothing, unforeseen: true };
  if (caveat !== undefined)
    return {
      ...nothing,
      assumed: [`not checked (at present it fails${said === undefined ? '' : `: ${said}`}; but ${caveat})`],
      unforeseen: true,
    };
  return { ...settled(result), failure, hopeless: code === notThere && /: not found\b|command not found/.test(stderr) };
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}

export function toResult(rc: number, stdout: string, stderr: string): CommandResult {
  const lines = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
  return {
    rc,
    stdout: stdout.replace(/\n+$/, ''),
    stderr: stderr.replace(/\n+$/, ''),
    stdoutLines: lines(stdout),
    stderrLines: lines(stderr),
  };
}
