/**
 * What a round's tasks are about: the paths and accounts there are, or will be once the tasks before have run. A guess
 * to choose from, not a model: tasks shall mostly fit the host, and sometimes not.
 */
import type { Dice } from '../support/dice.ts';
import type { KeywordSpec, Part, TaskSpec, Value } from './round.ts';

export class World {
  readonly dice: Dice;
  readonly prefix: string;
  readonly dir: string;
  /** The folder of what plays put on the host from here. */
  readonly sources: string;
  readonly folders: string[] = [];
  readonly files: string[] = [];
  /** Links to folders, as path and what it leads to. */
  readonly links: (readonly [path: string, target: string])[] = [];
  readonly users: string[] = [];
  readonly groups: string[] = [];
  readonly host: string[] = [];
  readonly made: TaskSpec[] = [];
  readonly uses = new Set<Part>();
  readonly handlers: string[] = [];

  constructor(dice: Dice, prefix: string, dir: string, sources: string) {
    this.dice = dice;
    this.prefix = prefix;
    this.dir = dir;
    this.sources = sources;
    this.folders.push(dir);
  }

  /** A folder, by any of its names. */
  folder(): string {
    return this.alias(this.dice.one(this.folders));
  }

  /** The same path, perhaps by way of a link. */
  alias(path: string): string {
    const ways = this.links.filter(([, target]) => path === target || path.startsWith(`${target}/`));
    if (ways.length === 0 || this.dice.chance(0.4)) return path;
    const [link, target] = this.dice.one(ways);
    return link + path.slice(target.length);
  }

  /** Where something may be or not. */
  place(suffix = ''): string {
    return `${this.folder()}/${this.dice.one(names)}${suffix}`;
  }

  /** A file that is there, mostly. */
  file(): string {
    return this.files.length > 0 && this.dice.chance(0.85) ? this.alias(this.dice.one(this.files)) : this.place();
  }

  /** A file whose name ends so, mostly one that is there. */
  fileOf(suffix: string): string {
    const fitting = this.files.filter((one) => one.endsWith(suffix));
    return fitting.length > 0 && this.dice.chance(0.75) ? this.alias(this.dice.one(fitting)) : this.place(suffix);
  }

  anything(): string {
    return this.alias(
      this.dice.one([...this.folders.slice(1), ...this.files, ...this.links.map(([path]) => path), this.place()]),
    );
  }

  owner(): string {
    return this.dice.one(['root', 'daemon', 'nobody', '0', '1', '4242', ...this.users, ...this.users, ...this.users]);
  }

  group(): string {
    return this.dice.one([
      'root',
      'daemon',
      'nogroup',
      'adm',
      '0',
      '4343',
      ...this.groups,
      ...this.groups,
      ...this.groups,
    ]);
  }

  mode(): string {
    return this.dice.one([
      '0644',
      '0600',
      '0640',
      '0755',
      '0700',
      '0444',
      '0000',
      '0666',
      'u=rw,g=r,o=',
      'u+x',
      'go-rwx',
      'a+r',
      '4755',
      '0664',
    ]);
  }

  folderMode(): string {
    return this.dice.one([
      '0755',
      '0700',
      '0750',
      '2775',
      '1777',
      '0555',
      'u=rwX,g=rX,o=',
      'g+s',
      '0775',
      'go-rwx',
      '2755',
    ]);
  }

  /** Mode, owner and group, each now and then. */
  attributes(mode = (): string => this.mode()): Record<string, string> {
    const { dice } = this;
    return {
      ...(dice.chance(0.3) && { mode: mode() }),
      ...(dice.chance(0.15) && { owner: this.owner() }),
      ...(dice.chance(0.15) && { group: this.group() }),
    };
  }

  add(list: 'folders' | 'files', path: string): string {
    if (!this[list].includes(path)) this[list].push(path);
    return path;
  }

  forget(path: string): void {
    const isGone = (one: string): boolean => one === path || one.startsWith(`${path}/`);
    for (const list of [this.folders, this.files]) {
      // Now and then a name that is gone is used all the same.
      for (let i = list.length - 1; i > 0; i--) if (isGone(list[i] ?? '') && this.dice.chance(0.7)) list.splice(i, 1);
    }
  }
}

const names = ['a', 'b', 'c', 'f', 'g', 's', 'x.conf', '.h', 'q \'u" é', '-d'];

export function task(
  resource: string,
  options: { readonly [option: string]: Value },
  more: { readonly again?: boolean; readonly keywords?: KeywordSpec } = {},
): TaskSpec {
  return { kind: 'task', name: '', resource, options, keywords: more.keywords ?? {}, again: more.again ?? false };
}

export const texts = [
  'one\n',
  'one\ntwo\nthree\n',
  'one\r\ntwo\r\n',
  'no end',
  '',
  '# comment\nkey = value\n[s]\na=1\n',
  'two\n\n\n',
  'x = 1\ny = 2\n',
  'é ü\n',
  'one\none\n',
];
