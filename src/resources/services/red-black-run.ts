import { setTimeout as sleep } from 'node:timers/promises';
import { Unreachable } from '../../connection/index.ts';
import {
  ProbeFailure,
  type ImperativeContext,
  type Step,
  type StepOutput,
  type Validation,
} from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { httpStep, whyNoTool, type HttpRequest } from '../commands/http.probe.ts';
import { toldInFlight, type Instance, type RedBlackResult, type Wanted } from './red-black-wanted.ts';
import { lookAt, type Activity } from './red-black.probe.ts';

/** A part of the way, in the order in which they are gone. */
export type Phase =
  | { readonly does: 'steps'; readonly steps: readonly Step[] }
  /** Waits until an instance has nothing in flight. `mustEnd`: nothing can go on before. */
  | { readonly does: 'drain'; readonly instance: Instance; readonly mustEnd: boolean }
  /** Starts an instance and waits until it is healthy. `abandon`: what is done where it is not. */
  | {
      readonly does: 'start';
      readonly instance: Instance;
      readonly steps: readonly Step[];
      readonly abandon: readonly Step[];
    }
  /**
   * Moves the pointer: `steps` write it, `check` may refuse, `load` makes it count. Where that fails `back` writes it as
   * it was, and `abandon` ends the new instance.
   */
  | {
      readonly does: 'point';
      readonly to: Instance;
      readonly from: Instance | undefined;
      readonly steps: readonly Step[];
      readonly check: Validation | undefined;
      readonly load: readonly Step[];
      readonly back: readonly Step[];
      readonly abandon: readonly Step[];
    };

interface Course {
  readonly wanted: Wanted;
  readonly phases: readonly Phase[];
  readonly result: RedBlackResult;
}

/** Goes the way. @throws PlayError where an instance is not healthy, the pointer is refused, or a drain takes too long */
export async function carryOut(
  { wanted, phases, result }: Course,
  context: ImperativeContext,
): Promise<RedBlackResult> {
  const walk = new Walk(wanted, context);
  for (const phase of phases) if ((await walk.go(phase)) === 'left') return result;
  return result;
}

/** Milliseconds between two looks: often at first, then as befits a wait of hours. */
const pauseAfter = (seconds: number): number => (seconds < 30 ? 500 : 2000);

class Walk {
  readonly #wanted: Wanted;
  readonly #context: ImperativeContext;

  constructor(wanted: Wanted, context: ImperativeContext) {
    this.#wanted = wanted;
    this.#context = context;
  }

  async go(phase: Phase): Promise<'done' | 'left'> {
    switch (phase.does) {
      case 'steps':
        await this.#run(phase.steps);
        return 'done';
      case 'drain':
        return this.#drain(phase.instance, phase.mustEnd);
      case 'start':
        await this.#start(phase);
        return 'done';
      case 'point':
        await this.#point(phase);
        return 'done';
    }
  }

