import { createHash } from 'node:crypto';
import type { Change, Plan } from '../playbook/index.ts';
import { content, realPath, self, sha256, stat, type Found, type PathState, type Stat } from '../probes/index.ts';
import type { FileOptions, FileResult } from './file.ts';
import { folderOf } from './file-content.ts';
import { known } from './known.ts';
import { attributeScript, planAttributes } from './ownership.ts';

/** Nothing to do, or nothing that can be done. */
export function idle(path: string, state: string, failure?: string): Plan<FileResult> {
  return { changes: [], steps: [], after: [], touches: [], result: { path, state }, ...(failure === undefined ? {} : { failure }) };
}

/** What is at the path, through links: the path that counts and what is there. */
export function followed(path: string, found: Found): { readonly path: string; readonly now: Stat } {
  const now = found.get(stat(path));
  if (now.type !== 'link') return { path, now };
  const target = found.get(realPath(path));
  return target === null ? { path, now: { type: 'absent' } } : { path: target, now: found.get(stat(target)) };
}

/** Permissions of what is there; it must be there. */
export function planExisting(options: FileOptions, found: Found): Plan<FileResult> {
  const { path, now } = followed(options.path, found);
  if (now.type === 'absent') {
    if (found.clouded !== undefined) return { ...idle(path, 'file'), may: `${path} is not there yet (${found.clouded})` };
    return idle(path, 'absent', `${options.path} is not there; make it with copy() or template(), or write state: 'touch' or 'directory'`);
  }
  if (options.state === 'file' && now.type === 'directory') return idle(path, 'directory', `${options.path} is a directory`);
  return planPermissions(path, options, now, now.type, found);
}

/** Owner, group and mode of something that is there. */
export function planPermissions(path: string, options: FileOptions, now: PathState, state: string, found: Found): Plan<FileResult> {
  const { changes, mode, chown, after } = planAttributes(options, now, found);
  if (changes.length === 0) return idle(path, state);
  const newMode = now.type !== 'link' && (chown !== '' || mode !== now.mode) ? mode : '';
  return {
    changes,
    steps: [{ script: attributeScript, args: [path, newMode, chown], label: `set the permissions of ${path}` }],
    after: [known(stat(path), after)],
    touches: [],
    result: { path, state },
  };
}

// `touch --` makes the file with the lane's umask; permissions follow. Never through a link that appeared meanwhile: -h.
const touchScript = `set -e
case $4 in
  new) (set -C; umask "$5"; : >"$1");;
  both) touch -c -- "$1";;
  a) touch -c -a -- "$1";;
  m) touch -c -m -- "$1";;
esac
[ -z "$3" ] || chown -h -- "$3" "$1"
[ -z "$2" ] || chmod -- "0$2" "$1"`;

/** An empty file if there is none; new times unless they are to be kept. */
export function planTouch(options: FileOptions, found: Found): Plan<FileResult> {
  const { path, now } = followed(options.path, found);
  const times = whichTimes(options);
  if (now.type !== 'absent' && times === '') return planPermissions(path, options, now, 'file', found);
  const folder = found.get(stat(folderOf(path)));
  if (folder.type === 'absent' && found.clouded === undefined) return idle(path, 'absent', `the directory ${folderOf(path)} does not exist`);
  const { uid, gid, owner, group } = found.get(self);
  const start: PathState = now.type === 'absent' ? { type: 'file', mode: '0644', uid, gid, owner, group, size: 0 } : now;
  const { changes, mode, chown, after } = planAttributes(options, start, found);
  const isNew = now.type === 'absent';
  const touched: Change = isNew ? { what: 'state', from: 'absent', to: 'file' } : { what: 'times', to: times === 'both' ? 'now' : times === 'a' ? 'access now' : 'modification now' };
  const told = isNew ? changes.map(({ what, to }): Change => ({ what, ...(to === undefined ? {} : { to }) })) : changes;
  const empty = Buffer.alloc(0);
  return {
    changes: [touched, ...told],
    steps: [{ script: touchScript, args: [path, changes.length > 0 ? mode : '', chown, isNew ? 'new' : times, isNew && options.mode !== undefined ? '077' : '022'], label: `touch ${path}` }],
    after: [
      known(stat(path), after),
      ...(isNew ? [known(sha256(path), createHash('sha256').digest('hex')), known(content(path), { bytes: empty })] : []),
    ],
    touches: [],
    ...(isNew && times === '' ? {} : { again: true }),
    ...(folder.type === 'absent' ? { assumed: [`${folderOf(path)} exists by then (${found.clouded})`] } : {}),
    result: { path, state: 'file' },
  };
}

function whichTimes({ accessTime = 'now', modificationTime = 'now' }: FileOptions): 'both' | 'a' | 'm' | '' {
  if (accessTime === 'now') return modificationTime === 'now' ? 'both' : 'a';
  return modificationTime === 'now' ? 'm' : '';
}
