/**
 * What README, CONTRIBUTING and the reference print as code is code: it passes tsc, it lists, and where it is a command
 * it runs, in an empty folder too.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import * as api from '../../src/index.ts';
import { playRoot, run, type Outcome } from '../cli/command-line.ts';
import { testFleet } from '../support/sandbox-fleet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { withTypes } from '../support/with-types.ts';
import { blocksOf, fromOutside, writeFiles } from './pages.ts';

withTypes();

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const home = temporaryFolder('home');
const folder = join(home, 'empty');
const configured = join(home, 'configured');
const env = {
  ...process.env,
  HOME: home,
  XDG_STATE_HOME: join(home, 'state'),
  PLAY_SANDBOX_DIR:
    process.env['PLAY_SANDBOX_DIR'] ??
    join(process.env['XDG_STATE_HOME'] || join(process.env['HOME'] ?? '/root', '.local/state'), 'play', 'sandbox'),
  PLAY_SANDBOX_FLEET: `${testFleet()}-examples`,
};

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A command of a page, as it is printed. */
function commandsOf(page: string): string[] {
  return [...readFileSync(join(playRoot, page), 'utf8').matchAll(/^ {4}\$ ([^#\n]*)/gm)].map(([, line = '']) =>
    line.trim(),
  );
}

/** README's files, by the path in their first line. */
const readme = blocksOf('README.md').map((code) => ({ code, path: /^(?:\/\/|\{\{!--) (\S+)/.exec(code)?.[1] }));

beforeAll(() => {
  for (const { path, code } of readme)
    if (path !== undefined) write(join(path === 'play.config.ts' ? configured : folder, path), code);
  write(join(configured, 'inventory/hosts'), 'web1\n');
  write(join(configured, '.vault-password'), 'secret\n');
  write(join(home, 'ansible/hosts'), '[web]\nweb1 http_port=8080\n');
});

const play = (words: string, cwd = folder): Promise<Outcome> =>
  run('sh', ['-c', words.replace(/^\.\/play/, `'${playRoot}/play'`)], { cwd, env });

test('every block of README says which file it is', () => {
  expect(readme.map(({ path }) => path)).not.toContain(undefined);
});

/** What is done with a command of README where it cannot be run as it stands. */
const otherwise: Readonly<Record<string, string>> = {
  // The tests of the playbooks carry these out.
  './play sandbox reset monitoring.ooni.org': './play sandbox list',
  './play deploy-monitoring.ts -l monitoring.ooni.org --sandbox -CD':
    './play deploy-monitoring.ts -l monitoring.ooni.org --list-tasks',
  './play deploy-monitoring.ts -t prometheus-conf -l monitoring.ooni.org --sandbox --diff':
    './play deploy-monitoring.ts -t prometheus-conf -l monitoring.ooni.org --list-tasks',
  // There is no such host, nor anybody to type a password.
  './play motd.ts -i ~/ansible/hosts -l web1 -CD -K': './play motd.ts -i ~/ansible/hosts -l web1 --syntax-check',
};

/** What is said of waits: hosts that are made, and types that take a busy machine more than a second. */
const withoutWaits = (stderr: string): string =>
  stderr.replace(/^(?:(?:sandbox|play): |checking the types of ).*\n/gm, '');

test.each(commandsOf('README.md'))('README: %s', async (line) => {
  const cwd = line.includes('deploy-') ? playRoot : line.endsWith('lint') ? configured : folder;
  const { code, stdout, stderr } = await play(otherwise[line] ?? line, cwd);
  if (line.includes('promtheus-conf')) {
    expect(stderr).toBe('error: Unknown tag "promtheus-conf"\n  Did you mean "prometheus-conf" or "conf"?\n');
    expect(code).toBe(1);
    return;
  }
  expect([code, withoutWaits(stderr)], stdout + stderr).toEqual([0, '']);
  if (line.endsWith('-i web1, --sandbox -CD'))
    expect(stdout).toMatch(
      /would change {2}web1 {2}copy \/etc\/motd[^]*would change {2}web1 {2}template [^]*LoginGraceTime 30\n[^]*restart ssh \(handler\)[^]*changed=3 /,
    );
  if (line.includes('--graph')) expect(stdout).toContain('--web1');
  if (line.includes(' why ')) expect(stdout).toContain('8080');
});

test('README: play.config.ts', async () => {
  expect(await play('./play inventory --hosts', configured)).toEqual({ code: 0, stdout: 'web1\n', stderr: '' });
});

/** A public key, where the reference has only the beginning of one. */
const key = (first: number): string =>
  Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1'), Buffer.alloc(32, first)]).toString('base64');

/** What the examples of the reference take from around them. */
const around = `
import { debug, handler, Secret } from 'play';
export const [reload, restartSsh, restartNginx, checkApi] = [1, 2, 3, 4].map((n) => handler('handler ' + n, () => debug({ msg: 'x' }))) as [any, any, any, any];
export const [adminKeys, backupKey, keys, ca, keyInBase64] = ['ssh-ed25519 ${key(1)}', 'ssh-ed25519 ${key(2)}', 'ssh-ed25519 ${key(3)}', '-----BEGIN', 'AAAA'] as const;
const secretOf = (text: string) => new Secret(text, 'an example');
export const [password, token, rootPassword, alicePassword, dbPassword, replicatorPassword, caKey] = [1, 2, 3, 4, 5, 6, 7].map(() => secretOf('x')) as [Secret, Secret, Secret, Secret, Secret, Secret, Secret];
export const [exporter, hosts] = ['/usr/bin/exporter', ['web1']] as const;
`;

test('the reference: every example passes tsc, and lists', async () => {
  const project = join(home, 'reference');
  const pages = readdirSync(join(playRoot, 'docs/resources'))
    .filter((name) => name !== 'README.md')
    .map((name) => name.replace('.md', ''));
  const names = Object.keys(api).filter((name) => !['default', 'v'].includes(name));
  const named = [...around.matchAll(/export const \[([^\]]*)\]/g)].flatMap(([, list = '']) => list.split(', '));
  write(join(project, 'around.ts'), around);
  for (const page of pages) {
    const [example = ''] = blocksOf(`docs/resources/${page}.md`);
    const own = new Set([...example.matchAll(/^const (\w+)/gm)].map(([, name]) => name));
    const body = example
      .replaceAll('AAAAC3Nza...', key(4))
      .replace(/^(?=[a-z]\w*\()|(?<=^const \w+ = )(?!handler|\()/gim, 'all[all.length] = ');
    write(
      join(project, 'examples', `${page}.ts`),
      `import { ${names.join(', ')}, type Task } from 'play';\nimport { ${named.filter((name) => !own.has(name)).join(', ')} } from '../around.ts';\nexport function tasks(): Task[] {\nconst all: Task[] = [];\n${own.has('version') ? '' : "const version = all[all.length] = debug({ msg: 'x' });\n"}${body}\nreturn all;\n}\n`,
    );
  }
  const [greeting = ''] = blocksOf('CONTRIBUTING.md');
  write(join(project, 'resources/greeting.ts'), fromOutside(greeting));
  const own = writeFiles(blocksOf('docs/own-resources.md'), project);
  write(
    join(project, 'all.ts'),
    `${pages.map((page) => `import * as ${page}_ from './examples/${page}.ts';`).join('\n')}
import { definePlaybook } from 'play';
import { checkApi, reload, restartNginx, restartSsh } from './around.ts';
export type Own = [typeof import('./resources/greeting.ts'), ${own.map((file) => `typeof import('./${file}')`).join(', ')}];
export default definePlaybook({ hosts: 'all', tasks: ({ vars }) => (vars['list'] === true ? [${pages.map((page) => `...${page}_.tasks()`).join(', ')}] : []) });
`,
  );
  const listed = await play('./play all.ts -i web1,balancer,monitoring, -l web1 --syntax-check', project);
  expect([listed.code, withoutWaits(listed.stderr)]).toEqual([0, '']);
  const { code, stdout, stderr } = await play(
    `./play all.ts -i web1,balancer,monitoring, -l web1 --list-tasks -e '{"list": true}'`,
    project,
  );
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.match(/^ {6}\S/gm)?.length ?? 0).toBeGreaterThan(pages.length);
});
