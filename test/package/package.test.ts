/**
 * The package, as somebody gets it who has nothing of this repository: packed, installed into an empty folder without the
 * network, and used as README says.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, expect, test, type TestContext } from 'vitest';
import { whyNoSandbox } from '../../src/testing/index.ts';
import { playRoot, run, type Outcome } from '../cli/command-line.ts';
import { testFleet } from '../support/sandbox-fleet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { withTypes } from '../support/with-types.ts';

withTypes();

const clone = temporaryFolder('pack');
const folder = temporaryFolder('consumer');
const cache = temporaryFolder('cache');
const env = {
  ...process.env,
  XDG_CACHE_HOME: cache,
  XDG_STATE_HOME: temporaryFolder('state'),
  PLAY_SANDBOX_DIR:
    process.env['PLAY_SANDBOX_DIR'] ??
    join(process.env['XDG_STATE_HOME'] || join(process.env['HOME'] ?? '/root', '.local/state'), 'play', 'sandbox'),
  PLAY_SANDBOX_FLEET: `${testFleet()}-pk`,
};
const npx = (...words: readonly string[]): Promise<Outcome> =>
  run('npx', ['--offline', ...words], { cwd: folder, env });
/** What npx starts, without the second that npx takes to find it. */
const play = (...words: readonly string[]): Promise<Outcome> =>
  run(join(folder, 'node_modules/.bin/play'), words, { cwd: folder, env });
// By itself a newer Node prints another form.
const npmTest = (): Promise<Outcome> =>
  run('npm', ['test'], { cwd: folder, env: { ...env, NODE_OPTIONS: '--test-reporter=tap' } });

let packed: readonly string[] = [];
/** Why there is nothing to test. */
let missing: string | undefined;

beforeAll(async () => {
  // All of this repository is there, so that what is left out was left out.
  const isLeft = (path: string): boolean =>
    !/^(?:node_modules|dist|\.git|\.play)(?:\/|$)/.test(relative(playRoot, path));
  cpSync(playRoot, clone, { recursive: true, filter: isLeft });
  symlinkSync(join(playRoot, 'node_modules'), join(clone, 'node_modules'));
  const made = await pack();
  packed = made.files;
  missing = await install(made.file, folder);
});

/** Makes the package, as `npm pack` in a clone does. */
async function pack(): Promise<{ readonly file: string; readonly files: readonly string[] }> {
  const { code, stdout, stderr } = await run('npm', ['pack', '--json', '--silent'], { cwd: clone, env });
  expect(code, stderr).toBe(0);
  const [, json = ''] = /^(\[[^]*)/m.exec(stdout) ?? [];
  const [{ filename, files }] = JSON.parse(json) as [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] },
  ];
  return { file: join(clone, filename), files: files.map(({ path }) => path) };
}

/**
 * Without the network npm knows only what `npm ci` fetched here: the packages of the lockfile, and of none what other
 * versions it has. So the folder begins with the lockfile's lines on them.
 */
