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
  /** Loads a CommonJS file with V8's compiled code kept beside it; its `require` resolves as from `resolveFrom`. */
  load(file: string, resolveFrom?: string): unknown;
  /** The roles that come with play: what each of their modules exports, by the role's name. */
  roles(): Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Node's own `import()`, which the bundle has not. */
  importFile(url: string): Promise<unknown>;
  /** Says that this run used enough of play for its compiled code to be worth keeping. */
  markFullRun(): void;
}
