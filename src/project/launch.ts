import { PlayError } from '../errors/index.ts';

/** What the boot file (`boot.cjs`) tells the bundle it starts. */
export interface Launch {
  /** The folder of this installation of play. */
  readonly root: string;
  /** It was installed by npm: it has no sources, and nothing is written into it. */
  readonly isPackage: boolean;
  /** Its name in package.json: what playbooks import it by. */
  readonly packageName: string;
  readonly version: string;
  /** A hash of play's sources: keys every cache that depends on play itself. */
  readonly buildId: string;
  /** The file that `import 'play'` means. */
  readonly apiFile: string;
  /**
   * Playbooks and inventories are evaluated again each time they are loaded: of a process that outlives a change of
   * theirs (`--watch`). Default: once.
   */
  readonly evaluatesAnew?: true;
  /**
   * Loads a CommonJS file with V8's compiled code kept beside it; its `require` resolves as from `resolveFrom`.
   *
   * @param anew whether it is evaluated although it is loaded already
   */
  load(file: string, resolveFrom?: string, anew?: boolean): unknown;
  /** The roles that come with play: what each of their modules exports, by the role's name. */
  roles(): Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Node's own `import()`, which the bundle has not. */
  importFile(url: string): Promise<unknown>;
  /**
   * Says that this process used a part of play: its compiled code is kept with what was kept of others.
   *
   * @param name one of ours, never what somebody wrote: it is kept in a file
   */
  markUse(name: string): void;
}

/** {@link Launch.markUse}, where a boot file left word. */
export function markUse(name: string): void {
  leftWord()?.markUse(name);
}

function leftWord(): Launch | undefined {
  return (globalThis as { readonly [key: symbol]: Launch | undefined })[Symbol.for('play.launch')];
}

/**
 * The installation this code is of, as its boot file left word: for programs that import play and were not started by
 * it.
 *
 * @throws PlayError for sources that nobody built
 */
export function presentLaunch(): Launch {
  const launch = leftWord();
  if (launch !== undefined) return launch;
  throw new PlayError('A runner needs play as it was built, and this is its source', {
    hint: 'Import play/runner from the package.',
  });
}
