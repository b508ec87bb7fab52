import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { findProject } from '../project/project.ts';

/**
 * The throwaway hosts of a project are its own: two checkouts, also of one repository, do not see each other's. Called by the
 * folder's name, and by the whole path, since that name may not be the only one. `PLAY_SANDBOX_FLEET` names another.
 *
 * @param playbook where the working directory is in no project: the playbook's file, whose project counts
 */
export function sandboxFleet(playbook?: string): string {
  const chosen = process.env['PLAY_SANDBOX_FLEET'];
  if (chosen) return chosen;
  const folder = realpathSync(findProject(playbook) ?? process.cwd());
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 20);
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  return name === '' ? hash : `${name}-${hash}`;
}
