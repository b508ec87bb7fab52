import type { Found } from '../../../contract/index.ts';
import { stat } from '../../../probes/index.ts';
import type { Manager } from './manager.ts';

/**
 * Check mode: once the whole folder of unit files goes, what systemd still does with them hangs on what it has in
 * memory, which is not worked out unit by unit.
 */
export function trustMemory(found: Found, { configured }: Manager): void {
  const folder = found.planned(stat(configured));
  if (folder !== undefined && folder.type !== 'directory')
    found.assume(`systemd goes by the unit files, although an earlier task removes ${configured}`);
}
