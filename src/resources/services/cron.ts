import * as v from 'valibot';
import type { Found, Options } from '../../contract/index.ts';
import { editCron, variableLine, type CronEdit } from '../../formats/cron-edit.ts';
import { cronFields, cronProblem } from '../../formats/cron-time.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { editText } from '../../formats/text-edit.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, self } from '../../probes/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { planNoFile } from '../kit/managed-file.ts';
import { accountName, backup, flag, secretText, text } from '../kit/schemas.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';
import { critical, wantedCritical, withCritical, type WantedCritical } from './critical.ts';
import { planCrontab } from './crontab-plan.ts';

const time = (field: keyof typeof cronFields, what: string, range: string) =>
  v.optional(
    v.pipe(
      v.union([v.string(), v.number()]),
      v.check(
        (value) => cronProblem(String(value), cronFields[field]) === undefined,
        ({ input }) => `must be written as in crontab(5): ${cronProblem(String(input), cronFields[field])}`,
      ),
      v.description(`${what} (${range}), as in crontab(5). Default \`*\`.`),
    ),
    '*',
  );
const oneLine = (description: string) => v.pipe(text(description), v.regex(/^[^\r\n\0]+$/, 'must be one line'));

const options = {
  name: oneLine('The name that identifies the job, kept in the line above it. With `env`, the name of the variable.'),
  job: v.optional(
    secretText(
      'The command; to cron, `%` means a line end unless it is escaped. With `env`, the value. May be a Secret, but every user of the host may see a running command.',
    ),
  ),
  user: v.optional(accountName("Whose crontab; with `cronFile`, the user the job runs as. Default: the task's user.")),
  minute: time('minute', 'Minute', '0-59'),
  hour: time('hour', 'Hour', '0-23'),
  day: time('day', 'Day of the month', '1-31'),
  month: time('month', 'Month', '1-12, or jan to dec'),
  weekday: time('weekday', 'Day of the week', '0-7, 0 and 7 are Sunday, or sun to sat'),
  specialTime: v.optional(
    v.pipe(
      v.picklist(['reboot', 'yearly', 'annually', 'monthly', 'weekly', 'daily', 'hourly']),
      v.description('A named time instead of the five fields.'),
    ),
  ),
  state: v.optional(
    v.pipe(v.picklist(['present', 'absent']), v.description('`absent` removes the job, or the variable.')),
    'present',
  ),
  disabled: flag('Keep the job in the table, commented out.', false),
  env: flag('A variable in the table instead of a job: `name` gets the value `job`.', false),
  insertAfter: v.optional(text('With `env`: put a new variable after this one. Default: at the top.')),
  insertBefore: v.optional(text('With `env`: put a new variable before this one.')),
  // cron(8) passes over files in cron.d whose names hold anything else.
  cronFile: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^(?:[A-Za-z0-9_-]+|\/.+)$/,
        'must be a name of letters, digits, "_" and "-", because cron ignores other files, or an absolute path',
      ),
      v.description(
        "A file in `/etc/cron.d`, or an absolute path, instead of a user's crontab. Needs `user`. Removed with its last line.",
      ),
    ),
  ),
  backup,
  critical,
};

/** A job of cron. */
export const cron = defineResource({
  name: 'cron',
  summary:
    "Jobs and variables in a user's crontab, or in a file in /etc/cron.d. Tables made by Ansible are taken over.",
  options,
  example: `cron({ name: 'backup', hour: '3', minute: '15', job: '/usr/local/bin/backup >/dev/null' })
cron({ name: 'renew', specialTime: 'daily', user: 'root', cronFile: 'certificates', job: 'certbot renew -q' })
cron({ name: 'MAILTO', env: true, job: 'ops@example.org' })`,
  validateOptions: refuse,
  title: (given) => given.name ?? '',
  prepare(given) {
    const { name, job, env, insertAfter, insertBefore, state, user, cronFile, backup: keepOld } = given;
    const line = state === 'absent' ? undefined : lineOf(given);
    const edit: CronEdit = { name, line, env, insertAfter, insertBefore };
    const path = cronFile === undefined || cronFile.startsWith('/') ? cronFile : `/etc/cron.d/${cronFile}`;
    return {
      edit,
      user,
      path,
      backup: keepOld,
      record: recordOf(given),
      ...(job instanceof Secret ? { secrets: [job] } : {}),
    };
  },
  probes: ({ path }) => (path === undefined ? [self] : editQuestions(path)),
  plan({ edit, user, path, secrets, backup: keepOld, record }, found) {
    if (path === undefined) return withCritical(record, found, (now) => planCrontab({ user, edit, secrets }, now));
    const file = {
      path,
      backup: keepOld,
      create: true,
      onlyIfThere: edit.line === undefined,
      ...(secrets ? { secrets } : {}),
    };
    return withCritical(record, found, (now) =>
      isLast(path, edit, now) ? planNoFile(path, now, { path }) : planEdit(file, now, edit, editCron),
    );
  },
});

