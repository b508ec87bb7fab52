/** In which order hosts are taken, whether they wait for one another, and which of them may vanish. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { connect, type Target } from '../../src/connection/index.ts';
import type { Event } from '../../src/engine/index.ts';
import { block, handler, type PlaySpec, type Task } from '../../src/playbook/index.ts';
import { command, shell } from '../../src/resources/index.ts';
import { merged } from '../../src/run/lockstep.ts';
import { inOrder } from '../../src/run/order.ts';
import { runPlay, type PlayRun, type RunPlayOptions } from '../support/run-play.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const dir = temporaryFolder('choreography');
const log = join(dir, 'log');
beforeEach(() => rmSync(log, { force: true }));

/** A line in the order in which things happen on the hosts. */
const note = (text: string, cmd = 'true'): Task =>
  shell({ cmd: `${cmd}; echo ${text} >>${log}`, changes: 'always' }, { name: text.split(' ')[0] ?? text });
const happened = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
const ofHosts = (run: PlayRun, kind: Event['event']): string[] =>
  run.events.flatMap((one) => (one.event === kind && 'host' in one && one.host !== null ? [one.host] : []));

describe('order', () => {
  test.each([
    [undefined, 'b1 a2 c3 a10'],
    ['inventory', 'b1 a2 c3 a10'],
    ['reverseInventory', 'a10 c3 a2 b1'],
    ['sorted', 'a10 a2 b1 c3'],
    ['reverseSorted', 'c3 b1 a2 a10'],
  ] as const)('%s', (order, expected) => {
    expect(inOrder(order, ['b1', 'a2', 'c3', 'a10']).join(' ')).toBe(expected);
  });

  test('shuffle takes each host once, and each order is as likely as another', () => {
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = inOrder('shuffle', ['a', 'b', 'c']).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect([...seen.keys()].toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    for (const count of seen.values()) expect(count).toBeGreaterThan(800);
  });

  test('batches are cut in that order', async () => {
    const tasks: PlaySpec['tasks'] = ({ host }) => [note(host.name)];
    await runPlay({ hosts: 'all', serial: [1, 2], order: 'reverseSorted', tasks }, { inventory: 'b,a,c' });
    expect([happened()[0], happened().slice(1).toSorted()]).toEqual(['c', ['a', 'b']]);
  });

  test('what templates see of the hosts of the play keeps its order, or each run would change them', async () => {
    const seen = new Set<string>();
    const spec: PlaySpec = {
      hosts: 'all',
      order: 'reverseSorted',
      tasks: ({ playHosts }) => (seen.add(playHosts.join()), []),
    };
    await runPlay(spec, { inventory: 'b,a,c' });
    expect([...seen]).toEqual(['b,a,c']);
  });

  test('a word that is none names those that are', async () => {
    await expect(runPlay({ hosts: 'all', order: 'reverse_sorted' as never })).rejects.toThrow(
      /"order".*must be inventory, reverseInventory, sorted, reverseSorted or shuffle/s,
    );
  });
});

describe('strategy', () => {
  /** web1 is slow at everything. */
  const slowly = (name: string) => (name === 'web1' ? 'sleep 0.2' : 'true');
  const three = { inventory: 'web1,web2,web3' };
  const phases = (): string[] => happened().map((line) => line.split(' ')[0] ?? '');

  test('free: a fast host does not wait', async () => {
    // web1 is through with its first task only once web2 is with its second.
    const waits = `for i in $(seq 1200); do grep -q 'two web2' ${log} && exit; sleep 0.1; done; exit 1`;
    const tasks: PlaySpec['tasks'] = ({ host: { name } }) => [
      shell({ cmd: name === 'web1' ? waits : 'true', changes: 'always' }, { name: 'one' }),
      note(`two ${name}`),
    ];
    const run = await runPlay({ hosts: 'all', tasks }, three);
    expect(run.recap.exit).toBe(0);
    expect(happened().indexOf('two web2')).toBeLessThan(happened().indexOf('two web1'));
  });

  test('linear: nobody begins a task before all are through with those before it, blocks and handlers included', async () => {
    const restart = handler('restart', ({ host: { name } }) => note(`restart ${name}`, slowly(name)));
    const reload = handler('reload', ({ host: { name } }) => note(`reload ${name}`, slowly(name)));
    const spec: PlaySpec = {
      hosts: 'all',
      strategy: 'linear',
      preTasks: ({ host: { name } }) => [
        shell(
          { cmd: `${slowly(name)}; echo one ${name} >>${log}`, changes: 'always' },
          { name: 'one', notify: [restart, reload] },
        ),
      ],
      tasks: ({ host: { name } }) => [
        ...(name === 'web2' ? [note(`only ${name}`)] : []),
        block([note(`two ${name}`, slowly(name))], { always: [note(`three ${name}`, slowly(name))] }),
        note(`four ${name}`),
      ],
    };
    const expected = ['one', 'restart', 'reload', 'only', 'two', 'three', 'four'].flatMap((word) =>
      word === 'only' ? [word] : [word, word, word],
    );
    for (const forks of [1, 50]) {
      rmSync(log, { force: true });
      const run = await runPlay(spec, { ...three, forks });
      expect([run.recap.exit, phases()]).toEqual([0, expected]);
    }
  });

  test('linear: one that fails is not waited for; with anyErrorsFatal nobody goes past its task', async () => {
    const spec: PlaySpec = {
      hosts: 'all',
      strategy: 'linear',
      tasks: ({ host: { name } }) => [
        note(`one ${name}`, name === 'web1' ? 'sleep 0.2; exit 1' : 'true'),
        note(`two ${name}`),
      ],
    };
    await runPlay(spec, three);
    expect(phases()).toEqual(['one', 'one', 'two', 'two']);
    rmSync(log);
    const fatal = await runPlay({ ...spec, anyErrorsFatal: true }, three);
    expect([fatal.recap.exit, phases()]).toEqual([2, ['one', 'one']]);
  });

  test('linear: Ctrl-C ends all waiting', async () => {
    const stop = new AbortController();
    const go = join(dir, 'go');
    const spec: PlaySpec = {
      hosts: 'all',
      strategy: 'linear',
      tasks: ({ host: { name } }) => [
        note(`one ${name}`, name === 'web1' ? `until [ -e ${go} ]; do sleep 0.05; done` : 'true'),
        note(`two ${name}`),
      ],
    };
    const running = runPlay(spec, { ...three, signal: stop.signal });
    // The others wait for web1 by then.
    await expect.poll(() => phases()).toEqual(['one', 'one']);
    stop.abort();
    writeFileSync(go, '');
    const run = await running;
    expect(run.recap.exit).toBe(99);
    expect(phases().filter((word) => word === 'two')).toEqual([]);
  });

  test('lists that differ are laid over each other', () => {
    expect(merged([['a', 'c'], ['a', 'b', 'c'], ['d']])).toEqual(['d', 'a', 'b', 'c']);
    // In two orders at once nobody can go: the second goes behind the first.
    expect(
      merged([
        ['a', 'b'],
        ['b', 'a'],
      ]),
    ).toEqual(['a', 'b', 'a']);
  });
});

describe('gone', () => {
  /** Nothing listens there: what is left of a spot machine. */
  const gone = (name: string): Target => ({ name, transport: 'ssh2', address: '127.0.0.1', port: 1 });
  const here = (name: string): Target => ({ name, transport: 'local', address: name });
  const without = (...names: readonly string[]): RunPlayOptions => ({
    inventory: 'spot1,spot2,spot3,spot4',
    target: (name) => (names.includes(name) ? gone(name) : here(name)),
  });
  const spec = (may: PlaySpec['gone'], more: Partial<PlaySpec> = {}): PlaySpec => ({
    hosts: 'all',
    ...(may === undefined ? {} : { gone: may }),
    tasks: ({ host: { name } }) => [note(name)],
    ...more,
  });

  test.each([
    // What the play says, who vanished, who is gone by it, who is unreachable, exit code.
    [undefined, ['spot2'], [], ['spot2'], 4],
    [false, ['spot2'], [], ['spot2'], 4],
    [true, ['spot2'], ['spot2'], [], 0],
    [true, ['spot1', 'spot2', 'spot3'], ['spot1', 'spot2', 'spot3'], [], 0],
    [true, ['spot1', 'spot2', 'spot3', 'spot4'], 3, 1, 4],
    ['100%', ['spot1', 'spot2', 'spot3', 'spot4'], ['spot1', 'spot2', 'spot3', 'spot4'], [], 0],
    [1, ['spot1', 'spot2'], 1, 1, 4],
    ['50%', ['spot1', 'spot2'], ['spot1', 'spot2'], [], 0],
  ] as const)('%s, without %s', async (may, vanished, left, unreachable, exit) => {
    const run = await runPlay(spec(may), without(...vanished));
    const told = (kind: Event['event'], expected: number | readonly string[]): void => {
      const names = ofHosts(run, kind).toSorted();
      expect(typeof expected === 'number' ? names.length : names).toEqual(expected);
    };
    told('gone', left);
    told('unreachable', unreachable);
    expect(run.recap.exit).toBe(exit);
    expect(run.recap.gone.toSorted()).toEqual(ofHosts(run, 'gone').toSorted());
    expect(happened()).toHaveLength(4 - vanished.length);
  });

  test('a host that is gone does not stop its batch, nor the plays behind it, and takes no part in them', async () => {
    const second = spec(true, { tasks: ({ host: { name } }) => [note(`second-${name}`)] });
    const run = await runPlay(
      [spec(true, { serial: 2, maxFailPercentage: 0, anyErrorsFatal: true }), second],
      without('spot2'),
    );
    expect(run.recap.exit).toBe(0);
    expect(happened().toSorted()).toEqual(
      ['spot1', 'spot3', 'spot4'].flatMap((name) => [`second-${name}`, name]).toSorted(),
    );
    expect(ofHosts(run, 'gone')).toEqual(['spot2']);
  });

  test('a stopped roll-out says who is gone, and does not go on with them', async () => {
    const fails: PlaySpec['tasks'] = ({ host: { name } }) => [note(name, name === 'spot3' ? 'exit 1' : 'true')];
    const run = await runPlay(spec(true, { serial: 1, tasks: fails }), without('spot1'));
    expect(run.events.find(({ event }) => event === 'rollout-stopped')).toMatchObject({
      gone: ['spot1'],
      done: ['spot2'],
      notBegun: ['spot4'],
      goOn: expect.stringMatching(/-l spot3,spot4$/) as string,
    });
  });

  test('a canary that is gone stops the roll-out: nobody could watch it', async () => {
    const run = await runPlay(spec(true, { canary: { soak: 0 } }), without('spot1'));
    expect(run.events.find(({ event }) => event === 'rollout-stopped')).toMatchObject({ why: 'the canary is gone' });
    expect(happened()).toEqual([]);
  });

  /** Ends what this test's process started for the connection. */
  const cut = `p=$$
while :; do
  q=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$p/status)
  case $q in ${process.pid}) kill -9 $p; exit 1;; 0|1) exit 1;; esac
  p=$q
done`;
  /** Connects a first time, and after that to whatever is left. */
  const once = (left: (name: string) => Target): RunPlayOptions => {
    const seen = new Set<string>();
    return {
      inventory: 'spot1,spot2',
      connect: (target) => {
        const again = seen.has(target.name);
        seen.add(target.name);
        return connect(again ? left(target.name) : target);
      },
    };
  };
  const dies = spec(true, { tasks: ({ host: { name } }) => [note(name, name === 'spot1' ? cut : 'true')] });

  test('one that is lost amid its tasks, and no longer answers, is gone', async () => {
    const run = await runPlay(dies, once(gone));
    expect([run.recap.exit, run.recap.gone]).toEqual([0, ['spot1']]);
  });

  test('one that is lost and answers again is not gone: something is with it', async () => {
    const run = await runPlay(dies, once(here));
    expect([run.recap.exit, run.recap.gone]).toEqual([4, []]);
  });

  test('a host that tasks are delegated to must be there', async () => {
    const tasks: PlaySpec['tasks'] = () => [command({ argv: ['true'], changes: 'never' }, { delegateTo: 'lb1' })];
    const run = await runPlay(spec(true, { hosts: 'spot*', tasks }), {
      ...without('lb1'),
      inventory: 'lb1,spot1,spot2',
    });
    expect([run.recap.exit, run.recap.gone]).toEqual([4, []]);
  });
});
