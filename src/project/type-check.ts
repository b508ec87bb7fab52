import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { distrust } from '../trust/index.ts';
import { readCacheFile, shortHash, writeCacheFile } from './cache-file.ts';
import { cacheFolder, ownFolder } from './cache-folder.ts';
import { recordInput, stillSame, type Input } from './input-list.ts';
import type { Launch } from './launch.ts';

/** What tsc says of a playbook and all it imports. */
export type TypeVerdict =
  | { readonly kind: 'good' }
  | { readonly kind: 'bad'; readonly errors: readonly string[] }
  | { readonly kind: 'unchecked'; readonly why: string };

type Installation = Pick<Launch, 'root' | 'buildId' | 'isPackage' | 'packageName'>;

interface Remembered {
  readonly buildId: string;
  readonly inputs: readonly Input[];
}

const isRemembered = (value: unknown): value is Remembered =>
  typeof value === 'object' && value !== null && 'inputs' in value && 'buildId' in value;

/**
 * Type-checks a playbook. A good verdict is remembered with every file tsc read for it, also those that only give
 * types; a bad one is not, since the missing file it speaks of may come without any of the others changing. Never
 * rejects: it is started early and looked at late.
 */
export async function checkTypes(file: string, launch: Installation): Promise<TypeVerdict> {
  try {
    const cache = cacheFolder(file);
    const memory = join(cache, `${shortHash(file)}.types.json`);
    if (isRememberedGood(memory, launch)) return { kind: 'good' };
    const tsc = findCompiler(launch.root);
    if (!tsc) return { kind: 'unchecked', why: 'tsc is not installed with play: install its dependencies again' };
    const settings = join(cache, `${shortHash(file)}.tsconfig.json`);
    if (!writeCacheFile(settings, JSON.stringify(compilerSettings(file, launch))))
      return { kind: 'unchecked', why: `${cache} is not writable` };
    const { failed, stdout } = await withKnownTypes(
      // Nothing is written into a package.
      launch.isPackage ? cache : join(launch.root, '.play', 'cache'),
      async (known) => await run(tsc, ['-p', settings, '--pretty', 'false', '--listFiles', ...known]),
    );
    const lines = stdout.split('\n').filter((line) => line !== '');
    const errors = findErrors(lines, ownTypes(launch));
    if (errors.length > 0) return { kind: 'bad', errors };
    const files = lines.filter((line) => /^\/.*\.[cm]?ts$/.test(line));
    if (!files.includes(file))
      return { kind: 'unchecked', why: `tsc failed: ${failed ?? (stdout.trim().slice(0, 300) || 'it said nothing')}` };
    remember(memory, files, cache, launch);
    return { kind: 'good' };
  } catch (thrown) {
    return { kind: 'unchecked', why: `the check failed: ${String(thrown)}` };
  }
}

/**
 * What tsc says of all files below a folder that no cache need be made for, a line each: `roles/web/index.ts(3,4): error ...`,
 * from there. Undefined where tsc is not to be had.
 */
export async function typeErrorsBelow(
  folder: string,
  settings: string,
  launch: Installation,
): Promise<readonly string[] | undefined> {
  const tsc = findCompiler(launch.root);
  if (tsc === undefined) return undefined;
  writeFileSync(
    settings,
    JSON.stringify({ ...compilerSettings('', launch), files: undefined, include: [join(folder, '**/*.ts')] }),
  );
  const { stdout } = await run(tsc, ['-p', settings, '--pretty', 'false']);
  // tsc names files from the folder it runs in, wherever that is.
  const near = relative(process.cwd(), folder);
  return findErrors(stdout.split('\n'), ownTypes(launch)).map((line) => {
    const from = [folder, near].find((start) => line.startsWith(`${start}/`));
    return from === undefined ? line : line.slice(from.length + 1);
  });
}

/**
 * Lets tsc begin from what it found out last time, for whichever playbook that was: it knows files by their content,
 * and most of what it reads is play itself. It works on a copy, as another run may be at it too; the last one to end is
 * kept.
 *
 * @see https://www.typescriptlang.org/tsconfig/#tsBuildInfoFile
 */
async function withKnownTypes<T>(cache: string, check: (options: readonly string[]) => Promise<T>): Promise<T> {
  const folder = ownFolder(cache);
  if (folder === undefined) return await check([]);
  const kept = join(folder, 'types.tsbuildinfo');
  // Beside it, as the paths in it are relative to where it is.
  const copy = join(folder, `types.${randomUUID()}.tsbuildinfo`);
  try {
    tryTo(() => !distrust(kept) && copyFileSync(kept, copy));
    const checked = await check(['--incremental', '--tsBuildInfoFile', copy]);
    // Whatever the umask is: what others may write is not read again.
    tryTo(() => chmodSync(copy, 0o644));
    tryTo(() => renameSync(copy, kept));
    return checked;
  } finally {
    tryTo(() => rmSync(copy, { force: true }));
  }
}

