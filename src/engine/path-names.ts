import type { Bind } from '../probes/index.ts';
import { resolveLinks, type LinkAt, type Resolved } from './links.ts';
import { isBelow } from './subjects.ts';

/** By which of its names a path counts: links on its way are followed, and of places that are one by a bind mount the first is taken. */
export class PathNames {
  readonly #linkAt: LinkAt;
  readonly #binds: () => readonly Bind[];
  /** Mount points where a planned change mounts or unmounts something. */
  readonly #turned = new Set<string>();

  constructor(linkAt: LinkAt, binds: () => readonly Bind[]) {
    this.#linkAt = linkAt;
    this.#binds = binds;
  }

  /** Where a path leads. @param followsLast whether a link at the path itself is followed too */
  resolve(path: string, followsLast: boolean): Resolved {
    const resolved = resolveLinks(path, followsLast, this.#linkAt);
    return { ...resolved, path: this.unbound(resolved.path) };
  }

  /** The same by the name that the links give it. */
  named(path: string, followsLast: boolean): string {
    return resolveLinks(path, followsLast, this.#linkAt).path;
  }

  real(path: string, followsLast: boolean): string {
    return this.resolve(path, followsLast).path;
  }

  /** The same place without the bind mount that shows it. */
  unbound(path: string): string {
    const [bind] = this.#binds()
      .filter(({ at }) => isBelow(path, [at]))
      .sort((a, b) => b.at.length - a.at.length);
    return (bind && this.#withoutBind(path, bind)) ?? path;
  }

  /** Undefined where something else is, or will be, mounted over it at one of the two places. */
  #withoutBind(path: string, { at, of, except }: Bind): string | undefined {
    const name = renamed(path, at, of);
    const turned = [...this.#turned];
    return isBelow(path, except) || isBelow(path, turned) || isBelow(name, turned) ? undefined : name;
  }

  /** The folder, and what bind mounts show in it: under which name, and of what place. @param folder where its links lead */
  shows(folder: string): readonly Pick<Bind, 'at' | 'of'>[] {
    return [{ at: folder, of: this.unbound(folder) }, ...this.#bindsBelow(folder)];
  }

  /** What places a folder shows. @param folder where its links lead */
  shownIn(folder: string): readonly string[] {
    return this.shows(folder).map(({ of }) => of);
  }

  /** By which names a path is seen below a folder. @param shown what the folder shows */
  shownBelow(folder: string, path: string, shown: readonly Pick<Bind, 'at' | 'of'>[]): readonly string[] {
    return shown
      .filter(({ of }) => isBelow(path, [of]))
      .map(({ at, of }) => renamed(path, of, at))
      .filter((name) => name !== folder && this.unbound(name) === path);
  }

  /** Places that are seen under other names too. */
  get seenTwice(): readonly string[] {
    return this.#binds().map(({ of }) => of);
  }

  #bindsBelow(folder: string): readonly Bind[] {
    return this.#binds().filter(({ at }) => at !== folder && isBelow(at, [folder]));
  }

  /** A planned change mounts or unmounts something here. */
  turn(point: string): void {
    this.#turned.add(point);
  }
}

/** The path with one of its folders, or the whole, called otherwise. */
export function renamed(path: string, from: string, to: string): string {
  return `${to === '/' ? '' : to}${path.slice(from === '/' ? 0 : from.length)}` || '/';
}
