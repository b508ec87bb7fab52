import {
  predict,
  settled,
  type Change,
  type Found,
  type PathState,
  type Plan,
  type Prediction,
} from '../../contract/index.ts';
import { aclEntries, linkTarget, realPath, self, stat, walkSh } from '../../probes/index.ts';
import { modeOf } from './acl-entries.ts';
import type { FileOptions, FileResult } from './file-options.ts';
import { planPermissions } from './file-touch.ts';
import { behindLinks, folderOf, pathAndAbove } from './folder.ts';
import { targetOf } from './link.ts';
import { requireNoObstacle } from './obstacle.ts';
import { defaultsAt, planAttributes, type AttributePlan } from './ownership.ts';
import { removeSh } from './remove-sh.ts';
import { planTree } from './tree-permissions.ts';

/** A directory with all that is missing above it; each new one gets the permissions asked for, as in Ansible. */
export function planDirectory(options: FileOptions, found: Found): Plan<FileResult> {
  const result = { path: options.path, state: 'directory' };
  const made: { readonly path: string; readonly attributes: AttributePlan }[] = [];
  let above: PathState | undefined;
  for (const path of pathAndAbove(options.path)) {
    const now = options.follow === false && path === options.path ? found.get(stat(path)) : behindLinks(path, found);
    if (now.type === 'directory') {
      above = now;
      continue;
    }
    found.require(now.type === 'absent', {
      failure: `${path} is ${now.type === 'file' ? 'a file' : now.type === 'link' ? 'a link' : 'not a directory'}`,
      by: null,
    });
    if (found.get(stat(path)).type === 'link') {
      found.require(path === options.path, { failure: `${path} is a link that points nowhere`, by: null });
      return { ...planTarget(options, found), result };
    }
    const attributes = planAttributes(options, freshDirectory(above, found), found);
    above = attributes.after;
    made.push({ path, attributes });
  }
  const [first] = made;
  if (!first) return above ? planPresent(options, above, found) : settled(result);
  requireNoObstacle(first.path, 'make', found);
  const told = first.attributes.changes.map(({ what, to }): Change => ({ what, ...(to === undefined ? {} : { to }) }));
  return {
    changes: [
      ...made.map(({ path }): Change => ({
        what: made.length === 1 ? 'state' : path,
        from: 'absent',
        to: 'directory',
      })),
      ...told,
    ],
    steps: [
      {
        script: makeScript,
        args: made.flatMap(({ path, attributes: { changes, mode, chown } }) => [
          changes.length > 0 ? mode : '',
          chown,
          path,
        ]),
        label: `make the directory ${options.path}`,
      },
    ],
    after: made.map(({ path, attributes }) => predict(stat(path), attributes.after)),
    foreseen: () => (first.attributes.changes.length > 0 ? [] : byDefaults(made, found)),
    touches: [],
    result,
  };
}

/** What new directories get from a default list of access control, which stands in for the umask (acl(5)). */
function byDefaults(
  made: readonly { readonly path: string; readonly attributes: AttributePlan }[],
  found: Found,
): Prediction[] {
  const folder = folderOf(made[0]?.path ?? '/');
  const defaults = defaultsAt(folder, behindLinks(folder, found), found);
  if (defaults.length === 0) return [];
  const own = defaults.map((one) => ({ ...one, isDefault: false }));
  return made.flatMap(({ path, attributes: { after } }) => [
    predict(stat(path), { ...after, mode: modeOf(own, after.mode) }),
    predict(aclEntries(path), [...own, ...defaults]),
  ]);
}

/** Where a link points nowhere, what it points to is made, as in Ansible. */
function planTarget(options: FileOptions, found: Found): Plan<FileResult> {
  const target = found.get(realPath(options.path)) ?? targetOf(options.path, found.get(linkTarget(options.path)) ?? '');
  found.require(target !== options.path, { failure: `${options.path} is a link to itself`, by: null });
  return planDirectory({ ...options, path: target }, found);
}

/** A directory that is there: its permissions, and with `recurse` those of all below. */
function planPresent(options: FileOptions, now: PathState, found: Found): Plan<FileResult> {
  const path = real(options.path, found);
  const own = planPermissions(path, options, now, 'directory', found);
  if (!options.recurse) return { ...own, result: { path: options.path, state: 'directory' } };
  const below = planTree(path, options, found);
  return {
    changes: [...own.changes, ...below.changes],
    steps: [...own.steps, ...below.steps],
    after: own.after,
    // What is said of the directory itself counts last.
    foreseen: () => [...below.foreseen(), ...own.after],
    touches: below.steps.length > 0 ? [{ on: 'path', path }] : [],
    result: { path: options.path, state: 'directory' },
  };
}

// Never readable for a moment by whom it should not be: made closed, then owned, then opened, and this by being in it,
// so that what somebody puts in its place meanwhile is left alone.
const makeScript = `set -e
${walkSh}
${removeSh}
while [ $# -gt 0 ]; do
  name=\${3##*/}
  enter "\${3%/*}/"
  if [ -z "$1$2" ]; then mkdir -- "./$name"
  else
    fresh "$name"
    [ -z "$2" ] || chown -- "$2" .
    chmod -- "0$1" .
  fi
  shift 3
done`;

function real(path: string, found: Found): string {
  return found.get(stat(path)).type === 'link' ? (found.get(realPath(path)) ?? path) : path;
}

/** What mkdir(1) makes under the lane's umask 022. A set-group-ID parent hands on its group and that bit (inode(7)). */
export function freshDirectory(above: PathState | undefined, found: Found): PathState {
  const { uid, gid, owner, group } = found.get(self);
  const inherits = above !== undefined && (Number.parseInt(above.mode, 8) & 0o2000) !== 0;
  return {
    type: 'directory',
    uid,
    owner,
    size: 0,
    ...(inherits ? { mode: '2755', gid: above.gid, group: above.group } : { mode: '0755', gid, group }),
  };
}
