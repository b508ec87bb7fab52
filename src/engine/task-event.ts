import type { LaneReply } from '../connection/index.ts';
import type { Change, Plan, StepOutput } from '../contract/index.ts';
import { locationText } from '../errors/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import type { TaskEvent, TaskFailure, TaskStatus } from './events.ts';

/** What every event of a task says, whatever the outcome. */
export interface EventBase {
  readonly event: 'task' | 'handler';
  readonly host: string;
  readonly play: string;
  readonly listed: ListedTask;
  readonly seconds: number;
  /** The host it was carried out on, where that is not the play's. */
  readonly delegatedTo?: string;
}

interface Outcome {
  readonly status: TaskStatus;
  readonly plan?: Plan<unknown>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly assumed: readonly string[];
  readonly may: string | undefined;
  readonly output?: StepOutput | undefined;
}

/** What a command printed, if the result is a command's. */
export function outputOf(result: unknown): StepOutput | undefined {
  const { rc, stdout, stderr } = (result ?? {}) as {
    readonly rc?: unknown;
    readonly stdout?: unknown;
    readonly stderr?: unknown;
  };
  return typeof rc === 'number' && typeof stdout === 'string' && typeof stderr === 'string'
    ? { code: rc, stdout, stderr }
    : undefined;
}

function common({ event, host, play, listed, seconds, delegatedTo }: EventBase) {
  const { task } = listed;
  return {
    event,
    host,
    play,
    role: listed.role,
    task: listed.name,
    ...(task.subject === undefined || listed.inherited.noLog ? {} : { subject: task.subject }),
    resource: task.body.resource.name,
    tags: listed.tags,
    seconds,
    hidden: listed.inherited.noLog ?? false,
    ignored: false,
    rescued: false,
    ...(listed.gate === undefined ? {} : { gate: listed.gate.when }),
    ...(delegatedTo === undefined ? {} : { delegatedTo }),
  };
}

export function taskEvent(base: EventBase, { status, plan, options, assumed, may, output }: Outcome): TaskEvent {
  return {
    ...common(base),
    work: { listed: base.listed, ...(plan ? { plan } : {}), ...(options ? { options } : {}) },
    status,
    changed: status === 'changed',
    assumed: [...new Set(assumed)],
    may: may ?? null,
    changes: plan?.changes ?? [],
    message: plan?.message ?? null,
    error: null,
    ...(plan?.messageOpen ? { messageOpen: true as const } : {}),
    ...(plan?.detail === undefined ? {} : { detail: plan.detail }),
    ...(plan?.always ? { always: true as const } : {}),
    ...(output && output.stdout + output.stderr !== '' ? { output } : {}),
  };
}

/** Why a task failed, with what the host said. */
export interface FailureSource {
  readonly what: string;
  readonly hint?: string;
  readonly reply?: LaneReply;
  readonly output?: StepOutput | undefined;
  /** The host is as it was before the task. */
  readonly nothingDone?: boolean;
}

export function failureEvent(base: EventBase, failure: FailureSource, changes: readonly Change[] = []): TaskEvent {
  return {
    ...common(base),
    status: 'failed',
    changed: false,
    assumed: [],
    may: null,
    changes,
    message: null,
    error: taskFailure(base, failure),
    work: { listed: base.listed },
  };
}

/** A host that could not be reached, or was lost, where the task says to ignore that. */
export function unreachableEvent(
  base: EventBase,
  { message, hint }: { readonly message: string; readonly hint?: string | undefined },
): TaskEvent {
  return { ...failureEvent(base, { what: message, ...(hint === undefined ? {} : { hint }) }), status: 'unreachable' };
}

function taskFailure({ listed }: EventBase, { what, hint, reply, output }: FailureSource): TaskFailure {
  const at = listed.task.at;
  const { service } = listed.inherited;
  return {
    what,
    hint: hint ?? null,
    code: reply?.code ?? output?.code ?? null,
    stdout: reply?.stdout.toString('utf8') ?? output?.stdout ?? '',
    stderr: reply?.stderr.toString('utf8') ?? output?.stderr ?? '',
    at: at ? locationText(at) : null,
    ...(service === undefined ? {} : { services: [service] }),
  };
}
