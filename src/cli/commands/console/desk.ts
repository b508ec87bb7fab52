import { PlayError } from '../../../errors/index.ts';
import { definePlaybook } from '../../../playbook/index.ts';
import { commonFacts, fact } from '../../../probes/index.ts';
import { humanReport, type HostResult, type Runner, type RunResult } from '../../../runner/index.ts';
import type { Secret } from '../../../secrets/index.ts';
import { renderTemplate } from '../../../template/index.ts';
import { Planned, plannedResources, type Outcome, type Planner } from './planned.ts';

interface DeskOptions {
  readonly runner: Runner;
  /** `-l`. */
  readonly limit: string | undefined;
  /** `--write`. */
  readonly isWritable: boolean;
}

/** What the names of a console do. */
export class ConsoleDesk implements Planner {
  readonly #runner: Runner;
  readonly #isWritable: boolean;
  #limit: string | undefined;
  #stop = new AbortController();

  constructor({ runner, limit, isWritable }: DeskOptions) {
    this.#runner = runner;
    this.#isWritable = isWritable;
    this.limit = limit;
  }

  /** The hosts that are meant where none is named. @throws PlayError for a pattern that means none */
  set limit(pattern: string | undefined) {
    if (pattern !== undefined) this.#runner.inventory.hosts(pattern);
    this.#limit = pattern;
  }

  get limit(): string | undefined {
    return this.#limit;
  }

  get hosts(): readonly string[] {
    return this.#runner.inventory.hosts(this.#limit);
  }

  /** Stops what is under way, in good order. */
  interrupt(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  /** All that can be typed, by name. What changes (`hosts`) is worked out when it is read. */
  names(): PropertyDescriptorMap {
    const { inventory } = this.#runner;
    const fixed = {
      inventory,
      groups: inventory.groups,
      hostvars: (host: string) => inventory.variables(host),
      facts: (pattern?: string) => this.#facts(pattern),
      render: (text: string, host?: string) => this.#render(text, host),
      apply: async (task: unknown) => await this.#apply(task),
      ...plannedResources(this),
    };
    return {
      ...Object.fromEntries(Object.entries(fixed).map(([name, value]) => [name, { value, enumerable: true }])),
      hosts: { get: () => this.hosts, enumerable: true },
    };
  }

  async plan(task: Planned): Promise<Outcome> {
    return outcomeOf(await this.#run(task, true));
  }

  async #apply(task: unknown): Promise<Outcome> {
    if (!(task instanceof Planned))
      throw new PlayError('apply needs a task', {
        hint: "Write apply(file({ path: '/srv', state: 'directory' })).",
      });
    if (!this.#isWritable)
      throw new PlayError('This console is read-only: it changes nothing', {
        hint: 'Start it with --write to use apply.',
      });
    return outcomeOf(await this.#run(task, false));
  }

  async #run(task: Planned, check: boolean): Promise<RunResult> {
    const limit = this.#limit;
    if (limit === undefined)
      throw new PlayError('On which hosts?', { hint: 'Type .limit PATTERN, or start the console with -l.' });
    return await this.#runner.run(definePlaybook({ name: 'console', hosts: 'all', tasks: () => [task.make()] }), {
      check,
      limit,
      record: !check,
      signal: this.#stop.signal,
      listener: humanReport({ diff: true }),
    });
  }

  /** Of one host its facts, else those of each by name. Nothing is asked before it is awaited. */
  #facts(pattern?: string): PromiseLike<unknown> {
    const ask = async (): Promise<unknown> => {
      const hosts = this.#runner.inventory.hosts(pattern ?? this.#limit);
      const [only] = hosts;
      if (only !== undefined && only === pattern) return await this.#factsOf(only);
      return Object.fromEntries(
        await Promise.all(hosts.map(async (host) => [host, await this.#factsOf(host)] as const)),
      );
    };
    // oxlint-disable-next-line unicorn/no-thenable -- `facts()` alone asks nobody.
    return { then: (done, failed) => ask().then(done, failed) };
  }

  async #factsOf(host: string): Promise<Readonly<Record<string, unknown>>> {
    const answers = await this.#runner.ask(
      host,
      commonFacts.map((name) => fact(name)),
    );
    return Object.fromEntries(commonFacts.map((name, at) => [name, answers[at]]));
  }

  /** A template's text with the variables of a host. */
  #render(text: string, host: string | undefined): string | Secret {
    const name = host ?? this.hosts[0];
    if (name === undefined) throw new PlayError('There is no host', { hint: "Name one: render('{{x}}', 'web1')." });
    const { inventory } = this.#runner;
    const groups = Object.entries(inventory.groups).flatMap(([group, hosts]) => (hosts.includes(name) ? [group] : []));
    const context = {
      ...inventory.variables(name),
      host: { name, groups, vars: inventory.variables(name) },
      groups: inventory.groups,
      hostvars: Object.fromEntries(inventory.hosts().map((one) => [one, inventory.variables(one)])),
      inventory_hostname: name,
      group_names: groups,
    };
    return renderTemplate({ file: 'the text', text, context }).text;
  }
}

function outcomeOf({ check, hosts }: RunResult): Outcome {
  return Object.fromEntries(Object.entries(hosts).map(([host, result]) => [host, wordFor(result, check)]));
}

function wordFor({ failed, unreachable, held, mayChange, changed, skipped }: HostResult, check: boolean): string {
  if (unreachable > 0) return 'unreachable';
  if (failed > 0) return check ? 'would fail' : 'failed';
  if (held > 0) return 'held';
  if (mayChange > 0) return 'may change';
  if (changed > 0) return check ? 'would change' : 'changed';
  return skipped > 0 ? 'skipped' : 'ok';
}
