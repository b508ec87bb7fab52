/** Random plays over random hosts: what check mode foretells comes true. Longer by `npm run truth`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { truthHost } from './host.ts';
import { onceWrong } from './once-wrong.ts';
import { judgeRound } from './oracle.ts';
import { search } from './search.ts';
import { buildSources } from './sources.ts';

const minutes = Number(process.env['TRUTH_MINUTES'] ?? '0');
const jobs = Number(process.env['TRUTH_JOBS'] ?? '1');
const listed = process.env['TRUTH_SEEDS']?.split(',').map(Number);
const seed = listed?.[0] ?? Number(process.env['TRUTH_SEED'] ?? Math.floor(Math.random() * 1e9));

const sources = temporaryFolder('truth');
buildSources(sources);

const names = ['truth', ...Array.from({ length: jobs - 1 }, (_, i) => `truth${i + 2}`)] as const;
const sandbox = useHosts(...(names as unknown as [string, ...string[]]));
const hosts = names.map((name) => truthHost(sandbox, name));
beforeAll(() => Promise.all(hosts.map((host) => host.install())));
afterAll(() => Promise.all(hosts.map((host) => host.close())));

/** Rounds that once showed a fault, and some of every theme: what held goes on to hold. */
const kept = [8016, 8067, 10006, 10018, 20004, 20026, 20000, 20001, 20002, 20003];
/**
 * The share of tasks that check mode may leave open: to mark everything is no way to be right. 9 to 24 % as measured,
 * most of them behind commands, whose answers nobody knows, and below what `acl` did to a whole tree.
 */
const mostMarked = 0.25;

if (minutes === 0) {
  test.each(onceWrong)('%s', async (_, round) => {
    for (const host of hosts.slice(0, 1)) expect((await judgeRound(host, round)).finding).toBeUndefined();
  });
  test('plays of seeds that are kept', async () => {
    const found = await search(hosts, { seeds: kept, sources });
    expect(found.failing, found.summary).toEqual([]);
    expect(found.marked / found.tasks, 'the share of marked tasks').toBeLessThan(mostMarked);
  });
} else {
  test(`plays of the seed ${seed}`, { timeout: minutes * 60_000 + 600_000, retry: 0 }, async () => {
    const found = await search(hosts, {
      sources,
      theme: process.env['TRUTH_THEME'],
      seeds: listed ?? seedsFrom(seed, Number(process.env['TRUTH_ROUNDS'] ?? 'Infinity')),
      seconds: minutes * 60,
      patience: Number(process.env['TRUTH_PATIENCE'] ?? '30'),
    });
    expect(found.failing, found.summary).toEqual([]);
    if (found.tasks > 500) expect(found.marked / found.tasks, 'the share of marked tasks').toBeLessThan(mostMarked);
  });
}

function* seedsFrom(first: number, count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield first + i;
}
