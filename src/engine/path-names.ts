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
    const [bind] = this.#standing.filter(({ at }) => isBelow(path, [at])).sort((a, b) => b.at.length - a.at.length);
    return bind === undefined ? path : renamed(path, bind.at, bind.of);
  }

  /** The bind mounts in a folder. */
  bindsBelow(folder: string): readonly Bind[] {
    return this.#standing.filter(({ at }) => at !== folder && isBelow(at, [folder]));
  }

  /** The folder, and what bind mounts show in it. */
  shownIn(folder: string): readonly string[] {
    return [folder, ...this.bindsBelow(folder).map(({ of }) => of)];
  }

  isSeenTwice(path: string | undefined): boolean {
    return this.#standing.some(({ of }) => isBelow(path, [of]));
  }

  /** A planned change mounts or unmounts something here. */
  turn(point: string): void {
    this.#turned.add(point);
  }

  get #standing(): readonly Bind[] {
    const all = this.#binds();
    return this.#turned.size === 0 ? all : all.filter(({ at }) => !isBelow(at, [...this.#turned]));
  }
}

/** The path with one of its folders, or the whole, called otherwise. */
export function renamed(path: string, from: string, to: string): string {
  return `${to === '/' ? '' : to}${path.slice(from === '/' ? 0 : from.length)}` || '/';
}
