import { createHash, randomBytes } from 'node:crypto';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Prediction,
  type PathState,
  type Plan,
  type Question,
  type Stat,
  type Step,
} from '../../contract/index.ts';
import { content, self, sha256, stat, writability } from '../../probes/index.ts';
import type { Secret } from '../../secrets/index.ts';
import { behindLinks, folderOf, presumeFolder } from './folder.ts';
import { requireNoObstacle, toldInPlace, whyInPlace } from './obstacle.ts';
import {
  knownAfter,
  planAttributes,
  planAttributesAt,
  stepsOf,
  type AttributePlan,
  type WantedAttributes,
} from './ownership.ts';
import { replaced } from './predictions.ts';
import { copyScript, maskOf, writeScript } from './write-script.ts';

export { folderOf } from './folder.ts';

/** A regular file as it should be: what copy, template, lineinfile and others that write whole files have in common. */
export interface WantedFile extends WantedAttributes {
  /** Where it should be. */
  readonly path: string;
  /** Its whole content. */
  readonly content: Buffer;
  /** The old content, if it was read already. */
  readonly before?: Buffer;
  /** A command that checks the content before it is put in place; `%s` is its path. */
  readonly validate?: string | undefined;
  /** Keep the old file next to it, with the time in its name. Default false. */
  readonly backup?: boolean;
  /** Masked in the diff; true hides the whole content. */
  readonly secrets?: readonly Secret[] | true;
}

/** A file that shall be as another on the host, which is too large to be brought here. */
export interface WantedCopy extends Omit<WantedFile, 'content' | 'before' | 'validate'> {
  /** The file whose bytes it gets, with no link at its end; what is known of them. */
  readonly copyOf: { readonly path: string; readonly sha256: string; readonly size: number };
}

/** The questions a wanted file always has. */
export function fileQuestions(path: string): Question[] {
  return [stat(path), sha256(path), stat(folderOf(path)), self];
}

/** What a new file is before anybody sets its permissions. */
const fresh: PathState = { type: 'file', mode: '0644', uid: -1, gid: -1, owner: '', group: '', size: 0 };

/** A new file with the owner it gets by itself. A set-group-ID directory hands on its group (inode(7)). */
export function asMade(parent: Stat, found: Found): PathState {
  const made = { ...fresh, ...found.get(self) };
  const handsOn = parent.type === 'directory' && (Number.parseInt(parent.mode, 8) & 0o2000) !== 0;
  return handsOn ? { ...made, gid: parent.gid, group: parent.group } : made;
}

/**
 * Plans a regular file: its bytes and permissions, written next to its place and renamed; in place if nothing else is
 * possible.
 * @throws PlayError where it cannot be written
 */
export function planFile<R>(given: WantedFile | WantedCopy, found: Found, result: R): Plan<R> {
  const { path } = given;
  const now = found.get(stat(path));
  const wanted = now.type === 'file' ? given : closed(given);
  found.require(now.type !== 'directory', { failure: `${path} is a directory`, by: null });
  const hash = 'copyOf' in wanted ? wanted.copyOf.sha256 : createHash('sha256').update(wanted.content).digest('hex');
  const before = 'copyOf' in wanted ? undefined : wanted.before;
  const sameContent = now.type === 'file' && found.get(sha256(path)) === hash;
  if (now.type === 'file' && sameContent) return planSameBytes(wanted, now, found, result);
  if (now.type === 'absent') presumeFolder(folderOf(path), found);
  found.need(writability(path), ...(now.type === 'file' && before === undefined ? [content(path)] : []));
  const inPlace = whyInPlace(path, now, found);
  const parent = behindLinks(folderOf(path), found);
  const attributes =
    now.type === 'file'
      ? planAttributesAt(path, wanted, now, found)
      : planAttributes(wanted, asMade(parent, found), found);
  // For a new file the permissions are told only where they were asked for.
  const told =
    now.type === 'file'
      ? attributes.changes
      : planAttributes(wanted, fresh, found).changes.map(({ what, to }): Change => ({
          what,
          ...(to === undefined ? {} : { to }),
        }));
  const stamp = wanted.backup ? new Date().toISOString().replaceAll(':', '-') : '';
  const write = writeStep({ ...wanted, stamp }, attributes, now.type === 'file' ? now : undefined, {
    isInPlace: inPlace !== undefined,
    isOurs: isOurs(parent, now, found),
  });
  return {
    changes: [contentChange(wanted, now, found), ...told, ...toldInPlace(inPlace)],
    steps: [write, ...(attributes.aclStep ? [attributes.aclStep(path)] : [])],
    after: [
      ...stateAfter(wanted, inPlace === undefined ? replaced(attributes.after) : attributes.after, hash),
      ...attributes.aclAfter,
      ...backupAfter(`${path}.${stamp}~`, now, wanted, found),
    ],
    touches: [],
    result,
    ...('copyOf' in wanted || wanted.validate === undefined
      ? {}
      : {
          validate: {
            command: checkerOf(wanted.validate),
            shown: wanted.validate,
            path,
            content: wanted.content,
            mode: attributes.mode,
          },
        }),
  };
}

