import { apt, copy, defineRole, Secret, v, secretOf, option, systemFiles } from 'play';

/** Without `db_backup` there are none. */
export const dbBackup = defineRole(import.meta, {
  description: 'Backups of the database to object storage.',
  vars: {
    db_backup: v.optional(
      option.object('What is backed up, and where to. Absent: nothing is.', {
        bucket: v.string(),
        access_key: v.string(),
        tables: v.pipe(v.array(v.string()), v.minLength(1)),
        hours_between: v.optional(v.number(), 24),
      }),
    ),
    db_backup_secret_key: v.optional(option.secret('The secret half of the access key.')),
  },
  defaults: { ...systemFiles, installRecommends: false },
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
        { content, dest: '/etc/ooni/db-backup.conf', mode: '0600' },
        { name: 'configuration of the backup', tags: 'conf' },
      ),
      apt({ name: 'db-backup' }, { name: 'install the backup' }),
    ];
  },
});
