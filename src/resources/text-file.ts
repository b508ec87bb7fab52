import { isUtf8 } from 'node:buffer';
import type { Plan } from '../playbook/index.ts';
import { content, contentLimit, realPath, stat, type Found, type Question } from '../probes/index.ts';
import { fileQuestions, planFile, type WantedFile } from './file-content.ts';

/** A file of which a part is managed. */
export interface EditedFile extends Omit<WantedFile, 'content'> {
  readonly create: boolean;
  /** Nothing to do where there is no file (`state: 'absent'`). */
  readonly onlyIfThere: boolean;
}

export interface EditedResult {
  readonly path: string;
}

export function editQuestions(path: string): readonly Question[] {
  return [...fileQuestions(path), content(path)];
}

/** What an edit is described by: strings and patterns, looked for in a text or put into it. */
type Description = object;

/** Thrown by an edit that cannot be made of this text; the task fails with its words. */
export class EditRefused extends Error {}

/**
 * Changes the text and keeps every byte it does not touch. Text that is not UTF-8 is edited as latin1, in which any byte is a
 * character; the words of the edit are then spelt in the bytes they have in UTF-8.
 */
export function editText<E extends Description>(bytes: Buffer, edit: E, apply: (text: string, edit: E) => string): Buffer {
  if (isUtf8(bytes)) return Buffer.from(apply(bytes.toString('utf8'), edit), 'utf8');
  return Buffer.from(apply(bytes.toString('latin1'), inBytes(edit)), 'latin1');
}

function inBytes<E extends Description>(edit: E): E {
  const entries = Object.entries(edit).map(([name, value]: [string, unknown]): [string, unknown] => [name, speltInBytes(value)]);
  return Object.fromEntries(entries) as E;
}

function speltInBytes(value: unknown): unknown {
  const spelt = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
  if (typeof value === 'string') return spelt(value);
  if (Array.isArray(value)) return value.map(speltInBytes);
  return value instanceof RegExp ? new RegExp(spelt(value.source), value.flags.replace(/[uv]/g, '')) : value;
}

/** Plans the edit of a file; a link is followed, so that the file behind it is changed and the link stays. */
export function planEdit<E extends Description>(wanted: EditedFile, found: Found, edit: E, apply: (text: string, edit: E) => string): Plan<EditedResult> {
  const { create, onlyIfThere, ...file } = wanted;
  const result = { path: file.path };
  const nothing: Plan<EditedResult> = { changes: [], steps: [], after: [], touches: [], result };
  const path = found.get(stat(file.path)).type === 'link' ? (found.get(realPath(file.path)) ?? file.path) : file.path;
  const now = found.get(content(path));
  if ('tooLarge' in now) return { ...nothing, failure: `${path} has ${now.tooLarge} bytes; files of more than ${contentLimit} are not edited. Manage it whole with copy() or template()` };
  if ('missing' in now) {
    if (now.missing !== 'absent') return { ...nothing, failure: `${path} is ${now.missing}` };
    if (onlyIfThere) return nothing;
    if (!create) {
      if (found.clouded !== undefined) return { ...nothing, may: `${path} is not there yet (${found.clouded})` };
      return { ...nothing, failure: `${path} does not exist; \`create: true\` makes it` };
    }
  }
  const old = 'bytes' in now ? now.bytes : Buffer.alloc(0);
  try {
    return planFile({ ...file, path, content: editText(old, edit, apply) }, found, result);
  } catch (error) {
    if (error instanceof EditRefused) return { ...nothing, failure: `${path}: ${error.message}` };
    throw error;
  }
}
