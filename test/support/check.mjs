// `npm run check`: types, lint, format, reference pages and the rules of this code base, side by side, in seconds.
// Exit code 1 when one of them fails; prints nothing of those that pass but a line.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brokenRules } from './source-rules.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const program = (name) => join(root, 'node_modules', '.bin', name);
// Started through its script tsc costs a Node more.
const nativeTsc = join(
  root,
  'node_modules',
  '@typescript',
  `typescript-${process.platform}-${process.arch}`,
  'lib',
  'tsc',
);

/** What `npm run format` formats: code; documents and configuration are written by hand. */
const formatted = '**/*.{ts,mjs,cjs}';

const steps = {
  types: () => run(existsSync(nativeTsc) ? nativeTsc : program('tsc'), ['--noEmit', '--pretty', 'false']),
  lint: () => run(program('oxlint'), ['--type-aware', '--quiet', '--format', 'unix']),
  format: () => run(program('oxfmt'), ['--list-different', formatted]),
  reference: () => run(process.execPath, [join(root, 'docs', 'generate.mjs'), '--check']),
  rules: async () => {
    const broken = brokenRules(root);
    return { passed: broken.length === 0, output: broken.join('\n') };
  },
};

function run(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => done({ passed: false, output: `${command}: ${error.message}` }));
    child.on('close', (code) => done({ passed: code === 0, output }));
  });
}

/** Runs all; gives how many passed and failed. */
export async function check() {
  const results = await Promise.all(
    Object.entries(steps).map(async ([name, step]) => {
      const started = performance.now();
      const { passed, output } = await step();
      return { name, passed, output, seconds: (performance.now() - started) / 1000 };
    }),
  );
  for (const { name, passed, output, seconds } of results) {
    process.stdout.write(`${passed ? 'passed' : 'FAILED'}  check: ${name}  (${seconds.toFixed(1)} s)\n`);
    if (!passed) process.stdout.write(`${output.trimEnd()}\n\n`);
  }
  const passed = results.filter((result) => result.passed).length;
  return { passed, failed: results.length - passed };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = (await check()).failed > 0 ? 1 : 0;