/** A new file with a secret is not for everybody, unless its task says so. */
function closed<W extends WantedFile | WantedCopy>(wanted: W): W {
  if (wanted.secrets === undefined || wanted.mode !== undefined) return wanted;
  return { ...wanted, mode: wanted.group === undefined ? '0600' : '0640' };
}

/** The bytes are right. */
function planSameBytes<R>(wanted: WantedFile | WantedCopy, now: PathState, found: Found, result: R): Plan<R> {
  const { path } = wanted;
  const attributes = planAttributesAt(path, wanted, now, found);
  if (attributes.changes.length === 0) return settled(result);
  requireNoObstacle(path, 'change', found);
  return {
    changes: attributes.changes,
    steps: stepsOf(path, attributes),
    ...knownAfter(path, now, attributes, found),
    touches: [],
    result,
  };
}

/** Whether nobody else may rename or remove what we make in a folder, and what is there is ours to take over. */
function isOurs(parent: Stat, now: Stat, found: Found): boolean {
  const { uid } = found.get(self);
  if (parent.type !== 'directory' || (now.type === 'file' && uid !== 0 && now.uid !== uid)) return false;
  const mode = Number.parseInt(parent.mode, 8);
  return (parent.uid === 0 || parent.uid === uid) && ((mode & 0o022) === 0 || (mode & 0o1000) !== 0);
}

function contentChange(wanted: WantedFile | WantedCopy, now: Stat, found: Found): Change {
  if ('copyOf' in wanted) {
    const { path, size } = wanted.copyOf;
    return { what: 'content', to: `${now.type === 'absent' ? 'new file, ' : ''}the ${size} bytes of ${path}` };
  }
  const text = {
    path: wanted.path,
    after: wanted.content,
    ...(wanted.secrets === undefined ? {} : { secret: wanted.secrets }),
  };
  if (now.type === 'absent') return { what: 'content', to: 'new file', text: { ...text, before: null } };
  if (now.type !== 'file') return { what: 'type', from: now.type, to: 'file', text: { ...text, before: null } };
  const old = wanted.before ? { bytes: wanted.before } : found.get(content(wanted.path));
  if ('bytes' in old) return { what: 'content', text: { ...text, before: old.bytes } };
  const unknown = 'tooLarge' in old ? `the old file has ${old.tooLarge} bytes` : `it is ${old.missing}`;
  return { what: 'content', text: { ...text, before: { unknown } } };
}

function stateAfter(wanted: WantedFile | WantedCopy, after: PathState, hash: string): Prediction[] {
  const [size, bytes] =
    'copyOf' in wanted
      ? [wanted.copyOf.size, { tooLarge: wanted.copyOf.size }]
      : [wanted.content.length, { bytes: wanted.content }];
  return [
    predict(stat(wanted.path), { ...after, type: 'file', size }),
    predict(sha256(wanted.path), hash),
    predict(content(wanted.path), bytes),
  ];
}

