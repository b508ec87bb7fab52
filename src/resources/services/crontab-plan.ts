import { predict, settled, type Found, type Plan } from '../../contract/index.ts';
import { editCron, type CronEdit } from '../../formats/cron-edit.ts';
import { editText } from '../../formats/text-edit.ts';
import { content, self, stat, user as account } from '../../probes/index.ts';
import type { Secret } from '../../secrets/index.ts';
import { needUser } from '../kit/ownership.ts';
import { namingFile, type EditedResult } from '../kit/text-file.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { crontab, type Crontab } from './crontab.probe.ts';

interface WantedCrontab {
  readonly user: string | undefined;
  readonly edit: CronEdit;
  readonly secrets?: readonly Secret[] | undefined;
}

const spool = '/var/spool/cron/crontabs';

// crontab(1) checks the table, puts it in place at once and tells cron. Only root may say -u.
const script = `if [ "$1" = "$(id -un)" ]; then exec crontab -; else exec crontab -u "$1" -; fi`;

/** A user's table, which is read and written by crontab(1) alone. */
export function planCrontab({ user, edit, secrets }: WantedCrontab, found: Found): Plan<EditedResult> {
  const name = user ?? found.get(self).owner;
  const path = `crontab of ${name}`;
  if (edit.line === undefined && found.get(account(name)) === null) return settled({ path });
  needUser(name, found);
  const now = found.plannedBelow(spool).some((planned) => planned.path === `${spool}/${name}`)
    ? plannedTable(`${spool}/${name}`, found)
    : found.get(crontab(name));
  // Check mode: cron itself may be among what is planned.
  const isInstalled = !('missing' in now) || found.get(stat('/usr/bin/crontab')).type !== 'absent';
  if (edit.line === undefined && !isInstalled) return settled({ path });
  found.require(isInstalled, toolNeed('crontab', 'cron', 'commands'));
  const before = 'bytes' in now ? now.bytes : Buffer.alloc(0);
  return namingFile(path, () => {
    const after = editText(before, edit, editCron);
    if (after.equals(before)) return settled({ path });
    return {
      changes: [
        {
          what: 'content',
          ...(before.length === 0 ? { to: 'new table' } : {}),
          text: { path, before: before.length === 0 ? null : before, after, ...(secrets ? { secret: secrets } : {}) },
        },
      ],
      steps: [{ script, args: [name], stdin: after, label: `write the ${path}` }],
      after: [predict(crontab(name), { bytes: after })],
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
