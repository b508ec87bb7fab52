/** Bundles the sandbox's helpers: Node 20 cannot run TypeScript, and background processes outlive vitest. */
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** Sources stay as they are during a run: a worker builds for all its files. */
let built: Promise<readonly string[]> | undefined;

/** Argv prefix to run `sandbox` subcommands from sources. */
export const bundleSandbox = (): Promise<readonly string[]> => (built ??= build());

/** Built beside and renamed, as workers build at the same time. */
async function build(): Promise<readonly string[]> {
  const directory = join(root, 'node_modules/.cache/play');
  const file = join(directory, 'sandbox.cjs');
  const part = join(directory, `sandbox.${process.pid}.cjs`);
  mkdirSync(directory, { recursive: true });
  await bundle({
    entryPoints: [join(import.meta.dirname, 'sandbox-internal.ts')],
    outfile: part,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'silent',
  });
  renameSync(part, file);
  return [process.execPath, file];
}
