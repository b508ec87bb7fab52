// Makes dist/: one bundle of src/ with its dependencies, the heavy ones in files of their own that are read when first
// used.
//
//   dist/play.cjs            the boot file (src/cli/boot.cjs): what the launcher runs and what `import 'play'` resolves
//   to
//   dist/runner.cjs          what `import 'play/runner'` resolves to
//   dist/testing.cjs         what `import 'play/testing'` resolves to
//   dist/build-<id>/         main.cjs and the lazy parts, with source maps and V8's compiled code
//
// A build is complete before anything names it: its folder is renamed into place, then play.cjs is. Processes of an
// older build keep theirs, which is removed when a day old.
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lazyParts } from './src/lazy-parts.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);
const { name: packageName, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Packages that cost milliseconds to load and that many runs do not need. */
const lazyPackages = [
  'ssh2',
  'zx',
  'zx/core',
  'handlebars/dist/cjs/handlebars/compiler/base.js',
  'diff',
  'bcryptjs',
  'yaml',
  'commander',
];
/** The same of Node's own modules. */
const lazyBuiltins = [
  'node:assert',
  'node:assert/strict',
  'node:child_process',
  'node:console',
  'node:dns',
  'node:fs/promises',
  'node:http',
  'node:net',
  'node:perf_hooks',
  'node:readline',
  'node:repl',
  'node:stream/promises',
  'node:timers/promises',
  'node:tty',
  'node:worker_threads',
  'node:zlib',
];
/** Parts of src/ that few commands need. */
const lazyEntries = [
  'src/resources/ansible/module/run-module.ts',
  'src/import/index.ts',
  'src/pages/index.ts',
  'src/cli/commands/compare/compare-command.ts',
  'src/cli/commands/allow-me/allow-me-command.ts',
  'src/cli/commands/patch/patch-command.ts',
  'src/cli/commands/bootstrap/bootstrap-command.ts',
  'src/cli/commands/vault/vault-command.ts',
  'src/cli/commands/doctor/doctor.ts',
  'src/cli/commands/logs/logs-command.ts',
  'src/cli/commands/log/log-command.ts',
  'src/cli/commands/host/host-command.ts',
  'src/cli/commands/lint/lint-command.ts',
  'src/deployer/index.ts',
  'src/cli/commands/rehearse/rehearse-command.ts',
  'src/cli/commands/schema/schema-command.ts',
  'src/workers/index.ts',
];
/** Native or fetched by the user: stay in node_modules. */
const external = ['esbuild', 'cpu-features', '*.node'];

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external,
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  // The boot file compiles code with vm.Script, where import() needs a loader of its own; require() serves as well.
  supported: { 'dynamic-import': false },
  absWorkingDir: root,
};

/** Of ssh2 what we have no use for, above all Node's HTTP and TLS, which a login would wait for. */
const clientAlone = {
  name: 'ssh2 as a client',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/(?:http-agents|keygen|server)\.js$/ }, ({ importer }) =>
      importer.endsWith('/ssh2/lib/index.js') ? { path: 'nothing', namespace: 'left-out' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

const chunkName = (name) => `${name.replaceAll('/', '-')}.cjs`;

/**
 * Gives a lazy package's exports as getters. esbuild turns `import { Client } from 'ssh2'` into a property read at each
 * use, so the package is loaded by the first use and not by the import.
 */
const lazyNames = (names) => ({
  name: 'lazy',
  setup(builder) {
    builder.onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path, namespace }) =>
      namespace === 'lazy' ? undefined : { path, namespace: 'lazy' },
    );
    builder.onResolve({ filter: /^lazy-chunk:/ }, ({ path }) => ({
      path: `./${chunkName(path.slice('lazy-chunk:'.length))}`,
      external: true,
    }));
    builder.onLoad({ filter: /.*/, namespace: 'lazy' }, async ({ path }) => {
      const names = Object.keys(await importForNames(path)).filter(
        (name) => name !== 'default' && name !== '__esModule' && name !== 'module.exports',
      );
      const getters = names.map((name) => `get ${JSON.stringify(name)}() { return load()[${JSON.stringify(name)}]; }`);
      return {
        contents: `let real; const load = () => (real ??= require('${lazyBuiltins.includes(path) ? path : `lazy-chunk:${path}`}'));\nmodule.exports = { ${getters.join(', ')} };`,
        loader: 'js',
      };
    });
  },
});
const lazy = lazyNames([...lazyPackages, ...lazyBuiltins]);

/** What is evaluated when a name of its entry is first used. Not for `import * as`: to that a CommonJS module has a default. */
const roomsOnDemand = ['resources', 'jinja', 'plans'];

/**
 * Modules of the bundle that are evaluated when first used: a playbook uses a few of the resources, a command line is
 * one of the commands. What was never evaluated is in no compiled code either. Tests run the sources as they are.
 */
