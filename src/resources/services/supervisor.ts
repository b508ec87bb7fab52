import * as v from 'valibot';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Prediction,
  type Plan,
  type Step,
} from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { programUnit, stat } from '../../probes/index.ts';
import { reveal, secretsIn } from '../../secrets/index.ts';
import { fileQuestions, planFile } from '../kit/file-content.ts';
import { gone } from '../kit/predictions.ts';
import { removeStep } from '../kit/removal.ts';
import { path, secretText } from '../kit/schemas.ts';
import { programState, supervisorSubject } from './program.probe.ts';

export interface SupervisorResult {
  /** The name of the program. */
  readonly name: string;
  /** As supervisor calls it: `RUNNING`, `STOPPED` ...; empty if there is no such program. */
  readonly state: string;
}

const line = (description: string) =>
  v.pipe(
    secretText(description),
    v.check((value) => typeof value !== 'string' || !/[\r\n\0]/.test(value), 'must be one line'),
  );
const options = {
  name: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/, 'must be a name of letters, digits, dots, dashes and underscores'),
    v.description('The program.'),
  ),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'started', 'stopped', 'restarted', 'absent']),
      v.description(
        '`present`: supervisor knows it as its file says. `started` and `stopped` act when needed, `restarted` every time. `absent`: its file is removed, and the program stopped. Default `started`.',
      ),
    ),
    'started',
  ),
  program: v.optional(
    v.pipe(
      v.record(
        v.pipe(v.string(), v.regex(/^[a-z_]+$/, 'must be the name of a setting')),
        v.union([line('One line.'), v.number(), v.boolean()]),
      ),
      v.description(
        'Settings of the section `[program:NAME]` (`command`, `user`, `directory` ...), written to a file of its own. Default: the file is managed elsewhere, and only the state is looked after.',
      ),
    ),
  ),
  environment: v.optional(
    v.pipe(
      v.record(
        v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a variable name')),
        line('A value; may be a Secret.'),
      ),
      v.description('Environment variables of the program.'),
    ),
  ),
  folder: v.optional(
    path('The folder supervisor reads such files from. Default `/etc/supervisor/conf.d`.'),
    '/etc/supervisor/conf.d',
  ),
};
type Given = v.InferOutput<v.StrictObjectSchema<typeof options, undefined>>;

interface Wanted {
  readonly name: string;
  readonly state: Given['state'];
  readonly file: string;
  readonly content: Buffer | undefined;
  readonly isSecret: boolean;
}

/** A program under supervisord. */
export const supervisor = defineResource({
  name: 'supervisor',
  summary:
    'A program run by supervisord: its configuration and state. When the configuration changes, the program is restarted with it.',
  options,
  example: `supervisor({ name: 'worker', program: { command: '/srv/app/worker --queue mail', user: 'app', autorestart: true }, environment: { TOKEN: token } })
const restart = handler('restart worker', () => supervisor({ name: 'worker', state: 'restarted' }))`,
  validateOptions: ({ state, program, environment }) =>
    program !== undefined && state === 'absent'
      ? "state 'absent' takes no `program`"
      : program !== undefined && program['command'] === undefined
        ? '`program` needs a `command`'
        : environment !== undefined && program === undefined
          ? '`environment` needs `program`'
          : undefined,
  title: ({ name }) => name ?? '',
  prepare: ({ name, state, program, environment, folder }): Wanted => ({
    name,
    state,
    file: `${folder}/${name}.conf`,
    content: program && Buffer.from(section(name, program, environment)),
    isSecret: secretsIn([program, environment]).size > 0,
  }),
  probes: ({ name, file }) => [programState(name), ...fileQuestions(file)],
  plan: planProgram,
});

/** supervisord(1) takes `%` for an expression, and `;` after a blank for a comment. */
function section(name: string, program: NonNullable<Given['program']>, environment: Given['environment']): string {
  const value = (given: string | number | boolean | { expose(): string }): string =>
    typeof given === 'object' ? given.expose() : String(given);
  const settings = Object.entries(program).map(([key, given]) => `${key}=${value(given)}\n`);
  const variables = Object.entries(environment ?? {}).map(
    ([key, given]) => `${key}=${quoted(key, reveal(given)).replaceAll('%', '%%')}`,
  );
  return `; Written by play\n[program:${name}]\n${settings.join('')}${variables.length === 0 ? '' : `environment=${variables.join(',')}\n`}`;
}

/**
 * supervisord splits with Python's shlex, which knows no escapes, and takes all quotes off both ends. @throws PlayError
 */