/** What a backup leaves beside the file. Its name has the time of the run in it. */
function backupAfter(path: string, now: Stat, wanted: WantedFile | WantedCopy, found: Found): Prediction[] {
  if (!wanted.backup || now.type !== 'file') return [];
  const why = 'the name of a backup has the time in it';
  return [
    predict(stat(path), replaced(now), why),
    predict(sha256(path), found.get(sha256(wanted.path)), why),
    predict(
      content(path),
      'before' in wanted && wanted.before ? { bytes: wanted.before } : found.get(content(wanted.path)),
      why,
    ),
  ];
}

/** The largest content that shares a request with others; more is streamed alone. */
const packLimit = 1024 * 1024;

export interface Placing {
  /** Nothing can be renamed over it. */
  readonly isInPlace: boolean;
  /** Nobody else may rename what is in the folder, and the file itself is ours. */
  readonly isOurs: boolean;
}

/** What the names of a path's temporary files start with: what a killed run left of them is known by it. */
function temporaryPrefix(path: string): string {
  return `.play-${createHash('sha256').update(path).digest('hex').slice(0, 16)}-`;
}

/** A name beside a path that nothing has. */
export function temporaryName(path: string): string {
  return `${temporaryPrefix(path)}${randomBytes(4).toString('hex')}`;
}

export function writeStep(
  wanted: (WantedFile | WantedCopy) & { readonly stamp?: string },
  attributes: AttributePlan,
  now: PathState | undefined,
  { isInPlace, isOurs: ours }: Placing,
): Step {
  const bytes = 'copyOf' in wanted ? undefined : wanted.content;
  const before = 'copyOf' in wanted ? undefined : wanted.before;
  const packs = bytes !== undefined && bytes.length <= packLimit;
  const size = packs ? String(bytes.length) : '';
  const how = isInPlace
    ? 'place'
    : now === undefined
      ? 'new'
      : ours && attributes.changes.length === 0
        ? 'keep'
        : 'change';
  const mode = isInPlace && attributes.changes.length === 0 ? '' : attributes.mode;
  const mask = how === 'new' && ours ? maskOf(attributes.mode) : '';
  // What is not asked for stays as it was: a new file takes over the old one's owner.
  const owner =
    now === undefined || isInPlace ? attributes.chown : `${wanted.owner ?? now.uid}:${wanted.group ?? now.gid}`;
  return {
    script: 'copyOf' in wanted ? copyScript : writeScript,
    args: [
      ...('copyOf' in wanted ? [wanted.copyOf.path] : []),
      wanted.path,
      temporaryName(wanted.path),
      temporaryPrefix(wanted.path),
      how,
      mode,
      mask,
      owner,
      wanted.stamp ?? '',
      size,
      before === undefined ? '' : createHash('sha256').update(before).digest('hex'),
    ],
    ...(bytes === undefined ? {} : { stdin: bytes }),
    packs,
    atomic: !isInPlace,
    label: `write ${wanted.path}`,
  };
}

/**
 * The checker as shell text. The path is in the environment, so that it is safe in quotes within quotes: `sh -c 'a
 * %s'`. Quotes that stand around nothing else go: those put in their place would end them, and the path be split at its
 * blanks (`"%s"`), or stand there as a name (`'%s'`).
 */
function checkerOf(validate: string): string {
  return validate.replace(/(["']?)%s\1/g, (all: string, quote: string, at: number) => {
    const open = openQuote(validate.slice(0, at));
    const isBare = quote === '' || open === '' || (open === "'" && quote === '"');
    return isBare ? '"$PLAY_STAGED"' : all.replace('%s', '"$PLAY_STAGED"');
  });
}

/** The quote that is open at the end of shell text; empty for none. */
function openQuote(text: string): string {
  let open = '';
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter === '\\' && open !== "'") at++;
    else if (open === '' ? letter === '"' || letter === "'" : letter === open) open = open === '' ? letter : '';
  }
  return open;
}