  async #run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#context.run(step);
  }

  /** Changes nothing, so that a link that is lost meanwhile ends no wait of hours. */
  async #ask(step: Step): Promise<StepOutput> {
    try {
      return await this.#context.run(step);
    } catch (error) {
      if (!(error instanceof Unreachable) || this.#isInterrupted) throw error;
      await this.#context.recover();
      return this.#context.run(step);
    }
  }

  async #start({ instance, steps, abandon }: Phase & { does: 'start' }): Promise<void> {
    try {
      await this.#run(steps);
      await this.#untilHealthy(instance);
    } catch (error) {
      if (!this.#canGoBack(error)) throw error;
      await this.#run(abandon);
      throw error;
    }
  }

  async #untilHealthy(instance: Instance): Promise<void> {
    const { healthTimeout } = this.#wanted;
    const started = Date.now();
    for (;;) {
      const why = await this.#whyUnhealthy(instance);
      if (why === undefined) return;
      const seconds = (Date.now() - started) / 1000;
      if (seconds >= healthTimeout)
        throw new PlayError(`${instance.unit} is not healthy after ${healthTimeout} s: ${why}`, {
          hint: `The pointer has not moved, and ${instance.unit} is stopped again: journalctl -u ${instance.unit}`,
        });
      this.#context.progress(`${instance.unit} starts: ${why}, ${Math.round(seconds)} of ${healthTimeout} s`);
      await this.#pause(`${instance.unit} runs, but the pointer has not moved`);
    }
  }

  async #whyUnhealthy(instance: Instance): Promise<string | undefined> {
    const { health, unit, port } = instance;
    if (health === undefined)
      return (await this.#look(instance)).listens ? undefined : `${unit} does not listen on port ${port}`;
    if (typeof health === 'string') return this.#whyNoAnswer(health);
    const { code, stderr } = await this.#ask(commandStep(health));
    return code === 0 ? undefined : `"${health.join(' ')}" ends with ${code}${lastLine(stderr)}`;
  }

  /** Why an address does not answer with 2xx; undefined where it does. */
  async #whyNoAnswer(url: string): Promise<string | undefined> {
    const answer = await this.#get(url);
    if (typeof answer === 'string') return answer;
    return answer.status >= 200 && answer.status < 300 ? undefined : `${url} answers ${answer.status}`;
  }

  /** @returns why there is no answer, or what it is */
  async #get(url: string): Promise<string | { readonly status: number; readonly body: string }> {
    const { script, stdin, read } = httpStep({ ...request, url });
    const answer = read((await this.#ask({ script, stdin, timeout: 60, label: `ask ${url}` })).stdout);
    if (answer instanceof ProbeFailure) return answer.message;
    if ('tool' in answer) throw new PlayError(whyNoTool[answer.tool]);
    return answer.status === 0 ? `${url} gives no answer${lastLine(answer.error)}` : answer;
  }

  async #point({ to, from, steps, check, load, back, abandon }: Phase & { does: 'point' }): Promise<void> {
    try {
      await this.#run(steps);
      if (check !== undefined) await this.#context.run(checkStep(check));
      await this.#run(load);
      if (from !== undefined) await this.#untilFrontAnswers();
    } catch (error) {
      if (from === undefined || !this.#canGoBack(error)) throw error;
      await this.#run([...back, ...load]);
      // It may have got work meanwhile.
      await this.#drain(to, true);
      await this.#run(abandon);
      throw error;
    }
  }

  /** A proxy that has just been reloaded may need a moment. */
  async #untilFrontAnswers(): Promise<void> {
    const { front } = this.#wanted;
    if (front === undefined) return;
    let why: string | undefined;
    for (let tries = 0; tries < 5; tries++) {
      why = await this.#whyNoAnswer(front);
      if (why === undefined) return;
      await this.#pause('the pointer has moved, and nothing has been stopped');
    }
    throw new PlayError(`The pointer has moved, but ${why}`, { hint: 'It was moved back.' });
  }

  /** `left`: it goes on with what it has. */
  async #drain(instance: Instance, mustEnd: boolean): Promise<'done' | 'left'> {
    const { drainTimeout, onTimeout } = this.#wanted;
    const started = Date.now();
    // Twice in a row: between two requests of a client there is a moment without any.
    for (let quiet = 0; ;) {
      const activity = await this.#look(instance);
      if (!activity.isActive) return 'done';
      const left = await this.#leftIn(instance, activity);
      quiet = left === undefined ? quiet + 1 : 0;
      if (quiet === 3) return 'done';
      const seconds = (Date.now() - started) / 1000;
      if (left !== undefined && seconds >= drainTimeout && onTimeout !== 'wait') {
        if (onTimeout === 'stop') return 'done';
        if (onTimeout === 'leave' && !mustEnd) return 'left';
        throw new PlayError(`${instance.unit} after ${drainTimeout} s: ${left}`, {
          hint: `It keeps working on what it has, and the next run waits again. To end it: systemctl stop ${instance.unit}`,
        });
      }
      if (left !== undefined) this.#context.progress(`${left}, ${Math.round(seconds)} of ${drainTimeout} s`);
      await this.#pause(
        `${instance.unit} keeps working on what it has${left === undefined ? '' : ` (${left})`}`,
        seconds,
      );
    }
  }

  /** What an instance has in flight, in words; undefined for nothing. */
  async #leftIn(instance: Instance, { connections, oldProcesses }: Activity): Promise<string | undefined> {
    const { pointer } = this.#wanted;
    const count = instance.inFlight === undefined ? connections : await this.#inFlight(instance.inFlight);
    if (typeof count === 'string') return count;
    if (count > 0) return `${count} left (${toldInFlight(instance)})`;
    return oldProcesses > 0 && pointer.by === 'file'
      ? `${oldProcesses} old ${oldProcesses === 1 ? 'process' : 'processes'} of ${pointer.reload}`
      : undefined;
  }

  /** @returns how many, or why that is not known */
  async #inFlight(given: NonNullable<Instance['inFlight']>): Promise<number | string> {
    if (!('metric' in given)) {
      const { code, stdout, stderr } = await this.#ask(commandStep(given));
      const count = Number.parseFloat(stdout);
      return code === 0 && !Number.isNaN(count)
        ? count
        : `"${given.join(' ')}" does not print a number${lastLine(code === 0 ? stdout : stderr)}`;
    }
    const answer = await this.#get(given.url);
    if (typeof answer === 'string') return answer;
    return sumOf(given.metric, answer.body) ?? `${given.url} has no ${given.metric} (status ${answer.status})`;
  }

  async #look({ unit, port }: Instance): Promise<Activity> {
    const { pointer } = this.#wanted;
    const proxy =
      pointer.by === 'file' && pointer.oldProcesses ? { unit: pointer.reload, file: pointer.file } : undefined;
    const step = lookAt(unit, port, proxy);
    return step.read(await this.#ask(step));
  }

  /** Where the host is gone, or the person wants it to end, what stands is left to the next run. */
  #canGoBack(error: unknown): boolean {
    return error instanceof PlayError && !(error instanceof Unreachable) && !this.#isInterrupted;
  }

  get #isInterrupted(): boolean {
    return this.#context.signal?.aborted === true;
  }

  /** @param standing how things stand, for who interrupts it there */
  async #pause(standing: string, seconds = 0): Promise<void> {
    const { signal } = this.#context;
    await sleep(pauseAfter(seconds), undefined, signal ? { signal } : {}).catch((cause: unknown) => {
      throw new PlayError(`Interrupted: ${standing}`, { cause, hint: 'The next run goes on from there.' });
    });
  }
}

const request: Omit<HttpRequest, 'url'> = {
  method: 'GET',
  accepted: [200],
  headers: [],
  isSecret: false,
  validateCerts: false,
  timeout: 10,
  retries: 0,
  delay: 1,
  wantsBody: true,
};

const commandStep = (argv: readonly string[]): Step => ({
  script: 'exec "$@"',
  args: argv,
  anyExit: true,
  timeout: 60,
  label: `run ${argv.join(' ')}`,
});

const checkStep = ({ command, shown, path }: Validation): Step => ({
  script: 'PLAY_STAGED=$2 sh -c "$1"',
  args: [command, path],
  label: `use ${path}, which "${shown}" refuses`,
});

/** The sum of a metric on a page in the text format of Prometheus; undefined where it is not there. */
function sumOf(metric: string, page: string): number | undefined {
  const values = page.split('\n').flatMap((line) => {
    const [, name, value] = /^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{.*\})?\s+(\S+)/.exec(line) ?? [];
    return name === metric ? [Number(value)] : [];
  });
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

function lastLine(text: string): string {
  const last = text.trim().split('\n').at(-1)?.trim();
  return last === undefined || last === '' ? '' : `: ${last}`;
}