const onDemand = {
  name: 'modules on demand',
  setup(builder) {
    const entries = roomsOnDemand.map((room) => join(root, 'src', room, 'index.ts'));
    builder.onResolve({ filter: /\/index\.ts$/ }, ({ path, resolveDir }) => {
      const file = resolve(resolveDir, path);
      return entries.includes(file) ? { path: file, namespace: 'on-demand' } : undefined;
    });
    builder.onLoad({ filter: /.*/, namespace: 'on-demand' }, ({ path: file }) => {
      const modules = [];
      const getters = [];
      for (const [, names, path] of readFileSync(file, 'utf8').matchAll(
        /^export (?!type)(?:\{([^}]*)\} from '([^']+)';)?/gm,
      )) {
        if (names === undefined) throw new Error(`${file}: names in braces are all that is exported on demand`);
        const module = `m${modules.push(path)}`;
        for (const name of valuesOf(names))
          getters.push(`get ${name}() { return (${module} ??= ${firstUse(path, file)}).${name}; }`);
      }
      const declared = modules.map((_, i) => `m${i + 1}`).join(', ');
      const contents = `${marking}let ${declared};\nmodule.exports = { ${getters.join(', ')} };`;
      return { contents, loader: 'js', resolveDir: dirname(file) };
    });
    builder.onLoad({ filter: /\/src\/cli\/(?:main|commands)\.ts$/ }, ({ path: file }) => {
      const contents = readFileSync(file, 'utf8').replaceAll(
        /^import \{([^}]*)\} from '(\.\/commands\/[^']+)';$/gm,
        (_, names, path) =>
          valuesOf(names)
            .map((name) => `const ${name} = (...args: any[]) => ${firstUse(path, file)}.${name}(...args);`)
            .join('\n'),
      );
      return { contents: `${marking}${contents}`, loader: 'ts' };
    });
  },
};

/** The module, which the boot file is told of: it keeps compiled code for those that were used. */
const firstUse = (path, importer) =>
  `(marked('${relative(join(root, 'src'), resolve(dirname(importer), path))}'), require('${path}'))`;
const marking = "const marked = (name) => globalThis[Symbol.for('play.launch')]?.markUse(name);\n";

/** The names in the braces of an import or export that are more than types. */
function valuesOf(names) {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));
}

async function importForNames(name) {
  try {
    return require(name);
  } catch {
    return import(name);
  }
}

const chunkPlugins = {
  // Every start reads a command line.
  commander: [lazyNames(lazyBuiltins)],
  ssh2: [clientAlone],
};

