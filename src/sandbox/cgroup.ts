/**
 * Control groups: whatever the sandbox starts lives in one of its own, so all of it is found and ended
 * at once, whoever started it and however that run ended. A recycled pid is never in it.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { waitFor } from './command.ts';
import type { Fleet } from './state.ts';

const parent = 'play-sandbox';
const cgroup2Magic = 0x63677270; // statfs(2)

/** The trees a process has to be put into: v2, and v1's `name=systemd` where the machine still mounts it. */
export interface CgroupTrees {
  readonly v2: string;
  readonly v1: string | undefined;
}

export function findCgroupTrees(): CgroupTrees {
  const v2 = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find(
    (path) => existsSync(path) && statfsSync(path).type === cgroup2Magic,
  );
  if (v2 === undefined) {
    throw new PlayError('Sandbox: no cgroup v2 tree is mounted at /sys/fs/cgroup or /sys/fs/cgroup/unified', {
      hint: 'Mount one (`mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified`), or use a machine whose kernel has cgroup v2.',
    });
  }
  const v1 = '/sys/fs/cgroup/systemd';
  return { v2, v1: v2 !== '/sys/fs/cgroup' && existsSync(join(v1, 'cgroup.procs')) ? v1 : undefined };
}

/** Path of a cgroup below the trees: `part` is `net`, `proxy` or `h3`; the fleet's own without it. */
export function cgroupName(fleet: Fleet, part = ''): string {
  return join(parent, `${fleet.name}-${fleet.tag}`, part);
}

/** Makes the cgroup in every tree; gives the `cgroup.procs` files a process writes its pid to. */
export function makeCgroup(name: string): string[] {
  const { v2, v1 } = findCgroupTrees();
  return [v2, v1].flatMap((tree) => {
    if (tree === undefined) return [];
    makeDirectory(join(tree, name));
    return [join(tree, name, 'cgroup.procs')];
  });
}

export function isPopulated(name: string): boolean {
  try {
    return readFileSync(join(findCgroupTrees().v2, name, 'cgroup.events'), 'utf8').includes('populated 1');
  } catch {
    return false;
  }
}

/** Pids of the cgroup itself, and with `deep` of those below. */
export function pidsOf(name: string, deep = false): number[] {
  const directory = join(findCgroupTrees().v2, name);
  const entries = deep ? readDirectories(directory) : [];
  let own: number[] = [];
  try {
    own = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    // gone meanwhile
  }
  return [...own, ...entries.flatMap((entry) => pidsOf(join(name, entry), true))];
}

/** Ends everything in the cgroup and below, and removes it. Fine when there is none. */
export async function removeCgroup(name: string): Promise<void> {
  const { v2, v1 } = findCgroupTrees();
  const directory = join(v2, name);
  if (existsSync(directory)) {
    const ended = await waitFor(() => (endAll(directory, name) ? true : undefined), 30, 10);
    if (!ended)
      throw new PlayError(`Sandbox: processes in ${directory} do not end`, {
        detail: `pids ${pidsOf(name, true).join(' ')}`,
      });
  }
  for (const tree of [v2, v1]) {
    if (tree === undefined) continue;
    // The kernel frees a cgroup a moment after its last process is gone.
    const gone = await waitFor(() => (removeTree(join(tree, name)) ? true : undefined), 10, 10);
    if (!gone) throw new PlayError(`Sandbox: ${join(tree, name)} cannot be removed`);
  }
}

/** Removes the fleet's cgroup, and the common parent when no other fleet uses it. */
export async function removeFleetCgroup(fleet: Fleet): Promise<void> {
  await removeCgroup(cgroupName(fleet));
  const { v2, v1 } = findCgroupTrees();
  for (const tree of [v2, v1]) {
    if (tree === undefined) continue;
    try {
      rmdirSync(join(tree, parent));
    } catch {
      // in use by another fleet, or gone
    }
  }
}

/** Twice: another fleet that goes may remove the common parent between our making it and what is below. */
function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch {
    mkdirSync(directory, { recursive: true });
  }
}

function endAll(directory: string, name: string): boolean {
  if (!isPopulated(name)) return true;
  try {
    // Never created here: on kernels before 5.14 the file is absent and a plain write would be refused anyway.
    const file = openSync(join(directory, 'cgroup.kill'), 'r+');
    writeFileSync(file, '1');
    closeSync(file);
  } catch {
    for (const pid of pidsOf(name, true)) kill(pid);
  }
  return !isPopulated(name);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended meanwhile
  }
}

function readDirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function removeTree(directory: string): boolean {
  if (!existsSync(directory)) return true;
  for (const entry of readDirectories(directory)) removeTree(join(directory, entry));
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return !existsSync(directory);
  }
}
