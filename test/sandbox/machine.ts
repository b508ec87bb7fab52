/** What this machine looks like from outside the sandbox, to compare before and after. */
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { run } from '../../src/sandbox/command.ts';
import { openFleet } from '../../src/sandbox/state.ts';

/** Everything of a fleet that the kernel or process table of this machine knows; empty lists after `rm`. */
export async function tracesOf(fleetName: string): Promise<Record<string, string[]>> {
  const { tag, directory, name } = openFleet(fleetName);
  const lines = (text: string): string[] => text.split('\n').filter(Boolean);
  const links = await run(['ip', '-o', 'link']);
  const routes = await run(['ip', 'route', 'show', 'table', 'all']);
  const cgroups = await run(['find', '/sys/fs/cgroup', '-type', 'd', '-name', `${name}-${tag}`]);
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && mentions(pid, [directory, tag]));
  return {
    links: lines(links.stdout).filter((line) => line.includes(tag)),
    routes: lines(routes.stdout).filter((line) => line.includes(tag)),
    cgroups: lines(cgroups.stdout),
    mounts: lines(readFileSync('/proc/self/mountinfo', 'utf8')).filter((line) => line.includes(directory)),
    nspawn: ['/run/systemd/nspawn/propagate', '/run/systemd/nspawn/locks', '/run/netns'].flatMap((path) =>
      existsSync(path) ? readdirSync(path).filter((entry) => entry.includes(tag)) : [],
    ),
    state: [directory, `${directory}.removed`, `${directory}/../../${name}.lock`].filter((path) => existsSync(path)),
    processes,
  };
}

export const noTraces = { links: [], routes: [], cgroups: [], mounts: [], nspawn: [], state: [], processes: [] };

/** By cgroup, and by argv and environment for one that did not get that far. Our own environment does not count. */
function mentions(pid: string, words: readonly string[]): boolean {
  if (Number(pid) === process.pid) return false;
  const read = (file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'latin1');
    } catch {
      return '';
    }
  };
  // One that has ended and waits for PID 1 to take note of it is no process any more.
  if (/^State:\s+[ZX]/m.test(read('status'))) return false;
  const text = ['cgroup', 'cmdline', 'environ'].map(read);
  return words.some((word) => text.some((part) => part.includes(word)));
}