async function install(file: string, into: string): Promise<string | undefined> {
  const lock = JSON.parse(readFileSync(join(playRoot, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const packages = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  writeFileSync(join(into, 'package.json'), '{ "private": true }\n');
  writeFileSync(
    join(into, 'package-lock.json'),
    JSON.stringify({ lockfileVersion: 3, requires: true, packages: { '': {}, ...Object.fromEntries(packages) } }),
  );
  const { code, stderr } = await run(
    'npm',
    ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', file],
    {
      cwd: into,
      env,
    },
  );
  if (stderr.includes('ENOTCACHED'))
    return `npm's cache has not all packages of package-lock.json: npm ci fills it\n${stderr}`;
  expect(code, stderr).toBe(0);
  return undefined;
}

/** Skips with the reason, which is printed with the results. */
function needs(context: TestContext, ...reasons: readonly (string | undefined)[]): void {
  const [reason] = reasons.filter((one) => one !== undefined);
  if (reason !== undefined) context.skip(reason);
}

/** The files of the installed package, with when each was written. */
const installed = (): string[] => {
  const root = join(folder, 'node_modules/play');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${statSync(join(root, name)).mtimeMs}`)
    .sort();
};

test('it holds the toolkit and nothing of the playbooks beside it', () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      'play',
      'dist/play.cjs',
      'dist/runner.cjs',
      'dist/testing.cjs',
      'dist/types/index.d.ts',
      'dist/types/roles/nginx/index.d.ts',
      'dist/roles/nginx.cjs',
      'docs/roles/nginx.md',
      'docs/commands.md',
      'LICENSE',
    ]),
  );
  const strange =
    /^(?!dist\/|docs\/(?:[a-z-]+\.md|play\.1|plan\.schema\.json|pictures\/|resources\/|roles\/)|src\/cli\/commands\/new\/skeleton\/|src\/import\/support\/|src\/(?:project\/strict\.tsconfig\.json|testing\/[a-z-]+\.mjs)$|(?:play|package\.json|README\.md|CHANGELOG\.md|LICENSE)$)/;
  expect(packed.filter((path) => strange.test(path))).toEqual([]);
  expect(packed.filter((path) => /\.(?:cache|map)$|placeholders|roadmap/.test(path))).toEqual([]);
  expect(packed.filter((path) => /^dist\/build-\w+\/main\.cjs$/.test(path))).toHaveLength(1);
});

let before: readonly string[] = [];

test('play init makes a repository, and overwrites nothing', async (context) => {
  needs(context, missing);
  before = installed();
  const first = await npx('play', 'init');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  const { scripts, dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  expect(scripts).toEqual({ test: 'tsc --noEmit && node --import play/register --test test/*.test.ts' });
  expect(dependencies).toEqual({ play: expect.stringMatching(/^file:.*\.tgz$/) as string });
  for (const path of ['.gitignore', '.github/workflows/test.yml', 'README.md', 'inventory/hosts', 'tsconfig.json'])
    expect(first.stdout).toContain(`made ${path}\n`);
  writeFileSync(
    join(folder, 'playbooks/site.ts'),
    `${readFileSync(join(folder, 'playbooks/site.ts'), 'utf8')}// Mine.\n`,
  );
  const second = await play('init');
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/^error: These files already exist, and are not overwritten: .*playbooks\/site\.ts.*/);
  expect(readFileSync(join(folder, 'playbooks/site.ts'), 'utf8')).toMatch(/\/\/ Mine\.\n$/);
});

test('play new makes one of each, by names that can be', async (context) => {
  needs(context, missing);
  for (const [kind, name] of [
    ['role', 'node-exporter'],
    ['resource', 'greeting'],
    ['playbook', 'upgrade'],
  ] as const)
    expect(await play('new', kind, name)).toMatchObject({ code: 0, stderr: '' });
  for (const [kind, name, message] of [
    ['role', 'hello', /are not overwritten: roles\/hello\/index\.ts/],
    ['role', 'user', /play has a "user" already/],
    ['resource', 'new', /it is a reserved word of TypeScript/],
    ['playbook', '../x', /"\.\.\/x" cannot be the name of a playbook/],
    ['rol', 'x', /Unknown kind "rol"\n {2}Did you mean "role"/],
  ] as const) {
    const { code, stderr } = await play('new', kind, name);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  }
});

