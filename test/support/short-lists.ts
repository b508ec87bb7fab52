/**
 * apt reads the lists of all of Debian for every question, which is most of what a test with packages costs. Hosts of
 * tests know the packages whose names occur in this project, and what these need: the real packages, from shorter
 * lists. An `apt-get update` leaves them as they are, unless the archive has something new.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const project = join(import.meta.dirname, '..', '..');
const sources = [
  'roles',
  'src/roles',
  'playbooks',
  'runbooks',
  'group_vars',
  'host_vars',
  'inventory',
  'src/sandbox',
  'test',
];
const lists = 'var/lib/apt/lists';
const caches = ['var/cache/apt/pkgcache.bin', 'var/cache/apt/srcpkgcache.bin'];

/**
 * Gives a pristine host the short lists.
 * @param kept where they are kept for the next host
 * @param refill makes apt's cache of the lists anew
 */
export async function shortenLists(root: string, kept: string, refill: () => Promise<unknown>): Promise<void> {
  if (!existsSync(kept)) {
    shorten(root);
    await refill();
    const part = `${kept}.part`;
    for (const path of [...listFiles(root), ...caches]) copy(root, part, path);
    renameSync(part, kept);
    return;
  }
  for (const path of [...listFiles(kept), ...caches]) copy(kept, root, path);
}

const listFiles = (root: string): string[] =>
  readdirSync(join(root, lists))
    .filter((name) => name.endsWith('_Packages'))
    .map((name) => join(lists, name));

/** With its times, by which apt tells whether its cache fits. */
function copy(from: string, to: string, path: string): void {
  mkdirSync(join(to, path, '..'), { recursive: true });
  copyFileSync(join(from, path), join(to, path));
  const { atime, mtime } = statSync(join(from, path));
  utimesSync(join(to, path), atime, mtime);
}

interface Entry {
  readonly text: string;
  readonly name: string;
  readonly provides: readonly string[];
  /** What it needs, each a list of alternatives. */
  readonly needs: readonly (readonly string[])[];
}

function shorten(root: string): void {
  const files = listFiles(root).map((path) => ({
    path: join(root, path),
    entries: readFileSync(join(root, path), 'utf8')
      .split('\n\n')
      .filter((text) => text !== '')
      .map(parse),
  }));
  const entries = files.flatMap((file) => file.entries);
  const byName = grouped(entries.map((entry) => [entry.name, entry]));
  const providers = grouped(
    entries.flatMap(({ name, provides }) => provides.map((virtual) => [virtual, name] as const)),
  );
  const installed = [...readFileSync(join(root, 'var/lib/dpkg/status'), 'utf8').matchAll(/^Package: (.*)$/gm)].map(
    ([, name = '']) => name,
  );
  const wanted = new Set([...installed, ...wordsOfProject()].filter((word) => byName.has(word)));
  // A set is walked in the order of its growth, also while it grows.
  for (const name of wanted) {
    for (const alternatives of (byName.get(name) ?? []).flatMap(({ needs }) => needs)) {
      const real = alternatives.find((one) => byName.has(one));
      for (const one of real === undefined ? alternatives.flatMap((virtual) => providers.get(virtual) ?? []) : [real])
        wanted.add(one);
    }
  }
  for (const file of files) {
    const { atime, mtime } = statSync(file.path);
    writeFileSync(
      file.path,
      file.entries
        .filter(({ name }) => wanted.has(name))
        .map(({ text }) => `${text}\n\n`)
        .join(''),
    );
    utimesSync(file.path, atime, mtime);
  }
}

function parse(text: string): Entry {
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  const names = (list: string): string[][] =>
    list
      .split(',')
      .map((one) => one.split('|').map((name) => name.trim().replace(/[ :].*/, '')))
      .filter(([first]) => first !== '');
  return {
    text,
    name: field('Package'),
    provides: names(field('Provides')).flat(),
    needs: ['Pre-Depends', 'Depends', 'Recommends'].flatMap((name) => names(field(name))),
  };
}

function grouped<T>(pairs: readonly (readonly [string, T])[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

function wordsOfProject(): string[] {
  const files = readdirSync(project).filter((name) => /^deploy-.*\.ts$/.test(name));
  const below = sources.flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const texts = [...files, ...below]
    .filter((path) => /\.(ts|ya?ml|hbs|py|sh)$/.test(path))
    .map((path) => readFileSync(join(project, path), 'utf8'));
  return texts.flatMap((text) => text.match(/[a-z0-9][a-z0-9+.-]*[a-z0-9+]/g) ?? []);
}
