import { ProbeFailure, type Question, type Stat } from '../contract/index.ts';
import { binds, type Bind, type Way } from '../probes/index.ts';
import type { HostPaths } from './future.ts';

/** What the host said of links, paths and bind mounts, whichever account asked. */
export class SeenPaths implements HostPaths {
  readonly #links = new Map<string, string | null>();
  readonly #stats = new Map<string, Stat>();
  #binds: readonly Bind[] | undefined;

  copy(): SeenPaths {
    const copy = new SeenPaths();
    for (const [path, target] of this.#links) copy.#links.set(path, target);
    for (const [path, at] of this.#stats) copy.#stats.set(path, at);
    copy.#binds = this.#binds;
    return copy;
  }

  record({ kind, args: [path = ''] }: Question, answer: unknown): void {
    const isFailure = answer instanceof ProbeFailure;
    if (kind.kind === 'link') this.#links.set(path, typeof answer === 'string' ? answer : null);
    if (kind.kind === 'way') this.#links.set(path, isFailure ? null : (answer as Way).target);
    if (kind.kind === 'stat' && !isFailure) this.#stats.set(path, answer as Stat);
    if (kind === binds.kind) this.#binds = Array.isArray(answer) ? (answer as readonly Bind[]) : [];
  }

  /** The answer is in doubt. */
  forget({ kind: { kind }, args: [path = ''] }: Question): void {
    if (kind === 'link' || kind === 'way') this.#links.delete(path);
    if (kind === 'stat') this.#stats.delete(path);
  }

  /** A change puts there what is no link. */
  putNoLink(path: string): void {
    this.#links.set(path, null);
  }

  linkAt(path: string): string | null | undefined {
    return this.#links.get(path);
  }

  stat(path: string): Stat | undefined {
    return this.#stats.get(path);
  }

  get knowsBinds(): boolean {
    return this.#binds !== undefined;
  }

  binds(): readonly Bind[] {
    return this.#binds ?? [];
  }
}
