import { createHash, randomBytes } from 'node:crypto';
import { predict, type Change, type Found, type PathState, type Plan, type Stat } from '../../contract/index.ts';
import { linkTarget, sameFile, self, stat, tree, walkSh, writability } from '../../probes/index.ts';
import { asMade } from './file-content.ts';
import type { FileOptions, FileResult } from './file-options.ts';
import { followed, planPermissions } from './file-touch.ts';
import { behindLinks, folderOf, missingFolder, presumeFolder } from './folder.ts';
import { requireLinkable, requireNoObstacle } from './obstacle.ts';
import { planAttributes, stepsOf } from './ownership.ts';
import { gone } from './predictions.ts';
import { count, withPlanned } from './tree-permissions.ts';

/** The absolute path a link's target means, without looking at the host. */
export function targetOf(path: string, src: string): string {
  const parts: string[] = [];
  for (const part of (src.startsWith('/') ? src : `${folderOf(path)}/${src}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

// A link is made under a name of its own and renamed over the old one: old or new, never neither. An empty directory
// cannot be renamed over and goes just before. $4 is what ln shall make: `-s` or nothing. What a killed run left goes
// first. Of a hard link $7 is device:inode of what it shall be: somebody else may have turned the way there.
const linkScript = `set -e
${walkSh}
path=$1 src=$2 chown=$3 kind=$4 name=$5 is=$7
enter "\${path%/*}/"
path=./\${path##*/}
for old in "./$name"*; do [ ! -L "$old" ] && [ ! -e "$old" ] || rm -f -- "$old"; done
new=./$name$6
trap 'rm -f -- "$new"' EXIT
trap 'exit 143' HUP INT TERM
ln $kind -- "$src" "$new"
[ -z "$is" ] || [ "$(stat -c %d:%i -- "$new")" = "$is" ] || { echo "$src is not the file it was: it was replaced meanwhile" >&2; exit 1; }
[ -z "$chown" ] || chown -h -- "$chown" "$new"
if [ -d "$path" ] && [ ! -L "$path" ]; then rmdir -- "$path"; fi
mv -fT -- "$new" "$path"`;

function linkStep(path: string, src: string, chown: string, kind: '-s' | '', identity = '') {
  const name = `.play-${createHash('sha256').update(path).digest('hex').slice(0, 16)}-`;
  return {
    script: linkScript,
    args: [path, src, chown, kind, name, randomBytes(4).toString('hex'), identity],
    label: `link ${path}`,
  };
}

/** @throws PlayError where the place cannot be taken, or the link would lead nowhere */
function requirePlace({ path, src = '', force, state }: FileOptions, found: Found): void {
  const now = found.get(stat(path));
  if (now.type === 'directory') {
    found.require(force, { failure: `${path} is a directory; \`force\` replaces an empty one`, by: null });
    found.require(count(withPlanned(found.get(tree(path)), path, found)) === 0, {
      failure: `the directory ${path} is not empty`,
      hint: `Remove it first: file({ path: '${path}', state: 'absent' })`,
      by: null,
    });
  }
  found.require((now.type !== 'file' && now.type !== 'other') || force, {
    failure: `${path} is a file; \`force\` replaces it with the link`,
    by: null,
  });
  presumeFolder(folderOf(path), found);
  requireNoObstacle(path, 'replace', found);
  // mv(1) refuses that, too, but only where the file has no other name.
  found.require(state === 'hard' || !replacesItsTarget(path, src, now, found), {
    failure: `${path} would point to itself, and what is there now would be lost`,
    by: null,
  });
  if (state === 'link' && force) return;
  const target = targetOf(path, src);
  const hint = state === 'link' ? { hint: '`force` creates the link anyway.' } : {};
  found.require(target !== path && !target.startsWith(`${path}/`), {
    failure: `${path} would point to itself, by way of ${target}`,
    ...hint,
    by: null,
  });
  presumeTarget(target, hint, found);
}

/** Whether a link would lead to what it is put in the place of. Another name of the same file is something else. */
function replacesItsTarget(path: string, src: string, now: Stat, found: Found): boolean {
  if (now.type === 'absent' || now.type === 'link') return false;
  const target = targetOf(path, src);
  return target === path || (now.hasOtherNames !== true && found.get(sameFile(path, target)));
}

