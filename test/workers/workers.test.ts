/** Three workers and a real Redis; a worker and the run are killed amid their work. `npm run workers` is the long form. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WorkerKey } from '../../src/workers/worker-key.ts';
import { skipTests } from '../support/skip-tests.ts';
import { Crowd, redisProgram } from './crowd.ts';

const names = Array.from({ length: 12 }, (_, i) => `h${i + 1}`);
let crowd: Crowd;

skipTests(existsSync(redisProgram) ? undefined : 'there is no redis-tools');

beforeAll(async () => {
  crowd = await Crowd.of(names);
});
afterAll(() => crowd.end());

test('a worker and the run are killed, and every host has all of it, and nothing twice', async () => {
  const workers = [crowd.worker('-f', '2'), crowd.worker('-f', '2'), crowd.worker('-f', '2')];
  const first = crowd.run('site', ...crowd.workerOptions);
  await crowd.until(() => names.some((name) => crowd.log(name).length > 0), 'the first host');
  await workers[0]?.kill();
  await crowd.until(() => /is lost: nothing heard from it for 12 s/.test(first.text()), 'the loss');
  await crowd.until(() => names.some((name) => crowd.log(name).includes('more')), 'the second play');
  await crowd.killRun(first);
  const second = crowd.run('resume', '--wait');
  expect({ code: await second.ended, said: second.text() }).toMatchObject({ code: 0 });
  expect(crowd.state()).toEqual(Object.fromEntries(names.map((name) => [name, 'work more conf end'])));
  expect(crowd.count('migrations')).toBe(1);
  // What the killed ones had under way may have met with what came after them.
  crowd.forget('crowded');
  // Who has Redis and not the key: jobs of theirs are taken out, and nothing comes of them.
  const key = WorkerKey.read(crowd.key);
  const stranger = join(crowd.project.dir, 'stranger.key');
  WorkerKey.make(stranger);
  const job = Buffer.from(JSON.stringify({ run: 'f'.repeat(32), seat: 'f'.repeat(16) }));
  const queue = new Queue(`hosts-${key.id}`, { prefix: 'play', connection: { url: crowd.url } });
  const forged = [WorkerKey.read(stranger).seal('job', job).toString('base64'), 'text', 5, null];
  await Promise.all(forged.map((sealed) => queue.add('host', { sealed })));
  const whole = crowd.run('site', ...crowd.workerOptions);
  expect({ code: await whole.ended, said: whole.text() }).toMatchObject({ code: 0 });
  expect(crowd.count('crowded')).toBe(0);
  expect(crowd.count('migrations')).toBe(2);
  await expect.poll(async () => queue.getJobCountByTypes('waiting', 'active', 'failed')).toBe(0);
  await queue.close();
  const third = crowd.run('site', '-C', ...crowd.workerOptions);
  expect(await third.ended).toBe(0);
  // Done each time; all else is right.
  expect(stripVTControlCharacters(third.text())).toContain('h[2:12]  2 would change, 3 right');
});

test.for(['killed', 'halted'])('a worker that is told to leave ends, though Redis was %s', async (what) => {
  const worker = crowd.worker();
  await crowd.until(() => worker.text().includes('waits for hosts'), 'the worker');
  if (what === 'killed') await crowd.killRedis();
  else crowd.haltRedis();
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
  await crowd.killRedis();
  await crowd.startRedis();
});

test('what Redis does not take into the queue is told, and taken once it does', async () => {
  const worker = crowd.worker();
  await crowd.until(() => worker.text().includes('waits for hosts'), 'the worker');
  expect(crowd.redis('CONFIG', 'SET', 'maxmemory', '1')).toBe('OK');
  const run = crowd.run('site', '-C', '-l', 'h1,h2', ...crowd.workerOptions);
  await crowd.until(() => run.text().includes('does not accept hosts into the queue'), 'the word of the run');
  await crowd.until(() => /Redis gives it no hosts: OOM/.test(worker.text()), 'the word of the worker');
  crowd.redis('CONFIG', 'SET', 'maxmemory', '0');
  expect({ code: await run.ended, said: run.text() }).toMatchObject({ code: 0 });
  expect(stripVTControlCharacters(run.text()).replaceAll(/\s+/g, ' ')).toContain('OOM command not allowed');
});
