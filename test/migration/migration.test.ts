/**
 * An Ansible repository of our own, run by `ansible-playbook` on hosts, and its import by play on others: what became of
 * the hosts has to be the same. `npm run migration`; what the suite does of it is importing it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { playRoot, run, type Outcome } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';
import { skipTests } from '../support/skip-tests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { collections, runAnsible, type Told } from './ansible-side.ts';
import { changesOf, differences, stateScript } from './host-state.ts';
import { eventful, runImport, uncertain } from './play-side.ts';

const repository = join(import.meta.dirname, 'repository');
const folder = temporaryFolder('migration');
const project = join(folder, 'made');
const env = { ...process.env, XDG_STATE_HOME: join(folder, '.state') };

/** Names in the repository's inventory. */
const names = ['app1', 'db1'] as const;
const tags = process.env['MIGRATION_TAGS'];
const some = tags === undefined ? [] : ['-t', tags];

let imported: Outcome;
beforeAll(async () => {
  imported = await run(join(playRoot, 'play'), ['import', 'ansible', repository, '--out', project], { env });
});

test('it is imported, and its types fit', () => {
  expect(imported.stderr).toBe('');
  expect(imported.stdout).toContain('type errors: 0');
  expect(imported.stdout).toContain('555 of 555 tasks are TypeScript; holes: 0,');
});

test.each([
  ['a text with a secret in it is one', 'redis/tasks/main.ts', 'line: withSecrets`requirepass ${vars.redis_password}`'],
  ['a value of `k=v` has escapes', 'mail/tasks/main.ts', "'site_domain')}\\n`, dest: '/etc/mailname'"],
  ['a name hides no helper', 'docs/templates/page.md.ts', 'const heading = (text_: any, depth: any = 1)'],
  ['line ends behind a last comment are restored', 'docs/templates/page.md.ts', 'return withLineEnds(out, 1);'],
  [
    'a link is not given what Ansible gives to its end',
    'app/tasks/release.ts',
    '{ src: value, path: `${text(vars.app_root)}',
  ],
  ['what a module finds is read from its result', 'accounts/tasks/main.ts', '.entries?.ines'],
  [
    'an include of a written name is that file',
    'exporter/tasks/main.ts',
    "...metricsTasks(context, known, { item: 'metrics' })",
  ],
  [
    'the host is asked where a home is',
    'accounts/tasks/homes.ts',
    'dest: ({ results }) => `${results(home).stdout}/.config/who`',
  ],
])('%s', (_, file, says) => {
  expect(readFileSync(join(project, 'roles', file), 'utf8')).toContain(says);
});

