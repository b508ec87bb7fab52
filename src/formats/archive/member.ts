import { visible } from '../../connection/byte-text.ts';
import { PlayError } from '../../errors/index.ts';

/** The most bytes an archive from here may come to, and a file in it. */
export const mostBytes = 2 * 1024 ** 3;

/** One member of an archive. */
export interface Member {
  /** Without leading `./` and trailing slashes. */
  readonly name: string;
  readonly type: 'file' | 'directory' | 'link';
  /** Four octal digits. */
  readonly mode: string;
  /** When it was last modified, in whole seconds since 1970. */
  readonly modified: number;
  readonly content: Buffer;
  /** Where a link points. */
  readonly target: string;
}

/** @throws PlayError for a name that would leave the folder it is unpacked in */
export function safeName(name: string, where: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.includes('..'))
    throw new PlayError(
      `The archive holds ${JSON.stringify(visible(name))}, which is outside the place where it is unpacked`,
      { where },
    );
  return parts.join('/');
}

/**
 * Members by name, as they are once all are unpacked in order: a later one replaces an earlier one of its name.
 * @throws PlayError where one lies below a link, which would lead out of the folder, or below a file
 */
export class Members {
  readonly #byName = new Map<string, Member>();
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  get(name: string): Member | undefined {
    return this.#byName.get(name);
  }

  add(member: Member): void {
    const before = this.#byName.get(member.name);
    // As tar(1) does it: a directory that comes again keeps what is in it, and all else is replaced.
    if (before?.type === 'directory' && member.type !== 'directory') this.#forgetBelow(member.name);
    this.#byName.set(member.name, member);
  }

  all(): Member[] {
    for (const { name } of this.#byName.values()) {
      for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
        const above = this.#byName.get(name.slice(0, at));
        if (above !== undefined && above.type !== 'directory')
          throw new PlayError(
            `The archive holds ${JSON.stringify(visible(name))} below ${JSON.stringify(visible(above.name))}, which is a ${above.type} in it`,
            { where: this.#where },
          );
      }
    }
    return [...this.#byName.values()];
  }

  #forgetBelow(name: string): void {
    for (const one of this.#byName.keys()) if (one.startsWith(`${name}/`)) this.#byName.delete(one);
  }
}
