import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import type { Launch } from '../../../project/launch.ts';

/** Types, then tests, with what Node has: https://nodejs.org/api/test.html. */
const testScript = (name: string): string => `tsc --noEmit && node --import ${name}/register --test test/*.test.ts`;

/** What `npm init` writes where there are no tests. */
const noTests = /^echo "Error: no test specified" && exit 1$/;

export interface PackageEdit {
  /** undefined: it is right as it is. */
  readonly text: string | undefined;
  /** What was added, or could not be. */
  readonly notes: readonly string[];
  /** What to type before its tests can run. */
  readonly next: readonly string[];
}

/**
 * The package.json of a folder with what its tests need: a script `test`, and play among the dependencies. What is
 * there stays.
 *
 * @throws PlayError when it cannot be read
 */
export function editPackage(folder: string, launch: Launch): PackageEdit {
  const file = join(folder, 'package.json');
  const isNew = !existsSync(file);
  const text = isNew ? '{}' : readFileSync(file, 'utf8');
  const content = parse(file, text);
  const notes: string[] = [];
  const edited: Record<string, unknown> = isNew ? { private: true, ...content } : { ...content };
  const name = launch.packageName;

  const scripts = recordOf(file, 'scripts', content['scripts']);
  const wanted = testScript(name);
  const present = scripts['test'];
  if (typeof present !== 'string' || noTests.test(present)) edited['scripts'] = { ...scripts, test: wanted };
  else if (present !== wanted)
    notes.push(`package.json has a script "test" already, which is left; add to it: ${wanted}`);

  const isKnown = ['dependencies', 'devDependencies'].some((key) => name in recordOf(file, key, content[key]));
  if (!isKnown && launch.isPackage)
    edited['dependencies'] = {
      ...recordOf(file, 'dependencies', content['dependencies']),
      [name]: `^${launch.version}`,
    };
  // A clone has no declarations, so that it is nothing to depend on.
  const packed = join(launch.root, `${name}-${launch.version}.tgz`);
  const install = launch.isPackage
    ? ['npm install']
    : [`(cd ${launch.root} && npm pack)`, `npm install --ignore-scripts ${packed}`];
  const after = `${JSON.stringify(edited, undefined, 2)}\n`;
  const isSame = JSON.stringify(edited) === JSON.stringify(content);
  return { text: isSame ? undefined : after, notes, next: isKnown ? [] : install };
}

function parse(file: string, text: string): Readonly<Record<string, unknown>> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new PlayError('This is not valid JSON', { where: { file }, cause });
  }
  return recordOf(file, undefined, content);
}

function recordOf(file: string, key: string | undefined, value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new PlayError(`${key === undefined ? 'This' : `"${key}" in it`} is not an object`, { where: { file } });
  return { ...value };
}
