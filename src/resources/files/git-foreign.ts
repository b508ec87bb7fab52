import type { Found, Need, Stat } from '../../contract/index.ts';
import { realPath, self, stat } from '../../probes/index.ts';
import { modeOf } from '../kit/acl-entries.ts';
import { behindLinks, pathAndAbove } from '../kit/folder.ts';
import { defaultsAt } from '../kit/ownership.ts';
import type { ForeignCopy } from './git-answers.ts';
import type { Checkout } from './git.probe.ts';

/**
 * Whether others may write in what is made there, the working copy's own folder and git's own folders in it: by a
 * default access control list, which stands in for the umask (acl(5)).
 *
 * @throws PlayError where root is not to run git there
 */
export function requireOwnDefaults(dest: string, found: Found): void {
  if (found.get(self).uid !== 0) return;
  const way = ['/', ...pathAndAbove(dest)];
  found.need(...way.map((one) => stat(one)));
  const folder = way.findLast((one) => behindLinks(one, found).type === 'directory') ?? '/';
  const given = defaultsAt(folder, behindLinks(folder, found), found).map((one) => ({ ...one, isDefault: false }));
  found.require((Number.parseInt(modeOf(given, '0755'), 8) & 0o022) === 0, foreignDefaults(dest, folder));
}

function foreignDefaults(dest: string, folder: string): Need {
  return {
    failure: `as root git is not run in ${dest}: by its default access control list ${folder} lets others write in what is made there, who could have git run what they put there`,
    hint: `Have the list give less (\`setfacl -k\` takes it away), or put the working copy elsewhere.`,
    by: null,
  };
}

/**
 * Check mode: whether folders that are planned to come or to change hands on the way there put it into those of others;
 * by the rule of `own_folder` (probes/own-folder.ts).
 */
export function foreseenForeign(
  dest: string,
  asked: { readonly is: Exclude<Checkout['is'], 'foreign'> } | ForeignCopy,
  found: Found,
): ForeignCopy | undefined {
  if (found.forecast === undefined || found.get(self).uid !== 0) return undefined;
  const way = ['/', ...pathAndAbove(dest)];
  found.need(...way.map((one) => stat(one)));
  const behind = way.map((one) => wayBehind(one, found));
  if (![way, ...behind].flat().some((one) => found.planned(stat(one)) !== undefined)) return undefined;
  found.need(...behind.flat().map((one) => stat(one)));
  const states = way.map((one) => behindLinks(one, found));
  const last = states.findLastIndex(({ type }) => type === 'directory');
  const areOurs = (all: readonly Stat[]): boolean => all.every((one, i) => isHeld(one, all[i + 1]));
  const isOurs = [
    states.slice(0, last + 1),
    ...behind.slice(0, last + 1).map((one) => one.map((path) => found.get(stat(path)))),
  ].every(areOurs);
  if (isOurs) return undefined;
  const owner = states.slice(0, last + 1).findLast((one) => one.type !== 'absent' && one.uid !== 0);
  return {
    is: 'foreign',
    path: way[last] ?? '/',
    owner: owner === undefined || owner.type === 'absent' ? 'root' : owner.owner,
    isThere: asked.is === 'repository' || (asked.is === 'foreign' && asked.isThere),
  };
}

/** The folders that a link on the way leads through, and to; none where it is no link. */
function wayBehind(path: string, found: Found): string[] {
  const real = found.get(stat(path)).type === 'link' ? found.get(realPath(path)) : null;
  return real === null ? [] : pathAndAbove(real);
}

/** Whether nobody but root can swap what lies in a folder; what is in it is of `next`. */
function isHeld(folder: Stat, next: Stat | undefined): boolean {
  if (folder.type !== 'directory' || folder.uid !== 0) return false;
  const mode = Number.parseInt(folder.mode, 8);
  return (
    (mode & 0o022) === 0 || ((mode & 0o1000) !== 0 && (next === undefined || next.type === 'absent' || next.uid === 0))
  );
}
