import type { World } from './world.ts';

/** dpkg(1) sees to it that these are searched. */
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The path of a program; null: there is none; undefined: not known. */
export function whichProgram(name: string, world: World): string | null | undefined {
  if (!/^[\w.+-]+$/.test(name)) return undefined;
  const seen = folders.map((folder) => ({ path: `${folder}/${name}`, at: world.at(`${folder}/${name}`) }));
  const there = seen.find(({ at }) => at?.type === 'file' || at?.type === 'link');
  if (there !== undefined) return there.path;
  return seen.some(({ at }) => at === undefined) ? undefined : null;
}
