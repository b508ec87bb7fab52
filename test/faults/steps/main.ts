/** `npm run faults`: see run.mjs. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withLock } from '../../../src/sandbox/lock.ts';
import { openFleet } from '../../../src/sandbox/state.ts';
import { fleetOf, Job, type JobOptions, type Tried } from './job.ts';
import { jobSpecs, type JobSpec } from './jobs.ts';
import { Journal } from './journal.ts';
import { faultKinds } from './kinds.ts';
import { summarise } from './summary.ts';

const root = process.env['PLAY_FAULTS_ROOT'] ?? process.cwd();
const { values } = parseArgs({
  options: {
    playbook: { type: 'string' },
    kind: { type: 'string' },
    section: { type: 'string' },
    from: { type: 'string' },
    chains: { type: 'string' },
    minutes: { type: 'string', default: '60' },
    faults: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    apt: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '4' },
  },
});
const specs = jobSpecs.filter(
  ({ name, playbook }) =>
    values.playbook === undefined || values.playbook === name || playbook.includes(values.playbook),
);
const kinds = values.kind === undefined ? Object.keys(faultKinds) : values.kind.split(',');
const unknown = kinds.filter((kind) => faultKinds[kind] === undefined);
if (specs.length === 0 || unknown.length > 0) {
  process.stderr.write(
    `There is no ${specs.length === 0 ? `playbook "${values.playbook}": ${jobSpecs.map(({ name }) => name).join(', ')}` : `kind "${unknown.join(', ')}": ${Object.keys(faultKinds).join(', ')}`}\n`,
  );
  process.exit(2);
}
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const options: JobOptions = {
  root,
  seed: Number(values.seed),
  kinds,
  ground: values.apt ? 'fresh' : 'packages',
  ofApt: values.apt,
  section: values.section,
  say,
};
const end = performance.now() + Number(values.minutes) * 60_000;
const journal = new Journal(join(root, '.play/faults', `seed-${values.seed}.jsonl`));
say(`seed ${values.seed}; every fault is noted in ${journal.file}`);

/** Of what is wrong here; the journal has all of it. */
const longestLine = 1500;
let struck = 0;
let isWrong = false;
const isOver = (): boolean => performance.now() > end || struck >= Number(values.faults);

/** A job, and which of its chains is next. */
interface Waiting {
  readonly spec: JobSpec;
  readonly chain: number;
  readonly left: number;
}

const queue: Waiting[] = specs.map((spec) => ({
  spec,
  chain: Number(values.from ?? journal.nextChain(spec.name, options.ground, values.whole)),
  left: Number(values.chains ?? Infinity),
}));

/** A chain of a job, which then waits behind the others for its next one. */
async function work({ spec, chain, left }: Waiting): Promise<void> {
  const job = await Job.prepare(spec, options);
  try {
    const surveyed = await job.survey(values.whole);
    if (chain >= job.chains(surveyed)) return say(`${spec.name}: every request had every fault`);
    for await (const one of job.chain(surveyed, chain)) {
      journal.add(one);
      if (one.struck) struck++;
      if (one.wrong.length > 0) tellWrong(one);
      if (isOver()) break;
    }
    say(`${spec.name}: chain ${chain} is done; ${struck} faults since the begin`);
    if (left > 1) queue.push({ spec, chain: chain + 1, left: left - 1 });
  } finally {
    await job.host.off();
  }
}

function tellWrong(one: Tried): void {
  isWrong = true;
  say(
    `WRONG ${one.job} --seed ${values.seed} --from ${one.chain} --section ${one.section}: ${one.kind} ${one.moment} request ${one.step} of ${one.steps}\n${one.wrong.map((line) => line.slice(0, longestLine)).join('\n')}\n`,
  );
}

await Promise.all(
  Array.from({ length: Number(values.jobs) }, async () => {
    for (let next = queue.shift(); next !== undefined && !isOver(); next = queue.shift()) {
      const { spec } = next;
      // Another run of the suite may be at work on the host.
      const fleet = openFleet(fleetOf(spec, options));
      const lock = join(fleet.root, `${fleet.name}.faults.lock`);
      const waiting = next;
      await withLock(lock, () => work(waiting)).catch((error: unknown) => {
        isWrong = true;
        say(`FAILED ${spec.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      });
    }
  }),
);
say(summarise(journal.entries));
process.exitCode = isWrong ? 1 : 0;
