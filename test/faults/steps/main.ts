/** `npm run faults`: see run.mjs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withLock } from '../../../src/sandbox/lock.ts';
import { openFleet } from '../../../src/sandbox/state.ts';
import { fleetOf, Job, type JobOptions, type Tried } from './job.ts';
import { jobSpecs, type JobSpec } from './jobs.ts';
import { Journal } from './journal.ts';
import { faultKinds } from './kinds.ts';
import { readRow, rowText } from './schedule.ts';
import { summarise } from './summary.ts';

const root = process.env['PLAY_FAULTS_ROOT'] ?? process.cwd();
const { values } = parseArgs({
  options: {
    playbook: { type: 'string' },
    kind: { type: 'string' },
    section: { type: 'string' },
    row: { type: 'string' },
    chains: { type: 'string' },
    minutes: { type: 'string', default: '60' },
    faults: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    apt: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '4' },
  },
});
const chosen = values.playbook;
const named = jobSpecs.filter(({ name }) => name === chosen);
const specs =
  named.length > 0 ? named : jobSpecs.filter(({ playbook }) => chosen === undefined || playbook.includes(chosen));
const kinds = values.kind === undefined ? Object.keys(faultKinds) : values.kind.split(',');
const unknown = kinds.filter((kind) => faultKinds[kind] === undefined);
if (specs.length === 0 || unknown.length > 0) {
  process.stderr.write(
    `There is no ${specs.length === 0 ? `playbook "${values.playbook}": ${jobSpecs.map(({ name }) => name).join(', ')}` : `kind "${unknown.join(', ')}": ${Object.keys(faultKinds).join(', ')}`}\n`,
  );
  process.exit(2);
}
if (values.row !== undefined && (specs.length > 1 || values.section === undefined)) {
  process.stderr.write('--row is of one playbook and one of its parts: --playbook NAME --section NAME\n');
  process.exit(2);
}
const row = values.row === undefined ? undefined : readRow(values.row);
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
let hostsCpu = 0;
let isWrong = false;
let isStopped = false;
const isOver = (): boolean => isStopped || performance.now() > end || struck >= Number(values.faults);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    isStopped = true;
    say('stopping behind the rows that are under way; once more to leave at once');
  });

/** A job, with how many chains are asked for, and how often it failed in a row for reasons of its own. */
interface Waiting {
  readonly spec: JobSpec;
  readonly left: number;
  readonly failures: number;
}

/** A machine that is busy keeps hosts from coming up. */
const mostFailures = 5;

const queue: Waiting[] = specs.map((spec) => ({
  spec,
  left: row === undefined ? Number(values.chains ?? Infinity) : 1,
  failures: 0,
}));

/** A chain of a job, which then waits behind the others for its next one. */
async function work({ spec, left }: Waiting): Promise<void> {
  const job = await Job.prepare(spec, options);
  try {
    const surveyed = await job.survey(values.whole);
    if (left === 0) return say(`${spec.name}: prepared`);
    const rows =
      row === undefined
        ? job.nextRows(surveyed, journal.entries)
        : surveyed.sections.map(({ section }) => (section.name.includes(values.section ?? '') ? row : []));
    if (rows.every((one) => one.length === 0)) return say(`${spec.name}: every request had every fault`);
    const chain = journal.nextChain();
    for await (const tried of job.chain(surveyed, rows, chain)) {
      for (const one of tried) journal.add(one);
      struck += tried.filter((one) => one.struck).length;
      for (const one of tried) if (one.wrong.length > 0) tellWrong(one);
      if (isOver()) break;
    }
    say(`${spec.name}: chain ${chain} is done; ${struck} faults since the begin`);
    if (left > 1) queue.push({ spec, left: left - 1, failures: 0 });
  } finally {
    await job.host.off();
    hostsCpu += job.host.cpuSeconds();
  }
}

/** Seconds of CPU that this process has used, and what it started and waited for: proc_pid_stat(5). */
function ownCpu(): number {
  const times = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, 15);
  const ticksPerSecond = 100;
  return times.reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
}

function tellWrong(one: Tried): void {
  isWrong = true;
  const faults = journal.entries
    .filter(
      ({ job, chain, section, nth }) => job === one.job && chain === one.chain && section === one.section && nth >= 0,
    )
    .sort((a, b) => a.nth - b.nth);
  const again = faults.length === 0 ? '' : ` --section ${one.section} --row ${rowText(faults)}`;
  say(`WRONG --playbook ${one.job}${again}\n${one.wrong.map((line) => line.slice(0, longestLine)).join('\n')}\n`);
}

async function workUntilOver(): Promise<void> {
  for (let next = queue.shift(); next !== undefined && !isOver(); next = queue.shift()) {
    const waiting = next;
    // Another run of the suite may be at work on the host.
    const fleet = openFleet(fleetOf(waiting.spec, options));
    const lock = join(fleet.root, `${fleet.name}.faults.lock`);
    await withLock(lock, () => work(waiting)).catch((error: unknown) => {
      isWrong = true;
      say(`FAILED ${waiting.spec.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      if (waiting.failures < mostFailures) queue.push({ ...waiting, failures: waiting.failures + 1 });
    });
  }
}

await Promise.all(Array.from({ length: Number(values.jobs) }, workUntilOver));
say(summarise(journal.entries));
if (struck > 0) say(`${struck} of them now: ${((ownCpu() + hostsCpu) / struck).toFixed(2)} s of CPU a fault`);
process.exitCode = isWrong ? 1 : 0;
