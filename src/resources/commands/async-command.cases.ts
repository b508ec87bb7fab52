import { planCases } from '../../testing/index.ts';
import { asyncCommand } from './async-command.ts';

const options = { cmd: 'reindex --all', timeLimit: 3600, changes: 'always' } as const;
const host = { paths: { '/usr/bin/reindex': { type: 'file', mode: '0755', content: '\u007FELF' } } } as const;

export const cases = planCases(asyncCommand, {
  'started, and left alone': {
    options,
    host,
    changes: ['start reindex --all'],
    steps: ['start reindex --all'],
    args: [['3600', '/', '0', 'reindex', '--all']],
    isOpen: true,
  },
  'for a shell': {
    options: { ...options, cmd: 'sleep 5 && reindex', shell: true, environment: { A: 'b' } },
    host,
    changes: ['start sleep 5 && reindex'],
    args: [['3600', '/', '1', 'A=b', '/bin/sh', '-c', 'sleep 5 && reindex']],
  },
  'where it is due': {
    options: { cmd: 'reindex', timeLimit: 60, creates: '/srv/index' },
    host: { paths: { ...host.paths, '/srv/index': { type: 'file', content: '' } } },
    steps: [],
    result: { id: '', started: false },
  },
  'a program that is not there': {
    options: { ...options, cmd: 'no-such-program' },
    host,
    changes: ['start no-such-program'],
    fails: 'the program no-such-program is not installed',
  },
  'each time, without saying so': {
    options: { cmd: 'reindex', timeLimit: 60 },
    fails:
      "asyncCommand: say when it is due, so that a second run changes nothing: `creates` or `removes` (a path), `unless` or `onlyIf` (a command that only looks), or `changes: 'always'`; `changes: 'never'` if it only reads",
  },
  'a shell without a text': {
    options: { argv: ['reindex'], shell: true, timeLimit: 60, changes: 'always' },
    fails: 'asyncCommand: `shell` needs `cmd`',
  },
});
