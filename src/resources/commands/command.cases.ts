import { predict } from '../../contract/index.ts';
import { stat } from '../../probes/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import type { CommandAnswer } from './command.probe.ts';
import { command } from './command.ts';
import { guard } from './guard.probe.ts';

const program: PathEntry = { type: 'file', mode: '0755', content: '' };
const paths = { '/usr/bin/make-db': program, '/srv/app': { type: 'directory' } } as const;
const host: HostDescription = { paths };
/** What the command says when it only reads. */
const saying = (answer: CommandAnswer): HostDescription => ({ paths, answersOfKind: { command: () => answer } });
/** How a guard ends. */
const guarded = (code: number): HostDescription => ({ paths, answers: [predict(guard('test -e /x', '/'), code)] });
const run = 'run make-db --name app';
const cmd = 'make-db --name app';
const made = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 } as const;
const absent: Pick<HostDescription, 'paths'> = { paths: {} };

export const cases = planCases(command, {
  'due while a path is not there': {
    options: { cmd, creates: '/var/lib/db' },
    host,
    changes: [run],
    steps: [run],
    args: [['/', '0', 'make-db', '--name', 'app']],
    leaves: [predict(stat('/var/lib/db'), made, `/var/lib/db is there once "${cmd}" has run`)],
    result: { rc: 0, stdout: '', stderr: '', stdoutLines: [], stderrLines: [] },
  },
  'not due once it is there': {
    options: { cmd, creates: '/var/lib/db' },
    host: { paths: { ...paths, '/var/lib/db': { type: 'directory' } } },
  },
  'a path relative to where it runs': {
    options: { cmd, creates: 'db', chdir: '/srv/app' },
    host: { paths: { ...paths, '/srv/app/db': { type: 'directory' } } },
  },
  'due while a path is there': {
    options: { cmd, removes: '/var/lib/db' },
    host: { paths: { ...paths, '/var/lib/db': { type: 'directory' } } },
    changes: [run],
  },
  'not due once it is gone': { options: { cmd, removes: '/var/lib/db' }, host },
  'a path that a command may bring': {
    options: { cmd, removes: '/var/lib/db' },
    host,
    behind: { command: true },
    may: '/var/lib/db may be there by then ("a command" runs before)',
  },
  'a path that a planned task brings': {
    options: { cmd, creates: '/var/lib/db' },
    host,
    behind: {
      planned: [
        predict(stat('/var/lib/db'), {
          type: 'directory',
          mode: '0755',
          uid: 0,
          gid: 0,
          owner: 'root',
          group: 'root',
          size: 0,
        }),
      ],
    },
  },
  'a guard that says it is right': { options: { cmd, unless: 'test -e /x' }, host: guarded(0) },
  'a guard that says it is not': { options: { cmd, unless: 'test -e /x' }, host: guarded(1), changes: [run] },
  'a guard that says it is due': { options: { cmd, onlyIf: 'test -e /x' }, host: guarded(0), changes: [run] },
  'a guard that says it is not due': { options: { cmd, onlyIf: 'test -e /x' }, host: guarded(1) },
  'a guard that hangs': {
    options: { cmd, unless: 'test -e /x' },
    host: guarded(124),
    fails: 'the guard took more than a minute: test -e /x',
  },
  'behind a change a guard may say otherwise': {
    options: { cmd, unless: 'test -e /x' },
    host: guarded(0),
    behind: {},
    may: '"a task" changes the host before',
  },
  'every time': { options: { cmd, changes: 'always' }, host, changes: [run] },
  'one that only reads tells what it said': {
    options: { cmd, changes: 'never' },
    host: saying({ code: 0, stdout: 'one\ntwo\n', stderr: '' }),
    result: { rc: 0, stdout: 'one\ntwo', stderr: '', stdoutLines: ['one', 'two'], stderrLines: [] },
  },
  'one that only reads, and fails': {
    options: { cmd, changes: 'never' },
    host: saying({ code: 3, stdout: '', stderr: 'warning\nno such database\n' }),
    fails: 'make-db --name app ended with code 3: no such database',
  },
  'one that only reads, and is not there': {
    options: { cmd, changes: 'never' },
    host: { ...absent, answersOfKind: { command: () => ({ code: 127, stdout: '', stderr: 'not found' }) } },
    fails: 'the program make-db is not installed',
  },
  'one that only reads, and may come with a command': {
    options: { cmd, changes: 'never' },
    host: { ...absent, answersOfKind: { command: () => ({ code: 127, stdout: '', stderr: 'not found' }) } },
    behind: { command: true },
    assumed: ['make-db is there by then ("a command" runs before)'],
  },
  'one that only reads what is planned': {
    options: { cmd, changes: 'never' },
    host: saying({ code: 1, stdout: '', stderr: 'no table', caveat: 'a service is planned' }),
    behind: {},
    assumed: ['not checked (at present it fails: no table; but a service is planned)'],
  },
  'one that only reads, and calls what may come with what is planned': {
    options: { cmd, changes: 'never' },
    host: saying({ code: 127, stdout: '', stderr: 'psql: not found' }),
    behind: {},
    assumed: ['make-db is installed by then ("a task" changes the host before)'],
  },
  'the program is missing': {
    options: { cmd, changes: 'always' },
    host: absent,
    changes: [run],
    fails: 'the program make-db is not installed',
  },
  'the program may come with a command': {
    options: { cmd, changes: 'always' },
    host: absent,
    behind: { command: true },
    changes: [run],
    assumed: ['make-db is there by then ("a command" runs before)'],
  },
  'the program may not be executed': {
    options: { argv: ['/srv/app/run'], changes: 'always' },
    host: { paths: { '/srv/app/run': { type: 'file', content: '' } } },
    changes: ['run /srv/app/run'],
    fails: '/srv/app/run may not be executed (its mode is 0644)',
  },
  'the folder is missing': {
    options: { cmd, changes: 'always', chdir: '/srv/other' },
    host,
    changes: [run],
    fails: 'the directory /srv/other does not exist',
    hint: "Make it first: file({ path: '/srv/other', state: 'directory' })",
  },
  'a guard in a folder that is missing': {
    options: { cmd, unless: 'true', chdir: '/srv/other' },
    host: { paths, answers: [predict(guard('true', '/srv/other'), 127)] },
    fails: 'the directory /srv/other does not exist',
  },
  'a search path of its own': {
    options: { cmd: 'tool', changes: 'always', environment: { PATH: '/opt/tool/bin' } },
    host: { paths: { '/opt/tool/bin/tool': program } },
    changes: ['run tool'],
    args: [['/', '1', 'PATH=/opt/tool/bin', 'tool']],
  },
  'a secret goes by the environment or by standard input': {
    options: {
      cmd: 'make-db',
      changes: 'always',
      environment: { TOKEN: secret`s3cr3t-t0ken` },
      stdin: secret`pa55-w0rd`,
    },
    host,
    changes: ['run make-db'],
    args: [['/', '1', 'TOKEN=s3cr3t-t0ken', 'make-db']],
    stdin: ['pa55-w0rd'],
  },
  'quotes keep blanks together': {
    options: { cmd: `make-db 'my db' "a b" c\\ d`, changes: 'always' },
    host,
    changes: [`run make-db 'my db' "a b" c\\ d`],
    args: [['/', '0', 'make-db', 'my db', 'a b', 'c d']],
  },
  'a quote that does not end': {
    options: { cmd: `make-db 'my`, changes: 'always' },
    fails: 'command: `cmd` cannot be split into words: No closing quotation',
    hint: 'Give `argv: [ ... ]`, where nothing needs quoting.',
  },
  'nothing says when it is due': {
    options: { cmd },
    fails:
      'command: say when it is due, so that a second run changes nothing: `creates` or `removes` (a path), ' +
      "`unless` or `onlyIf` (a command that only looks), or `changes: 'always'`; `changes: 'never'` if it only reads",
  },
  'twice': {
    options: { cmd, argv: ['make-db'], changes: 'always' },
    fails: 'command: give either `cmd` or `argv`',
  },
});
