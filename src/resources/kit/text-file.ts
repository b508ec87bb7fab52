import { settled, type Found, type Plan, type Prediction, type Question } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import type { Encoding } from '../../formats/text-bytes.ts';
import { EditRefused, editText, type Apply, type Description } from '../../formats/text-edit.ts';
import { content, editLimit, largeContent, realPath, stat, type Content } from '../../probes/index.ts';
import { fileQuestions, planFile, type WantedFile } from './file-content.ts';

/** A file of which a part is managed. */
export interface EditedFile extends Omit<WantedFile, 'content' | 'before'> {
  /** Whether a missing file is made; undefined: the resource never makes one. */
  readonly create: boolean | undefined;
  /** Nothing to do where there is no file (`state: 'absent'`). */
  readonly onlyIfThere: boolean;
}

export interface EditedResult {
  /** The file that is edited. */
  readonly path: string;
}

export function editQuestions(path: string): readonly Question[] {
  return [...fileQuestions(path), content(path)];
}

/** The bytes of a file that is to be edited: also of one that is too large to be brought here for a mere diff. */
function contentToEdit(path: string, found: Found): Content {
  const now = found.get(content(path));
  return 'tooLarge' in now ? found.get(largeContent(path)) : now;
}

/**
 * Plans the edit of a file; a link is followed, so that the file behind it is changed and the link stays.
 *
 * @param encoding how the file's characters are written, where a document itself says so
 */
export function planEdit<E extends Description>(
  wanted: EditedFile,
  found: Found,
  edit: E,
  apply: Apply<E>,
  encoding?: (bytes: Buffer) => Encoding,
): Plan<EditedResult> {
  const { create, onlyIfThere, ...file } = wanted;
  const result = { path: file.path };
  const path = found.get(stat(file.path)).type === 'link' ? (found.get(realPath(file.path)) ?? file.path) : file.path;
  found.need(stat(path));
  const now = contentToEdit(path, found);
  if ('tooLarge' in now)
    throw new PlayError(`${path} has ${now.tooLarge} bytes; files of more than ${editLimit} are not edited`, {
      hint: 'Manage it whole with copy() or template().',
    });
  if ('missing' in now) {
    found.require(now.missing === 'absent', { failure: `${path} is ${now.missing}`, by: null });
    if (onlyIfThere) return settled(result);
    found.require(create === true, {
      failure: `${path} does not exist`,
      hint: create === undefined ? 'Make it first, with copy() or template().' : '`create: true` makes it.',
    });
  }
  const before = 'bytes' in now ? now.bytes : undefined;
  const guess = found.peek(stat(path)).assumed ?? found.peek(content(path)).assumed;
  return namingFile(path, () =>
    guessedBy(
      guess,
      planFile(
        {
          ...file,
          path,
          content: editText(before ?? Buffer.alloc(0), edit, apply, encoding),
          ...(before ? { before } : {}),
        },
        found,
        result,
      ),
    ),
  );
}

/** What an edit makes of a text that is a guess is one too: for who reads the file afterwards. */
function guessedBy<R>(guess: string | undefined, plan: Plan<R>): Plan<R> {
  if (guess === undefined) return plan;
  const isOfText = ({ question: { kind } }: Prediction): boolean => kind.kind === 'content' || kind.kind === 'sha256';
  return { ...plan, after: plan.after.map((one) => (isOfText(one) ? { assumed: guess, ...one } : one)) };
}

/** Names the file where the edit of it is refused. @throws PlayError */
export function namingFile<R>(where: string, plan: () => Plan<R>): Plan<R> {
  try {
    return plan();
  } catch (error) {
    throw error instanceof EditRefused ? new PlayError(`${where}: ${error.message}`) : error;
  }
}