/**
 * What is planned before may make a target in ways nobody declared (a package), unless it is that which takes it away.
 */
function presumeTarget(target: string, hint: { readonly hint?: string }, found: Found): void {
  const isTakenAway = found
    .plannedBelow(folderOf(target))
    .some(({ path, after }) => path === target && after.type === 'absent');
  found.presume(behindLinks(target, found).type !== 'absent', {
    failure: `what it should point to does not exist: ${target}`,
    ...hint,
    by: isTakenAway ? 'commands' : 'changes',
    assume: `${target} exists`,
  });
}

export function planLink(options: FileOptions, found: Found): Plan<FileResult> {
  const { path, src = '' } = options;
  const now = found.get(stat(path));
  const old = now.type === 'link' ? found.get(linkTarget(path)) : null;
  if (now.type === 'link' && old === src) {
    if (!options.force) presumeTarget(targetOf(path, src), { hint: '`force` allows that.' }, found);
    return planPermissions(path, options, now, 'link', found);
  }
  requirePlace(options, found);
  const fresh: PathState = {
    ...asMade(behindLinks(folderOf(path), found), found),
    type: 'link',
    mode: '0777',
    size: Buffer.byteLength(src),
  };
  const { changes, chown, after } = planAttributes(options, fresh, found);
  const told = changes.map(({ what, to }): Change => ({ what, ...(to === undefined ? {} : { to }) }));
  return {
    changes: [{ what: 'link', from: old ?? now.type, to: src }, ...told],
    steps: [linkStep(path, src, chown, '-s')],
    after: [...gone(path), predict(stat(path), after), predict(linkTarget(path), src)],
    touches: [{ on: 'path', path }],
    result: { path, state: 'link' },
  };
}

export function planHardLink(options: FileOptions, found: Found): Plan<FileResult> {
  const { path } = options;
  const now = found.get(stat(path));
  // A link as `src` is followed: link(2) would make another name of the link itself.
  const { path: src, now: target } = followed(options.src ?? '', found);
  found.require(target.type !== 'directory', {
    failure: `${src} is a directory, which cannot have hard links`,
    by: null,
  });
  if (now.type === 'file' && found.get(sameFile(path, src))) return planPermissions(path, options, now, 'hard', found);
  // Another hard link of some file is replaced as a link is; only a directory asks for force (as Ansible's `hard`).
  requirePlace({ ...options, src }, found);
  found.require(!isElsewhere(path, src, found), {
    failure: `${src} is on a different file system from ${path}, and hard links cannot cross file systems`,
    by: null,
  });
  if (target.type !== 'absent') requireLinkable(src, found);
  const attributes = planAttributes(
    options,
    target.type === 'absent' ? { ...found.get(self), type: 'file', mode: '0644', size: 0 } : target,
    found,
  );
  const { changes } = attributes;
  // Both names are of one file from then on: what changes it under one of them changes it under both.
  const after = {
    ...attributes.after,
    identity: (target.type === 'absent' ? undefined : target.identity) ?? `planned ${src}`,
  };
  return {
    changes: [{ what: 'hard link', from: now.type, to: src }, ...changes],
    steps: [
      linkStep(path, src, '', '', target.type === 'absent' ? '' : target.identity),
      ...(changes.length === 0 ? [] : stepsOf(path, attributes)),
    ],
    after: [
      predict(stat(path), after),
      ...(target.type === 'absent' ? [] : [predict(stat(src), after)]),
      predict(sameFile(path, src), true),
    ],
    touches: [
      { on: 'path', path },
      { on: 'path', path: src },
    ],
    result: { path, state: 'hard' },
  };
}

/** link(2), EXDEV: also between two mounts of one file system. */
function isElsewhere(path: string, src: string, found: Found): boolean {
  if (missingFolder(folderOf(path), found) !== undefined || found.get(stat(src)).type === 'absent') return false;
  found.need(writability(path), writability(src));
  return found.get(writability(path)).folderMount !== found.get(writability(src)).mount;
}
