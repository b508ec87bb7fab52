import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PlayError, unknownName } from '../../../errors/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { apiNames } from '../../../project/native-typescript.ts';

/** What `play new` makes one of. */
export const kinds = ['role', 'playbook', 'resource', 'ci'] as const;
export type Kind = (typeof kinds)[number];

/** The files of each kind, as they lie in `skeleton/`; those of no kind are the repository's own. */
const files: Readonly<Record<Kind, RegExp>> = {
  role: /^roles\/|^test\/__name__\.(?:playbook|test)\.ts$/,
  playbook: /^playbooks\/__name__\.ts$/,
  resource: /^resources\/|^test\/__name__\.cases\.test\.ts$/,
  ci: /^ci\//,
};

/** What `play new ci` can be of, each a folder of `skeleton/ci/`. */
export const services = ['github', 'gitlab'];

/** Names in `skeleton/` that npm, git or an editor would take for their own. */
const namesOf: readonly (readonly [RegExp, string])[] = [
  [/^gitignore\.skeleton$/, '.gitignore'],
  [/^github\//, '.github/'],
  [/^ci\/github\//, '.github/workflows/'],
  [/^ci\/gitlab\/(?=gitlab-ci)/, '.'],
  [/\.skeleton$/, ''],
];

/** A file to be made: its path from the project's folder, and its text. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** The files of a kind, or those that a repository has once, for something of this name. */
export function filesOf({ root, packageName }: Launch, kind: Kind | 'repository', name: string): NewFile[] {
  const skeleton = join(root, 'src/cli/commands/new/skeleton');
  // The package may have another name than in this repository.
  const importing = (text: string): string =>
    text.replaceAll(/(['"])play(?=(?:\/testing|\/tsconfig\.json)?\1)/g, `$1${packageName}`);
  const isMeant = (file: string): boolean =>
    kind === 'repository'
      ? !Object.values(files).some((pattern) => pattern.test(file))
      : files[kind].test(file) && (kind !== 'ci' || file.startsWith(`ci/${name}/`));
  return readdirSync(skeleton, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, file: path.slice(skeleton.length + 1) }))
    .filter(({ file }) => isMeant(file))
    .map(({ path, file }) => ({
      path: named(
        namesOf.reduce((renamed, [pattern, by]) => renamed.replace(pattern, by), file),
        name,
      ),
      text: importing(named(readFileSync(path, 'utf8'), name)),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

const named = (text: string, name: string): string =>
  text
    .replaceAll('__name__', name)
    .replaceAll('__identifier__', identifierOf(name))
    .replaceAll('__variable__', name.replaceAll('-', '_'));

/** @example identifierOf('node-exporter') // 'nodeExporter' */
const identifierOf = (name: string): string =>
  name.replaceAll(/[-_]+(.)/g, (_, letter: string) => letter.toUpperCase());

/** Words of the language that no `const` can have as its name. */
const reserved =
  /^(?:arguments|await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|eval|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|undefined|var|void|while|with|yield)$/;

/** @throws PlayError for a name that could be no file or no variable, or that `play` has already */
export function requireName(kind: Kind, name: string): void {
  if (kind === 'ci') {
    if (!services.includes(name)) throw unknownName('service of CI', name, services);
    return;
  }
  if (!/^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/.test(name))
    throw new PlayError(`"${name}" cannot be the name of a ${kind}`, {
      hint: 'Use lower-case letters, digits, and single hyphens or underscores between them, beginning with a letter: node-exporter.',
    });
  if (kind === 'playbook') return;
  const identifier = identifierOf(name);
  if (reserved.test(identifier))
    throw new PlayError(`"${name}" cannot be the name of a ${kind}: it is a reserved word of TypeScript`, {
      hint: `Choose another name, such as my-${name}.`,
    });
  if (apiNames().includes(identifier))
    throw new PlayError(`play has a "${identifier}" already: files that use both could not tell them apart`, {
      hint: `Choose another name for yours, such as our-${name}.`,
    });
}

/**
 * Writes files that are all new.
 *
 * @throws PlayError naming those that are there already; nothing is written then
 */
export function writeNew(folder: string, made: readonly NewFile[]): void {
  const there = made.filter(({ path }) => existsSync(join(folder, path)));
  if (there.length > 0)
    throw new PlayError(
      `These files already exist, and are not overwritten: ${there.map(({ path }) => path).join(', ')}`,
      {
        where: folder,
        hint: 'Nothing was written. Choose another name or folder, or move them away.',
      },
    );
  for (const { path, text } of made) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    // `wx`: somebody may have been quicker.
    writeFileSync(join(folder, path), text, { flag: 'wx' });
  }
}
