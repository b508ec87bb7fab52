import { predict } from '../../contract/index.ts';
import { aclEntries } from '../../probes/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { programState, type ProgramState } from './program.probe.ts';
import { supervisor } from './supervisor.ts';

const file = '/etc/supervisor/conf.d/worker.conf';
const text = '; Written by play\n[program:worker]\ncommand=/srv/worker\n';
const program = { command: '/srv/worker' };
const name = 'worker';

/** What supervisord says of the program (empty: it knows none), and its file. */
const having = (state: string, content?: string, mode = '0600'): HostDescription => ({
  answers: [predict(programState(name), { is: 'known', state }), predict(aclEntries(file), null)],
  paths: {
    '/etc/supervisor/conf.d': { type: 'directory' },
    ...(content === undefined ? {} : { [file]: { type: 'file', content, mode } }),
  },
});
const none: ProgramState = { is: 'no tool' };
const without: HostDescription = {
  ...having(''),
  answers: [predict(programState(name), none)],
};

export const cases = planCases(supervisor, {
  'a new program': {
    options: { name, program },
    host: having(''),
    changes: ['content new file', 'mode 0600', 'program absent -> known to supervisor', 'state absent -> RUNNING'],
    writes: { [file]: text },
    steps: [`write ${file}`, 'update worker', 'start worker'],
    result: { name, state: 'RUNNING' },
  },
  'right already': { options: { name, program }, host: having('RUNNING', text), result: { name, state: 'RUNNING' } },
  'another command restarts it': {
    options: { name, program: { command: '/srv/worker --fast' } },
    host: having('RUNNING', text),
    changes: ['content'],
    steps: [`write ${file}`, 'update worker', 'start worker'],
  },
  'permissions alone restart nothing': {
    options: { name, program, state: 'present' },
    host: having('RUNNING', text, '0644'),
    changes: ['mode 0644 -> 0600'],
    steps: [`set the permissions of ${file}`],
  },
  'started, with a file of somebody else': {
    options: { name },
    host: having('STOPPED', 'x'),
    changes: ['state STOPPED -> RUNNING'],
    steps: ['start worker'],
  },
  'stopped': {
    options: { name, state: 'stopped' },
    host: having('RUNNING', text),
    changes: ['state RUNNING -> STOPPED'],
    steps: ['stop worker'],
    result: { name, state: 'STOPPED' },
  },
  'one that died is stopped enough': { options: { name, state: 'stopped' }, host: having('FATAL', text) },
  'one that died is started': {
    options: { name },
    host: having('FATAL', text),
    changes: ['state FATAL -> RUNNING'],
  },
  'restarted every time': {
    options: { name, state: 'restarted' },
    host: having('RUNNING', text),
    changes: ['state RUNNING -> restarted'],
    steps: ['restart worker'],
  },
  'removed and stopped': {
    options: { name, state: 'absent' },
    host: having('RUNNING', text),
    changes: [`${file} absent`, 'state RUNNING -> absent'],
    steps: [`remove ${file}`, 'remove worker'],
  },
  'removed already': { options: { name, state: 'absent' }, host: having('') },
  'a program that nobody described': {
    options: { name },
    host: having(''),
    fails: 'supervisor knows no program worker',
    hint: 'Give `program`, or write its configuration first.',
  },
  'its environment, with a secret, a percent sign and quotes': {
    options: { name, program, environment: { TOKEN: secret`s3cr3t-t0ken`, RATE: '5%', TITLE: 'a "b" c' } },
    host: having('RUNNING', text),
    changes: ['content'],
    writes: { [file]: `${text}environment=TOKEN="s3cr3t-t0ken",RATE="5%%",TITLE='a "b" c'\n` },
  },
  'a value that supervisord cannot read': {
    options: { name, program, environment: { TITLE: `'a' "b"` } },
    host: having(''),
    fails: 'supervisor: the value of `environment.TITLE` cannot be written in its configuration',
    hint:
      'supervisord cannot handle quotes at either end, both kinds of quotes at once, or line breaks. ' +
      'Let the program read a file instead.',
  },
  'supervisord is missing or down': {
    options: { name, program },
    host: without,
    fails: 'supervisor is not installed, is not running, or does not answer this account',
    hint: "Install it first: apt({ name: 'supervisor' }). If only root may ask it: become: true, or -b.",
  },
  'supervisord may come with what is planned': {
    options: { name, program },
    host: without,
    behind: {},
    may: 'supervisor is not installed, is not running, or does not answer this account yet ("a task" changes the host before)',
  },
  'no command': { options: { name, program: { user: 'app' } }, fails: 'supervisor: `program` needs a `command`' },
});
