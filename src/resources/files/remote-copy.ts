import type { Found, Plan } from '../../contract/index.ts';
import { content, editLimit, largeContent, sha256, stat, type Content } from '../../probes/index.ts';
import { placeOf, planPlaced, type PlacedCopy, type PlacedFile, type PlacedResult } from '../kit/destination.ts';
import { followed } from '../kit/file-touch.ts';
import { digestOf, type Digest } from './digest.probe.ts';

/** A file that shall be as another on the host. */
export interface RemoteCopy extends Omit<PlacedFile, 'content' | 'before'> {
  /** The other, also a link to it. */
  readonly from: string;
  /** What its bytes must have. */
  readonly checksum: Digest | undefined;
}

/**
 * Plans a copy of what lies on the host. Its bytes come here as far as a diff is worth it; those of a large file are
 * copied there.
 */
export function planRemoteCopy(wanted: RemoteCopy, found: Found): Plan<PlacedResult> {
  const { from, checksum, mode, ...rest } = wanted;
  // What stays as it is needs no source.
  if (!wanted.force && found.get(stat(placeOf(wanted, found))).type !== 'absent')
    return planPlaced({ ...rest, content: Buffer.alloc(0) }, found);
  const { path, now } = followed(from, found);
  found.require(now.type !== 'absent', {
    failure: `there is no file ${from} on the host`,
    hint: "Without `remoteSrc` the file is looked for in the role's files/.",
  });
  found.require(now.type === 'file', {
    failure: `${from} is not a regular file`,
    ...(now.type === 'directory' ? { hint: 'copy() takes one file; for a tree run `cp -a` with command().' } : {}),
    by: null,
  });
  requireDigest(from, path, checksum, found);
  const placed = { ...rest, mode: mode === 'preserve' ? now.mode : mode };
  const bytes = bytesOf(path, wanted.validate !== undefined, found);
  if ('bytes' in bytes) return planPlaced({ ...placed, content: bytes.bytes }, found);
  found.require('tooLarge' in bytes, { failure: `there is no file ${from} on the host` });
  return planPlaced(largeCopy(placed, path, bytes.tooLarge, found), found);
}

/** @param isChecked a validator needs the bytes in any case */
function bytesOf(path: string, isChecked: boolean, found: Found): Content {
  const now = found.get(content(path));
  return 'tooLarge' in now && isChecked && now.tooLarge <= editLimit ? found.get(largeContent(path)) : now;
}

function largeCopy(
  { validate, ...placed }: Omit<PlacedFile, 'content' | 'before'>,
  path: string,
  size: number,
  found: Found,
): PlacedCopy {
  found.require(validate === undefined, {
    failure: `${path} has ${size} bytes; files of more than ${editLimit} are not validated`,
    by: null,
  });
  return { ...placed, copyOf: { path, sha256: found.get(sha256(path)) ?? '', size } };
}

function requireDigest(from: string, path: string, checksum: Digest | undefined, found: Found): void {
  if (checksum === undefined) return;
  const hex = found.get(digestOf(path, checksum.algorithm));
  found.require(hex === checksum.hex, {
    failure: `${from} has the ${checksum.algorithm} ${hex ?? 'of nothing'}, not ${checksum.hex} (\`checksum\`)`,
    by: 'changes',
  });
}
