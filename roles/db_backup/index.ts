import { apt, copy, defineRole, Secret, v } from 'play';
import { secretOf, secretVariable } from '../ooni/secrets.ts';

/** Backups of the database to object storage. Without `db_backup` there are none. */
export const dbBackup = defineRole({
  name: 'db_backup',
  dir: import.meta.dirname,
  vars: {
    db_backup: v.optional(
      v.pipe(
        v.strictObject({
          bucket: v.string(),
          access_key: v.string(),
          tables: v.pipe(v.array(v.string()), v.minLength(1)),
          hours_between: v.optional(v.number(), 24),
        }),
        v.description('What is backed up, and where to. Absent: nothing is.'),
      ),
    ),
    db_backup_secret_key: secretVariable('The secret half of the access key.'),
  },
  tasks({ vars: { db_backup: wanted, db_backup_secret_key: given }, host }) {
    if (wanted === undefined) return [];
    const key = secretOf(host, 'db_backup_secret_key', given);
    const { bucket, access_key, tables, hours_between } = wanted;
    const content = new Secret(
      () =>
        `${JSON.stringify({ bucket, access_key, secret_key: key.expose(), tables, hours_between }, undefined, 2)}\n`,
      key.source,
    );
    return [
      copy(
        { content, dest: '/etc/ooni/db-backup.conf', owner: 'root', group: 'root', mode: '0600' },
        { name: 'configuration of the backup', tags: 'conf' },
      ),
      apt({ name: 'db-backup', installRecommends: false }, { name: 'install the backup' }),
    ];
  },
});