function quoted(key: string, value: string): string {
  if (/^['"]|['"]$|\n/.test(value) || (value.includes('"') && value.includes("'"))) {
    throw new PlayError(`supervisor: the value of \`environment.${key}\` cannot be written in its configuration`, {
      hint: 'supervisord cannot handle quotes at either end, both kinds of quotes at once, or line breaks. Let the program read a file instead.',
    });
  }
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}

// "update" loads what changed, and restarts the programs concerned; its exit code says nothing. Then the state is
// looked at until it is more than a moment's: STARTING becomes RUNNING once the program has stayed up for `startsecs`.
const script = `verb=$1 name=$2
look() { s=$(supervisorctl status "$name" 2>&1); set -- $s; state=\${2:-}; }
settle() {
  i=0
  while [ $i -lt 120 ]; do
    look
    case $state in STARTING|STOPPING) sleep 0.5;; *) return;; esac
    i=$((i + 1))
  done
}
case $verb in
  update) supervisorctl reread >&2 || exit 1; supervisorctl update "$name" >&2 || exit 1; exit 0;;
  remove) supervisorctl stop "$name:*" >/dev/null 2>&1; supervisorctl stop "$name" >/dev/null 2>&1; supervisorctl reread >&2; supervisorctl update "$name" >&2; exit 0;;
  start|restart) settle; [ "$verb" = start ] && [ "$state" = RUNNING ] || supervisorctl "$verb" "$name" >&2; settle; [ "$state" = RUNNING ] && exit 0;;
  stop) supervisorctl stop "$name" >&2; settle; case $state in STOPPED|EXITED|FATAL) exit 0;; esac;;
esac
echo "$s" >&2
supervisorctl tail "$name" stderr >&2 2>/dev/null
exit 1`;

const step = (verb: 'update' | 'remove' | 'start' | 'restart' | 'stop', name: string): Step => ({
  script,
  args: [verb, name],
  label: `${verb} ${name}`,
});

function planProgram(wanted: Wanted, found: Found): Plan<SupervisorResult> {
  const { name, state, file } = wanted;
  const now = found.get(programState(name));
  found.require(now.is !== 'no tool', {
    failure: 'supervisor is not installed, is not running, or does not answer this account',
    hint: "Install it first: apt({ name: 'supervisor' }). If only root may ask it: become: true, or -b.",
    by: 'changes',
  });
  if (state === 'absent') return planAbsent(wanted, now.state, found);
  const config =
    wanted.content === undefined
      ? undefined
      : planFile(
          { path: file, content: wanted.content, mode: '0600', ...(wanted.isSecret ? { secrets: true as const } : {}) },
          found,
          null,
        );
  if (config?.failure !== undefined) return { ...settled({ name, state: '' }), failure: config.failure };
  const changes: Change[] = [...(config?.changes ?? [])];
  const steps: Step[] = [...(config?.steps ?? [])];
  const after: Prediction[] = [...(config?.after ?? [])];
  const isNew = now.state === '';
  found.require(!isNew || config !== undefined || found.get(stat(file)).type !== 'absent', {
    failure: `supervisor knows no program ${name}`,
    hint: 'Give `program`, or write its configuration first.',
    by: null,
  });
  const reads = changes.some((one) => one.what === 'content') || isNew;
  if (reads) steps.push(step('update', name));
  if (isNew) changes.push({ what: 'program', from: 'absent', to: 'known to supervisor' });
  const isRunning = now.state === 'RUNNING' || now.state === 'STARTING';
  if (state === 'restarted') changes.push({ what: 'state', from: now.state, to: 'restarted' });
  else if (state === 'started' && !isRunning)
    changes.push({ what: 'state', from: isNew ? 'absent' : now.state, to: 'RUNNING' });
  else if (state === 'stopped' && isRunning) changes.push({ what: 'state', from: now.state, to: 'STOPPED' });
  if (changes.length === 0) return settled({ name, state: now.state });
  if (state === 'restarted') steps.push(step('restart', name));
  else if (state === 'started') steps.push(step('start', name));
  else if (state === 'stopped' && (isRunning || reads)) steps.push(step('stop', name));
  const comes = state === 'stopped' ? 'STOPPED' : state === 'present' ? now.state || 'RUNNING' : 'RUNNING';
  return {
    changes,
    steps,
    after: [...after, predict(programState(name), { is: 'known', state: comes })],
    touches: [supervisorSubject],
    units: [programUnit(name)],
    again: state === 'restarted',
    always: state === 'restarted' && changes.every(({ what }) => what === 'state'),
    result: { name, state: comes },
  };
}

function planAbsent({ name, file }: Wanted, state: string, found: Found): Plan<SupervisorResult> {
  const changes: Change[] = [];
  const isThere = found.get(stat(file)).type !== 'absent';
  if (isThere) changes.push({ what: file, to: 'absent' });
  if (state !== '') changes.push({ what: 'state', from: state, to: 'absent' });
  const result = { name, state: '' };
  if (changes.length === 0) return settled(result);
  return {
    changes,
    steps: [...(isThere ? [removeStep(file)] : []), step('remove', name)],
    after: [...gone(file), predict(programState(name), { is: 'known', state: '' })],
    touches: [supervisorSubject],
    units: [programUnit(name)],
    result,
  };
}
