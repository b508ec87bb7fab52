/** Bundles the sandbox's helpers: Node 20 cannot run TypeScript, and background processes outlive vitest. */
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/**
 * Argv prefix to run `sandbox` subcommands from sources; built beside and renamed, as workers build at the same time.
 */
export async function bundleSandbox(): Promise<readonly string[]> {
  const directory = join(root, 'node_modules/.cache/play');
  const file = join(directory, 'sandbox.cjs');
  const part = join(directory, `sandbox.${process.pid}.cjs`);
  mkdirSync(directory, { recursive: true });
  await build({
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
