import { randomBytes } from 'node:crypto';
import { said } from '../report/index.ts';
import type { RunInputs, WaitingHost } from './messages.ts';
import { Places } from './places.ts';
import { Exchange, type JobData, type Way } from './redis.ts';
import { lastWait, within } from './within.ts';
import { WorkerRun, type OpenedRun } from './worker-run.ts';

export interface ServeOptions extends Way {
  /** `deploy@runner2 (pid 4711)`. */
  readonly name: string;
  /** Hosts at once, of all runs together. */
  readonly forks: number;
  /** Aborted: finish what is under way, and leave. */
  readonly signal: AbortSignal;
  readonly open: (inputs: RunInputs) => Promise<OpenedRun>;
  readonly say: (text: string) => void;
}

/** Milliseconds for which the hosts of a run that is gone are taken out of the queue without asking. */
const goneFor = 60_000;
/** Milliseconds for which the queue is left to others where we could not work for a run. */
const politeFor = 2000;

/** Works for whichever runs there are, until it is told to leave. @throws PlayError where Redis does not answer */
export async function serveRuns(options: ServeOptions): Promise<void> {
  const exchange = await Exchange.open(options);
  const self = randomBytes(12).toString('hex');
  const places = new Places(options.forks);
  const runs = new Map<string, WorkerRun>();
  const gone = new Map<string, number>();
  void exchange.listen(self, (from, link, frame) => {
    const run = runs.get(from);
    if (run?.link === link) run.receive(frame);
  });
  const timer = setInterval(() => {
    for (const [run, work] of runs) {
      if (work.tick()) continue;
      runs.delete(run);
      options.key.forget(run);
      // One that we were cut off from may take us back.
      if (!work.wasKnown) gone.set(run, Date.now() + goneFor);
    }
    for (const [run, until] of gone) if (until < Date.now()) gone.delete(run);
  }, 1000);
  const runOf = (run: string): WorkerRun => {
    const known = runs.get(run);
    if (known) return known;
    const made = new WorkerRun({ ...options, exchange, link: self + randomBytes(4).toString('hex'), run, places });
    runs.set(run, made);
    return made;
  };
  const told = new Set<string>();
  const noJob = (thrown: unknown): Promise<undefined> => {
    // What Redis itself says, as of rights or memory that are missing; that it is away comes to an end.
    if (thrown instanceof Error && thrown.name === 'ReplyError' && !told.has(thrown.message)) {
      told.add(thrown.message);
      options.say(`worker ${options.name}: Redis gives it no hosts: ${said(thrown.message)}. It keeps asking`);
    }
    return pause(500);
  };
  const fetcher = exchange.fetcher();
  await fetcher.startStalledCheckTimer();
  const leaving = new Promise<undefined>((leave) => options.signal.addEventListener('abort', () => leave(undefined)));
  options.say(`worker ${options.name}: waits for hosts`);
  while (!options.signal.aborted) {
    await Promise.race([places.free(), leaving]);
    if (options.signal.aborted) break;
    const token = randomBytes(8).toString('hex');
    const job = await Promise.race([fetcher.getNextJob(token).catch(noJob), leaving]);
    if (!job) continue;
    const leave = await places.take();
    const host = opened(options, job.data);
    const isGone = host === undefined || gone.has(host.run) || runs.get(host.run)?.isOver === true;
    const asked = isGone ? (leave(), Promise.resolve()) : runOf(host.run).claim(host.seat, leave);
    // Until the run has answered, the queue gives it to another should we end here.
    void asked.then(() => job.moveToCompleted(null, token, false)).catch(() => undefined);
    if (host && runs.get(host.run)?.hasRefused) await Promise.race([pause(politeFor), leaving]);
  }
  await Promise.all([...runs.values()].filter((run) => !run.isOver).map((run) => run.leave()));
  clearInterval(timer);
  await within(lastWait, fetcher.close(true));
  await exchange.drop(self);
  await exchange.close();
}

/** What a job says; undefined where it is not of one of ours. */
function opened({ key }: ServeOptions, { sealed }: JobData): WaitingHost | undefined {
  const plain = typeof sealed === 'string' ? key.open('job', Buffer.from(sealed, 'base64')) : undefined;
  return plain === undefined ? undefined : (JSON.parse(plain.toString('utf8')) as WaitingHost);
}

function pause(milliseconds: number): Promise<undefined> {
  return new Promise((done) => setTimeout(() => done(undefined), milliseconds));
}
