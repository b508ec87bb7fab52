import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PlaySpec, Task } from '../../src/playbook/index.ts';
import { copy, uri, waitFor } from '../../src/resources/index.ts';
import { runPlay } from '../support/run-play.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Where nobody answers, and which is not taken for the asking host itself. */
const closed = 'http://[::ffff:127.0.0.1]:1/';
const own = 'http://127.0.0.1:1/';
const file = join(temporaryFolder('gates'), 'unit');
const change = (): Task => copy({ dest: file, content: 'x' });
const on = (hosts: string, ...tasks: (() => Task)[]): PlaySpec => ({ hosts, tasks: () => tasks.map((task) => task()) });

/** Whatever was planned before may bring what a gate waits for, on whichever host it was planned. */
const cases: readonly {
  readonly what: string;
  readonly plays: readonly PlaySpec[];
  readonly told: string;
  readonly assumed: number;
}[] = [
  {
    what: 'nothing is planned before: it fails',
    plays: [on('web1', () => uri({ url: own }))],
    told: 'failed',
    assumed: 0,
  },
  { what: 'a change before it', plays: [on('web1', change, () => uri({ url: own }))], told: 'ok', assumed: 1 },
  {
    what: 'with until',
    plays: [
      on('web1', change, () =>
        uri({ url: own }, { until: ({ result }) => result.status === 200, retries: 1, delay: 1 }),
      ),
    ],
    told: 'ok',
    assumed: 1,
  },
  {
    what: 'judged by failedWhen',
    plays: [on('web1', change, () => uri({ url: own }, { failedWhen: ({ result }) => result.status !== 200 }))],
    told: 'ok',
    assumed: 1,
  },
  {
    what: 'whose errors are ignored',
    plays: [on('web1', change, () => uri({ url: own }, { ignoreErrors: true }))],
    told: 'ok',
    assumed: 1,
  },
  {
    what: 'asked from another host',
    plays: [on('web1', change, () => uri({ url: closed }, { delegateTo: 'web2' }))],
    told: 'ok',
    assumed: 1,
  },
  {
    what: 'of another host, in a later play',
    plays: [on('web1', change), on('web2', () => waitFor({ host: '::ffff:127.0.0.1', port: 1, timeout: 1 }))],
    told: 'ok',
    assumed: 1,
  },
  {
    what: 'of the host itself, where only another one changes: it fails',
    plays: [on('web1', change), on('web2', () => uri({ url: own }))],
    told: 'failed',
    assumed: 0,
  },
];

test.each(cases)('a gate in check mode: $what', async ({ plays, told, assumed }) => {
  const run = await runPlay(plays, { check: true, inventory: 'web1,web2' });
  const last = run.tasks.at(-1);
  expect([last?.status, last?.assumed.length, last?.error?.what]).toEqual([
    told,
    assumed,
    told === 'failed' ? expect.stringContaining('gave no answer') : undefined,
  ]);
});
