/**
 * Something happens to runs, at a request they make of a host: a sample of `npm run faults` (test/faults/steps/), which does so
 * at every request of the three playbooks.
 */
import { afterAll, expect, test } from 'vitest';
import { playRoot } from '../cli/command-line.ts';
import { attackSeed } from '../support/attack.ts';
import { testFleet } from '../support/sandbox-fleet.ts';
import { Job, type Tried } from './steps/job.ts';
import { smallJob } from './steps/small-job.ts';

/** A sample: three parts of a playbook, less than half a minute. */
const mostInARow = 7;

const seed = attackSeed();
let job: Job | undefined;
afterAll(async () => job?.host.off());

test('whatever happens to a run: nothing is half written, the next run converges, what is owed is paid, nothing is left', async () => {
  job = await Job.prepare(smallJob, {
    root: playRoot,
    seed,
    kinds: ['kill', 'int', 'cut', 'full', 'inodes', 'readonly', 'lane', 'request', 'sshd'],
    ground: 'fresh',
    ofApt: false,
    section: undefined,
    say: () => undefined,
    fleet: testFleet(),
    surveys: 1,
  });
  const surveyed = await job.survey(false);
  const tried: Tried[] = [];
  const rows = job.nextRows(surveyed, []).map((row) => row.slice(0, mostInARow));
  for await (const row of job.chain(surveyed, rows, 0)) tried.push(...row);
  expect(
    tried.flatMap(({ wrong, told, kind, section, step }) =>
      wrong.length > 0 ? [`seed ${seed}: ${kind} at ${step} of ${section}: ${wrong.join('\n')}\n${told}`] : [],
    ),
  ).toEqual([]);
  expect(tried.filter(({ struck }) => struck).length).toBeGreaterThanOrEqual(4);
});
