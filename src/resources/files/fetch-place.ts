import { closeSync, constants, existsSync, lstatSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { normalize } from 'node:path/posix';
import { PlayError } from '../../errors/index.ts';

/** A place on this machine for something of a host: a folder that was chosen, and names below it. */
export interface Place {
  /** Chosen in the playbook: links on the way to it are its author's. */
  readonly folder: string;
  /** Below it, the last one the file; none is a way out of it. */
  readonly names: readonly [string, ...string[]];
}

/**
 * The name of a host as one name of a file. A name that is in no inventory (it would be refused there) may come from
 * elsewhere.
 *
 * @throws PlayError for a name that would lead somewhere else
 */
export function hostFileName(host: string): string {
  if (host !== '' && host !== '.' && host !== '..' && !/[/\0]/.test(host)) return host;
  throw new PlayError(
    `${JSON.stringify(host)} cannot be the name of a folder: files of a host are kept under its name`,
    { hint: 'Choose another name for the host.' },
  );
}

/** Where a path of a host goes: `/../x` is `/x` there, and so it is here. */
export function placeOfHostPath(folder: string, host: string, path: string): Place {
  return {
    folder,
    names: [
      hostFileName(host),
      ...normalize(path)
        .split('/')
        .filter((name) => name !== ''),
    ],
  };
}

export const pathOf = ({ folder, names }: Place): string => join(folder, ...names);

/** What on the way below the folder is no folder of its own: a link there leads where somebody else may have chosen. */
export function inTheWay({ folder, names }: Place): string | undefined {
  for (const [index] of names.slice(0, -1).entries()) {
    const path = join(folder, ...names.slice(0, index + 1));
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isDirectory())
      return `${path} is ${found.isSymbolicLink() ? 'a link' : 'not a directory'}: what is fetched goes below ${folder} and nowhere else`;
  }
  const path = pathOf({ folder, names });
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? `${path} is a directory` : undefined;
}

/**
 * Gives a file to write beside the place, and puts it there in the end. Each folder is opened from the one above it and
 * kept open, so that nobody can put a link in its place between looking and writing; where there is no /proc (not
 * Linux), they are looked at only.
 */
export class OpenPlace {
  readonly #opened: number[] = [];
  /** The folder of the file, by its descriptor; empty until it is open. */
  #at = '';
  readonly #name: string;
  readonly #part: string;

  constructor(place: Place) {
    const last = place.names.length - 1;
    this.#name = place.names[last] ?? '';
    this.#part = `.play-${process.pid}-${Math.random().toString(36).slice(2)}`;
    try {
      mkdirSync(place.folder, { recursive: true });
      this.#at = place.names
        .slice(0, last)
        .reduce((above, name) => this.#enter(above, name), this.#keep(resolve(place.folder), 0));
    } catch (cause) {
      this.close();
      throw cause;
    }
  }

  #enter(above: string, name: string): string {
    const path = join(above, name);
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path);
    return this.#keep(path, constants.O_NOFOLLOW);
  }

  #keep(path: string, flags: number): string {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | flags);
    this.#opened.push(fd);
    const kept = `/proc/self/fd/${fd}`;
    return existsSync(kept) ? kept : path;
  }

  /** What is not for everybody there is not for everybody here. */
  open(): number {
    return openSync(join(this.#at, this.#part), 'wx', 0o600);
  }

  putInPlace(): void {
    renameSync(join(this.#at, this.#part), join(this.#at, this.#name));
  }

  /** Also after a failure: nothing is left behind. */
  close(): void {
    if (this.#at !== '') rmSync(join(this.#at, this.#part), { force: true });
    for (const fd of this.#opened.splice(0)) closeSync(fd);
  }
}
