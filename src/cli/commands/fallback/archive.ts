import type { LaneRequest } from '../../../connection/index.ts';
import type { DatedPath } from '../../../formats/dated-path.ts';

/** A file of an archive. */
export interface ArchiveFile {
  readonly path: string;
  /** Of what it is: seconds since the epoch of a clock that shows UTC. */
  readonly time: number;
  /** When it was last written to, by the host's clock. */
  readonly written: number;
  readonly isEmpty: boolean;
}

/** Lists what matches the pattern $1, for `decodeArchive`: no more than one process for many files. */
export function listArchive({ glob }: DatedPath): LaneRequest {
  return {
    script: `IFS=
for f in $1; do [ -e "$f" ] && printf '%s\\0' "$f"; done | xargs -0r stat -L --printf '%Y %s %n\\0' --`,
    args: [glob],
    timeout: 600,
  };
}

/** Reads what `listArchive` prints; what has no date of the calendar in it is left out. */
export function decodeArchive(stdout: Buffer, dated: DatedPath): ArchiveFile[] {
  return stdout
    .toString('utf8')
    .split('\0')
    .flatMap((line): ArchiveFile[] => {
      const [, written, size, path = ''] = /^(\d+) (\d+) (.*)$/s.exec(line) ?? [];
      const time = dated.timeOf(path);
      return time === undefined ? [] : [{ path, time, written: Number(written), isEmpty: size === '0' }];
    })
    .toSorted((a, b) => a.time - b.time);
}
