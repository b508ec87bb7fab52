import { ConnectionLost, type LaneReply, type LaneRequest } from '../connection/index.ts';
import type { Change, Plan, Question, Report, Step, StepOutput } from '../contract/index.ts';
import { PlayError } from '../errors/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { accountFiles } from '../probes/index.ts';
import { keepBefore, tellKept, type KeptBefore } from './backups.ts';
import { logChanges } from './change-log.ts';
import { armFor, notSaved } from './commit-confirm/arm.ts';
import { concernsLogins } from './commit-confirm/ways-in.ts';
import type { WrittenFile } from './commit-confirm/written.ts';
import { debtsPaid, forgive, packPaying, record, settlePaid } from './debts.ts';
import { accountOf, type HostContext } from './host-context.ts';
import type { TaskKind } from './host-run-input.ts';
import { runImperative } from './imperative.ts';
import { misunderstood } from './misunderstood.ts';
import type { Owed } from './owed.ts';
import { packSteps, stepOutput, unpackReplies, type Packed, type PendingChange } from './pack.ts';
import { askAll, samePlace, type Place, type PlacedQuestion } from './place.ts';
import { cutForProofs, isProvenBy, readProof, type Segment } from './proofs.ts';
import { questionsAhead } from './read-ahead.ts';
import { isMarked } from './resumed.ts';
import type { FailureSource } from './task-event.ts';
import { doubt, verdict } from './verdict.ts';

/** The outcome of a change that was sent. */
export interface Sent {
  readonly change: PendingChange;
  readonly seconds: number;
  readonly outputs: readonly StepOutput[];
  /** Undefined when it was made and held. */
  readonly failure: FailureSource | undefined;
  readonly result: unknown;
  /** What else there is to say about it. */
  readonly message?: string;
  /** What its own output says was changed, where only that tells. */
  readonly made?: readonly Change[];
}

/**
 * Sends pending changes, and asks again what they made doubtful, in one exchange: debts first, then the changes, then
 * the questions that prove them and those the coming tasks need anew.
 *
 * @returns one for each change up to the first that failed
 */
