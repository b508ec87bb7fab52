import { createHash, randomBytes } from 'node:crypto';
import type { Change, Known, Plan, Step } from '../playbook/index.ts';
import { content, self, sha256, stat, type Found, type Question, type PathState, type Stat } from '../probes/index.ts';
import type { Secret } from '../secrets/index.ts';
import { attributeScript, planAttributes, type AttributePlan, type WantedAttributes } from './ownership.ts';
import { maskOf, writeScript } from './write-script.ts';

/** A regular file as it shall be: what copy, template, lineinfile and all that write whole files come to. */
export interface WantedFile extends WantedAttributes {
  readonly path: string;
  readonly content: Buffer;
  /** The old content, where it was read already. */
  readonly before?: Buffer;
  readonly validate?: string | undefined;
  readonly backup?: boolean;
  /** Masked in the diff; true hides the content whole. */
  readonly secrets?: readonly Secret[] | true;
}

/** The questions a wanted file always has. */
export function fileQuestions(path: string): Question[] {
  return [stat(path), sha256(path), stat(folderOf(path)), self] as Question[];
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** What a new file is before anybody sets its permissions. */
const fresh: PathState = { type: 'file', mode: '0644', uid: -1, gid: -1, owner: '', group: '', size: 0 };

/** A new file with the owner it gets by itself. A set-group-ID directory hands on its group (inode(7)). */
function asMade(parent: Stat, found: Found): PathState {
  const made = { ...fresh, ...found.get(self) };
  const handsOn = parent.type === 'directory' && (Number.parseInt(parent.mode, 8) & 0o2000) !== 0;
  return handsOn ? { ...made, gid: parent.gid, group: parent.group } : made;
}

/** Plans a regular file: its bytes and permissions, written beside and renamed. */
export function planFile<R>(wanted: WantedFile, found: Found, result: R): Plan<R> {
  const { path } = wanted;
  const now = found.get(stat(path));
  if (now.type === 'directory') return refused(result, `${path} is a directory`);
  const parent = found.get(stat(folderOf(path)));
  const assumed: string[] = [];
  if (parent.type === 'absent') {
    if (found.clouded === undefined) return refused(result, `the directory ${folderOf(path)} does not exist; make it first: file({ path: '${folderOf(path)}', state: 'directory' })`);
    assumed.push(`${folderOf(path)} exists by then (${found.clouded})`);
  }
  const hash = createHash('sha256').update(wanted.content).digest('hex');
  const isFile = now.type === 'file';
  const sameContent = isFile && found.get(sha256(path)) === hash;
  // Asked together with who shall own it.
  if (isFile && !sameContent) found.need(content(path));
  const attributes = planAttributes(wanted, isFile ? now : fresh, found);
  const changes: Change[] = sameContent ? [] : [contentChange(wanted, now, found)];
  // For a new file the permissions are told only where they were asked for.
  changes.push(...(isFile ? attributes.changes : attributes.changes.map(({ what, to }): Change => ({ what, ...(to === undefined ? {} : { to }) }))));
  if (changes.length === 0) return { changes: [], steps: [], after: [], touches: [], result };
  return {
    changes,
    steps: [sameContent ? attributeStep(path, attributes) : writeStep(wanted, attributes, isFile ? now : undefined)],
    after: stateAfter(wanted, isFile ? attributes.after : planAttributes(wanted, asMade(parent, found), found).after, hash),
    touches: [],
    assumed,
    result,
    ...(wanted.validate !== undefined && !sameContent ? { validate: { command: checkerOf(wanted) ?? '', shown: wanted.validate, path, content: wanted.content, mode: attributes.mode } } : {}),
  };
}

function refused<R>(result: R, failure: string): Plan<R> {
  return { changes: [], steps: [], after: [], touches: [], result, failure };
}

function contentChange(wanted: WantedFile, now: Stat, found: Found): Change {
  const text = { path: wanted.path, after: wanted.content, ...(wanted.secrets === undefined ? {} : { secret: wanted.secrets }) };
  if (now.type === 'absent') return { what: 'content', to: 'new file', text: { ...text, before: null } };
  if (now.type !== 'file') return { what: 'type', from: now.type, to: 'file', text: { ...text, before: null } };
  const old = wanted.before ? { bytes: wanted.before } : found.get(content(wanted.path));
  if ('bytes' in old) return { what: 'content', text: { ...text, before: old.bytes } };
  const unknown = 'tooLarge' in old ? `the old file has ${old.tooLarge} bytes` : `it is ${old.missing}`;
  return { what: 'content', text: { ...text, before: { unknown } } };
}

function stateAfter(wanted: WantedFile, after: PathState, hash: string): Known[] {
  return [
    { question: stat(wanted.path), answer: { ...after, type: 'file', size: wanted.content.length } },
    { question: sha256(wanted.path), answer: hash },
    { question: content(wanted.path), answer: { bytes: wanted.content } },
  ];
}

/** The largest content that shares a request with others; more is streamed alone. */
const packLimit = 1024 * 1024;

export function writeStep(wanted: WantedFile, attributes: AttributePlan, now: PathState | undefined): Step {
  // What is not asked for stays as it was: the new file takes over the old one's owner.
  const owner = wanted.owner ?? (now ? String(now.uid) : '');
  const group = wanted.group ?? (now ? String(now.gid) : '');
  const chown = owner === '' && group === '' ? '' : `${owner}${group === '' ? '' : `:${group}`}`;
  const stamp = wanted.backup ? new Date().toISOString().replaceAll(':', '-') : '';
  const folder = folderOf(wanted.path);
  const prefix = `${folder === '/' ? '' : folder}/.play-${createHash('sha256').update(wanted.path).digest('hex').slice(0, 16)}-`;
  const packs = wanted.validate === undefined && wanted.content.length <= packLimit;
  const check = checkerOf(wanted) ?? '';
  const size = packs ? String(wanted.content.length) : '';
  return {
    script: writeScript,
    args: [wanted.path, `${prefix}${randomBytes(4).toString('hex')}`, prefix, maskOf(attributes.mode), attributes.mode, chown, stamp, check, size],
    stdin: wanted.content,
    packs,
    atomic: true,
    label: `write ${wanted.path}`,
  };
}

/** The checker as shell text. The path is in the environment, so that it is safe in quotes within quotes: `sh -c 'a %s'`. */
function checkerOf({ validate }: WantedFile): string | undefined {
  return validate?.replaceAll('%s', '"$PLAY_STAGED"');
}

function attributeStep(path: string, { mode, chown, changes }: AttributePlan): Step {
  // chown clears set-uid bits, so the mode is set again after it.
  const newMode = chown !== '' || changes.some((change) => change.what === 'mode') ? mode : '';
  return { script: attributeScript, args: [path, newMode, chown], label: `set the permissions of ${path}` };
}