describe('on hosts', () => {
  skipTests(process.env['MIGRATION'] === 'whole' ? undefined : 'npm run migration');
  const hosts = useHosts('app-ansible', 'db-ansible', 'app-play', 'db-play');
  type Side = 'ansible' | 'play';
  const hostOf = (name: string, side: Side): string => `${name.slice(0, -1)}-${side}`;
  const all = (side: Side): readonly string[] => names.map((name) => hostOf(name, side));
  const report: string[] = [];

  const stateOf = async (host: string): Promise<string> => {
    const { code, stdout, stderr } = await hosts.exec(host, ['sh', '-c', stateScript]);
    if (code !== 0) throw new Error(`${host}: ${stderr}`);
    return stdout;
  };
  /** The repository's inventory, and how its hosts are reached. */
  const inventory = (side: Side): readonly string[] => {
    const file = join(folder, `${side}.ini`);
    const lines = names.map((name) => hosts.inventoryLine(hostOf(name, side)).replace(/^\S+/, name));
    writeFileSync(file, lines.join(''));
    return [
      '-i',
      join(repository, 'inventory'),
      '-i',
      file,
      '--vault-password-file',
      join(repository, 'vault-password'),
    ];
  };
  const sum = ({ recap }: Told, what: string): number =>
    Object.values(recap).reduce((total, counts) => total + (counts[what] ?? 0), 0);
  const note = (what: string, told: Told): void => {
    const line = `${what}: ${told.seconds.toFixed(1)} s, changed=${sum(told, 'changed')} failed=${sum(told, 'failed')}`;
    report.push(line);
    writeFileSync(join(folder, `${what.replaceAll(' ', '-')}.txt`), told.output);
    process.stdout.write(`${line}\n`);
  };
  const byAnsible = async (what: string, ...args: readonly string[]): Promise<Told> => {
    mkdirSync(join(folder, 'home'), { recursive: true });
    const told = await runAnsible(repository, join(folder, 'home'), [...inventory('ansible'), ...some, ...args]);
    note(what, told);
    return told;
  };
  const byPlay = async (what: string, side: Side, ...args: readonly string[]): Promise<Told> => {
    // For tasks that run a module of Ansible's.
    const withModules = { ...env, ANSIBLE_COLLECTIONS_PATH: join(collections(), '..') };
    const told = await runImport(project, withModules, [...inventory(side), ...some, ...args]);
    note(what, told);
    return told;
  };

  const fresh = new Map<string, string>();
  beforeAll(async () => {
    if (process.env['MIGRATION'] !== 'whole') return;
    // What Ansible needs on a host, and both have.
    const install = 'apt-get update -q && apt-get install -qy --no-install-recommends python3 python3-apt acl procps';
    await Promise.all(
      [...all('ansible'), ...all('play')].map(async (host) => {
        const { code, stderr } = await hosts.exec(host, [
          'sh',
          '-c',
          `DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; ${install}`,
        ]);
        if (code !== 0) throw new Error(stderr);
        fresh.set(host, await stateOf(host));
      }),
    );
  });

  test('Ansible sets its hosts up', async () => {
    const told = await byAnsible('ansible first');
    expect(told.code, told.output.slice(-3000)).toBe(0);
  });

  test('the import would find nothing to do there', async () => {
    const told = await byPlay('play check of ansibles', 'ansible', '-C', '-D');
    const open = uncertain(told.output);
    report.push(`check mode cannot tell of ${open.length} tasks`);
    writeFileSync(join(folder, 'cannot-tell.txt'), open.join('\n'));
    expect(eventful(told.output)).toEqual([]);
    expect(told.code).toBe(0);
  });

  test('play sets up its own by the import', async () => {
    const told = await byPlay('play first', 'play');
    expect(told.code, eventful(told.output).join('\n')).toBe(0);
  });

  test.each(names)('the hosts are the same: %s', async (name) => {
    const [ansible, play] = (['ansible', 'play'] as const).map((side) => hostOf(name, side));
    const changes = await Promise.all(
      [ansible, play].map(async (host) => changesOf(fresh.get(host ?? '') ?? '', await stateOf(host ?? ''))),
    );
    const [theirs = new Set<string>(), ours = new Set<string>()] = changes;
    process.stdout.write(`${name}: ${theirs.size} lines differ from a fresh host\n`);
    const found = differences(theirs, ours);
    writeFileSync(join(folder, `differences-${name}.txt`), found.join('\n'));
    expect(found).toEqual([]);
  });

  test('a second run changes nothing', async () => {
    const noise = await byAnsible('ansible second');
    expect(noise.code).toBe(0);
    const told = await byPlay('play second', 'play');
    expect(eventful(told.output)).toEqual([]);
    expect(told.code).toBe(0);
  });

  test('what is made has nothing that lint objects to', async () => {
    const { stdout, stderr } = await run(join(playRoot, 'play'), ['lint', ...inventory('play')], { cwd: project, env });
    writeFileSync(join(folder, 'lint.txt'), stdout + stderr);
    const ofProject = stdout.split('\n').filter((line) => /^(?:playbooks|roles)\//.test(line));
    expect(ofProject).toEqual([]);
  });

  afterAll(() => {
    if (process.env['MIGRATION'] !== 'whole') return;
    process.stdout.write(`\n${report.join('\n')}\nAll that was told is in ${folder}.\n`);
  });
});
