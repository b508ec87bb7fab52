import type { ProbeKind, Question } from '../contract/index.ts';
import { recordsSubject } from './holds.ts';
import { recordsFolderSh } from './records-folder.ts';

/** What was at a path before a run changed it, or what the run made of it. */
export type KeptState =
  | { readonly is: 'absent' }
  | ({ readonly is: 'file'; readonly hash: string } & KeptOwner)
  | { readonly is: 'link'; readonly target: string }
  | ({ readonly is: 'directory' } & KeptOwner)
  /** It is not kept, or not known: why, in a few words. */
  | { readonly is: 'lost'; readonly why: string };

export interface KeptOwner {
  /** Octal, four digits. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
}

/** One path that a run changed, as its host has it on record. The old bytes lie beside that record. */
export interface KeptFile {
  /** The run. */
  readonly run: string;
  /** Which change of that run on that host. */
  readonly number: number;
  readonly path: string;
  /** The name of the task. */
  readonly task: string;
  /** Its content is not to be shown. */
  readonly secret: boolean;
  readonly before: KeptState;
  /** What the change was to make of it. */
  readonly after: KeptState;
}

/** What a change is about to touch: all of `KeptFile` that is known here beforehand. */
export interface FileTouch extends Omit<KeptFile, 'run' | 'number' | 'before'> {
  /** What was found there before, as far as the record needs it. */
  readonly now: { readonly owner?: KeptOwner; readonly hash?: string; readonly target?: string };
  /** Bytes of the file that is there; 0 for anything else. */
  readonly size: number;
}

/** Beside the record of a run, the old bytes of a file are called by their SHA-256. */
const words: Readonly<Record<string, string>> = {
  large: 'it is too large to be kept',
  room: 'there was no room to keep it',
  other: 'it is not a file, folder or link',
  lost: 'it could not be read',
  many: 'too many files changed at once to keep them all',
};

/** A line of the record: `NUMBER WHAT HASH MODE UID GID JSON`. */
function parseKept(run: string, line: string): KeptFile[] {
  const [, number, what = '', hash = '', mode, uid, gid, json = ''] =
    /^(\d{1,9}) ([a-z]+) ([0-9a-f]{64}|-) ([0-7]{1,4}|-) (\d+|-) (\d+|-) (\{.*\})$/.exec(line) ?? [];
  if (number === undefined) return [];
  try {
    const { path, task, secret, now, after } = JSON.parse(json) as FileTouch;
    if (typeof path !== 'string' || !path.startsWith('/') || typeof task !== 'string') return [];
    const owner = { mode: String(mode).padStart(4, '0'), uid: Number(uid), gid: Number(gid) };
    return [
      {
        run,
        number: Number(number),
        path,
        task,
        secret: (secret as unknown) !== false,
        before: stateOf(what, hash, owner, now),
        after: checkedState(after),
      },
    ];
  } catch {
    // Cut short by a full disk: nothing can be learned from it.
    return [];
  }
}

function stateOf(what: string, hash: string, owner: KeptOwner, now: FileTouch['now']): KeptState {
  if (what === 'absent') return { is: 'absent' };
  if (what === 'file' && hash !== '-') return { is: 'file', hash, ...owner };
  if (what === 'link' && typeof now.target === 'string') return { is: 'link', target: now.target };
  if (what === 'directory' && now.owner !== undefined) return { is: 'directory', ...now.owner };
  return { is: 'lost', why: words[what] ?? 'it is not known what was there' };
}

function checkedState(state: unknown): KeptState {
  const { is, hash, target } = (state ?? {}) as Record<string, unknown>;
  const isWhole =
    is === 'absent' || is === 'directory' || (is === 'file' && typeof hash === 'string') || typeof target === 'string';
  return isWhole ? (state as KeptState) : { is: 'lost', why: 'it is not known what was made of it' };
}

/** The same path is changed several times in a run: what counts is what was there first, and what was made of it in between. */
export interface FoldedFile {
  readonly file: KeptFile;
  /** All that the run made of it, the last one last. */
  readonly after: readonly KeptState[];
}

/** One for each path, in the order in which they were changed first. */
export function foldKept(files: readonly KeptFile[]): FoldedFile[] {
  const folded = new Map<string, FoldedFile>();
  for (const file of files) {
    const known = folded.get(file.path);
    folded.set(file.path, {
      file: known === undefined ? file : { ...known.file, secret: known.file.secret || file.secret },
      after: [...(known?.after ?? []), file.after],
    });
  }
  return [...folded.values()];
}

/** sh that prints the record of the run $run, after the folder it lies in. */
export const keptSh = `${recordsFolderSh}; echo "$d/backups/$run"; [ ! -f "$d/backups/$run/files" ] || cat "$d/backups/$run/files"`;

export interface KeptRecord {
  /** Where the old bytes lie, each file called by its SHA-256. */
  readonly folder: string;
  readonly files: readonly KeptFile[];
}

/** Reads what `keptSh` printed. */
export function parseKeptRecord(run: string, text: string): KeptRecord {
  const [folder = '', ...lines] = text.split('\n');
  return { folder, files: lines.flatMap((line) => parseKept(run, line)) };
}

const kind: ProbeKind<KeptRecord> = {
  kind: 'kept-files',
  arity: 1,
  maxOutput: 32 * 1024 * 1024,
  sh: `xargs -0 sh -c 'for run do ${keptSh}; printf "\\0"; done' sh`,
  decode: (stdout, questions) => {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map(({ 0: run = '' }, i) => parseKeptRecord(run, parts[i] ?? ''));
  },
  depends: () => [recordsSubject],
};

/** What the account's records have of a run: the files it changed. */
export function keptFiles(run: string): Question<KeptRecord> {
  return { kind, args: [run] };
}
