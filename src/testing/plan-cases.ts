import { deepStrictEqual } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inputBytes } from '../connection/index.ts';
import { questionKey, type Change, type Plan, type Prediction, type Question } from '../contract/index.ts';
import { evaluate, type Evaluation } from '../engine/evaluate.ts';
import type { HostSession } from '../engine/host-session.ts';
import { HostState } from '../engine/state.ts';
import { PlayError } from '../errors/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { withScope } from '../playbook/scope.ts';
import { DescribedHost, type HostDescription } from './described-host.ts';

/** A case: what a resource does with given options on a given host. */
export interface PlanCase<O> extends Expected {
  /** The options of the resource. */
  readonly options: O;
  /** Default: a fresh Debian. */
  readonly host?: HostDescription;
  /** Planned in check mode, after earlier changes: answers as they will be, or a command with unknown effects. */
  readonly behind?: { readonly planned?: readonly Prediction[]; readonly command?: boolean };
  /**
   * The files in the folder of the role or playbook, by path: `files/motd`. The folder is called `/role` in the
   * outcome.
   */
  readonly role?: Readonly<Record<string, string | Buffer>>;
}

/**
 * The expected outcome. What is left out is not compared, except `changes`, `fails`, `may` and `assumed`, which must
 * then be absent.
 */
export interface Expected {
  /** The changes, as they are printed: `mode 0644 -> 0600`, `content new file`. */
  readonly changes?: readonly string[];
  /** The contents of files afterwards. */
  readonly writes?: Readonly<Record<string, string | null>>;
  /** The labels of its steps. */
  readonly steps?: readonly string[];
  /** The arguments of each step. */
  readonly args?: readonly (readonly string[])[];
  /** The standard input of each step. */
  readonly stdin?: readonly string[];
  /** Some of the answers that later tasks get in check mode. */
  readonly leaves?: readonly Prediction[];
  /** The message for the operator. */
  readonly message?: string;
  /** What later tasks read. */
  readonly result?: unknown;
  /** Check mode: whether its result is known only once it has run, so that tasks that read it `may change`. */
  readonly isOpen?: boolean;
  /** The files whose diff shows no secret, or nothing at all. */
  readonly masked?: readonly string[];
  /** The command that checks a file before it is put in place. */
  readonly validates?: string;
  /** Why the task fails. */
  readonly fails?: string;
  /** The hint: what to do about it. */
  readonly hint?: string;
  /** Check mode: why it is not known whether it will change anything. */
  readonly may?: string;
  /** Check mode: its assumptions. */
  readonly assumed?: readonly string[];
}

/** The cases of a resource, with the function that makes its tasks. */
export interface PlanCases {
  /** The name of the resource. */
  readonly name: string;
  /** The cases, each named after what it shows. */
  readonly cases: Readonly<Record<string, PlanCase<unknown>>>;
  /** Makes a task of the resource. */
  readonly task: (options: never) => ListedTask['task'];
}

/**
 * Declares the cases of a resource, each named after what it shows. `outcomeOf` returns the outcome of one.
 *
 * @example
 * export const cases = planCases(timezone, {
 *   'a zone that is not there': { options: { name: 'X' }, fails: 'there is no time zone X' },
 * });
 */
export function planCases<O>(
  resource: ((options: O) => ListedTask['task']) & { readonly resource: { readonly name: string } },
  cases: Readonly<Record<string, PlanCase<NoInfer<O>>>>,
): PlanCases {
  return { name: resource.resource.name, cases, task: resource };
}

/**
 * The outcome of a case, in the shape of what is expected.
 * @throws Error if planning again after its own changes finds more to do: a second run would not be empty
 */
export function outcomeOf(cases: PlanCases, one: PlanCase<unknown>): Expected {
  if (one.role === undefined) return outcomeIn('/nowhere', cases, one);
  const dir = mkdtempSync(join(tmpdir(), 'play-case-'));
  try {
    for (const [name, content] of Object.entries(one.role)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), content);
    }
    return JSON.parse(JSON.stringify(outcomeIn(dir, cases, one)).replaceAll(dir, '/role')) as Expected;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** @param dir the folder of the role */
