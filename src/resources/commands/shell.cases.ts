import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { guard } from './guard.probe.ts';
import { shell } from './shell.ts';

const host: HostDescription = { paths: { '/bin/sh': { type: 'file', mode: '0755', content: '' } } };

export const cases = planCases(shell, {
  'pipes and redirections': {
    options: { cmd: 'dump | gzip >"$OUT"', environment: { OUT: '/srv/my dump.gz' }, creates: '/srv/my dump.gz' },
    host,
    changes: ['run dump | gzip >"$OUT"'],
    args: [['/', '1', 'OUT=/srv/my dump.gz', '/bin/sh', '-c', 'dump | gzip >"$OUT"']],
  },
  'right already': {
    options: { cmd: 'dump >/srv/dump', creates: '/srv/dump' },
    host: { paths: { '/srv/dump': { type: 'file', content: '' } } },
  },
  'several lines are told as one': {
    options: { cmd: 'cd /srv\nmake\nmake install', changes: 'always' },
    host,
    changes: ['run cd /srv ... (3 lines)'],
  },
  'another shell': {
    options: { cmd: 'echo $RANDOM', executable: '/bin/bash', changes: 'always' },
    host: { paths: { '/bin/bash': { type: 'file', mode: '0755', content: '' } } },
    changes: ['run echo $RANDOM'],
    args: [['/', '0', '/bin/bash', '-c', 'echo $RANDOM']],
  },
  'another shell that is missing': {
    options: { cmd: 'echo', executable: '/bin/zsh', changes: 'always' },
    host,
    changes: ['run echo'],
    fails: 'the program /bin/zsh does not exist',
  },
  'a tool that only reads, and may come with what is planned': {
    options: { cmd: 'psql -l | wc -l', changes: 'never' },
    host: { ...host, answersOfKind: { command: () => ({ code: 127, stdout: '', stderr: 'psql: not found' }) } },
    behind: {},
    assumed: ['psql is installed by then ("a task" changes the host before)'],
  },
  'a guard in the folder': {
    options: { cmd: 'make', chdir: '/srv/app', unless: 'make -q' },
    host: { paths: { '/srv/app': { type: 'directory' } }, answers: [predict(guard('make -q', '/srv/app'), 1)] },
    changes: ['run make'],
    args: [['/srv/app', '0', '/bin/sh', '-c', 'make']],
  },
  'nothing says when it is due': {
    options: { cmd: 'true' },
    fails:
      'shell: say when it is due, so that a second run changes nothing: `creates` or `removes` (a path), ' +
      "`unless` or `onlyIf` (a command that only looks), or `changes: 'always'`; `changes: 'never'` if it only reads",
  },
});
