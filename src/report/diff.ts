import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { FILE_HEADERS_ONLY, createTwoFilesPatch } from 'diff';
import type { TextChange } from '../playbook/index.ts';
import { maskReplaced } from './mask-replaced.ts';

/** Above this a diff helps nobody and costs seconds. */
const mostBytes = 1024 * 1024;
/** Myers' algorithm is quadratic in the number of edits: 10,000 changed lines take 9 s unbounded, 2,000 a third of one. */
const mostEdits = 4000;
const mostMilliseconds = 1000;

/** The file's change as a unified diff which `patch -p1 -d /` applies, or a line in brackets that says why there is none. */
export function unifiedDiff(change: TextChange, redact: (text: string) => string): string {
  const { path, before, after } = change;
  if (change.secret === true) return '(not shown: the content is secret)\n';
  if (before !== null && !Buffer.isBuffer(before)) return `(not shown: what is there now is not known: ${before.unknown})\n`;
  const sides = [before, after].map((side) => side ?? Buffer.alloc(0));
  const [old = Buffer.alloc(0), wanted = Buffer.alloc(0)] = sides;
  if (before !== null && after !== null && old.equals(wanted)) return '';
  if (sides.some(isBinary)) return `(binary: ${summary(before)} -> ${summary(after)})\n`;
  if (sides.some((side) => side.length > mostBytes)) return rewritten(old, wanted);
  const names = [before === null ? '/dev/null' : quoted(path), after === null ? '/dev/null' : quoted(path)] as const;
  // patch(1) takes what follows a tab for the time and does not mind that it is none.
  const [oldHeader, newHeader] = [before === null ? undefined : 'before', after === null ? undefined : 'after'];
  const patch = createTwoFilesPatch(names[0], names[1], old.toString(), wanted.toString(), oldHeader, newHeader, {
    context: 3,
    maxEditLength: mostEdits,
    timeout: mostMilliseconds,
    headerOptions: FILE_HEADERS_ONLY,
  });
  // undefined when a limit was reached.
  if (patch === undefined) return rewritten(old, wanted);
  const masked = maskReplaced(patch, redact);
  const onlySecret = before !== null && after !== null && redact(old.toString()) === redact(wanted.toString());
  return onlySecret || masked.hidAll ? `${masked.text}(a secret changed)\n` : masked.text;
}

function isBinary(bytes: Buffer): boolean {
  return bytes.includes(0) || !isUtf8(bytes);
}

function summary(side: Buffer | null): string {
  return side === null ? 'no file' : `${side.length} bytes, sha256 ${hash(side)}`;
}

function rewritten(old: Buffer, wanted: Buffer): string {
  return `(rewritten: -${lines(old)} +${lines(wanted)} lines, sha256 ${hash(old)} -> ${hash(wanted)})\n`;
}

function lines(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x0a) count += 1;
  return bytes.length > 0 && bytes.at(-1) !== 0x0a ? count + 1 : count;
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}

/** A name with characters that would end it is written as a C string: GNU patch and git read that. */
function quoted(path: string): string {
  return /[\x00-\x1f"\\]/.test(path) ? JSON.stringify(path) : path;
}