/** What the build is made from, as one hash: it names the build and keys every cache that depends on play itself. */
function sourceId() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  const files = [...filesBelow('src'), 'build.mjs', 'package.json', 'package-lock.json', 'tsconfig.json'];
  for (const file of files.sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex').slice(0, 12);
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** Node's own scan for the names an `import { }` of CommonJS may use reads this form. */
function namesForNode(exported) {
  return `0 && (module.exports = { ${Object.keys(exported).join(', ')} });\n`;
}

const metaName = '__play_import_meta';

/**
 * Roles import play by the name it has here, whatever it is packed as. Each finds its templates and files beside the
 * bundle: `import.meta` of its files is its folder there.
 */
const roleFolders = {
  name: 'folders of roles',
  setup(builder) {
    builder.onResolve({ filter: /^play$/ }, () => ({ path: packageName, external: true }));
    // A role that uses another has it from the same bundle.
    builder.onResolve({ filter: /^play\/roles\/\w+$/ }, ({ path }) => ({
      path: join(root, 'src', path.slice('play/'.length), 'index.ts'),
    }));
    builder.onLoad({ filter: /\/src\/roles\/.*\.ts$/ }, ({ path }) => {
      const [role] = relative(join(root, 'src/roles'), path).split('/');
      const meta = `const ${metaName} = { dirname: require('node:path').join(__dirname, 'roles', '${role}') };`;
      const source = readFileSync(path, 'utf8');
      return { contents: source.includes('import.meta') ? meta + source : source, loader: 'ts' };
    });
  },
};

/** Runs `body` while `require('play')` gives this API, as the boot file has it. */
function withApi(api, body) {
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (wanted, ...rest) {
    return wanted === packageName ? packageName : resolve.call(this, wanted, ...rest);
  };
  require.cache[packageName] = Object.assign(new Module(packageName), { exports: api, loaded: true });
  try {
    return body();
  } finally {
    Module._resolveFilename = resolve;
    delete require.cache[packageName];
  }
}

/**
 * The boot file reads a build a byte a character: a single one beyond ASCII would double the memory and the time that
 * its source takes. esbuild escapes them all but those in regular expressions.
 */
function requireAscii(file) {
  const found = /.{0,60}[^\0-\x7f].{0,60}/u.exec(readFileSync(file, 'utf8'));
  if (found) throw new Error(`write this regular expression with \\u escapes (${file}): ${found[0]}`);
}

const startedAt = new Date();
const id = sourceId();
const temporary = join(dist, `.tmp-${process.pid}`);
const final = join(dist, `build-${id}`);
mkdirSync(temporary, { recursive: true });
try {
  const parts = await lazyParts(root, lazyEntries, common);
  await parts.write(temporary, lazy);
  const main = await build({
    ...common,
    entryPoints: { main: 'src/bundle.ts' },
    // A quarter less to read and to compile; stack traces name places in the sources all the same.
    minifyIdentifiers: true,
    outdir: temporary,
    outExtension: { '.js': '.cjs' },
    sourcemap: 'external',
    define: { 'import.meta.dirname': '__dirname' },
    plugins: [onDemand, parts.stubs, lazy],
    metafile: true,
  });
  // A thread of its own, which brings its library along: only a run that opens something of age's starts it.
  await build({
    ...common,
    entryPoints: ['src/secrets/age/age-worker.ts'],
    outfile: join(temporary, 'age-worker.cjs'),
    sourcemap: 'external',
    plugins: [lazy],
  });
  // A process of its own, which lives between runs: it has what connections need, and no more.
  await build({
    ...common,
    entryPoints: ['src/connection/keeper/keeper-process.ts'],
    outfile: join(temporary, 'keeper.cjs'),
    sourcemap: 'external',
    define: { 'import.meta.dirname': '__dirname' },
    plugins: [lazy],
  });
  const chunks = lazyPackages.map((name) =>
    build({
      ...common,
      stdin: { contents: `module.exports = require('${name}')`, resolveDir: root },
      outfile: join(temporary, chunkName(name)),
      plugins: chunkPlugins[name] ?? [],
    }),
  );
  await Promise.all(chunks);
  void main;
  const roleNames = readdirSync(join(root, 'src/roles'));
  await build({
    ...common,
    stdin: {
      contents: roleNames.map((name) => `export * as ${name} from './src/roles/${name}/index.ts';`).join('\n'),
      resolveDir: root,
    },
    outfile: join(temporary, 'roles.cjs'),
    sourcemap: 'external',
    define: { 'import.meta': metaName },
    plugins: [roleFolders],
  });
  for (const name of roleNames)
    for (const kind of ['templates', 'files'])
      if (existsSync(join(root, 'src/roles', name, kind)))
        cpSync(join(root, 'src/roles', name, kind), join(temporary, 'roles', name, kind), { recursive: true });

  for (const file of readdirSync(temporary)) if (file.endsWith('.cjs')) requireAscii(join(temporary, file));
  const { api, runner, testing } = require(join(temporary, 'main.cjs'));
  const roles = withApi(api, () => require(join(temporary, 'roles.cjs')));
  const boot = readFileSync(join(root, 'src/cli/boot.cjs'), 'utf8')
    .replace("'BUILD_ID'", JSON.stringify(id))
    .replace("'PACKAGE_NAME'", JSON.stringify(packageName))
    .replace("'VERSION'", JSON.stringify(version))
    .concat(namesForNode(api));
  for (const [name, exported] of Object.entries({ runner, testing }))
    writeFileSync(
      join(dist, `${name}.cjs`),
      `'use strict';\nrequire('./play.cjs');\nmodule.exports = globalThis[Symbol.for('play.${name}')];\n${namesForNode(exported)}`,
    );
  mkdirSync(join(dist, 'roles'), { recursive: true });
  for (const [role, exported] of Object.entries(roles))
    writeFileSync(
      join(dist, 'roles', `${role}.cjs`),
      `'use strict';\nrequire('../play.cjs');\nmodule.exports = globalThis[Symbol.for('play.roles')]().${role};\n${namesForNode(exported)}`,
    );
  for (const file of readdirSync(join(dist, 'roles')))
    if (!(file.replace(/\.cjs$/, '') in roles)) rmSync(join(dist, 'roles', file));
  writeFileSync(join(dist, '.npmignore'), ['.*', '/build-*', `!/build-${id}`, '*.cache', '*.map', ''].join('\n'));
  const bootFile = join(dist, `.play-${process.pid}.cjs`);
  writeFileSync(bootFile, boot);
  // A file saved while we were building is newer than this, so that the next start builds again.
  utimesSync(bootFile, startedAt, startedAt);
  rmSync(final, { recursive: true, force: true });
  renameSync(temporary, final);
  renameSync(bootFile, join(dist, 'play.cjs'));
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

const dayAgo = Date.now() - 24 * 3600 * 1000;
for (const name of readdirSync(dist)) {
  const path = join(dist, name);
  if (/^(build-|\.tmp-|\.play-)/.test(name) && path !== final && statSync(path).mtimeMs < dayAgo)
    rmSync(path, { recursive: true, force: true });
}
