import { standardBackups, type BackupRule } from '../engine/index.ts';
import type { BackupSettings } from '../options/backup-flags.ts';

/**
 * What the hosts of a run keep of files before it changes them.
 *
 * @param run the id of its record
 * @param stays runs whose files it needs
 */
export function backupRule(
  settings: BackupSettings | undefined,
  run: string,
  stays: readonly string[] = [],
): BackupRule {
  if (settings === false) return { ...standardBackups, run, stays, isOn: false };
  const { days = standardBackups.days, size = standardBackups.size, file = standardBackups.file } = settings ?? {};
  return { run, stays, isOn: true, days, size, file };
}
