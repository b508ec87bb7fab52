import { randomUUID } from 'node:crypto';
import type { LaneReply, LaneRequest } from '../connection/index.ts';
import { ProbeFailure, type Plan, type Prediction, type Question, type Stat } from '../contract/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { linkTarget, sha256, stat, type FileTouch, type KeptOwner, type KeptState } from '../probes/index.ts';
import { Redactor } from '../secrets/index.ts';
import type { HostContext } from './host-context.ts';
import { keepScript } from './keep-script.ts';
import type { PendingChange } from './pack.ts';
import type { Place } from './place.ts';

/** What hosts keep of the files that runs change. */
export interface BackupRule {
  /** The run, as its record calls it. */
  readonly run: string;
  /** Days after which what a run left is removed. */
  readonly days: number;
  /** MiB of all that is kept on a host; the oldest go first. */
  readonly size: number;
  /** MiB of the largest file that is kept. */
  readonly file: number;
  /** False: nothing is kept but what a transaction needs. */
  readonly isOn: boolean;
  /** Runs whose backups are needed by this one. */
  readonly stays?: readonly string[];
}

/** What is kept where nobody says otherwise. */
export const standardBackups = { isOn: true, days: 30, size: 512, file: 16 } as const;

/** Beyond this many in one exchange old files are not kept: a folder of ten thousand is no configuration. */
const mostFiles = 500;

/**
 * The paths that a plan is to change, as far as it says so path by path, with what was found there. Of packages and
 * accounts nothing can be put back by files.
 */
export function filesOf(plan: Plan<unknown>, listed: ListedTask, { session, account }: Place): readonly FileTouch[] {
  if (plan.quiet || plan.touches.some(({ on }) => on === 'packages' || on === 'accounts' || on === 'everything'))
    return [];
  const { state } = session;
  const found = <A>(question: Question<A>): A | undefined => {
    const answer = state.answer(account, question)?.answer;
    return answer === undefined || answer instanceof ProbeFailure ? undefined : (answer as A);
  };
  const secret =
    Boolean(listed.inherited.noLog) ||
    plan.changes.some(({ text }) => text?.secret === true || (text?.secret?.length ?? 0) > 0);
  // A name that was left to us holds what the task is about.
  const task = new Redactor().redact(listed.name);
  const paths = new Map<string, Prediction>();
  for (const one of plan.after)
    if (one.question.kind.kind === 'stat' && one.unknown === undefined) paths.set(one.question.args[0] ?? '', one);
  const planned = byKind(plan.after);
  return [...paths].flatMap(([path, { answer }]): FileTouch[] => {
    const now = found(stat(path));
    const hash = found(sha256(path));
    const after = afterOf(path, answer as Stat, planned, hash);
    if (after.is === 'lost') return [];
    const target = found(linkTarget(path));
    return [
      {
        path,
        task,
        secret,
        after,
        size: now?.type === 'file' ? now.size : 0,
        now: {
          ...(now !== undefined && now.type !== 'absent' ? { owner: ownerOf(now) } : {}),
          ...(typeof hash === 'string' ? { hash } : {}),
          ...(typeof target === 'string' ? { target } : {}),
        },
      },
    ];
  });
}

/** Kind of question -> path -> the last answer. */
type Answers = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/** A tree has thousands of them: each path is looked up, not searched for. */
function byKind(after: readonly Prediction[]): Answers {
  const answers = new Map<string, Map<string, unknown>>();
  for (const { question, answer } of after) {
    const { kind } = question.kind;
    const known = answers.get(kind) ?? new Map<string, unknown>();
    answers.set(kind, known.set(question.args[0] ?? '', answer));
  }
  return answers;
}

