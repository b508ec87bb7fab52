import { basename } from 'node:path';
import { connect, type Keeping } from '../../../connection/index.ts';
import type { Refusal } from '../../../engine/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { shellWords } from '../../../operator/command-line.ts';
import type { OutputForm } from '../../../options/flags.ts';
import { PlanGuard, comparePlans, type Comparison, type Plan } from '../../../plans/index.ts';
import { masked, type ShownEvent, type ShownTaskEvent } from '../../../report/index.ts';
import { execute, hostsOf, type PreparedRun, type RunOptions } from '../../../run/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { KeptConnections } from './kept-connections.ts';
import { movedText } from './moved-text.ts';
import type { PlanDesk } from './plan-desk.ts';
import { planCommand } from './plan-options.ts';

/** A plan that was read, and what to do with it. */
export interface PlanToApply {
  readonly plan: Plan;
  readonly file: string;
  /** Only some of its hosts are meant. */
  readonly isNarrowed: boolean;
}

/** What the look and the run behind it have in common. */
export type LookOptions = Pick<RunOptions, 'forks' | 'target' | 'signal' | 'ignoreHold' | 'window' | 'forceHandlers'>;

/** A run that is held to a plan. */
export class AppliedPlan {
  readonly #desk: PlanDesk;
  readonly #guard: PlanGuard;
  readonly #applied: PlanToApply;
  readonly #stopped = new Set<string>();
  /** Where connections come from, if they may be those of an earlier run. */
  keeping: Keeping | undefined;
  readonly connections = new KeptConnections((target) => connect(target, this.keeping));

  constructor(applied: PlanToApply, desk: PlanDesk) {
    this.#applied = applied;
    this.#desk = desk;
    this.#guard = new PlanGuard(applied.plan, desk.project);
    refuseOtherKey(applied, desk);
  }

  /** What secrets are told apart by. */
  get key(): PlanDesk['key'] {
    return this.#desk.key;
  }

  /**
   * Derives the plan again, from the code and the hosts as they are, and compares. Nothing is changed.
   *
   * @param output where it is for programs, each difference is a line for them
   * @throws PlayError naming what moved
   */
  async requireSame(
    prepared: PreparedRun,
    redactor: Redactor,
    options: LookOptions,
    output: OutputForm,
  ): Promise<void> {
    const found = await this.#look(prepared, redactor, options).catch(async (thrown: unknown) => {
      await this.connections.close();
      throw thrown;
    });
    if (found.moves.length === 0) return;
    await this.connections.close();
    if (output === 'jsonl')
      for (const move of found.moves) process.stdout.write(`${JSON.stringify({ event: 'moved', ...move })}\n`);
    throw new PlayError(`${basename(this.#applied.file)} is not what would be done now: nothing was changed`, {
      detail: movedText(found),
      hint: `Make a new plan and have it reviewed: ${planCommand(this.#applied.plan, this.#applied.file)}`,
    });
  }

  async #look(prepared: PreparedRun, redactor: Redactor, options: LookOptions): Promise<Comparison> {
    refuseUnfit(this.#applied, hostsOf(prepared));
    const writer = this.#desk.writer();
    await execute(prepared, {
      ...options,
      check: true,
      connect: this.connections.lend,
      listener: (event) => writer.listener(masked(event, redactor, this.key)),
    });
    if (options.signal?.aborted)
      throw new PlayError('Interrupted while comparing with the plan: nothing was changed', {
        exitCode: ExitCode.interrupted,
      });
    const { plan, isNarrowed } = this.#applied;
    return comparePlans(plan, await this.#desk.planOf(writer), isNarrowed);
  }

  /** Hears of the run. */
  listener(event: ShownEvent): void {
    this.#guard.listener(event);
  }

  /** Looks at a change that is due, at its turn. */
  refuse(event: ShownTaskEvent): Refusal | undefined {
    const why = this.#guard.refuse(event);
    if (why === undefined) return undefined;
    this.#stopped.add(event.host);
    return {
      what: `It is not what the plan says: ${why}`,
      hint: 'The task was not started, and the host stops here. Make a new plan: it will leave out what is already correct.',
    };
  }

  /** What was done of the plan where it stopped, and what was not. */
  *standings(): Generator<{ readonly host: string; readonly text: string }> {
    for (const host of this.#stopped) {
      const { done, left } = this.#guard.standing(host);
      yield { host, text: `stopped in the midst of the plan. Done: ${list(done)}. Not done: ${list(left)}` };
    }
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => `"${name}"`);
  if (names.length === 0) return 'nothing';
  return [...shown, ...(names.length > shown.length ? [`and ${names.length - shown.length} more`] : [])].join(', ');
}

/** Without the key nobody can tell whether a secret is the same. */
function refuseOtherKey({ plan, file }: PlanToApply, { key }: PlanDesk): void {
  if (plan.key === key.id || !/"hmac:/.test(JSON.stringify(plan.hosts))) return;
  throw new PlayError('The fingerprints of the plan were made with another key', {
    where: { file },
    detail: `the plan's key is ${plan.key}, this one is ${key.id}`,
    hint: 'Give that key: --plan-key-file FILE. The person who made the plan has it in ~/.local/state/play/plan-key.',
  });
}

/** What is sure to fail, or was not looked at, cannot be signed off. */
function refuseUnfit({ plan, file }: PlanToApply, hosts: readonly string[]): void {
  for (const [host, { counts, out }] of Object.entries(plan.hosts)) {
    if (!hosts.includes(host)) continue;
    if (counts.failed > 0 || counts.unreachable > 0 || out?.is === 'failed')
      throw new PlayError(
        `The plan is incomplete: ${host} ${counts.unreachable > 0 ? 'was out of reach' : 'would fail'}`,
        {
          where: { file },
          hint: `See why (${shellWords(['play', 'show', file])}), fix that, and make a new plan.`,
        },
      );
  }
}
