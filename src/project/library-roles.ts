import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unknownName } from '../errors/index.ts';

/**
 * The file behind `import ... from 'play/roles/NAME'`.
 *
 * @param name as it is imported: `play/roles/nginx`
 * @param folder where they lie, one file each
 * @throws PlayError with the nearest names when there is no such role
 */
export function roleFile(name: string, folder: string): string {
  const role = name.replace(/^.*?\/roles\//, '');
  const known = readdirSync(folder).map((file) => file.replace(/\.cjs$/, ''));
  if (!known.includes(role)) throw unknownName('role of play', role, known);
  return join(folder, `${role}.cjs`);
}
