import { predict, settled, type Found, type Plan } from '../../contract/index.ts';
import { walkSh } from '../../probes/index.ts';
import { folderOf } from '../kit/folder.ts';
import { lacksOf } from '../kit/program-need.ts';
import { shownBytes } from '../kit/shown-bytes.ts';
import { grows } from './filesystem-grow.ts';
import { filesystemSize } from './filesystem-size.probe.ts';
import type { HeldFilesystem } from './filesystem.probe.ts';

// $1 folder, $2 name, $3 KiB. resize2fs(8) refuses where the files need more.
const script = `${walkSh}
enter "$1" || exit
[ ! -L "./$2" ] || { echo "$1/$2 has become a link" >&2; exit 1; }
e2fsck -f -p "./$2" >&2 || [ $? -le 1 ] || exit
resize2fs "./$2" "$3K" >&2`;

/** What is to become of the file system on a device that gets smaller. */
export interface Reduction {
  /** As people name it. */
  readonly dev: string;
  readonly path: string;
  readonly held: HeldFilesystem;
  /** What the device will have. */
  readonly bytes: number;
  /** The file system may be made smaller; otherwise it has to be already. */
  readonly mayResize: boolean;
}

/** A file system that has to fit into fewer bytes, before its device loses the others. Of ext alone, while it is not mounted. */
export function planReduction({ dev, path, held, bytes, mayResize }: Reduction, found: Found): Plan<undefined> {
  const { type } = held;
  found.require(!held.isInUse, { failure: `${dev} is in use`, hint: 'Unmount it first.', by: 'changes' });
  if (!grows(type)) return settled(undefined);
  const question = filesystemSize(path, type);
  const size = found.get(question);
  if (size.now <= bytes) return settled(undefined);
  found.require(type.startsWith('ext'), {
    failure: `${type} on ${dev} has ${shownBytes(size.now)}, and cannot be shrunk`,
    hint: 'Back up what is on it, and recreate it.',
    by: null,
  });
  found.require(mayResize, {
    failure: `${type} on ${dev} has ${shownBytes(size.now)}, and its end would be cut off`,
    hint: 'With `resizefs: true` it is shrunk first.',
    by: null,
  });
  const [lack] = lacksOf({ chdir: '/', programs: ['e2fsck', 'resize2fs'] }, found);
  if (lack !== undefined) found.require(false, { ...lack, hint: "Install it first: apt({ name: 'e2fsprogs' })" });
  return {
    ...settled(undefined),
    changes: [{ what: type, from: shownBytes(size.now), to: shownBytes(bytes) }],
    steps: [
      {
        script,
        args: [folderOf(path), path.slice(path.lastIndexOf('/') + 1), `${Math.floor(bytes / 1024)}`],
        timeout: 24 * 3600,
        label: `make ${type} on ${dev} smaller`,
      },
    ],
    after: [predict(question, { ...size, now: bytes, most: bytes })],
    touches: [{ on: 'path', path }],
  };
}