test('tsc is content with it, and sees what is wrong', async (context) => {
  needs(context, missing);
  const [, tool = ''] =
    /```ts\n(\/\/ pin\.ts[^]*?)```/.exec(readFileSync(join(playRoot, 'docs/runner.md'), 'utf8')) ?? [];
  mkdirSync(join(folder, 'tools'));
  writeFileSync(join(folder, 'tools/pin.ts'), tool);
  expect(await npx('tsc', '--noEmit')).toEqual({ code: 0, stdout: '', stderr: '' });
  const pin = ['--import', 'play/register', 'tools/pin.ts', 'wbe', 'less', '1', '-i', 'web1,'];
  expect(await run(process.execPath, pin, { cwd: folder, env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Unknown host or group "wbe"') as string,
  });
  mkdirSync(join(folder, 'scratch'));
  const wrong = `import { copy, definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'all', tasks: () => [copy({ dest: '/a', contents: '' })] });\n`;
  writeFileSync(join(folder, 'scratch/wrong.ts'), wrong);
  // An editor opens a file by itself; other settings than ours must do too.
  const alone = await npx(
    'tsc',
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--skipLibCheck',
    '--ignoreConfig',
    'scratch/wrong.ts',
  );
  expect(alone.stdout).toMatch(/^scratch\/wrong\.ts\(2,\d+\): error TS\d+: .*'contents' does not exist/);
  expect(alone.stdout).not.toContain('TS7016');
  const { code, stderr } = await play('scratch/wrong.ts', '-i', 'web1,', '--syntax-check');
  expect([code, stderr]).toEqual([1, expect.stringContaining('Unknown option of copy "contents"')]);
});

test('roles that come with play are there, with their types, files and variables', async (context) => {
  needs(context, missing);
  const playbook = (use: string, more = ''): string =>
    `import { definePlaybook } from 'play';\nimport { nodeExporter } from 'play/roles/node_exporter';\n${more}export default definePlaybook({ hosts: 'all', become: true, roles: [nodeExporter(${use})] });\n`;
  const write = (name: string, text: string): void => writeFileSync(join(folder, 'scratch', name), text);
  write('role.ts', playbook("{ node_exporter_listen: ':9101' }"));
  write('awaits.ts', playbook('', 'await Promise.resolve();\n'));
  write('typo.ts', playbook("{ node_exporter_listn: ':9101' }"));
  write('no-role.ts', playbook('').replace('play/roles/node_exporter', 'play/roles/node_exportr'));
  const of = (name: string, ...words: readonly string[]): Promise<Outcome> =>
    play(`scratch/${name}`, '-i', 'web1,', ...words);
  for (const name of ['role.ts', 'awaits.ts']) {
    const { code, stdout, stderr } = await of(name, '--syntax-check');
    expect([code, stderr], stdout + stderr).toEqual([0, '']);
    expect((await of(name, '--list-tasks')).stdout).toContain('node_exporter : start the node exporter');
  }
  expect((await of('typo.ts', '--syntax-check')).stderr).toMatch(/node_exporter_listn/);
  expect((await of('no-role.ts', '--list-tasks')).stderr).toMatch(
    /^error: Unknown role of play "node_exportr"\n {2}at scratch\/no-role\.ts:2:\d+\n[^]*Did you mean "node_exporter"/,
  );
  expect((await play('role', 'node_exporter')).stdout).toContain(
    "import { nodeExporter } from 'play/roles/node_exporter';",
  );
  expect((await play('role')).stdout).toMatch(/of this project:\n {2}hello .*\n[^]*that come with play:\n[^]*nginx/);
});

test('npm test passes at once: types, cases, and the roles on throwaway hosts', async (context) => {
  needs(context, missing);
  const { code, stdout, stderr } = await npmTest();
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/^ok \d+ - greeting: a new file$/m);
  const why = whyNoSandbox();
  for (const role of ['hello', 'node-exporter'])
    expect(stdout).toMatch(new RegExp(`^ok \\d+ - the role ${role}${why === undefined ? '$' : ` # SKIP ${why}`}`, 'm'));
});

test('a test of a role fails where its second run would change something', async (context) => {
  needs(context, missing, whyNoSandbox());
  writeFileSync(
    join(folder, 'test/hello.playbook.ts'),
    `import { command, definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'all', tasks: () => [command({ argv: ['true'], changes: 'always' })] });\n`,
  );
  const { code, stdout } = await npmTest();
  expect(code).toBe(1);
  expect(stdout).toContain('test/hello.playbook.ts changes hosts that are right');
});

test('its playbook and resource change a host once, and nothing is written into the package', async (context) => {
  needs(context, missing, whyNoSandbox());
  writeFileSync(
    join(folder, 'playbooks/greet.ts'),
    `import { definePlaybook } from 'play';
import { greeting } from '../resources/greeting.ts';
export default definePlaybook({ hosts: 'all', become: true, tasks: () => [greeting({ path: '/etc/greeting', text: 'Hello' })] });
`,
  );
  for (const playbook of ['site.ts', 'greet.ts', 'upgrade.ts'])
    for (const changed of [1, 0]) {
      const { code, stdout, stderr } = await play(playbook, '-i', 'web1,', '--sandbox');
      expect(code, stdout + stderr).toBe(0);
      expect(stdout).toMatch(new RegExp(`changed=${changed}\\b`));
    }
  expect(installed()).toEqual(before);
});

test('compiled code is kept in the cache of who runs it, unless others could write there', async (context) => {
  needs(context, missing);
  const kept = (): string[] => (existsSync(join(cache, 'play')) ? readdirSync(join(cache, 'play')) : []);
  rmSync(join(cache, 'play'), { recursive: true, force: true });
  mkdirSync(join(cache, 'play', '0123456789ab'), { recursive: true });
  utimesSync(join(cache, 'play', '0123456789ab'), 0, 0);
  await play('--version');
  expect(kept()).toEqual([expect.not.stringMatching('0123456789ab')]);
  rmSync(join(cache, 'play'), { recursive: true });
  chmodSync(cache, 0o777);
  expect(await play('--version')).toMatchObject({ code: 0, stderr: '' });
  chmodSync(cache, 0o700);
  expect(kept()).toEqual([]);
});

test('a release gives the same bytes each time, and its signature shows who made it', async (context) => {
  needs(context, missing);
  const page = readFileSync(join(playRoot, 'docs/releasing.md'), 'utf8');
  const steps = [...page.matchAll(/^ {4}(.+)$/gm)].map(([, line = '']) => line);
  const digest = (): Promise<Outcome> => run('sha256sum', [join(clone, 'play-0.1.0.tgz')]);
  const first = await digest();
  await pack();
  expect(await digest()).toEqual(first);

  const inClone = (line: string): Promise<Outcome> => run('sh', ['-ec', line], { cwd: clone, env });
  const keys = temporaryFolder('signer');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, 'key')]);
  const [kind, key] = readFileSync(join(keys, 'key.pub'), 'utf8').split(' ');
  writeFileSync(join(clone, 'allowed_signers'), `releases@play ${kind} ${key}\n`);
  const ofPage = steps.filter((line) => /^(?:sha256sum|ssh-keygen)/.test(line));
  expect(ofPage).toHaveLength(4);
  for (const line of ofPage)
    expect(await inClone(line.replace('~/.ssh/id_ed25519', join(keys, 'key'))), line).toMatchObject({ code: 0 });
  writeFileSync(join(clone, 'SHA256SUMS'), 'another\n');
  expect((await inClone(ofPage[2] ?? '')).code).not.toBe(0);
});

