// Module hooks for a Node that reads no TypeScript itself: see register.mjs.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return await next(url, context);
  const file = fileURLToPath(url);
  const { code } = await transform(await readFile(file, 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: `node${process.versions.node}`,
    sourcefile: file,
    sourcemap: 'inline',
    // Else a tsconfig.json of any folder above would say how it is read.
    tsconfigRaw: '{}',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
