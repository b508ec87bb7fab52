/** Random plays over random hosts: what check mode foretells comes true. Longer by `npm run truth`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useHosts } from '../support/sandbox.ts';
import { search } from './search.ts';
import { buildSources } from './sources.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { truthHost } from './host.ts';

const minutes = Number(process.env['TRUTH_MINUTES'] ?? '0');
const seed = Number(process.env['TRUTH_SEED'] ?? Math.floor(Math.random() * 1e9));

const sources = temporaryFolder('truth');
buildSources(sources);

const hosts = useHosts('truth');
const host = truthHost(hosts, 'truth');
beforeAll(() => host.install(), 300_000);
afterAll(() => host.close());

/** Kept, so that what held once goes on to hold. */
const kept = [4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 4008];

test.skipIf(minutes > 0)('plays of seeds that are kept', async () => {
  const found = await search(host, { seeds: kept, sources });
  expect(found.failing, found.summary).toEqual([]);
});

test.runIf(minutes > 0)(`plays of the seed ${seed}`, { timeout: minutes * 60_000 + 600_000, retry: 0 }, async () => {
  const found = await search(host, { sources, theme: process.env['TRUTH_THEME'], seeds: seedsFrom(seed, Number(process.env['TRUTH_ROUNDS'] ?? 'Infinity')), seconds: minutes * 60, patience: Number(process.env['TRUTH_PATIENCE'] ?? '30') });
  expect(found.failing, found.summary).toEqual([]);
});

function* seedsFrom(first: number, count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield first + i;
}
