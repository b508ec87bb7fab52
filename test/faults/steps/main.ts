/** `npm run faults`: see run.mjs. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Job, type JobOptions, type Tried } from './job.ts';
import { jobSpecs } from './jobs.ts';
import { faultKinds } from './kinds.ts';
import { summarise } from './summary.ts';

const root = process.env['PLAY_FAULTS_ROOT'] ?? process.cwd();
const { values } = parseArgs({
  options: {
    playbook: { type: 'string' },
    kind: { type: 'string' },
    section: { type: 'string' },
    from: { type: 'string', default: '0' },
    chains: { type: 'string', default: '1000000' },
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
const most = Number(values.faults);
const tried: Tried[] = [];
const folder = join(root, '.play/faults');
mkdirSync(folder, { recursive: true });
const journal = join(folder, `seed-${values.seed}.jsonl`);
say(`seed ${values.seed}; every fault is noted in ${journal}`);

/** Of what is wrong here; the journal has all of it. */
const longestLine = 1500;

const isOver = (): boolean => performance.now() > end || tried.filter(({ struck }) => struck).length >= most;

async function work(name: string): Promise<void> {
  const spec = specs.find((one) => one.name === name);
  if (spec === undefined) return;
  const job = await Job.prepare(spec, options);
  try {
    const surveyed = await job.survey(values.whole);
    const first = Number(values.from);
    for (let chain = first; chain < first + Number(values.chains) && !isOver(); chain++) {
      for await (const one of job.chain(surveyed, chain)) {
        tried.push(one);
        appendFileSync(journal, `${JSON.stringify(one)}\n`);
        if (one.wrong.length > 0)
          say(
            `WRONG ${one.job} --seed ${values.seed} --from ${chain} --section ${one.section}: ${one.kind} ${one.moment} request ${one.step} of ${one.steps}\n${one.wrong.map((line) => line.slice(0, longestLine)).join('\n')}\n`,
          );
        if (isOver()) break;
      }
      say(
        `${name}: chain ${chain} is done; ${tried.length} faults in all, ${tried.filter(({ wrong }) => wrong.length > 0).length} wrong`,
      );
    }
  } finally {
    await job.host.off();
  }
}

const queue = specs.map(({ name }) => name);
const failures: unknown[] = [];
await Promise.all(
  Array.from({ length: Number(values.jobs) }, async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift())
      await work(name).catch((error: unknown) => failures.push(error));
  }),
);
say(summarise(tried));
for (const failure of failures)
  say(`FAILED: ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}`);
process.exitCode = failures.length > 0 || tried.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
