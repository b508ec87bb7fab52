import * as v from 'valibot';
import type { Found, Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { recordsFolderSh, walkSh } from '../../probes/index.ts';
import { flag, text } from '../kit/schemas.ts';
import { withResult } from '../kit/with-result.ts';
import { commandOptions, oneLine, sharedCommand, wordsOf } from './command-options.ts';
import { commandQuestions, planCommand, refuseCommand, type WantedCommand } from './command-run.ts';

export interface AsyncCommandResult {
  /** What to give `asyncStatus` as `jid`; empty if the command was not due. */
  readonly id: string;
  /** Whether it was started. */
  readonly started: boolean;
}

interface Wanted {
  readonly command: WantedCommand;
  readonly timeLimit: number;
}

const { changes: _changes, creates: _creates, removes: _removes, ...others } = commandOptions;

/** A command that goes on by itself. */
export const asyncCommand = defineResource({
  name: 'asyncCommand',
  summary:
    'Starts a command that continues by itself, even after the run, like `async` with `poll: 0` in Ansible. `asyncStatus` reports what became of it.',
  options: {
    cmd: v.optional(text('Program and arguments in one string, split at blanks; with `shell: true`, shell text.')),
    argv: v.optional(
      v.pipe(
        v.array(v.string()),
        v.minLength(1),
        v.description('Program and arguments as a list, instead of `cmd`: nothing needs quoting.'),
      ),
    ),
    shell: flag('`cmd` is for `/bin/sh`.', false),
    timeLimit: v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.description('Seconds after which it is ended: the value of `async` in Ansible.'),
    ),
    creates: v.optional(
      text('Start it only if this path does not exist. Relative to `chdir`; no wildcards (use `unless` for those).'),
    ),
    removes: v.optional(text('Start it only if this path exists. Relative to `chdir`.')),
    ...others,
    changes: v.optional(
      v.pipe(
        v.picklist(['always']),
        v.description('`always`: start it every time (or whenever the other conditions hold).'),
      ),
    ),
  },
  example: `const reindex = asyncCommand({ cmd: '/opt/app/reindex --all', timeLimit: 3600, changes: 'always' });
asyncStatus({ jid: ({ results }) => results(reindex).id }, { until: ({ result }) => result.finished, retries: 120, delay: 30 })`,
  validateOptions: (options) =>
    (options.cmd === undefined) === (options.argv === undefined)
      ? 'give either `cmd` or `argv`'
      : options.shell && options.cmd === undefined
        ? '`shell` needs `cmd`'
        : refuseCommand(options),
  title: (options) => oneLine(options.argv ? options.argv.join(' ') : (options.cmd ?? '')),
  prepare({ cmd = '', argv, shell, timeLimit, ...shared }, scope): Wanted {
    const words = argv ?? (shell ? ['/bin/sh', '-c', cmd] : wordsOf(cmd, 'asyncCommand'));
    return {
      timeLimit,
      command: {
        ...sharedCommand(shared, scope),
        argv: words,
        programs: shell ? [] : words.slice(0, 1),
        text: oneLine(argv ? argv.join(' ') : cmd),
      },
    };
  },
  probes: ({ command }) => commandQuestions(command),
  plan: planJob,
});

function planJob({ command, timeLimit }: Wanted, found: Found): Plan<AsyncCommandResult> {
  const nothing = { id: '', started: false };
  const asked = withResult(planCommand(command, found), () => nothing);
  const plan = asked.changes.length === 0 ? asked : { ...asked, changes: [{ what: 'start', to: command.text }] };
  const [step] = plan.steps;
  if (step === undefined) return plan;
  return {
    ...plan,
    steps: [
      {
        script: startScript,
        args: [String(timeLimit), ...(step.args ?? [])],
        stdin: Buffer.from(command.stdin),
        label: `start ${command.text}`,
      },
    ],
    // What it makes or takes away comes while others are at work already.
    after: [],
    again: true,
    conclude: ([output]) => ({ id: output?.stdout.trim() ?? '', started: true }),
  };
}

// $1 seconds, $2 folder, $3 how many NAME=value follow, then the words of the command. What it is to read, and what it
// prints, lies in the records of its account; results that nobody asked for in a day go when the next one is started.
const startScript = `${walkSh}
umask 077
${recordsFolderSh}
limit=$1; shift
jobs=$d/jobs
mkdir -p -- "$jobs" || exit
find "$jobs" -mindepth 2 -maxdepth 2 -name code -mmin +1440 2>/dev/null | while IFS= read -r f; do rm -rf -- "\${f%/code}"; done
id=$(date +%Y%m%dT%H%M%S).$$
job=$jobs/$id
mkdir -- "$job" || exit
cat >"$job/stdin" && cat /proc/sys/kernel/random/boot_id >"$job/boot" 2>/dev/null
[ "$1" = / ] && cd / || enter "$1" || { rm -rf -- "$job"; exit 125; }
PWD=$1; export PWD
n=$2; shift 2
while [ "$n" -gt 0 ]; do export "$1"; shift; n=$((n-1)); done
umask 022
setsid sh -c '
job=$1 limit=$2; shift 2
trap "" HUP
began=$(date +%s)
timeout -k 10 "$limit" "$@" <"$job/stdin" >"$job/stdout" 2>"$job/stderr"
code=$?
rm -f -- "$job/stdin"
# That of busybox says 143 where the one of coreutils says 124, and both 137 of what has to be killed.
case $code in 137|143) [ $(($(date +%s) - began)) -lt "$limit" ] || code=124;; esac
echo "$code" >"$job/code.new" && mv -f -- "$job/code.new" "$job/code"' sh "$job" "$limit" "$@" </dev/null >/dev/null 2>&1 &
echo $! >"$job/pid"
echo "$id"`;
