'use strict';
// What the launcher runs, and what `import 'play'` in a playbook gives: the same instance. It loads the bundle with V8's
// compiled code, kept beside it, which saves about half of the start-up. Old syntax up to the version check: an old Node must
// be able to read this file to say that it is too old.
var version = process.versions.node.split('.');
if (Number(version[0]) < 20) {
  process.stderr.write('play: Node.js ' + process.version + ' is too old; play needs version 20.19 or newer.\n');
  process.exit(1);
}

const fs = require('node:fs');
const os = require('node:os');
const vm = require('node:vm');
const path = require('node:path');
const Module = require('node:module');

const buildId = 'BUILD_ID';
/** What playbooks import it by. */
const packageName = 'PACKAGE_NAME';
const folder = path.join(__dirname, 'build-' + buildId);
const root = path.dirname(__dirname);
/** Not a clone: what npm installed is nobody's to write into but npm's. */
const isPackage = !fs.existsSync(path.join(root, 'build.mjs'));
/** V8 takes compiled code only of the flags it runs with; the launcher gives this one. */
const flags = process.execArgv.includes('--single-threaded-gc') ? '-single' : '';
const cacheTag = process.arch + '-' + process.versions.v8 + flags;
/** Scripts that were loaded, with what their compiled code was kept for. */
const scripts = [];
/** What this process used of play, by names of ours: compiled code is kept anew once it was used for something new. */
const uses = new Set();
const loaded = new Map();

/**
 * Loads a CommonJS file as `require` does, with V8's compiled code from `<file>.<tag>.cache`, which is written when the process
 * ends: by then it holds the functions that were used. A run that used more of play than those before it adds what it
 * compiled. For the files of a package it is kept in the user's own cache. With `anew` it is evaluated again, though it is
 * loaded.
 */
