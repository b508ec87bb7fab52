import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { PlayError, startFailure } from '../../errors/index.ts';
import { mostBytes, type Member } from './member.ts';
import { readTar } from './read-tar.ts';
import { endsAsZip, isZip, readZip } from './read-zip.ts';

/** What compressed data begins with, and what undoes it here. */
const packers: readonly (readonly [magic: string, tool: string])[] = [
  ['fd377a585a00', 'xz'],
  ['425a68', 'bzip2'],
  ['28b52ffd', 'zstd'],
  ['4c5a4950', 'lzip'],
  ['04224d18', 'lz4'],
  ['1f9d', 'gzip'],
  ['5d0000', 'xz'],
];

/** The members of an archive: tar (also compressed) or zip, told by its bytes and not by its name. @throws PlayError */
export function readArchive(bytes: Buffer, where: string): Member[] {
  if (isZip(bytes)) return readZip(bytes, where);
  const magic = bytes.toString('hex', 0, 6);
  if (magic.startsWith('1f8b')) return readTar(gunzip(bytes, where), where);
  const tool = packers.find(([start]) => magic.startsWith(start))?.[1];
  if (tool === undefined) return endsAsZip(bytes) ? readZip(bytes, where) : readTar(bytes, where);
  const came = spawnSync(tool, ['-dc'], { input: bytes, maxBuffer: mostBytes });
  const { status, stdout, stderr } = came;
  const failure = startFailure(came);
  if (failure)
    throw new PlayError(`The archive needs ${tool} on this machine to be unpacked`, { where, cause: failure });
  if (status !== 0) throw new PlayError(`The archive cannot be unpacked: ${stderr.toString('utf8').trim()}`, { where });
  return readTar(stdout, where);
}

function gunzip(bytes: Buffer, where: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (cause) {
    throw new PlayError('The archive cannot be unpacked: it is damaged', { where, cause });
  }
}
