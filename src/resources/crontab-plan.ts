import { known, settled, type Found, type Plan } from '../contract/index.ts';
import { content, crontab, self, stat, user as account, type Crontab } from '../probes/index.ts';
import type { Secret } from '../secrets/index.ts';
import { editCron, type CronEdit } from './cron-edit.ts';
import { editText } from './text-edit.ts';
import { orRefused } from './text-file.ts';

interface WantedCrontab {
  readonly user: string | undefined;
  readonly edit: CronEdit;
  readonly secrets?: readonly Secret[] | undefined;
}

const spool = '/var/spool/cron/crontabs';

// crontab(1) checks the table, puts it in place at once and tells cron. Only root may say -u.
const script = `if [ "$1" = "$(id -un)" ]; then exec crontab -; else exec crontab -u "$1" -; fi`;

/** A user's table, which is read and written by crontab(1) alone. */
export function planCrontab({ user, edit, secrets }: WantedCrontab, found: Found): Plan<{ readonly path: string }> {
  const name = user ?? found.get(self).owner;
  const path = `crontab of ${name}`;
  const nothing: Plan<{ readonly path: string }> = settled({ path });
  if (found.get(account(name)) === null) return edit.line === undefined ? nothing : { ...nothing, ...notYet(`there is no user ${name}`, found) };
  const now = found.plannedBelow(spool).some((planned) => planned.path === `${spool}/${name}`) ? plannedTable(`${spool}/${name}`, found) : found.get(crontab(name));
  // Check mode: cron itself may be among what is planned.
  if ('missing' in now && found.get(stat('/usr/bin/crontab')).type === 'absent') return edit.line === undefined ? nothing : { ...nothing, ...notYet('there is no crontab(1) on this host; install cron first', found) };
  const before = 'bytes' in now ? now.bytes : Buffer.alloc(0);
  return orRefused(path, nothing, () => {
    const after = editText(before, edit, editCron);
    if (after.equals(before)) return nothing;
    return {
      changes: [{ what: 'content', ...(before.length === 0 ? { to: 'new table' } : {}), text: { path, before: before.length === 0 ? null : before, after, ...(secrets ? { secret: secrets } : {}) } }],
      steps: [{ script, args: [name], stdin: after, label: `write the ${path}` }],
      after: [known(crontab(name), { bytes: after })],
      touches: [{ on: 'path', path: `${spool}/${name}` }],
      result: { path },
    };
  });
}

/** The table that a task before writes or removes by its path. */
function plannedTable(path: string, found: Found): Crontab {
  const now = found.get(content(path));
  return { bytes: 'bytes' in now ? now.bytes : Buffer.alloc(0) };
}

function notYet(what: string, found: Found): { readonly may: string } | { readonly failure: string } {
  return found.forecast?.mayAppearBecause === undefined ? { failure: what } : { may: `${what} yet (${found.forecast?.mayAppearBecause})` };
}
