import { deepStrictEqual } from 'node:assert';
import type { InferInput, ObjectEntries, StrictObjectSchema } from 'valibot';
import type { Change, Prediction, Plan } from '../contract/index.ts';
import { evaluate, type Evaluation } from '../engine/evaluate.ts';
import type { HostSession } from '../engine/host-session.ts';
import { HostState } from '../engine/state.ts';
import type { ListedTask, ResourceFunction } from '../playbook/index.ts';
import { withScope } from '../playbook/scope.ts';
import { DescribedHost, type HostDescription } from './described-host.ts';

/** What a resource makes of some options on some host. */
export interface PlanCase<O> extends Expected {
  readonly options: O;
  /** Default: a fresh Debian. */
  readonly host?: HostDescription;
  /**
   * Check mode, behind what is planned before: answers as they will be, a command of which nobody knows what it does.
   */
  readonly behind?: { readonly planned?: readonly Prediction[]; readonly command?: boolean };
}

/**
 * What is looked at. Left out: not compared, but for `changes`, `fails`, `may` and `assumed`, which are then to be
 * none.
 */
export interface Expected {
  /** As they are printed: `mode 0644 -> 0600`, `content new file`. */
  readonly changes?: readonly string[];
  /** What files hold after it. */
  readonly writes?: Readonly<Record<string, string | null>>;
  /** The labels of its steps. */
  readonly steps?: readonly string[];
  readonly result?: unknown;
  readonly fails?: string;
  readonly hint?: string;
  readonly may?: string;
  readonly assumed?: readonly string[];
}

export interface PlanCases {
  readonly name: string;
  readonly cases: Readonly<Record<string, PlanCase<unknown>>>;
  readonly task: (options: never) => ListedTask['task'];
}

/**
 * The cases of a resource, by what each shows. @example export const cases = planCases(timezone, { 'a zone that is not
 * there': { options: { name: 'X' }, fails: ... } })
 */
export function planCases<E extends ObjectEntries, R>(
  resource: ResourceFunction<E, R>,
  cases: Readonly<Record<string, PlanCase<InferInput<StrictObjectSchema<E, undefined>>>>>,
): PlanCases {
  return { name: resource.resource.name, cases, task: resource };
}

/**
 * What a case comes to, in the shape in which it is expected.
 * @throws Error when the plan wants more once it is carried out: a second run would not be empty
 */
export function outcomeOf({ task: make }: PlanCases, one: PlanCase<unknown>): Expected {
  const task = withScope(scope, () => make(one.options as never));
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
    if (one.behind.command === true) state.mayAppearBecause = '"a command" runs before';
    state.changedBefore = '"a task" changes the host before';
  }
  const plan = (check: boolean): Evaluation => evaluated(listed, { state, host, account, check });
  const came = plan(one.behind !== undefined);
  if (
    came.is === 'planned' &&
    came.plan.failure === undefined &&
    came.plan.changes.length > 0 &&
    !came.plan.again &&
    came.may === undefined
  ) {
    state.foresee(came.plan.after);
    const again = plan(true);
    if (again.is !== 'planned' || again.plan.failure !== undefined || again.plan.changes.length > 0)
      throw new Error(`Planned again it comes to ${JSON.stringify(told(again, {}))}`);
  }
  return told(came, one);
}

/**
 * Holds a case to what it expects: the body of a test.
 *
 * @throws AssertionError with the difference; Error where a second run would not be empty
 * @example for (const [name, one] of Object.entries(cases.cases)) test(name, () => checkCase(cases, one));
 */
export function checkCase(cases: PlanCases, one: PlanCase<unknown>): void {
  const { options: _options, host: _host, behind: _behind, ...expected } = one;
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
  made: new Set(),
  hostOf: () => scope.host,
  openVault: () => Buffer.alloc(0),
};

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
    ...(wanted.result === undefined ? {} : { result: plan.result }),
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