export async function sendChanges(
  context: HostContext,
  pending: readonly PendingChange[],
  coming: readonly ListedTask[],
  kind: TaskKind,
): Promise<Sent[]> {
  const [first] = pending;
  if (!first) return [];
  const { place } = first;
  const { session } = place;
  if (!first.plan.looksOnly) session.state.changedBefore ??= first.listed.name;
  if (pending.some(({ plan }) => concernsLogins(plan))) await session.connection.releaseKept?.();
  if (pending.some(({ plan }) => changesAccounts(plan))) await session.renewLanes(place.account);
  else if (pending.some(({ plan }) => plan.touches.some(({ on }) => on === 'everything'))) session.forgetMissing();
  const begin = workTeller(context, pending);
  begin(0);
  const marked = kind === 'task' ? pending.filter(({ listed, plan }) => isMarked(listed, plan)) : [];
  for (const { listed } of marked) context.mark(listed, 'begun');
  if (marked.length > 0) await context.input.marksKept?.();
  const started = Date.now();
  const debts = context.handlers.record(pending.filter((one) => !one.plan.quiet).flatMap((one) => one.listed.notify));
  const arming = await armFor(context, pending, place);
  if (arming.failure) return [notDone(first, arming.failure)];
  const keeping = keepBefore(context, pending);
  const owed = [...context.entered(pending), ...(context.transaction?.owed() ?? [])];
  const before = [...arming.requests, ...(keeping ? [keeping.request] : [])];
  const head = [...before, ...(await record(context, debts, owed, place))];
  const judgeHead = (replies: readonly LaneReply[]): Sent | undefined => {
    const bad = replies.findIndex(({ code }) => code !== 0);
    const reply = replies[bad];
    if (reply === undefined) {
      if (keeping) tellKept(context, place, replies[arming.requests.length]);
      return undefined;
    }
    const why = bad < arming.requests.length ? notSaved(context, reply) : notRecorded(reply, bad < before.length);
    return notDone(first, why);
  };
  if (first.plan.imperative) {
    const came = await sendImperative(context, first, head, judgeHead, kind, started);
    noteWritten(context, [came], keeping);
    logLater(context, [came], place);
    return [came];
  }
  const paid =
    kind === 'handler' && samePlace(context.records, place)
      ? debtsPaid(context, pending)
      : new Map<PendingChange, Owed>();
  const segments = cutForProofs(pending, session.state).map((one) => ({
    ...one,
    packed:
      paid.size === 0
        ? packSteps(one.changes.flatMap((change) => change.plan.steps))
        : packPaying(context, one.changes, paid),
  }));
  const questions = [...proofOf(pending), ...questionsAhead(context, coming, kind, false)];
  const here = questions.filter((one) => samePlace(one.place, place)).map((one) => one.question);
  const proofs = segments.map((one) =>
    one.proofs.map(({ request }) => ({ ...request, afterSuccess: true, asks: true as const })),
  );
  const requests = segments.flatMap((one, i) => [...one.packed.map(({ request }) => request), ...(proofs[i] ?? [])]);
  const stepsOf = segments.flatMap((one) => [...one.packed.map(({ steps }) => steps), ...one.proofs.map(() => 0)]);
  // What only their output tells is logged once that is read.
  const told = pending.filter(({ plan }) => plan.report === undefined);
  const log = session.isLogging(place.account) ? logOf(context, told) : undefined;
  const sending = exchange(place, [...head, ...requests, ...(log ? [log] : [])], here, (index) =>
    begin(stepsBefore(stepsOf, index + 1 - head.length)),
  );
  const replies = await (context.guard === undefined ? sending : context.guard.bounded(sending));
  await askAll(
    [],
    questions.filter((one) => !samePlace(one.place, place)),
  );
  const undone = judgeHead(replies.slice(0, head.length));
  if (undone) return [undone];
  const isLogged = log !== undefined && replies[head.length + requests.length]?.skipped !== true;
  const { step, proven } = readSegments(segments, replies.slice(head.length));
  const sent = await conclude(context, pending, step, proven, kind, started);
  logLater(context, isLogged ? sent.filter(({ change }) => change.plan.report !== undefined) : sent, place);
  noteWritten(context, sent, keeping);
  await forgive(context, debts, pending, sent);
  await settlePaid(context, sent, paid);
  // Behind one that failed nothing was done.
  for (const one of marked) if (pending.indexOf(one) >= sent.length) context.mark(one.listed, 'failed');
  return sent;
}

/** Whether accounts come, go or change: by what manages them, or by hand in their files. */
function changesAccounts({ touches, after }: Plan<unknown>): boolean {
  return (
    touches.some(({ on }) => on === 'accounts') ||
    after.some(({ question: { kind, args } }) => kind.kind === 'content' && accountFiles.includes(args[0] ?? ''))
  );
}

/** Files that wait for handlers now, with what the host keeps of them in the folder that its records are in. */
function noteWritten(context: HostContext, sent: readonly Sent[], keeping: KeptBefore | undefined): void {
  const numbers = new Map(keeping?.numbers.map(({ path, number }) => [path, number]));
  for (const { listed, files, place } of sent.map(({ change }) => change)) {
    if (place.session !== context.session) continue;
    const isHere = samePlace(place, context.records);
    const written = files.map(({ path }): WrittenFile => {
      const number = isHere ? numbers.get(path) : undefined;
      const kept = keeping === undefined || number === undefined ? undefined : { run: keeping.run, number };
      return { path, task: listed.name, kept };
    });
    context.written.add(listed.notify, written);
  }
}

/** The lines that go with changes into the log of their host; they are left out behind one that failed. */
function logOf({ input }: HostContext, changes: readonly PendingChange[]): LaneRequest | undefined {
  const { log, by, play } = input;
  const request = log && logChanges({ log, by, play, changes });
  return request && { ...request, afterSuccess: true };
}

/** Has those logged that were made, with what is sent next. */
function logLater(context: HostContext, sent: readonly Sent[], { session }: Place): void {
  const made = sent.filter(({ failure }) => failure?.reply === undefined && failure !== notStarted);
  const request = logOf(
    context,
    made.map(({ change, made: changes = change.plan.changes }) => ({ ...change, plan: { ...change.plan, changes } })),
  );
  if (request) session.logLater({ ...request, afterSuccess: false });
}

