import * as v from 'valibot';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Plan,
  type Prediction,
  type Question,
  type Stat,
  type Step,
} from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import {
  content,
  linkTarget,
  sha256,
  stat,
  type FoldedFile,
  type KeptOwner,
  type KeptState,
} from '../../probes/index.ts';
import { listing } from '../../probes/listing.ts';
import { temporaryName } from '../kit/file-content.ts';
import { gone } from '../kit/predictions.ts';
import { restoreScript } from './restore-script.ts';

export interface RestoredFilesResult {
  /** The paths that were put back. */
  readonly restored: readonly string[];
}

const options = {
  folder: v.pipe(
    v.string(),
    v.description('Where the old bytes lie, files called by their SHA-256; empty: their differences are not shown.'),
  ),
  files: v.pipe(
    v.custom<readonly FoldedFile[]>(Array.isArray, 'must be what the records keep'),
    v.description('The files, as the records of runs keep them.'),
  ),
  force: v.pipe(v.boolean(), v.description('Also where they were changed since.')),
  notUndone: v.optional(v.pipe(v.array(v.string()), v.description('What of that run is not undone, for people.')), []),
};

interface Wanted {
  readonly folder: string;
  readonly files: readonly FoldedFile[];
  readonly force: boolean;
  readonly notUndone: readonly string[];
}

/**
 * Files as they were before a run changed them: all of them or none. It is no resource of playbooks, as what it is given
 * is kept on one host: `play restore-files` and transactions that fail make tasks of it.
 */
export const restoredFiles = defineResource({
  name: 'restoredFiles',
  summary: 'Puts back files that a run changed.',
  options,
  example: '',
  title: () => '',
  prepare: (given): Wanted => given,
  probes: ({ files }) => files.flatMap(questionsOf),
  plan: planRestored,
});

function questionsOf({ file: { path, before }, after }: FoldedFile): Question[] {
  const states = [before, ...after].map(({ is }) => is);
  return [
    stat(path),
    ...(states.includes('file') ? [sha256(path)] : []),
    ...(states.includes('link') ? [linkTarget(path)] : []),
  ];
}

function planRestored({ files, force, folder, notUndone }: Wanted, found: Found): Plan<RestoredFilesResult> {
  const going = new Set(files.flatMap(({ file: { path, before } }) => (before.is === 'absent' ? [path] : [])));
  // A folder that others have filled since stays.
  const isKept = ({ file: { path, before } }: FoldedFile): boolean =>
    before.is === 'absent' &&
    found.get(stat(path)).type === 'directory' &&
    found.get(listing(path)).some(({ name }) => !going.has(`${path}/${name}`));
  const due = files.filter((one) => !isAt(one.file.path, one.file.before, found) && !isKept(one));
  const lost = due.flatMap(({ file: { path, before } }) => (before.is === 'lost' ? [`${path}: ${before.why}`] : []));
  const changed = force ? [] : due.filter((one) => one.file.before.is !== 'lost' && !isExpected(one, found));
  const told = [...lost.map((why) => `not put back: ${why}`), ...notUndone.map((what) => `not undone: ${what}`)];
  const message = told.length > 0 ? { message: told.join('\n'), detail: { notUndone: told } } : {};
  const restorable = due.filter(({ file }) => file.before.is !== 'lost');
  const result = { restored: restorable.map(({ file }) => file.path) };
  if (changed.length > 0) {
    const names = changed.map(({ file }) => file.path);
    return {
      ...settled({ restored: [] }),
      ...message,
      failure: `changed since that run: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`,
      hint: 'Nothing was put back. Look at what others did there; --force-changed puts back over it, or leave files out with --only.',
    };
  }
  if (restorable.length === 0) return { ...settled(result), ...message };
  // A folder is empty before it goes, and there before its files are.
  const inOrder = [
    ...restorable
      .filter(({ file }) => file.before.is !== 'absent')
      .toSorted((a, b) => (a.file.path < b.file.path ? -1 : 1)),
    ...restorable
      .filter(({ file }) => file.before.is === 'absent')
      .toSorted((a, b) => (a.file.path < b.file.path ? 1 : -1)),
  ];
  return {
    changes: inOrder.flatMap(({ file }) => changesOf(file.path, file.before, file.secret, folder, found)),
    steps: [restoreStep(inOrder, force)],
    after: inOrder.flatMap(({ file }) => afterOf(file.path, file.before, found)),
    touches: [],
    result,
    ...message,
  };
}

/** Whether a path is as it was. */
function isAt(path: string, state: KeptState, found: Found): boolean {
  const now = found.get(stat(path));
  switch (state.is) {
    case 'absent':
      return now.type === 'absent';
    case 'file':
      return now.type === 'file' && found.get(sha256(path)) === state.hash && isOwnedAs(now, state);
    case 'link':
      return now.type === 'link' && found.get(linkTarget(path)) === state.target;
    case 'directory':
      return now.type === 'directory' && isOwnedAs(now, state);
    default:
      return false;
  }
}

