import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { FILE_HEADERS_ONLY, formatPatch } from 'diff';
import { toBytes, visible } from '../connection/byte-text.ts';
import type { LargeContent, TextChange } from '../contract/index.ts';
import { shortestSearched } from '../secrets/index.ts';
import { hunksOf } from './line-diff.ts';
import { maskReplaced } from './mask-replaced.ts';

/** A longer diff helps nobody. */
const mostBytes = 1024 * 1024;
const mostChangedLines = 4000;
/** Lines around a change. */
const context = 3;

/**
 * The change of a file as a unified diff which `patch -p1 -d /` can apply, or a line in brackets that says why there is
 * none.
 */
export function unifiedDiff(change: TextChange, redact: (text: string) => string): string {
  const { path, before, after } = change;
  if (change.secret === true || change.secret?.some((secret) => secret.expose().trim().length < shortestSearched))
    return '(not shown: the content is secret)\n';
  if (before !== null && !Buffer.isBuffer(before))
    return `(not shown: what is there now is not known: ${before.unknown})\n`;
  if (after !== null && !Buffer.isBuffer(after)) return large(before, after);
  const sides = [before, after].map((side) => side ?? Buffer.alloc(0));
  const [old = Buffer.alloc(0), wanted = Buffer.alloc(0)] = sides;
  if (before !== null && after !== null && old.equals(wanted)) return '';
  const digest = digestOf(sides, redact);
  if (sides.some(isBinary)) return `(binary: ${summary(before, digest)} -> ${summary(after, digest)})\n`;
  const { skipped, ends } = differingPart(old, wanted);
  if (ends.some((side) => side.length > mostBytes)) return rewritten(old, wanted, digest);
  const names = [before === null ? '/dev/null' : path, after === null ? '/dev/null' : path] as const;
  // patch(1) takes whatever follows a tab for the time and does not mind if it is not one.
  const [oldHeader, newHeader] = [before === null ? undefined : 'before', after === null ? undefined : 'after'];
  const found = hunksOf(ends[0].toString(), ends[1].toString(), context);
  if (
    found === undefined ||
    found.flatMap((hunk) => hunk.lines).filter((line) => !line.startsWith(' ')).length > mostChangedLines
  )
    return rewritten(old, wanted, digest);
  const hunks = found.map((hunk) => ({
    ...hunk,
    oldStart: hunk.oldStart + skipped,
    newStart: hunk.newStart + skipped,
  }));
  // An empty file has no lines to show: patch(1) makes it from git's headers.
  const isGit = hunks.length === 0;
  const patch = withStrayBytes(
    path,
    formatPatch(
      {
        oldFileName: names[0],
        newFileName: names[1],
        oldHeader,
        newHeader,
        hunks,
        isGit,
        isCreate: before === null,
        isDelete: after === null,
      },
      FILE_HEADERS_ONLY,
    ),
  );
  // patch(1) ends a name at a blank, unless it is quoted.
  const masked = maskReplaced(
    isGit ? patch.replace(`diff --git ${path} ${path}`, () => `diff --git "${path}" "${path}"`) : patch,
    redact,
  );
  const onlySecret = before !== null && after !== null && redact(old.toString()) === redact(wanted.toString());
  return onlySecret || masked.hidAll ? `${masked.text}(a secret changed)\n` : masked.text;
}

/** Names that are not UTF-8 are escaped byte by byte in the header, as git does. */
function withStrayBytes(path: string, patch: string): string {
  if (visible(path) === path) return patch;
  const name = [...toBytes(path)]
    .map((byte) =>
      byte === 0x22 || byte === 0x5c
        ? `\\${String.fromCharCode(byte)}`
        : byte < 0x20 || byte > 0x7e
          ? `\\${byte.toString(8).padStart(3, '0')}`
          : String.fromCharCode(byte),
    )
    .join('');
  const header = patch.indexOf('@@');
  const named = patch
    .slice(0, header < 0 ? undefined : header)
    .replace(`diff --git ${path} ${path}`, () => `diff --git "${name}" "${name}"`);
  return named.replace(/"(?:[^"\\]|\\.)*"/g, () => `"${name}"`) + (header < 0 ? '' : patch.slice(header));
}

/**
 * Both sides without the lines they have in common at the beginning and end, except those around the change; and how
 * many were left out before it.
 */
function differingPart(
  old: Buffer,
  wanted: Buffer,
): { readonly skipped: number; readonly ends: readonly [Buffer, Buffer] } {
  const shortest = Math.min(old.length, wanted.length);
  let start = 0;
  while (start < shortest && old[start] === wanted[start]) start += 1;
  let same = 0;
  while (same < shortest - start && old[old.length - 1 - same] === wanted[wanted.length - 1 - same]) same += 1;
  for (let left = context + 1; start > 0 && left > 0; left -= 1)
    start = start < 2 ? 0 : old.lastIndexOf(0x0a, start - 2) + 1;
  let end = old.length - same;
  for (let left = context + 1; end < old.length && left > 0; left -= 1) end = lineEnd(old, end);
  return {
    skipped: lines(old.subarray(0, start)),
    ends: [old.subarray(start, end), wanted.subarray(start, end + wanted.length - old.length)],
  };
}

function lineEnd(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(0x0a, at);
  return end < 0 ? bytes.length : end + 1;
}

function isBinary(bytes: Buffer): boolean {
  return bytes.includes(0) || !isUtf8(bytes);
}

/** No digest of the old side, which may hold a secret: the new one is in a file here in the clear. */
function large(before: Buffer | null, { length, sha256 }: LargeContent): string {
  const was = before === null ? 'no file' : `${before.length} bytes`;
  return `(large: ${was} -> ${length} bytes, sha256 ${sha256.slice(0, 12)})\n`;
}

function summary(side: Buffer | null, digest: Digest): string {
  return side === null ? 'no file' : `${side.length} bytes, ${digest(side)}`;
}

function rewritten(old: Buffer, wanted: Buffer, digest: Digest): string {
  return `(rewritten: -${lines(old)} +${lines(wanted)} lines, ${digest(old)} -> ${digest(wanted)})\n`;
}

type Digest = (side: Buffer) => string;

/** Of what holds a secret no digest is shown: who knows all but a short one could try what it is. */
function digestOf(sides: readonly Buffer[], redact: (text: string) => string): Digest {
  let isSecret: boolean | undefined;
  const holdsSecret = (): boolean =>
    (isSecret ??= sides.some((side) => {
      const text = side.toString();
      return redact(text) !== text;
    }));
  return (side) => (holdsSecret() ? 'with a secret' : `sha256 ${hash(side)}`);
}

function lines(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x0a) count += 1;
  return bytes.length > 0 && bytes.at(-1) !== 0x0a ? count + 1 : count;
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}
