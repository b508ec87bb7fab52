import * as v from 'valibot';
import { settled, type Found, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { recordsFolderSh } from '../../probes/index.ts';
import { text } from '../kit/schemas.ts';
import { toResult, type CommandResult } from './command-run.ts';
import { job } from './job.probe.ts';

export interface AsyncStatusResult extends CommandResult {
  /** Whether it has ended. */
  readonly finished: boolean;
}

/** What has become of a command that goes on by itself. */
export const asyncStatus = defineResource({
  name: 'asyncStatus',
  summary:
    'Reports what became of a command that `asyncCommand` started: whether it has ended, and what it printed. Fails if the command failed, or was lost.',
  options: {
    jid: v.pipe(
      text('The `id` in the result of `asyncCommand`.'),
      v.regex(/^[0-9A-Za-z][0-9A-Za-z.]*$/, 'must be the `id` of a job that `asyncCommand` started'),
    ),
    mode: v.optional(
      v.pipe(
        v.picklist(['status', 'cleanup']),
        v.description(
          '`cleanup` removes its stored output. Without it, that is removed after a day, when another job is started. Default `status`.',
        ),
      ),
      'status',
    ),
  },
  example: `const reindex = asyncCommand({ cmd: '/opt/app/reindex --all', timeLimit: 3600, changes: 'always' });
asyncStatus({ jid: ({ results }) => results(reindex).id }, { until: ({ result }) => result.finished, retries: 120, delay: 30 })`,
  title: (options) => options.jid ?? '',
  prepare: (options) => options,
  probes: ({ jid }) => [job(jid)],
  plan({ jid, mode }, found: Found): Plan<AsyncStatusResult> {
    const now = found.get(job(jid));
    const unfinished = { ...toResult(0, '', ''), finished: false };
    if (mode === 'cleanup')
      return now.is === 'unknown'
        ? settled(unfinished)
        : {
            ...settled(unfinished),
            changes: [{ what: 'job', from: now.is, to: 'forgotten' }],
            steps: [{ script: cleanupScript, args: [jid], label: `forget the job ${jid}` }],
            quiet: true,
            again: true,
          };
    found.require(now.is !== 'unknown', {
      failure: `there is no job ${jid} of this account`,
      hint: 'Ask for it as the account that started it; its output is removed a day after it has ended.',
    });
    if (now.is === 'lost')
      return {
        ...settled(unfinished),
        failure: `the job ${jid} ended without leaving a result: it was killed, or the host was restarted`,
      };
    if (now.is !== 'finished') return settled(unfinished);
    const result = { ...toResult(now.code, now.stdout, now.stderr), finished: true };
    if (now.code === 0) return settled(result);
    const said = result.stderrLines.at(-1) ?? result.stdoutLines.at(-1);
    const how = now.code === 124 ? 'was ended by its time limit' : `ended with code ${now.code}`;
    return { ...settled(result), failure: `the job ${jid} ${how}${said === undefined ? '' : `: ${said}`}` };
  },
});

const cleanupScript = `${recordsFolderSh}
rm -rf -- "$d/jobs/$1"
rmdir -- "$d/jobs" "$d" 2>/dev/null || :`;
