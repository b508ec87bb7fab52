import type { Plan } from '../playbook/index.ts';
import { crontab, self, stat, user as account, type Found } from '../probes/index.ts';
import type { Secret } from '../secrets/index.ts';
import { editCron, type CronEdit } from './cron-edit.ts';
import { known } from './known.ts';
import { EditRefused } from './text-file.ts';

interface WantedCrontab {
  readonly user: string | undefined;
  readonly edit: CronEdit;
  readonly secrets?: readonly Secret[] | undefined;
}

// crontab(1) checks the table, puts it in place at once and tells cron. Only root may say -u.
const script = `if [ "$1" = "$(id -un)" ]; then exec crontab -; else exec crontab -u "$1" -; fi`;

/** A user's table, which is read and written by crontab(1) alone. */
export function planCrontab({ user, edit, secrets }: WantedCrontab, found: Found): Plan<{ readonly path: string }> {
  const name = user ?? found.get(self).owner;
  const path = `crontab of ${name}`;
  const nothing: Plan<{ readonly path: string }> = { changes: [], steps: [], after: [], touches: [], result: { path } };
  if (found.get(account(name)) === null) return edit.line === undefined ? nothing : { ...nothing, ...notYet(`there is no user ${name}`, found) };
  const now = found.get(crontab(name));
  // Check mode: cron itself may be among what is planned.
  if ('missing' in now && found.get(stat('/usr/bin/crontab')).type === 'absent') return edit.line === undefined ? nothing : { ...nothing, ...notYet('there is no crontab(1) on this host; install cron first', found) };
  const before = 'text' in now ? now.text : '';
  let after: string;
  try {
    after = editCron(before, edit);
  } catch (error) {
    if (error instanceof EditRefused) return { ...nothing, failure: `${path}: ${error.message}` };
    throw error;
  }
  if (after === before) return nothing;
  return {
    changes: [{ what: 'content', ...(before === '' ? { to: 'new table' } : {}), text: { path, before: before === '' ? null : Buffer.from(before), after: Buffer.from(after), ...(secrets ? { secret: secrets } : {}) } }],
    steps: [{ script, args: [name], stdin: Buffer.from(after), label: `write the ${path}` }],
    after: [known(crontab(name), { text: after })],
    touches: [{ on: 'path', path: `/var/spool/cron/crontabs/${name}` }],
    result: { path },
  };
}

function notYet(what: string, found: Found): { readonly may: string } | { readonly failure: string } {
  return found.clouded === undefined ? { failure: what } : { may: `${what} yet (${found.clouded})` };
}