/** What is kept only saves time: where it cannot be (a full disk), the types are checked all the same. */
function tryTo(keep: () => unknown): void {
  try {
    keep();
  } catch {
    // As if nothing had been kept.
  }
}

/** @throws PlayError with tsc's errors when the verdict is bad */
export function refuseBadTypes(verdict: TypeVerdict): void {
  if (verdict.kind !== 'bad') return;
  const shown = verdict.errors.slice(0, 10);
  const more = verdict.errors.length - shown.length;
  const count = verdict.errors.length === 1 ? 'a type error' : `${verdict.errors.length} type errors`;
  throw new PlayError(`The playbook has ${count}`, {
    detail: [...shown, ...(more > 0 ? [`... and ${more} more`] : [])].join('\n'),
    hint: 'Nothing was touched. Fix them, or run with --no-typecheck if it cannot wait.',
  });
}

function isRememberedGood(memory: string, launch: Installation): boolean {
  const remembered = readCacheFile(memory, isRemembered);
  if (remembered?.buildId !== launch.buildId) return false;
  const inputs = stillSame(remembered.inputs);
  if (inputs && inputs !== remembered.inputs) writeCacheFile(memory, JSON.stringify({ ...remembered, inputs }));
  return inputs !== undefined;
}

/** play's own sources are covered by its build id, packages by the lockfile. */
function remember(memory: string, files: readonly string[], cache: string, launch: Installation): void {
  const home = resolve(cache, '..', '..');
  const own = files.filter((file) => !file.includes('/node_modules/') && !file.startsWith(`${ownTypes(launch)}/`));
  const inputs = [...own, join(home, 'package-lock.json')].map(recordInput);
  writeCacheFile(memory, JSON.stringify({ buildId: launch.buildId, inputs } satisfies Remembered));
}

/** Where the types of play itself are: a clone has its sources, a package the declarations made of them. */
const ownTypes = ({ root, isPackage }: Installation): string => join(root, isPackage ? 'dist/types' : 'src');

/** As strict as play itself is checked; `play` and its other entries resolve to this installation wherever the playbook lies. */
function compilerSettings(file: string, launch: Installation): object {
  const types = (folder: string): string[] => [
    join(ownTypes(launch), folder, launch.isPackage ? 'index.d.ts' : 'index.ts'),
  ];
  const ofNode = findPackage(launch.root, '@types/node');
  return {
    extends: join(launch.root, 'src/project/strict.tsconfig.json'),
    compilerOptions: {
      paths: {
        [launch.packageName]: types(''),
        ...Object.fromEntries(
          ['runner', 'testing', 'roles/*'].map((name) => [`${launch.packageName}/${name}`, types(name)]),
        ),
      },
      ...(ofNode === undefined ? {} : { typeRoots: [dirname(ofNode)] }),
    },
    files: [file],
    include: [],
  };
}

/** The folder of a package as play finds it: npm puts what a package needs beside it as well as into it. */
function findPackage(root: string, name: string): string | undefined {
  try {
    return dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`));
  } catch (thrown) {
    // What others could have written is no package that is missing.
    if (thrown instanceof PlayError) throw thrown;
    return undefined;
  }
}

/** tsc's lines, `file(line,col): error TS1: text`, as `file:line:col text`, with the lines that go on about them. */
function findErrors(lines: readonly string[], ownFolder: string): string[] {
  const errors: string[] = [];
  let own = false;
  for (const line of lines) {
    const match = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(line);
    if (match) {
      const [, file = '', row, column, code, text] = match;
      own = resolve(file).startsWith(`${ownFolder}/`);
      if (!own) errors.push(`${file}:${row}:${column} ${text} (${code})`);
    } else if (/^\s+\S/.test(line) && errors.length > 0 && !own) {
      errors.push(`${errors.pop()}\n  ${line}`);
    } else if (/^error TS\d+: /.test(line) && !line.includes('.tsbuildinfo')) {
      errors.push(line);
    }
  }
  return errors;
}

function findCompiler(root: string): readonly string[] | undefined {
  // TypeScript 7 is a native program; starting it through its script costs a Node.
  const native = findPackage(root, `@typescript/typescript-${process.platform}-${process.arch}`);
  if (native !== undefined && existsSync(join(native, 'lib', 'tsc'))) return [join(native, 'lib', 'tsc')];
  const script = findPackage(root, 'typescript');
  return script === undefined ? undefined : [process.execPath, join(script, 'bin', 'tsc')];
}

async function run(
  [command = '', ...first]: readonly string[],
  args: readonly string[],
): Promise<{ failed: string | undefined; stdout: string }> {
  return await new Promise((done) => {
    execFile(command, [...first, ...args], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      // Exit codes 1 and 2 are errors found, which stdout tells.
      done({ failed: error && typeof error.code !== 'number' ? error.message : undefined, stdout });
    });
  });
}
