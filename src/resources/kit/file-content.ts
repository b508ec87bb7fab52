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
import { content, self, sha256, sha256OfSize, stat, writability, type Content } from '../../probes/index.ts';
import type { Secret } from '../../secrets/index.ts';
import type { FileHere } from './file-here.ts';
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

/**
 * A regular file as it should be: what resources that write whole files, such as copy, template and lineinfile, have in
 * common.
 */
export interface WantedFile extends WantedAttributes {
  /** Where it should be. */
  readonly path: string;
  /** Its whole content. */
  readonly content: Buffer;
  /** The old content, if it has been read already. */
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

/** A file that shall be as a large one of this machine, which is read while it is sent. */
export interface WantedLarge extends Omit<WantedFile, 'content' | 'before'> {
  readonly large: FileHere;
}

type Wanted = WantedFile | WantedCopy | WantedLarge;

/** The questions that planning a file always needs. */
export function fileQuestions(path: string): Question[] {
  return [stat(path), sha256(path), stat(folderOf(path)), self];
}

/** Those of one that is to hold a large file. */
export function largeFileQuestions(path: string, large: FileHere): Question[] {
  return [stat(path), hashOf(path, large), stat(folderOf(path)), self];
}

/** To hash a large file takes long, and its size may tell already. */
function hashOf(path: string, large: FileHere | undefined): Question<string | null> {
  return large === undefined ? sha256(path) : sha256OfSize(path, large.length);
}

/** What is known here of the bytes it shall hold. */
function bytesOf(wanted: Wanted): { readonly size: number; readonly sha256: string; readonly content: Content } {
  if ('copyOf' in wanted) return { ...wanted.copyOf, content: { tooLarge: wanted.copyOf.size } };
  if ('large' in wanted) {
    const { large } = wanted;
    return {
      size: large.length,
      sha256: large.sha256,
      content: {
        get bytes() {
          return large.read();
        },
      },
    };
  }
  const hash = createHash('sha256').update(wanted.content).digest('hex');
  return { size: wanted.content.length, sha256: hash, content: { bytes: wanted.content } };
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
 * Plans a regular file: its content and permissions. It is written next to its destination and renamed, or written in
 * place if nothing else is possible.
 * @throws PlayError if it cannot be written
 */
export function planFile<R>(given: WantedFile | WantedCopy | WantedLarge, found: Found, result: R): Plan<R> {
  const { path } = given;
  const now = found.get(stat(path));
  const wanted = now.type === 'file' ? given : closed(given);
  found.require(now.type !== 'directory', { failure: `${path} is a directory`, by: null });
  const bytes = bytesOf(wanted);
  const before = 'before' in wanted ? wanted.before : undefined;
  const large = 'large' in wanted ? wanted.large : undefined;
  const sameContent = now.type === 'file' && found.get(hashOf(path, large)) === bytes.sha256;
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
      ...stateAfter(path, inPlace === undefined ? replaced(attributes.after) : attributes.after, bytes),
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
            get content() {
              return 'large' in wanted ? wanted.large.read() : wanted.content;
            },
            mode: attributes.mode,
          },
        }),
  };
}

/** A new file with a secret is not for everybody, unless its task says so. */
function closed<W extends Wanted>(wanted: W): W {
  if (wanted.secrets === undefined || wanted.mode !== undefined) return wanted;
  return { ...wanted, mode: wanted.group === undefined ? '0600' : '0640' };
}

/** The bytes are right. */
function planSameBytes<R>(wanted: Wanted, now: PathState, found: Found, result: R): Plan<R> {
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

function contentChange(wanted: Wanted, now: Stat, found: Found): Change {
  if ('copyOf' in wanted) {
    const { path, size } = wanted.copyOf;
    return { what: 'content', to: `${now.type === 'absent' ? 'new file, ' : ''}the ${size} bytes of ${path}` };
  }
  const text = {
    path: wanted.path,
    after: 'large' in wanted ? wanted.large : wanted.content,
    ...(wanted.secrets === undefined ? {} : { secret: wanted.secrets }),
  };
  if (now.type === 'absent') return { what: 'content', to: 'new file', text: { ...text, before: null } };
  if (now.type !== 'file') return { what: 'type', from: now.type, to: 'file', text: { ...text, before: null } };
  const old = 'before' in wanted && wanted.before ? { bytes: wanted.before } : found.get(content(wanted.path));
  if ('bytes' in old) return { what: 'content', text: { ...text, before: old.bytes } };
  const unknown = 'tooLarge' in old ? `the old file has ${old.tooLarge} bytes` : `it is ${old.missing}`;
  return { what: 'content', text: { ...text, before: { unknown } } };
}

function stateAfter(path: string, after: PathState, bytes: ReturnType<typeof bytesOf>): Prediction[] {
  return [
    predict(stat(path), { ...after, type: 'file', size: bytes.size }),
    predict(sha256(path), bytes.sha256),
    predict(content(path), bytes.content),
  ];
}

/** What a backup leaves beside the file. Its name has the time of the run in it. */
function backupAfter(path: string, now: Stat, wanted: Wanted, found: Found): Prediction[] {
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

/** For less than this a shell that reads byte by byte is as fast as a process is started. */
const shortText = 1024;

/**
 * How many lines a text has that a shell can copy by itself, for which dd is a process; undefined for any other. Old
 * versions of dash trip over bytes above 127.
 */
function shortLines(bytes: Buffer): number | undefined {
  if (bytes.length > shortText || bytes.at(-1) !== 0x0a) return undefined;
  let lines = 0;
  for (const byte of bytes) {
    if (byte === 0x0a) lines++;
    else if (byte !== 0x09 && (byte < 0x20 || byte > 0x7e)) return undefined;
  }
  return lines;
}

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
  wanted: Wanted & { readonly stamp?: string },
  attributes: AttributePlan,
  now: PathState | undefined,
  { isInPlace, isOurs: ours }: Placing,
): Step {
  const bytes = 'content' in wanted ? wanted.content : undefined;
  const stdin = 'large' in wanted ? wanted.large : bytes;
  const lines = bytes && shortLines(bytes);
  const before = 'before' in wanted ? wanted.before : undefined;
  const packs = bytes !== undefined && bytes.length <= packLimit;
  const size =
    'large' in wanted
      ? `=${wanted.large.length}`
      : lines !== undefined
        ? `l${lines}`
        : packs
          ? String(bytes.length)
          : '';
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
    ...(stdin === undefined ? {} : { stdin }),
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