function refuse({
  name,
  job,
  state,
  env,
  specialTime,
  minute,
  hour,
  day,
  month,
  weekday,
  cronFile,
  user,
  insertAfter,
  insertBefore,
  backup: keepOld,
  critical: isCritical,
}: Options<typeof options>): string | undefined {
  if (cronFile === '/etc/crontab') return '/etc/crontab belongs to the system; take a name for a file in /etc/cron.d';
  if (cronFile === undefined && keepOld) return '`backup` needs `cronFile`';
  if (insertAfter !== undefined && insertBefore !== undefined) return 'give `insertAfter` or `insertBefore`, not both';
  if (!env && (insertAfter ?? insertBefore) !== undefined) return '`insertAfter` and `insertBefore` need `env`';
  if (env && !/^[A-Za-z_]\w*$/.test(name)) return `"${name}" is not a variable name`;
  if (isCritical !== undefined && env) return '`critical` needs a job';
  if (isCritical && specialTime === 'reboot') return '`critical` needs a time: it is unknown when the next boot is';
  if (state === 'absent') return undefined;
  if (job === undefined) return env ? 'give the value of the variable as `job`' : 'give the `job`: the command to run';
  if (/[\r\n\0]/.test(reveal(job).replace(/^[\r\n]+|[\r\n]+$/g, ''))) return '`job` must be one line';
  if (env && variableLine(name, reveal(job)) === undefined)
    return 'cron cannot read a value that holds both kinds of quotes and begins or ends with one, or with a blank';
  if (specialTime !== undefined && [minute, hour, day, month, weekday].some((one) => one !== '*'))
    return 'give `specialTime` or the five fields, not both';
  if (cronFile !== undefined && user === undefined && !env) return '`cronFile` needs `user`: as whom the job runs';
  return undefined;
}

/** What is to be on record of the job, where it says that it is critical. One that is commented out does not run. */
function recordOf(given: Options<typeof options>): WantedCritical | undefined {
  const { name, user = 'root', cronFile, state, env, disabled } = given;
  if (env) return undefined;
  const isOff = state === 'absent' || (disabled && given.critical !== undefined);
  return wantedCritical(`cron ${cronFile ?? user} ${name}`, given.critical, isOff ? 'absent' : 'present', {
    name,
    cron: whenOf(given),
  });
}

function whenOf({ specialTime, minute, hour, day, month, weekday }: Options<typeof options>): string {
  return specialTime === undefined ? [minute, hour, day, month, weekday].join(' ') : `@${specialTime}`;
}

function lineOf(given: Options<typeof options>): string {
  const { name, job = '', env, user, cronFile, disabled } = given;
  const command = reveal(job).replace(/^[\r\n]+|[\r\n]+$/g, '');
  if (env) return variableLine(name, command) ?? '';
  return `${disabled ? '#' : ''}${whenOf(given)} ${cronFile === undefined ? '' : `${user ?? ''} `}${command}`;
}

/** Whether nothing is left of a file once the job is gone. */
function isLast(path: string, edit: CronEdit, found: Found): boolean {
  const now = found.get(content(path));
  if (edit.line !== undefined || !('bytes' in now)) return false;
  const made = editText(now.bytes, edit, editCron);
  return made !== now.bytes && utf8.decode(made).trim() === '';
}
