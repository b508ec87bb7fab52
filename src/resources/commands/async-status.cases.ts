import { planCases, type HostDescription } from '../../testing/index.ts';
import { asyncStatus } from './async-status.ts';
import type { Job } from './job.probe.ts';

const options = { jid: '20261130T120000.4711' };
const host = (now: Job): HostDescription => ({ answersOfKind: { job: () => now } });
const empty = { rc: 0, stdout: '', stderr: '', stdoutLines: [], stderrLines: [] };

export const cases = planCases(asyncStatus, {
  'still at work': { options, host: host({ is: 'running' }), steps: [], result: { ...empty, finished: false } },
  'it ended': {
    options,
    host: host({ is: 'finished', code: 0, stdout: 'one\ntwo\n', stderr: '' }),
    result: { ...empty, stdout: 'one\ntwo', stdoutLines: ['one', 'two'], finished: true },
  },
  'it failed': {
    options,
    host: host({ is: 'finished', code: 3, stdout: '', stderr: 'no disk\n' }),
    fails: 'the job 20261130T120000.4711 ended with code 3: no disk',
  },
  'it took too long': {
    options,
    host: host({ is: 'finished', code: 124, stdout: '', stderr: '' }),
    fails: 'the job 20261130T120000.4711 was ended by its time limit',
  },
  'it was killed': {
    options,
    host: host({ is: 'lost' }),
    fails: 'the job 20261130T120000.4711 ended without leaving a result: it was killed, or the host was restarted',
  },
  'there is none': {
    options,
    host: host({ is: 'unknown' }),
    fails: 'there is no job 20261130T120000.4711 of this account',
    hint: 'Ask for it as the account that started it; its output is removed a day after it has ended.',
  },
  'forgotten': {
    options: { ...options, mode: 'cleanup' },
    host: host({ is: 'finished', code: 0, stdout: '', stderr: '' }),
    changes: ['job finished -> forgotten'],
    args: [['20261130T120000.4711']],
  },
  'forgotten already': { options: { ...options, mode: 'cleanup' }, host: host({ is: 'unknown' }), steps: [] },
  'a path': {
    options: { jid: '../x' },
    fails: 'asyncStatus: option "jid" is "../x" (a string), but must be the `id` of a job that `asyncCommand` started',
  },
});
