import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { PlayError } from '../../errors/index.ts';
import { readTar, type Member } from './read-tar.ts';
import { readZip } from './read-zip.ts';

const mostBytes = 2 * 1024 ** 3;
/** What compressed data begins with, and what undoes it here. */
const packers: readonly (readonly [magic: string, tool: string])[] = [['fd377a585a00', 'xz'], ['425a68', 'bzip2'], ['28b52ffd', 'zstd']];

/** The members of an archive: tar (also gzip, xz, bzip2, zstd) or zip, told by its first bytes. @throws PlayError */
export function readArchive(bytes: Buffer, where: string): Member[] {
  if (bytes.toString('latin1', 0, 2) === 'PK') return readZip(bytes, where);
  const magic = bytes.toString('hex', 0, 6);
  if (magic.startsWith('1f8b')) return readTar(gunzip(bytes, where), where);
  const tool = packers.find(([start]) => magic.startsWith(start))?.[1];
  if (tool === undefined) return readTar(bytes, where);
  const { status, stdout, stderr, error } = spawnSync(tool, ['-dc'], { input: bytes, maxBuffer: mostBytes });
  if (error) throw new PlayError(`The archive needs ${tool} on this machine to be unpacked`, { where, cause: error });
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
