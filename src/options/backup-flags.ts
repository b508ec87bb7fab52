import * as v from 'valibot';

const count = (least: number, meaning: string) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(least), v.description(meaning)));

/** What hosts keep of files before runs change them; from `play.config.ts` alone. */
export const backupSettings = v.union([
  v.literal(false),
  v.strictObject({
    days: count(1, "Days after which a run's copies are removed. Default 30."),
    size: count(1, 'MiB kept on a host in total; the oldest run goes first. Default 512.'),
    file: count(1, 'MiB of the largest file that is kept. Default 16.'),
  }),
]);

export type BackupSettings = v.InferOutput<typeof backupSettings>;

/** What commands take of it that change hosts. */
export interface BackupFlags {
  readonly backups?: BackupSettings;
}
