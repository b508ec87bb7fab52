import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { findPlaybook, playbooksIn } from '../../../project/project.ts';
import { importInto } from '../import/import-into.ts';

/** The playbook of play's that is held against Ansible's. */
export interface Counterpart {
  readonly file: string;
  /** Whose folder holds `group_vars/` and settles which project it is. */
  readonly beside: string;
  /** How it was come by, for people. */
  readonly how: string;
  /** It was made for this: its types are checked already. */
  readonly isImported: boolean;
}

/** @throws PlayError where there is no such file, or it is none of Ansible's */
export function ansiblePlaybook(given: string): string {
  const file = resolve(given);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new PlayError('There is no such playbook of Ansible', {
      where: { file: given },
      hint: 'Name the file that ansible-playbook is given: play compare ansible site.yml',
    });
  if (/\.ya?ml$/.test(file)) return file;
  throw new PlayError('This is not an Ansible playbook', {
    where: { file: given },
    hint: "Ansible's comes first, play's after --with: play compare ansible site.yml --with playbooks/site.ts",
  });
}

/**
 * The counterpart of Ansible's playbook: what --with names, else `site.ts` beside `site.yml`, else what `play import`
 * makes of it, in a folder that is gone in the end.
 *
 * @param folder the caller's own
 */
export async function counterpartOf(
  yml: string,
  given: { readonly with?: string; readonly playbooksDir?: string | undefined },
  folder: string,
  launch: Launch,
): Promise<Counterpart> {
  if (given.with !== undefined) {
    const file = findPlaybook(given.with, given.playbooksDir);
    return { file, beside: file, how: given.with, isImported: false };
  }
  const own = join(dirname(yml), basename(yml).replace(/\.ya?ml$/, '.ts'));
  if (existsSync(own)) return { file: own, beside: own, how: own, isImported: false };
  const out = join(folder, 'imported');
  const { summary, notes } = await importInto({ path: yml, folder: out, typecheck: true, launch });
  const [file, ...others] = playbooksIn(join(out, 'playbooks')).map((name) => join(out, 'playbooks', name));
  if (file === undefined || others.length > 0)
    throw new PlayError(`The import of this playbook gave ${others.length + (file === undefined ? 0 : 1)} playbooks`, {
      where: { file: yml },
      hint: 'Import it, and name the result: play compare ansible site.yml --with playbooks/site.ts',
    });
  return { file, beside: yml, how: [summary, ...notes].join('\nnot imported: '), isImported: true };
}