const notStarted: FailureSource = {
  what: 'It was not started, because the host took an earlier step for failed',
  hint: 'This is a fault of play: report it. Run again: what is right already stays as it is.',
};

function notRecorded(reply: LaneReply, isFiles: boolean): FailureSource {
  const what = isFiles ? 'The old files could not be kept' : 'The pending handlers could not be recorded';
  return { what: `${what} on the host`, reply, nothingDone: true };
}

function notDone(change: PendingChange, failure: FailureSource): Sent {
  return { change, seconds: 0, outputs: [], failure, result: undefined };
}

async function sendImperative(
  context: HostContext,
  change: PendingChange,
  head: readonly LaneRequest[],
  judgeHead: (replies: readonly LaneReply[]) => Sent | undefined,
  kind: TaskKind,
  started: number,
): Promise<Sent> {
  const undone = judgeHead(await change.place.session.exchange(change.place.account, head, []));
  if (undone) return undone;
  const carried = await runImperative(context, change);
  if (carried.failure === undefined && !change.plan.again) {
    await askAll(proofOf([change]));
    carried.failure ??= await doubt(context, change.listed, kind);
  }
  return { change, seconds: (Date.now() - started) / 1000, outputs: [], ...carried };
}

async function exchange(
  place: Place,
  requests: Parameters<Place['session']['exchange']>[1],
  questions: readonly Question[],
  onReply: (index: number) => string,
): Promise<LaneReply[]> {
  let doing = onReply(-1);
  try {
    return await place.session.exchange(place.account, requests, questions, (index) => (doing = onReply(index)));
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    throw new ConnectionLost(
      `${error.message}; whether "${doing}" and what was sent with it took place is not known`,
      error.replies,
      {
        hint: 'The host finishes what it was sent. Run again: what is right already stays as it is.',
      },
    );
  }
}

/** Tells which of the changes of an exchange is under way, by the number of steps that are done. @returns its name */
function workTeller(context: HostContext, pending: readonly PendingChange[]): (stepsDone: number) => string {
  const owners = pending.flatMap((one) => one.plan.steps.map(() => one));
  let told: PendingChange | undefined;
  return (stepsDone) => {
    const now = owners[stepsDone] ?? told ?? pending[0];
    if (now !== undefined && now !== told) {
      told = now;
      const mayWait = now.plan.steps.some((step) => step.detached);
      context.input.listener({
        event: 'working',
        host: context.session.host,
        task: now.listed.name,
        ...(mayWait ? { mayWait } : {}),
        ...(now.listed.inherited.noLog ? { hidden: true as const } : {}),
      });
    }
    return told?.listed.name ?? '';
  };
}

function stepsBefore(stepsOf: readonly number[], requests: number): number {
  return stepsOf.slice(0, Math.max(0, requests)).reduce((sum, one) => sum + one, 0);
}

/** What each change proved right behind it. */
type Proven = ReadonlyMap<PendingChange, ReadonlyMap<string, unknown>>;

/** The replies to steps, one each, and what was asked between them. */
function readSegments(
  segments: readonly (Segment & { readonly packed: readonly Packed[] })[],
  replies: readonly LaneReply[],
): { step: LaneReply[]; proven: Proven } {
  const proven = new Map<PendingChange, ReadonlyMap<string, unknown>>();
  const step: LaneReply[] = [];
  const sent: PendingChange[] = [];
  let at = 0;
  for (const { changes, packed, proofs } of segments) {
    step.push(...unpackReplies(packed, replies.slice(at, at + packed.length)));
    at += packed.length;
    sent.push(...changes);
    const answers = readProof(proofs, replies.slice(at, at + proofs.length));
    at += proofs.length;
    for (const change of sent) if (!proven.has(change) && isProvenBy(change, answers)) proven.set(change, answers);
  }
  return { step, proven };
}

/** Up to this many questions of a task are asked anew, also where its change puts nothing of them in doubt. */
const fewQuestions = 100;

