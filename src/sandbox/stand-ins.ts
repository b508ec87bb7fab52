/**
 * Packages that throwaway hosts cannot have, made on the spot: a repository of the folders a project declares, put on
 * each host as an apt source. A folder is as dpkg-deb(1) builds it: `DEBIAN/control`, scripts beside it, and the
 * package's files.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { removeDirectory } from './base.ts';
import { must } from './command.ts';
import { execIn, leaderOf } from './host.ts';
import type { Fleet, Host } from './state.ts';

/** Where it is on a host. */
const place = '/var/lib/play-stand-ins';

/** A repository as it is put on hosts. */
export interface StandInRepository {
  /** Names this content. */
  readonly stamp: string;
  /** The folder of the packages and their index. */
  readonly folder: string;
}

/**
 * Builds the packages, unless it was done before.
 * @param folders one for each package
 * @throws PlayError that names the folder dpkg-deb refuses
 */
export async function buildStandIns(root: string, folders: readonly string[]): Promise<StandInRepository> {
  const stamp = stampOf(folders);
  const built = join(root, 'stand-ins', stamp);
  if (!existsSync(built)) {
    mkdirSync(join(root, 'stand-ins'), { recursive: true, mode: 0o700 });
    const part = mkdtempSync(join(root, 'stand-ins', '.part-'));
    try {
      mkdirSync(join(part, 'repository'));
      for (const [i, folder] of folders.entries())
        await buildPackage(folder, join(part, `tree-${i}`), join(part, 'repository'));
      await writeIndex(join(part, 'repository'));
      if (!existsSync(built)) renameSync(join(part, 'repository'), built);
    } finally {
      await removeDirectory(part);
    }
  }
  return { stamp, folder: built };
}

async function buildPackage(folder: string, tree: string, into: string): Promise<void> {
  if (!existsSync(join(folder, 'DEBIAN/control')))
    throw new PlayError(`Sandbox: ${folder} is not a package: it has no DEBIAN/control`, { where: folder });
  cpSync(folder, tree, { recursive: true });
  // A clone knows of permissions only whether a file can be run.
  await must(['chmod', '-R', 'u=rwX,go=rX', tree]);
  await must(['dpkg-deb', '--root-owner-group', '-Zgzip', '--build', tree, into]);
}

async function writeIndex(folder: string): Promise<void> {
  const entries: string[] = [];
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.deb'))
    .sort()) {
    const bytes = readFileSync(join(folder, file));
    const control = (await must(['dpkg-deb', '-f', join(folder, file)])).trim();
    entries.push(
      `${control}\nFilename: ./${file}\nSize: ${bytes.length}\nSHA256: ${createHash('sha256').update(bytes).digest('hex')}\n`,
    );
  }
  writeFileSync(join(folder, 'Packages'), entries.join('\n'));
}

/** Of the names, contents and run bits of all files. */
function stampOf(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).sort((a, b) =>
      join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
    )) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      hash
        .update(`${relative(folder, path)}\0${statSync(path).mode & 0o100}\0${statSync(path).size}\0`)
        .update(readFileSync(path));
    }
  }
  return hash.digest('hex').slice(0, 24);
}

// Within the host, so that none of its links leads out of it. apt goes by its own copy of the index until that is gone.
const putScript = `set -e
rm -rf ${place}; mkdir -p ${place} /etc/apt/sources.list.d
base64 -d | tar -xf - -C ${place}
rm -f /var/lib/apt/lists/*play-stand-ins*
echo 'deb [trusted=yes] file:${place} ./' >/etc/apt/sources.list.d/play-stand-ins.list
echo "$1" >${place}/stamp`;

/** Puts the repository on a running host that has it not. */
export async function putStandIns(fleet: Fleet, host: Host, { stamp, folder }: StandInRepository): Promise<void> {
  if (stampThere(fleet, host) === stamp) return;
  const archive = await must([
    'sh',
    '-c',
    'tar --owner=0 --group=0 --mode=u=rwX,go=rX -C "$1" -cf - . | base64',
    'sh',
    folder,
  ]);
  const { code, stderr } = await execIn(fleet, host, ['sh', '-c', putScript, 'sh', stamp], archive);
  if (code !== 0) throw new PlayError(`Sandbox: the stand-ins cannot be put on ${host.name}`, { detail: stderr });
}

/** Of the repository that a host has. Read from here: each run of a playbook asks for it. */
function stampThere(fleet: Fleet, host: Host): string | undefined {
  const file = `/proc/${leaderOf(fleet, host)}/root${place}/stamp`;
  // A link would lead to this machine's files.
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8').trim() : undefined;
}
