/**
 * Each package is somebody else's code on the machine that holds the keys to all hosts: one more is seen here, and wants
 * a reason in its commit.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { playRoot } from '../cli/command-line.ts';

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(join(playRoot, 'package-lock.json'), 'utf8'),
);
const manifest: { readonly dependencies: object; readonly devDependencies: object } = JSON.parse(
  readFileSync(join(playRoot, 'package.json'), 'utf8'),
);
const packages = Object.entries(lock.packages).filter(([place]) => place !== '');
const nameOf = (place: string): string => place.replace(/^.*node_modules\//, '');

/** With all they lead to, by the place npm looks first; what is optional is compiled code, or of one platform. */
function closureOf(names: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const next of Object.keys(lock.packages[`node_modules/${name}`]?.dependencies ?? {})) visit(next);
  };
  names.forEach(visit);
  return [...found].sort();
}

test('what stands beside play where it is installed', () => {
  expect(closureOf(Object.keys(manifest.dependencies))).toEqual([
    '@types/node',
    'esbuild',
    'typescript',
    'undici-types',
    'valibot',
    'yaml',
    'zx',
  ]);
});

test('what is built into it', () => {
  // What workers need is there for the tests; who uses them installs it (peerDependencies).
  const tools = ['ajv', 'bullmq', 'ioredis', 'marked', 'minisearch', 'oxfmt', 'oxlint', 'oxlint-tsgolint', 'vitest'];
  const builtIn = Object.keys(manifest.devDependencies).filter(
    (name) => !tools.includes(name) && !name.startsWith('@types/'),
  );
  expect(closureOf(builtIn)).toMatchInlineSnapshot(`
    [
      "@noble/ciphers",
      "@noble/curves",
      "@noble/hashes",
      "@noble/post-quantum",
      "@scure/base",
      "@valibot/to-json-schema",
      "age-encryption",
      "asn1",
      "bcrypt-pbkdf",
      "bcryptjs",
      "commander",
      "diff",
      "handlebars",
      "minimist",
      "neo-async",
      "safer-buffer",
      "source-map",
      "ssh2",
      "tweetnacl",
      "wordwrap",
    ]
  `);
});

test('every package is pinned to its content, and no lock names a registry of its own', () => {
  for (const [place, { integrity, resolved, version }] of packages)
    expect({ place, integrity, resolved, version }).toMatchObject({
      integrity: expect.stringMatching(/^sha512-/),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      resolved: undefined,
    });
});

test('nothing is run on installation, and no more packages than these would like to', () => {
  expect(packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([place]) => nameOf(place))).toEqual([
    'cpu-features',
    'esbuild',
    'msgpackr-extract',
    'ssh2',
  ]);
  const install = /^.*\bnpm (?:ci|install) .*$/gm;
  const lines = ['play', 'README.md', 'docs/commands.md'].flatMap((file) =>
    [...readFileSync(join(playRoot, file), 'utf8').matchAll(install)]
      .map(([line]) => line)
      .filter((line) => !line.includes(' failed in ')),
  );
  expect(lines.filter((line) => !line.includes('--ignore-scripts'))).toEqual([]);
});