function load(file, resolveFrom, anew) {
  const known = loaded.get(file);
  if (known && !anew) return known.exports;
  const isBuilt = path.dirname(file) === folder;
  // What is built is ASCII (build.mjs); a playbook is what its author wrote.
  const source = fs.readFileSync(file, isBuilt ? 'latin1' : 'utf8');
  const where = isPackage && isBuilt ? userCache() : path.dirname(file);
  const keptIn = where && path.join(where, path.basename(file) + '.' + cacheTag + '.cache');
  const kept = keptIn ? readCompiled(keptIn) : undefined;
  const script = new vm.Script(Module.wrap(source), {
    filename: file,
    cachedData: kept && kept.code,
    importModuleDynamically: vm.constants && vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (isBuilt) uses.add(path.basename(file));
  if (keptIn && !known) scripts.push({ script, keptIn, kept: script.cachedDataRejected ? undefined : kept });
  const module = { exports: {}, filename: file, id: file };
  loaded.set(file, module);
  const outer = Module.createRequire(resolveFrom || file);
  const requireHere = (name) =>
    name === packageName ? api() : name.startsWith('./') && isBuilt ? load(path.join(folder, name)) : outer(name);
  requireHere.resolve = outer.resolve;
  script.runInThisContext().call(module.exports, module.exports, requireHere, module, file, path.dirname(file));
  return module.exports;
}

let cacheFolder;

/** Named after the build, whose id stands for its sources; undefined where others could write into it. */
function userCache() {
  if (cacheFolder === undefined) {
    const home = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
    const own = path.join(home, 'play');
    cacheFolder = [home, own, path.join(own, buildId)].every(isOursToBe) && path.join(own, buildId);
  }
  return cacheFolder || undefined;
}

/** A folder that is not there will be made by us. */
function isOursToBe(name) {
  const stat = fs.statSync(name, { throwIfNoEntry: false });
  return stat === undefined || isOurs(stat);
}

function isOurs({ uid, mode }) {
  return (uid === 0 || !process.geteuid || uid === process.geteuid()) && (mode & 0o022) === 0;
}

/** V8 believes what it is given, so only what we or root wrote, and nobody else may write, is read. */
function readOwn(file) {
  let fd;
  try {
    fd = fs.openSync(file, 'r');
    return isOurs(fs.fstatSync(fd)) ? fs.readFileSync(fd) : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** Compiled code, and behind it what it was kept for: names of ours, a line each, and their length. */
function readCompiled(file) {
  const data = readOwn(file);
  const end = data && data.length - 4;
  const size = end > 0 ? data.readUInt32LE(end) : Infinity;
  if (!(size <= end)) return undefined;
  return { code: data.subarray(0, end - size), uses: data.toString('latin1', end - size, end).split('\n') };
}

function keepCompiledCode() {
  for (const { script, keptIn, kept } of scripts) {
    if (kept && [...uses].every((name) => kept.uses.includes(name))) continue;
    const temporary = keptIn + '.' + process.pid;
    try {
      const code = script.createCachedData();
      // V8 throws away what a long run has not used for a while.
      if (kept && code.length < kept.code.length) continue;
      const names = Buffer.from([...new Set([...(kept ? kept.uses : []), ...uses])].join('\n'), 'latin1');
      const size = Buffer.alloc(4);
      size.writeUInt32LE(names.length);
      if (isPackage && fs.mkdirSync(path.dirname(keptIn), { recursive: true, mode: 0o755 }))
        removeOldBuilds(path.dirname(keptIn));
      fs.writeFileSync(temporary, Buffer.concat([code, names, size]), { mode: 0o644, flag: 'wx' });
      fs.renameSync(temporary, keptIn);
    } catch {
      // An installation that belongs to somebody else: it works without, only slower.
      return;
    }
  }
}

/** The first run of a build takes away what builds before it left, once nobody will want it. */
function removeOldBuilds(present) {
  const monthAgo = Date.now() - 30 * 24 * 3600 * 1000;
  for (const name of fs.readdirSync(path.dirname(present))) {
    const other = path.join(path.dirname(present), name);
    if (/^[0-9a-f]{12}$/.test(name) && other !== present && fs.statSync(other).mtimeMs < monthAgo)
      fs.rmSync(other, { recursive: true, force: true });
  }
}

const bundle = () => load(path.join(folder, 'main.cjs'));
const api = () => bundle().api;
/** The roles that come with play, by name: only a playbook that uses one loads them. */
const roles = () => load(path.join(folder, 'roles.cjs'));
globalThis[Symbol.for('play.roles')] = roles;

/** For code that is given no `require` of ours, or was not started by us. */
function leaveWord() {
  // For bundled playbooks that await at the top level: they are no CommonJS, so that they get no `require` of ours.
  globalThis[Symbol.for('play.api')] = api();
  // For dist/runner.cjs.
  globalThis[Symbol.for('play.runner')] = bundle().runner;
  // For what of play a program uses that was not started by it.
  globalThis[Symbol.for('play.launch')] = {
    root,
    isPackage,
    packageName,
    version: 'VERSION',
    buildId,
    apiFile: __filename,
    load,
    roles,
    importFile: (url) => import(url),
    markUse: (name) => void uses.add(name),
  };
}

if (require.main === module) {
  process.on('exit', keepCompiledCode);
  // Without a listener Node opens its debugger at this signal; a run tells its status at it, once there is something to tell.
  process.on('SIGUSR1', () => undefined);
  // Packages that a playbook imports may import play themselves.
  const resolve = Module._resolveFilename;
  const ownPackages = path.join(root, 'node_modules') + path.sep;
  Module._resolveFilename = function (name, ...rest) {
    if (name === packageName) return __filename;
    if (name.startsWith(packageName + '/roles/')) return bundle().roleFile(name, path.join(__dirname, 'roles'));
    const file = resolve.call(this, name, ...rest);
    if (path.isAbsolute(file) && !file.startsWith(ownPackages)) bundle().requireTrusted(file);
    return file;
  };
  leaveWord();
  module.exports = api();
  bundle().start(globalThis[Symbol.for('play.launch')]);
} else {
  leaveWord();
  module.exports = api();
  // For dist/testing.cjs, which is to test with the same instance that the tested code imports.
  globalThis[Symbol.for('play.testing')] = bundle().testing;
  // What a rehearsal starts: this play, and not another one that may be around.
  globalThis[Symbol.for('play.program')] = __filename;
}