test('its name stands in package.json alone', async (context) => {
  needs(context, missing);
  const file = join(clone, 'package.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"name": "play"', '"name": "@example/deploy"'));
  const other = temporaryFolder('renamed');
  missing = await install((await pack()).file, other);
  needs(context, missing);
  const inOther = (...words: readonly string[]): Promise<Outcome> =>
    run('npx', ['--offline', ...words], { cwd: other, env });
  expect(await inOther('play', 'init')).toMatchObject({ code: 0, stderr: '' });
  expect(await inOther('play', 'new', 'resource', 'greeting')).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(join(other, 'playbooks/site.ts'), 'utf8')).toContain("from '@example/deploy';");
  writeFileSync(
    join(other, 'playbooks/role.ts'),
    `import { definePlaybook } from '@example/deploy';\nimport { nginx } from '@example/deploy/roles/nginx';\nexport default definePlaybook({ hosts: 'all', roles: [nginx()] });\n`,
  );
  expect(await inOther('play', 'role.ts', '--syntax-check')).toMatchObject({ code: 0, stderr: '' });
  expect(await inOther('tsc', '--noEmit')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await inOther('play', 'site.ts', '--syntax-check')).toMatchObject({ code: 0, stderr: '' });
  const tests = await run(
    process.execPath,
    ['--import', '@example/deploy/register', '--test', 'test/greeting.cases.test.ts'],
    {
      cwd: other,
      env,
    },
  );
  expect(tests.code, tests.stdout + tests.stderr).toBe(0);
});