/** What a change puts in doubt was forgotten when it became due: of a tree of thousands that is little, mostly. */
function proofOf(pending: readonly PendingChange[]): PlacedQuestion[] {
  return pending
    .filter((one) => !one.plan.again)
    .flatMap(({ place, probes }) => {
      const { state } = place.session;
      const isOpen = (question: Question): boolean => state.answer(place.account, question) === undefined;
      const asked = probes.length <= fewQuestions ? probes : probes.filter(isOpen);
      return asked.map((question) => ({ place, question }));
    });
}

async function conclude(
  context: HostContext,
  pending: readonly PendingChange[],
  replies: readonly LaneReply[],
  proven: Proven,
  kind: TaskKind,
  started: number,
): Promise<Sent[]> {
  const seconds = (Date.now() - started) / 1000 / pending.length;
  const sent: Sent[] = [];
  let at = 0;
  for (const change of pending) {
    const { steps } = change.plan;
    const mine = replies.slice(at, at + steps.length);
    at += steps.length;
    const outputs = steps.map((step, i) =>
      mine[i] ? stepOutput(step, mine[i]) : { code: -1, stdout: '', stderr: '' },
    );
    const bad = mine.findIndex((reply) => reply.code !== 0);
    const reply = mine[bad];
    if (reply?.skipped) {
      // A failure before it ends the loop: what was skipped for anything else must not vanish without a word.
      sent.push({ change, seconds, outputs, result: change.plan.result, failure: notStarted });
      break;
    }
    const failed: FailureSource | undefined = reply && {
      ...failureOfStep(steps[bad], reply),
      ...(steps.slice(0, bad + 1).every((step) => step.looks !== undefined) ? { nothingDone: true } : {}),
      reply,
    };
    const concluded = failed
      ? { result: resultOf(change.plan, outputs), failure: failed }
      : await concludeOne(context, change, outputs, proven.get(change), kind);
    sent.push({ change, seconds, outputs, ...concluded });
    if (concluded.failure) break;
  }
  return sent;
}

/**
 * The result of a change that failed: made from its steps' output where that is possible. `until`, `failedWhen` and
 * rescues read it.
 */
function resultOf({ conclude, result }: Plan<unknown>, outputs: readonly StepOutput[]): unknown {
  try {
    return conclude ? conclude(outputs) : result;
  } catch {
    // The failure is reported already, in better words.
    return result;
  }
}

/** Why a step failed. */
export function failureOfStep(step: Step | undefined, reply: LaneReply): FailureSource {
  const what = step?.label === undefined ? 'The change failed on the host' : `Could not ${step.label}`;
  if (reply.code === 124) return { what: `${what}: it took too long and was ended` };
  return step?.looks ?? { what };
}

/** The result of a change that was made, and the proof that it held. */
async function concludeOne(
  context: HostContext,
  { plan, listed, place }: PendingChange,
  outputs: readonly StepOutput[],
  proof: ReadonlyMap<string, unknown> | undefined,
  kind: TaskKind,
): Promise<Pick<Sent, 'result' | 'failure' | 'message' | 'made'>> {
  let result: unknown = plan.result;
  try {
    if (plan.report) return reported(plan.report(outputs));
    if (plan.conclude) result = plan.conclude(outputs);
  } catch (error) {
    return {
      result,
      failure: {
        ...(error instanceof PlayError
          ? { what: error.message, ...(error.hint ? { hint: error.hint } : {}) }
          : misunderstood(error)),
        output: outputs.at(-1),
      },
    };
  }
  if (plan.again) return { result, failure: undefined };
  const failure = proof
    ? place.session.state.withProof(proof, () => verdict(context.evaluate(listed, kind)))
    : await doubt(context, listed, kind);
  return { result, failure };
}

function reported({
  result,
  changes,
  failure,
  hint,
  output,
  message,
}: Report<unknown>): Awaited<ReturnType<typeof concludeOne>> {
  return {
    result,
    made: changes,
    failure: failure === undefined ? undefined : { what: failure, ...(hint === undefined ? {} : { hint }), output },
    ...(message === undefined ? {} : { message }),
  };
}

export function pendingOf(
  listed: ListedTask,
  place: Place,
  plan: Plan<unknown>,
  { probes, read, files }: Pick<PendingChange, 'probes' | 'read' | 'files'>,
): PendingChange {
  return { listed, place: { ...place, account: accountOf(listed) }, plan, probes, read, files };
}
