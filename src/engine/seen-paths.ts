import { ProbeFailure, type Question, type Stat } from '../contract/index.ts';
import { binds, identityOf, type Bind, type Way } from '../probes/index.ts';
import type { HostPaths } from './future.ts';
import { baseName } from './question-index.ts';

/** What the host said of links, paths and bind mounts, whichever account asked. */
export class SeenPaths implements HostPaths {
  readonly #links = new Map<string, string | null>();
  readonly #stats = new Map<string, Stat>();
  /** How many links have a name. */
  readonly #linkNames = new Map<string, number>();
  /** Paths of files by their identity. */
  readonly #names = new Map<string, Set<string>>();
  #binds: readonly Bind[] | undefined;

  copy(): SeenPaths {
    const copy = new SeenPaths();
    for (const [path, target] of this.#links) copy.#setLink(path, target);
    for (const [path, at] of this.#stats) copy.#setStat(path, at);
    copy.#binds = this.#binds;
    return copy;
  }

  record({ kind, args: [path = ''] }: Question, answer: unknown): void {
    const isFailure = answer instanceof ProbeFailure;
    if (kind.kind === 'link') this.#setLink(path, typeof answer === 'string' ? answer : null);
    if (kind.kind === 'way') this.#setLink(path, isFailure ? null : (answer as Way).target);
    if (kind.kind === 'stat' && !isFailure) this.#setStat(path, answer as Stat);
    if (kind === binds.kind) this.#binds = Array.isArray(answer) ? (answer as readonly Bind[]) : [];
  }

  /** The answer is in doubt. */
  forget({ kind: { kind }, args: [path = ''] }: Question): void {
    if (kind === 'link' || kind === 'way') this.#setLink(path, undefined);
    if (kind === 'stat') this.#setStat(path, undefined);
  }

  /** A change puts there what is no link. */
  putNoLink(path: string): void {
    this.#setLink(path, null);
  }

  linkAt(path: string): string | null | undefined {
    return this.#links.get(path);
  }

  stat(path: string): Stat | undefined {
    return this.#stats.get(path);
  }

  /** The last names of all known links. */
  namesOfLinks(): Iterable<string> {
    return this.#linkNames.keys();
  }

  /** The known paths of a file. */
  namesOf(identity: string): readonly string[] {
    return [...(this.#names.get(identity) ?? [])];
  }

  #setLink(path: string, target: string | null | undefined): void {
    const change = Number(typeof target === 'string') - Number(typeof this.#links.get(path) === 'string');
    if (change !== 0) {
      const name = baseName(path);
      const count = (this.#linkNames.get(name) ?? 0) + change;
      if (count === 0) this.#linkNames.delete(name);
      else this.#linkNames.set(name, count);
    }
    if (target === undefined) this.#links.delete(path);
    else this.#links.set(path, target);
  }

  #setStat(path: string, at: Stat | undefined): void {
    const [before, now] = [identityOf(this.#stats.get(path)), identityOf(at)];
    if (before !== now) {
      if (before !== undefined) this.#names.get(before)?.delete(path);
      if (before !== undefined && this.#names.get(before)?.size === 0) this.#names.delete(before);
      if (now !== undefined) this.#names.set(now, (this.#names.get(now) ?? new Set()).add(path));
    }
    if (at === undefined) this.#stats.delete(path);
    else this.#stats.set(path, at);
  }

  get knowsBinds(): boolean {
    return this.#binds !== undefined;
  }

  binds(): readonly Bind[] {
    return this.#binds ?? [];
  }
}
