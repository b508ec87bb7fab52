import { createHash } from 'node:crypto';
import {
  predict,
  settled,
  type Change,
  type Found,
  type PathState,
  type Plan,
  type Stat,
} from '../../contract/index.ts';
import { content, realPath, sha256, stat, walkSh, writability } from '../../probes/index.ts';
import { asMade, temporaryName } from './file-content.ts';
import type { FileOptions, FileResult } from './file-options.ts';
import { behindLinks, folderOf, presumeFolder } from './folder.ts';
import { requireNoObstacle } from './obstacle.ts';
import { knownAfter, planAttributes, planAttributesAt, stepsOf } from './ownership.ts';

/** What is at the path, through links: the path that counts and what is there. */
export function followed(
  path: string,
  found: Found,
  follow: boolean | undefined = true,
): { readonly path: string; readonly now: Stat } {
  const now = found.get(stat(path));
  if (now.type !== 'link' || !follow) return { path, now };
  const target = found.get(realPath(path));
  return target === null ? { path, now: { type: 'absent' } } : { path: target, now: found.get(stat(target)) };
}

/** Permissions of what is there; it must be there. */
export function planExisting(options: FileOptions, found: Found): Plan<FileResult> {
  const { path, now } = followed(options.path, found, options.follow);
  found.require(now.type !== 'absent', {
    failure: `${options.path} is not there`,
    hint: "Make it with copy() or template(), or write state: 'touch' or 'directory'.",
  });
  found.require(options.state !== 'file' || now.type !== 'directory', {
    failure: `${options.path} is a directory`,
    by: null,
  });
  found.require(options.state !== 'file' || now.type !== 'link', { failure: `${options.path} is a link`, by: null });
  return planPermissions(path, options, now, now.type, found);
}

/** Owner, group and mode of something that is there. */
export function planPermissions(
  path: string,
  options: FileOptions,
  now: PathState,
  state: string,
  found: Found,
): Plan<FileResult> {
  const attributes = planAttributesAt(path, options, now, found);
  if (attributes.changes.length === 0) return settled({ path, state });
  requireNoObstacle(path, 'change', found);
  return {
    changes: attributes.changes,
    steps: stepsOf(path, attributes),
    ...knownAfter(path, now, attributes, found),
    touches: [],
    result: { path, state },
  };
}

// A new file gets owner and mode through its descriptor: no link that somebody puts in its place gets them. It is made
// under a name nobody can foresee, since noclobber of dash opens what is not a regular file (redir.c), which may be one by
// then. A default access control list of the folder overrides the umask, so that the mode is set in any case. $1 path,
// $2 mode, $3 operand of chown or empty, $4 the other name.
const newScript = `set -e
${walkSh}
enter "\${1%/*}/"
name=\${1##*/}
trap 'rm -f -- "./$4"' EXIT
trap 'exit 143' HUP INT TERM
set -C; umask 077
{ [ -z "$3" ] || chown -- "$3" /proc/self/fd/3; chmod -- "$2" /proc/self/fd/3; } 3>"./$4"
mv -nT -- "./$4" "./$name"
if [ -e "./$4" ]; then echo "$1 was made by somebody else meanwhile" >&2; exit 1; fi`;

const timesScript = `set -e
${walkSh}
enter "\${1%/*}/"
set -- "./\${1##*/}" "$2"
case $2 in
  both) touch -c -h -- "$1";;
  a) touch -c -h -a -- "$1";;
  m) touch -c -h -m -- "$1";;
esac`;

/** An empty file if there is none; new times unless they are to be kept. */
export function planTouch(options: FileOptions, found: Found): Plan<FileResult> {
  const { path, now } = followed(options.path, found, options.follow);
  const times = options.touches ?? 'both';
  // Behind a link a file is made where there is a folder for it (realPath is null where there is none).
  found.require(now.type !== 'absent' || found.get(stat(path)).type !== 'link', {
    failure: `${path} is a link that points nowhere`,
  });
  if (now.type === 'absent') return planNew(path, options, times === '', found);
  if (times === '') return planPermissions(path, options, now, now.type === 'link' ? 'link' : 'file', found);
  found.need(writability(path));
  const attributes = planAttributesAt(path, options, now, found);
  requireNoObstacle(path, 'change', found);
  return {
    changes: [
      { what: 'times', to: times === 'both' ? 'now' : times === 'a' ? 'access now' : 'modification now' },
      ...attributes.changes,
    ],
    steps: [
      { script: timesScript, args: [path, times], label: `touch ${path}` },
      ...(attributes.changes.length > 0 ? stepsOf(path, attributes) : []),
    ],
    ...knownAfter(path, now, attributes, found),
    touches: [],
    retimed: { path, isByOwner: times !== 'both' },
    again: true,
    // The times alone tell nothing of the host.
    always: attributes.changes.length === 0,
    result: { path, state: now.type === 'link' ? 'link' : 'file' },
  };
}

function planNew(path: string, options: FileOptions, isLasting: boolean, found: Found): Plan<FileResult> {
  const folder = folderOf(path);
  presumeFolder(folder, found);
  requireNoObstacle(path, 'make', found);
  const { changes, mode, chown, after } = planAttributes(options, asMade(behindLinks(folder, found), found), found);
  return {
    changes: [
      { what: 'state', from: 'absent', to: 'file' },
      ...changes.map(({ what, to }): Change => ({ what, ...(to === undefined ? {} : { to }) })),
    ],
    steps: [{ script: newScript, args: [path, mode, chown, temporaryName(path)], label: `touch ${path}` }],
    after: [
      predict(stat(path), after),
      predict(sha256(path), createHash('sha256').digest('hex')),
      predict(content(path), { bytes: Buffer.alloc(0) }),
    ],
    touches: [],
    ...(isLasting ? {} : { again: true }),
    result: { path, state: 'file' },
  };
}