function outcomeIn(dir: string, { task: make }: PlanCases, one: PlanCase<unknown>): Expected {
  let task;
  try {
    task = withScope({ ...scope, dir }, () => make(one.options as never));
  } catch (error) {
    // What is wrong with the options is told before any host is asked.
    if (!(error instanceof PlayError)) throw error;
    return told({ is: 'failed', what: error.message, hint: error.hint }, one);
  }
  const listed = {
    task,
    name: task.name,
    conditions: [],
    inherited: {},
    become: false,
    becomeUser: 'root',
    notify: [],
    tags: [],
    role: null,
    key: task.name,
  } satisfies ListedTask;
  const host = new DescribedHost(one.host ?? {});
  const state = new HostState();
  const account = one.host?.as ?? 'root';
  if (one.behind) {
    state.foresee(one.behind.planned ?? []);
    if (one.behind.command === true) {
      state.mayAppearBecause = '"a command" runs before';
      state.mayAddSources = state.mayAppearBecause;
    }
    state.changedBefore = '"a task" changes the host before';
  }
  const plan = (check: boolean): Evaluation => evaluated(listed, { state, host, account, check });
  const came = plan(one.behind !== undefined);
  const foretold = plan(true);
  holdCheck(came, foretold);
  // Before what follows is planned on top of it.
  const left = leftBy(foretold, one.leaves ?? []);
  holdSecond(came, foretold, state, () => plan(true));
  return { ...told(came, one), ...(one.leaves === undefined ? {} : { leaves: left }) };
}

/**
 * Of a mere wait check mode tells nothing, and what it is not sure of may fail.
 *
 * @throws Error when check mode tells something else than a run
 */
function holdCheck(came: Evaluation, foretold: Evaluation): void {
  if (came.is === 'planned' && came.plan.imperative !== undefined) return;
  const isUnsure = foretold.is === 'planned' && foretold.plan.may !== undefined;
  if (isUnsure && came.is === 'planned' && came.plan.failure !== undefined) return;
  const [run, check] = [told(came, {}), told(foretold, {})].map((one) => JSON.stringify(one));
  if (run !== check) throw new Error(`In check mode it comes to ${check}, in a run to ${run}`);
}

/** @throws Error when something is left to do once it is done */
function holdSecond(came: Evaluation, foretold: Evaluation, state: HostState, plan: () => Evaluation): void {
  if (came.is !== 'planned' || came.plan.failure !== undefined || came.may !== undefined) return;
  if (came.plan.changes.length === 0 || came.plan.again || isDoneHere(came.plan)) return;
  // What is foreseen in check mode alone belongs to the state after too.
  state.foresee(foretold.is === 'planned' ? foretold.plan.after : came.plan.after);
  const again = plan();
  // What is made only then (a certificate) cannot be held against what is wanted.
  if (again.is === 'unknown' && came.plan.after.some((one) => one.unknown !== undefined)) return;
  if (again.is !== 'planned' || again.plan.failure !== undefined || again.plan.changes.length > 0)
    throw new Error(`Planned again, it gives ${JSON.stringify(told(again, {}))}`);
}

function leftBy(foretold: Evaluation, wanted: readonly Prediction[]): Prediction[] {
  const after = foretold.is === 'planned' ? foretold.plan.after : [];
  return wanted.map(({ question }) => leftOf(question, after));
}

/** The last word on a question counts. */
function leftOf(question: Question, after: readonly Prediction[]): Prediction {
  const key = questionKey(question);
  return after.findLast((one) => questionKey(one.question) === key) ?? { question, answer: 'not foreseen' };
}

/**
 * Checks a case against what it expects: the body of a test.
 *
 * @throws AssertionError with the difference; Error if a second run would not be empty
 * @example for (const [name, one] of Object.entries(cases.cases)) test(name, () => checkCase(cases, one));
 */
export function checkCase(cases: PlanCases, one: PlanCase<unknown>): void {
  const { options: _options, role: _role, host: _host, behind: _behind, ...expected } = one;
  deepStrictEqual(outcomeOf(cases, one), expected);
}