/** Whether a path is as the run left it, at the end or on the way. */
function isExpected({ file: { path }, after }: FoldedFile, found: Found): boolean {
  const now = found.get(stat(path));
  return after.some((state) => {
    switch (state.is) {
      case 'absent':
        return now.type === 'absent';
      case 'file':
        // Who closed it to others since does not want it opened again without a word.
        return now.type === 'file' && now.mode === state.mode && found.get(sha256(path)) === state.hash;
      case 'link':
        return now.type === 'link' && found.get(linkTarget(path)) === state.target;
      default:
        return now.type === state.is;
    }
  });
}

function isOwnedAs(now: Exclude<Stat, { type: 'absent' }>, { mode, uid, gid }: KeptOwner): boolean {
  return now.mode === mode && now.uid === uid && now.gid === gid;
}

function changesOf(path: string, before: KeptState, secret: boolean, folder: string, found: Found): Change[] {
  const now = found.get(stat(path));
  const from = now.type;
  if (before.is === 'absent') return [{ what: path, from, to: 'absent', ...diffOf(path, undefined, secret, found) }];
  if (before.is === 'link') return [{ what: path, from, to: `link to ${before.target}` }];
  if (before.is === 'lost') return [];
  const attributes = now.type === 'absent' ? [] : ownerChanges(path, now, before);
  if (before.is === 'directory') return now.type === 'directory' ? attributes : [{ what: path, from, to: 'directory' }];
  const isSame = now.type === 'file' && found.get(sha256(path)) === before.hash;
  if (isSame) return attributes;
  const kept = folder === '' ? undefined : `${folder}/${before.hash}`;
  return [{ what: `content of ${path}`, ...diffOf(path, kept, secret, found) }, ...attributes];
}

function ownerChanges(path: string, now: KeptOwner, { mode, uid, gid }: KeptOwner): Change[] {
  return [
    ...(now.mode === mode ? [] : [{ what: `mode of ${path}`, from: now.mode, to: mode }]),
    ...(now.uid === uid ? [] : [{ what: `owner of ${path}`, from: String(now.uid), to: String(uid) }]),
    ...(now.gid === gid ? [] : [{ what: `group of ${path}`, from: String(now.gid), to: String(gid) }]),
  ];
}

/** Both sides for `--diff`. @param kept where the old bytes lie; undefined: the file goes */
function diffOf(path: string, kept: string | undefined, secret: boolean, found: Found): Pick<Change, 'text'> {
  const now = found.get(stat(path));
  if (now.type === 'directory' || now.type === 'link' || now.type === 'other') return {};
  found.need(...(now.type === 'file' ? [content(path)] : []), ...(kept === undefined ? [] : [content(kept)]));
  const bytes = (at: string): Buffer | undefined => {
    const answer = found.get(content(at));
    return 'bytes' in answer ? answer.bytes : undefined;
  };
  const after = kept === undefined ? null : bytes(kept);
  if (after === undefined) return {};
  const before = now.type === 'absent' ? null : (bytes(path) ?? { unknown: 'it is large' });
  return { text: { path, before, after, ...(secret ? { secret: true } : {}) } };
}

function afterOf(path: string, before: KeptState, found: Found): Prediction[] {
  switch (before.is) {
    case 'absent':
      return gone(path);
    case 'file':
      return [
        predict(stat(path), { type: 'file', size: 0, owner: '', group: '', ...ownerOf(before) }),
        predict(sha256(path), before.hash),
      ];
    case 'link':
      return [
        predict(stat(path), { type: 'link', size: 0, owner: '', group: '', mode: '0777', uid: 0, gid: 0 }),
        predict(linkTarget(path), before.target),
      ];
    case 'directory':
      return [predict(stat(path), { type: 'directory', size: 0, owner: '', group: '', ...ownerOf(before) })];
    default:
      return [predict(stat(path), found.get(stat(path)))];
  }
}

function ownerOf({ mode, uid, gid }: KeptOwner): KeptOwner {
  return { mode, uid, gid };
}

function restoreStep(files: readonly FoldedFile[], force: boolean): Step {
  return {
    script: restoreScript,
    args: files.flatMap((one) => {
      const { path, run, number, before } = one.file;
      const owner = 'uid' in before ? `${before.uid}:${before.gid}` : '';
      return [
        path,
        run,
        String(number),
        before.is,
        before.is === 'file' ? before.hash : '',
        'mode' in before ? before.mode : '',
        owner,
        temporaryName(path),
        force ? '*' : ` ${[before, ...one.after].map(wordOf).join(' ')} `,
      ];
    }),
    label: 'put back what was there before',
  };
}

function wordOf(state: KeptState): string {
  return state.is === 'file' ? `file:${state.hash}` : state.is;
}