function afterOf(path: string, at: Stat, planned: Answers, hashNow: string | null | undefined): KeptState {
  switch (at.type) {
    case 'absent':
      return { is: 'absent' };
    case 'directory':
      return { is: 'directory', ...ownerOf(at) };
    case 'link': {
      const target = planned.get('link')?.get(path);
      return { is: 'link', target: typeof target === 'string' ? target : '' };
    }
    case 'file': {
      const hash = planned.get('sha256')?.get(path) ?? hashNow;
      return { is: 'file', hash: typeof hash === 'string' ? hash : '', ...ownerOf(at) };
    }
    default:
      return { is: 'lost', why: 'it is not a file, folder or link' };
  }
}

function ownerOf({ mode, uid, gid }: KeptOwner): KeptOwner {
  return { mode, uid, gid };
}

/** What is asked to be kept, and under which numbers. */
interface Keeping {
  readonly request: LaneRequest;
  readonly numbers: readonly { readonly path: string; readonly number: number }[];
}

/** What is kept of files, for who has to find it again. */
export interface KeptBefore extends Keeping {
  /** The run it is kept under. */
  readonly run: string;
}

/** What keeps what these are about to overwrite: a request for the exchange that they travel in. */
export function keepBefore(
  { input, transaction }: HostContext,
  pending: readonly PendingChange[],
): KeptBefore | undefined {
  const [first] = pending;
  const files = pending.flatMap((one) => one.files);
  if (first === undefined || files.length === 0) return undefined;
  const { place } = first;
  const { run } = place.session;
  const rule = input.backups ?? { ...standardBackups, run: (run.id ??= randomUUID()), isOn: false };
  const must = transaction !== undefined;
  if (!must && !(rule.isOn && isKept(place))) return undefined;
  const kept = keeping(rule, files, must, () => (run.kept = (run.kept ?? 0) + 1));
  transaction?.add(kept.numbers, rule.run, files);
  return { ...kept, run: rule.run };
}

function keeping(rule: BackupRule, all: readonly FileTouch[], must: boolean, next: () => number): Keeping {
  // Of what comes later in the same exchange, nothing is there yet.
  const first = [...new Map(all.toReversed().map((one) => [one.path, one])).values()].toReversed();
  const last = new Map(all.map((one) => [one.path, one.after]));
  const isMany = !must && first.filter(({ size }) => size > 0).length > mostFiles;
  const files = (isMany ? first.filter(({ size }) => size === 0) : first).map((file) => ({ file, number: next() }));
  const kib = files.reduce((sum, { file: { size } }) => sum + Math.ceil(Math.min(size, rule.file * mib) / 1024) + 4, 0);
  const request = {
    script: keepScript,
    args: [
      rule.run,
      must ? 'y' : '',
      String(rule.file * mib),
      String(rule.size * 1024),
      String(rule.days),
      String(kib),
      ` ${(rule.stays ?? []).join(' ')} `,
      ...files.flatMap(({ file: { path, task, secret, now, after }, number }) => [
        path,
        String(number),
        JSON.stringify({ path, task, secret, now, after: last.get(path) ?? after }),
      ]),
    ],
    afterSuccess: true,
  };
  return { request, numbers: files.map(({ file, number }) => ({ path: file.path, number })) };
}

/** Says once a host where old files were not kept. */
export function tellKept(context: HostContext, { session }: Place, reply: LaneReply | undefined): void {
  const why = reply && !session.hasComplained ? complaintOf(reply) : undefined;
  if (why === undefined) return;
  session.hasComplained = true;
  context.notice(`not all files are kept as they were before: ${why}`);
}

function complaintOf({ stdout, stderr }: LaneReply): string | undefined {
  const lines = stdout.toString('utf8').split('\n');
  if (lines.some((line) => /^\d+ room /.test(line))) return 'there is too little room';
  return lines.length === 1 ? stderr.toString('utf8').trim().split('\n').at(-1) : undefined;
}

const mib = 1024 * 1024;

/** In root's records, or in those of who logs in. What others own they would have to keep themselves. */
function isKept({ account }: Place): boolean {
  return account === 'root' || account === '';
}
