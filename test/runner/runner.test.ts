/** What a runner says of mistakes, and what it does on this machine. Hosts are in hosts.test.ts. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ask, command, copy, definePlaybook, PlayError } from '../../src/index.ts';
import { limiter } from '../../src/run/index.ts';
import { humanReport, jsonlReport, openRunner, parseHostOptions } from '../../src/runner/index.ts';
import { flagsOf } from '../../src/runner/options.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Sink, useRunner } from './support.ts';

const folder = temporaryFolder('runner');
const inventory = join(folder, 'hosts');

beforeAll(() => {
  useRunner();
  writeFileSync(
    inventory,
    '[web]\nweb1 ansible_connection=local\nweb2 ansible_connection=local colour=red\n[db]\ndb1 ansible_connection=local\nodd ansible_port=x\n',
  );
});

test.each([
  ['an unknown option', { inventroy: 'x' }, /Unknown option of openRunner "inventroy"/, /Did you mean "inventory"/],
  ['a wrong value', { inventory: 'web1,', forks: 0 }, /forks is wrong/, undefined],
  ['two options against each other', { inventory: 'web1,', sandbox: true, connection: 'ssh' }, /contradict/, undefined],
  ['an inventory that is not there', { inventory: '/nowhere/hosts' }, /no such inventory/, undefined],
  [
    'a vault password file that is not there',
    { inventory: 'web1,', vaultPasswordFile: '/no' },
    /no such vault/,
    undefined,
  ],
] as const)('openRunner refuses %s', async (_, options, message, hint) => {
  const error = await openRunner(options as object).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PlayError);
  expect(error).toMatchObject({ message: expect.stringMatching(message) as string });
  if (hint) expect((error as PlayError).hint).toMatch(hint);
});

test('hosts by pattern and limit, the nearest name for a typo, variables, hosts that are only named', async () => {
  const runner = await openRunner({ inventory, limit: 'all:!web2', hosts: ['web1', 'extra', 'localhost'] });
  expect(runner.inventory.hosts('web')).toEqual(['web1']);
  expect(runner.inventory.groups['web']).toEqual(['web1', 'web2']);
  expect(runner.inventory.variables('web2')).toMatchObject({ colour: 'red' });
  expect(['web1', 'extra', 'localhost'].filter((host) => runner.inventory.isListed(host))).toEqual([
    'web1',
    'localhost',
  ]);
  const typo = (): unknown => runner.inventory.hosts('wbe');
  expect(typo).toThrow('Unknown host or group "wbe"');
  expect(typo).toThrow(expect.objectContaining({ hint: expect.stringContaining('"web"') as string }) as Error);
  await expect(runner.ask('web3', ask.stat('/'))).rejects.toThrow('Unknown host "web3"');
  await expect(runner.prepare(['web1', 'odd'])).rejects.toThrow('ansible_port');
  await runner.close();
});

test('what is typed beats play.config.ts, and a host is no other for what it says of real ones', () => {
  const config = { user: 'deploy', askBecomePass: true, forks: 5, inventory: ['/p/inventory'], forceHandlers: true };
  expect(flagsOf({ becomePasswordFile: 'pw', becomeUser: 'app', forks: 2 }, config)).toMatchObject({
    user: 'deploy',
    askBecomePass: false,
    become: true,
    forks: 2,
    inventory: ['/p/inventory'],
    forceHandlers: true,
  });
  expect(flagsOf({ sandbox: true, inventory: 'web1,' }, config)).toMatchObject({
    sandbox: 'pristine',
    inventory: ['web1,'],
    askBecomePass: false,
  });
  expect(flagsOf({ sandbox: true }, config)).not.toHaveProperty('user');
});

test("play's own flags are taken out of a tool's arguments, and what was not typed stays open", () => {
  const words = ['web', '-i', 'a', '--dry', '-bu', 'deploy', '--key-file=k', '--sandbox', 'nginx', '-e', 'x=1', '-vv'];
  expect(parseHostOptions(words)).toEqual({
    options: {
      inventory: ['a'],
      become: true,
      user: 'deploy',
      privateKeyFile: 'k',
      sandbox: 'pristine',
      extraVars: ['x=1'],
    },
    output: 'human',
    verbosity: 2,
    rest: ['web', '--dry', 'nginx'],
  });
  expect(() => parseHostOptions(['--forks', 'many'])).toThrow('--forks needs a whole number');
});

test('several questions have their answers in order; one that cannot be answered is an error with the host', async () => {
  const runner = await openRunner({ inventory });
  const [stat, missing] = await runner.ask('web1', [ask.stat(inventory), ask.stat('/nowhere')]);
  expect([stat.type, missing.type]).toEqual(['file', 'absent']);
  const broken = { kind: { kind: 'broken', arity: 0, sh: 'exit 3', decode: () => [], depends: () => [] }, args: [] };
  const error = await runner.ask('web1', broken).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    message: expect.stringMatching(/^web1 could not answer \(broken\): /) as string,
    exitCode: 2,
  });
  await runner.close();
});

test('check mode changes nothing and says so; then the file is made; both displays tell it', async () => {
  const runner = await openRunner({ inventory });
  const dest = join(folder, 'made');
  const playbook = definePlaybook({ name: 'make', hosts: 'web1', tasks: () => [copy({ dest, content: 'x\n' })] });
  const [human, json] = [new Sink(), new Sink()];
  const report = humanReport({ stream: human });
  const foreseen = await runner.run(playbook, { check: true, listener: report });
  expect(foreseen).toMatchObject({ exit: 0, check: true, hosts: { web1: { changed: 1, failures: [] } } });
  expect(readdirSync(folder)).not.toContain('made');
  expect(human.text).toMatch(/^would change {2}web1 {2}copy /m);
  const done = await runner.run(playbook, { listener: report });
  expect(done).toMatchObject({ exit: 0, check: false, hosts: { web1: { ok: 1, changed: 1 } } });
  expect(human.text).toMatch(/^changed {2}web1 {2}copy /m);
  const again = await runner.run(playbook, { listener: jsonlReport({ stream: json }) });
  expect(again.hosts['web1']).toMatchObject({ ok: 1, changed: 0 });
  const events = json.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly event: string });
  expect(events.map(({ event }) => event)).toEqual(['play', 'connected', 'task', 'recap']);
  expect(readdirSync(join(process.env['XDG_STATE_HOME'] ?? '', 'play', 'runs'))).toHaveLength(3);
  await runner.close();
});

test('a failure has its task, its reason and its place; a limit and tags are those of the run', async () => {
  const runner = await openRunner({ inventory, limit: 'web' });
  const tasks = () => [
    command({ argv: ['sh', '-c', 'echo no >&2; exit 3'], changes: 'always' }, { name: 'fails', tags: 'bad' }),
  ];
  const playbook = definePlaybook({ hosts: 'all', tasks });
  const { exit, hosts } = await runner.run(playbook, { limit: 'web2:db1', record: false });
  expect([exit, Object.keys(hosts)]).toEqual([2, ['web2']]);
  expect(hosts['web2']).toMatchObject({
    failed: 1,
    failures: [{ task: 'fails', code: 3, stderr: expect.stringContaining('no') as string }],
  });
  expect(hosts['web2']?.failures[0]?.at).toMatch(/runner\.test\.ts:\d+:\d+$/);
  await expect(runner.run(playbook, { limit: 'db' })).rejects.toThrow('leaves no host');
  await expect(runner.run(playbook, { tags: ['bda'] })).rejects.toMatchObject({
    hint: expect.stringContaining('"bad"') as string,
  });
  await expect(runner.run({ plays: [] } as never)).rejects.toThrow('not a playbook');
  await runner.close();
});

test('a listener that throws stops the run, which rejects with that; a signal interrupts it', async () => {
  const runner = await openRunner({ inventory });
  const tasks = () => [1, 2].map((n) => command({ argv: ['true'], changes: 'always' }, { name: `task ${n}` }));
  const playbook = definePlaybook({ hosts: 'web1', tasks });
  const heard: string[] = [];
  const listener = (event: { readonly event: string }): void => {
    heard.push(event.event);
    if (event.event === 'task') throw new Error('enough');
  };
  await expect(runner.run(playbook, { listener, record: false })).rejects.toThrow('enough');
  expect(heard.filter((event) => event === 'task')).toHaveLength(1);
  const { exit } = await runner.run(playbook, { signal: AbortSignal.abort(), record: false });
  expect(exit).toBe(99);
  await runner.close();
});

test('what may be done one at a time is, whenever the next one comes', async () => {
  for (let hops = 0; hops < 12; hops++) {
    const slots = limiter(1);
    let [at, most] = [0, 0];
    const job = async (until: Promise<unknown>): Promise<void> => {
      most = Math.max(most, ++at);
      await until;
      at--;
    };
    let end: (_: unknown) => void = () => undefined;
    const work = new Promise((done) => (end = done));
    const first = slots(() => job(work));
    const second = slots(() => job(Promise.resolve()));
    end(undefined);
    for (let hop = 0; hop < hops; hop++) await Promise.resolve();
    await Promise.all([first, second, slots(() => job(Promise.resolve()))]);
    expect(most, `after ${hops} turns`).toBe(1);
  }
});