const scope: Parameters<typeof withScope>[0] = {
  host: { name: 'web1', groups: [], vars: {}, isSandbox: false, standInImages: {} },
  vars: {},
  groups: {},
  hostvars: {},
  playHosts: ['web1'],
  role: null,
  dir: '/nowhere',
  defaults: {},
  made: new Set(),
  hostOf: () => scope.host,
  openVault: () => undefined,
};

/** Carried out on this machine alone, of which nothing is foreseen. */
function isDoneHere({ imperative, after }: Plan<unknown>): boolean {
  return imperative !== undefined && after.length === 0;
}

interface Ground {
  readonly state: HostState;
  readonly host: DescribedHost;
  readonly account: string;
  readonly check: boolean;
}

function evaluated(listed: ListedTask, { state, host, account, check }: Ground): Evaluation {
  // What planning reads of a session; there is no connection behind it.
  const session = {
    host: 'web1',
    state,
    run: {},
    rootAccount: undefined,
    isStoodInFor: () => false,
    connection: { target: { name: 'web1' } },
  } as unknown as HostSession;
  const place = { session, account };
  for (let round = 0; round < 50; round++) {
    const evaluation = evaluate({ listed, place, own: place, results: new Map(), check, notified: false });
    if (evaluation.is !== 'needs') return evaluation;
    for (const { question } of evaluation.questions) state.record(account, question, host.answer(question).answer);
  }
  throw new Error('It asks without end');
}

function told(came: Evaluation, wanted: Expected): Expected {
  if (came.is === 'unknown') return { may: came.why };
  if (came.is === 'failed')
    return {
      fails: came.what,
      ...(wanted.hint === undefined ? {} : { hint: came.hint ?? '' }),
      ...assumedOf(came.assumed),
    };
  if (came.is !== 'planned') return {};
  const { plan } = came;
  return {
    ...(plan.changes.length > 0 ? { changes: plan.changes.map(changeText) } : {}),
    ...(wanted.writes === undefined ? {} : { writes: writesOf(plan) }),
    ...(wanted.steps === undefined ? {} : { steps: plan.steps.map((step) => step.label ?? step.script) }),
    ...(wanted.args === undefined ? {} : { args: plan.steps.map((step) => step.args ?? []) }),
    ...(wanted.stdin === undefined
      ? {}
      : {
          stdin: plan.steps.map((step) =>
            Buffer.from(step.stdin === undefined ? [] : inputBytes(step.stdin)).toString(),
          ),
        }),
    ...(wanted.message === undefined ? {} : { message: plan.message ?? '' }),
    ...(wanted.result === undefined ? {} : { result: plan.result }),
    ...(wanted.isOpen === undefined ? {} : { isOpen: plan.unforeseen === true }),
    ...(wanted.masked === undefined ? {} : { masked: maskedOf(plan) }),
    ...(wanted.validates === undefined ? {} : { validates: plan.validate?.command ?? '' }),
    ...(plan.failure === undefined ? {} : { fails: plan.failure }),
    ...(plan.failure === undefined || wanted.hint === undefined ? {} : { hint: plan.hint ?? '' }),
    ...(came.may === undefined ? {} : { may: came.may }),
    ...assumedOf(came.assumed),
  };
}

function assumedOf(assumed: readonly string[] = []): { readonly assumed?: readonly string[] } {
  return assumed.length === 0 ? {} : { assumed: [...new Set(assumed)] };
}

function changeText({ what, from, to }: Change): string {
  if (from !== undefined && to !== undefined) return `${what} ${from} -> ${to}`;
  return [what, from ?? to].filter((one) => one !== undefined).join(' ');
}

function writesOf({ changes }: Plan<unknown>): Record<string, string | null> {
  return Object.fromEntries(changes.flatMap(({ text }) => (text ? [[text.path, text.after?.toString() ?? null]] : [])));
}

function maskedOf({ changes }: Plan<unknown>): string[] {
  return changes.flatMap(({ text }) => (text?.secret === undefined ? [] : [text.path]));
}
