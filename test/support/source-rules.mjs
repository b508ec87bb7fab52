// What no linter knows of this code base: which folder may import which, names of files, exports nobody uses.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';

/** Imports of src/ point down this list, never up (docs/architecture.md). */
const order = [
  'roles',
  'deployer',
  'cli',
  'runner',
  'targets',
  'operator',
  'import',
  'project',
  'options',
  'plans',
  'pages',
  'workers',
  'report',
  'run',
  'testing',
  'engine',
  'resources',
  'resources/ansible',
  'resources/container',
  'resources/firewall',
  'resources/mysql',
  'resources/postgresql',
  'resources/rabbitmq',
  'resources/certificate',
  'resources/disks',
  'resources/system',
  'resources/packages',
  'resources/services',
  'resources/accounts',
  'resources/edits',
  'resources/files',
  'resources/commands',
  'resources/kit',
  'playbook',
  'probes',
  'contract',
  'inventory',
  'jinja',
  'formats',
  'template',
  'secrets',
  'sandbox',
  'connection',
  'trust',
  'errors',
  'values',
];
/**
 * Rooms that see but a few of those below: the deployer is a tool as others write them, with play's own flags. One script
 * that asks apt is of resources/packages/.
 */
const sees = new Map([
  ['deployer', ['runner', 'options', 'errors', 'contract', 'playbook', 'resources', 'resources/packages']],
]);
/**
 * The public API lies beside the folders: only the bundle that serves it, and what a playbook may import, look at it.
 */
const api = 'src/index.ts';
const drawers = /^(?:utils?|helpers?|common|misc|stuff)\b/i;

/** @returns a line for each breach */
export function brokenRules(root) {
  const folders = ['src', 'test', 'bench', 'playbooks', 'runbooks', 'roles', 'inventory'];
  const files = ['build.mjs', ...folders.flatMap((folder) => sourcesBelow(root, folder))];
  const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  return [
    ...wrongNames(files),
    ...wrongImports(sources),
    ...unusedExports(sources),
    ...wrongDecoding(sources),
    ...silentSkips(sources),
    ...hastyWaits(sources),
  ];
}

function sourcesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function wrongNames(files) {
  return files
    .filter((file) => drawers.test(basename(file)))
    .map((file) => `${file}: a name for a drawer, not for a purpose`);
}

function wrongImports(sources) {
  const broken = [];
  for (const [file, text] of sources) {
    const from = folderOf(file);
    // Cases beside a resource are tests: they look at what stands above it.
    if (from === undefined || file.endsWith('.cases.ts')) continue;
    for (const { line, target } of importsOf(file, text)) {
      if (target === api && file !== 'src/bundle.ts')
        broken.push(`${file}:${line}: imports the public API; import the folder that has it`);
      const to = folderOf(target);
      if (to === undefined || to === from) continue;
      if (order.indexOf(to) < order.indexOf(from))
        broken.push(`${file}:${line}: ${from}/ imports ${to}/, which stands above it in docs/architecture.md`);
      else if (sees.get(from)?.includes(to) === false)
        broken.push(`${file}:${line}: ${from}/ imports ${to}/, and is to do with ${sees.get(from).join(', ')}`);
    }
  }
  return broken;
}

/** The room a file of src/ is in; undefined for what is not in one. */
function folderOf(file) {
  const folder = /^src\/((?:resources\/[^/]+(?=\/))|[^/]+)\//.exec(file)?.[1];
  if (folder !== undefined && !order.includes(folder))
    throw new Error(`src/${folder}/ has no place in the order of docs/architecture.md and ${import.meta.filename}`);
  return folder;
}

function importsOf(file, text) {
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    target: normalize(join(dirname(file), match[1])),
  }));
}

/**
 * Bytes of a host's file that are no UTF-8 become U+FFFD in Node's own decoding, and are lost when the text is written
 * back.
 */
function wrongDecoding(sources) {
  return [...sources].flatMap(([file, text]) =>
    file.startsWith('src/resources/') && /\.bytes\.toString\((?:'utf-?8')?\)/.test(text)
      ? [`${file}: the text of a file is had by decode() of src/formats/text-bytes.ts, which keeps its bytes`]
      : [],
  );
}

/** A test that is skipped says why. */
function silentSkips(sources) {
  return [...sources].flatMap(([file, text]) =>
    file.endsWith('.test.ts') && /\b(?:test|it|describe)(?:\.\w+)*\.(?:skip|skipIf|runIf|todo)\b/.test(text)
      ? [
          `${file}: skips tests without a reason; use skipTests() of test/support/skip-tests.ts, or skip() of the test's context`,
        ]
      : [],
  );
}

/**
 * vitest's own second, and all that is short, is too little for a condition on a busy machine; the default of `expect.poll` is
 * set in vitest.config.ts.
 */
function hastyWaits(sources) {
  const shortest = 60_000;
  return [...sources].flatMap(([file, text]) =>
    file.endsWith('.test.ts')
      ? [...text.matchAll(/\b(?:vi\.(waitFor|waitUntil)|expect\s*\.poll)\([^]*?\);\n/g)].flatMap(([call, isVi]) => {
          const limits = [...call.matchAll(/\btimeout: ([\d_]+)/g)].map(([, digits]) =>
            Number(digits.replaceAll('_', '')),
          );
          const given = limits.length > 0 ? Math.max(...limits) : undefined;
          const isHasty = given === undefined ? isVi !== undefined : given < shortest;
          return isHasty
            ? [`${file}: ${call.split('\n')[0]} waits for less than ${shortest / 1000} s: a busy machine takes longer`]
            : [];
        })
      : [],
  );
}

/**
 * An export of src/ whose name stands in no other file is dead, or need not be exported. Being passed on by an index is
 * no use.
 */
function unusedExports(sources) {
  const words = new Map();
  for (const [file, text] of sources) {
    const used =
      file !== api && file.endsWith('/index.ts')
        ? text.replaceAll(/^export (?:type )?(?:\{[^}]*\}|\*) from .*$/gm, '')
        : text;
    for (const word of new Set(used.match(/[A-Za-z_$][\w$]*/g))) words.set(word, (words.get(word) ?? 0) + 1);
  }
  const broken = [];
  for (const [file, text] of sources) {
    if (!file.startsWith('src/') || file === 'src/bundle.ts' || file.endsWith('.cases.ts')) continue;
    for (const match of text.matchAll(
      /^export (?:async )?(?:function|const|class|interface|type) ([A-Za-z_$][\w$]*)/gm,
    )) {
      const name = match[1];
      // A type that another export of the file is made of needs its name outside for nobody, but may have it.
      const isType = /^export (?:interface|type) /.test(match[0]);
      if (!isType && (words.get(name) ?? 0) < 2)
        broken.push(
          `${file}:${text.slice(0, match.index).split('\n').length}: ${name} is exported and used nowhere else`,
        );
    }
  }
  return broken;
}
