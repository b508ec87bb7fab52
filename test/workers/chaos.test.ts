/** `npm run workers`: the long form, with figures for docs/workers.md. */
import { afterAll, expect, test } from 'vitest';
import { Dice } from '../support/dice.ts';
import { Crowd } from './crowd.ts';

const isLong = process.env['PLAY_TEST_WORKERS'] !== undefined;
const count = Number(process.env['PLAY_TEST_HOSTS'] ?? 200);
/** Milliseconds between two kills, about: a busy machine wants more. */
const pace = Number(process.env['PLAY_TEST_PACE'] ?? 4) * 1000;
const names = Array.from({ length: count }, (_, i) => `h${i + 1}`);
const crowds: Crowd[] = [];
afterAll(() => Promise.all(crowds.map((crowd) => crowd.end())));

async function crowdOf(): Promise<Crowd> {
  const crowd = await Crowd.of(names);
  crowds.push(crowd);
  return crowd;
}

test('workers, Redis and the run are killed at random: every host has all of it, nothing is lost, nothing is done twice', async ({
  skip,
}) => {
  if (!isLong) skip('`npm run workers` runs it');
  const seed = Number(process.env['PLAY_TEST_SEED'] ?? Date.now() % 100_000);
  const chance = new Dice(seed);
  const crowd = await crowdOf();
  const workers = [1, 2, 3].map(() => crowd.worker('-f', '10'));
  const started = Date.now();
  const kills = { worker: 0, redis: 0, run: 0 };
  let run = crowd.run('site', '-f', '60', ...crowd.workerOptions);
  let code: number | null = null;
  for (;;) {
    const later = new Promise<'later'>((done) => setTimeout(() => done('later'), pace * (0.5 + chance.share())));
    const came = await Promise.race([run.ended, later]);
    if (came !== 'later') {
      code = came;
      break;
    }
    const what = chance.share();
    if (what < 0.55) {
      const at = chance.below(workers.length);
      await workers[at]?.kill();
      workers[at] = crowd.worker('-f', '10');
      kills.worker++;
    } else if (what < 0.85 || kills.run >= 4) {
      await crowd.killRedis();
      await new Promise((later) => setTimeout(later, chance.below(3000)));
      await crowd.startRedis();
      kills.redis++;
    } else {
      code = await crowd.killRun(run);
      if (code === 0) break;
      run = crowd.run('resume');
      kills.run++;
    }
  }
  const seconds = (Date.now() - started) / 1000;
  process.stdout.write(`${JSON.stringify({ seed, hosts: count, seconds, kills, asked: crowd.asked })}\n`);
  expect({ code, said: run.text().slice(-3000) }).toMatchObject({ code: 0 });
  expect(crowd.state()).toEqual(Object.fromEntries(names.map((name) => [name, 'work more conf end'])));
  expect(crowd.count('migrations')).toBe(1);
});

for (const much of [0, 1, 2, 4])
  test(`throughput with ${much} workers`, async ({ skip }) => {
    if (!isLong) skip('`npm run workers` runs it');
    const crowd = await crowdOf();
    const workers = Array.from({ length: much }, () => crowd.worker('-f', '20'));
    await crowd.until(() => workers.every((one) => one.text().includes('waits for hosts')), 'the workers');
    const started = Date.now();
    const run = crowd.run('site', '-f', much === 0 ? '20' : '100', ...(much === 0 ? [] : crowd.workerOptions));
    const code = await run.ended;
    const seconds = (Date.now() - started) / 1000;
    process.stdout.write(`${JSON.stringify({ workers: much, hosts: count, seconds, perSecond: count / seconds })}\n`);
    expect({ code, said: run.text().slice(-3000) }).toMatchObject({ code: 0 });
    await crowd.end();
  });
