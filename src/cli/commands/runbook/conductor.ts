import { ExitCode, PlayError } from '../../../errors/index.ts';
import type { Attempt, RunbookRecord, StepRecord, StepStatus } from '../../../operator/runbook-record.ts';
import {
  isQuestion,
  type Confirmation,
  type RunbookStep,
  type StepContext,
  type StepText,
} from '../../../playbook/index.ts';
import type { PreparedPlay, Stage } from '../../../run/index.ts';
import type { Desk } from '../start-run.ts';
import type { Course, Move, Work } from './moves.ts';

export interface Conducted {
  readonly course: Course;
  readonly record: RunbookRecord;
  readonly attempt: Attempt;
  readonly check: boolean;
  /** `--from`: the operator knows what is with the step that begins. */
  readonly isChosen: boolean;
  /** What a step's question may read, the hosts of its plays given. */
  readonly contextOf: (hosts: readonly string[]) => StepContext;
  /** The command that goes on with it. */
  readonly again: string;
}

/** What stops a runbook between two steps. */
class Stop extends Error {}

/** Takes a course step by step: asks, records, runs its plays, and cleans up whatever came of them. */
export class Conductor {
  readonly #given: Conducted;
  readonly #stage: Stage;
  readonly #desk: Desk;
  readonly #begun = new Set<RunbookStep>();
  #attempt: Attempt;

  constructor(given: Conducted, stage: Stage, desk: Desk) {
    this.#given = given;
    this.#stage = stage;
    this.#desk = desk;
    this.#attempt = given.attempt;
  }

  /** @returns the exit code where hosts do not say more of it; 0 where all is done */
  async run(): Promise<number> {
    const { course, again, check } = this.#given;
    let reason: string | undefined;
    let at: RunbookStep | undefined;
    try {
      let next = 0;
      for (const move of course.moves) {
        at = move.step;
        const plays = this.#stage.plays.slice(next, (next += move.plays.length));
        if (this.#desk.signal.aborted) throw new Stop('interrupted');
        await this.#take(move, plays);
      }
      at = undefined;
      if (course.end !== undefined) this.#desk.tell(course.end);
    } catch (thrown) {
      if (!(thrown instanceof Stop)) throw thrown;
      reason = thrown.message;
    } finally {
      await this.#cleanUp();
      this.#recorded(() => this.#close(at === undefined && course.end === undefined));
    }
    if (at === undefined) return ExitCode.ok;
    this.#desk.tell(
      `${check ? 'would stop' : 'stopped'} at "${at.name}": ${reason}${check ? '' : `. To continue: ${again}`}`,
    );
    return this.#desk.signal.aborted ? ExitCode.ok : ExitCode.hostFailed;
  }

  async #take({ step, title, work }: Move, plays: readonly PreparedPlay[]): Promise<void> {
    const hosts = [...new Set(plays.flatMap((play) => play.hosts))];
    if (!isQuestion(step) && hosts.length === 0) {
      this.#desk.tell(`step ${title}: skipped, as none of its hosts is selected`);
      return;
    }
    const known = this.#attempt.steps[step.name];
    this.#desk.tell(`step ${title}${headings[work](known)}`);
    if (work === 'do') await this.#agree(step, hosts);
    if (isQuestion(step)) return this.#set(step, 'done');
    // What fails here leaves the record as it is: it was done, and is looked into.
    if (work === 'do') this.#set(step, 'begun', step.always !== undefined);
    if (work === 'do') this.#begun.add(step);
    for (const play of plays) {
      if (await this.#stage.run(play)) continue;
      // Of one that was interrupted no more is known than that it was begun.
      if (work === 'do' && !this.#desk.signal.aborted) this.#set(step, 'failed');
      const why = this.#stage.isHeld(play) ? 'a host of it is held' : 'a host failed';
      throw new Stop(this.#desk.signal.aborted ? 'interrupted' : why);
    }
    if (work !== 'recheck') this.#set(step, work === 'do' ? 'done' : 'undone');
  }

  /** @throws Stop where the operator does not agree */
  async #agree(step: RunbookStep, hosts: readonly string[]): Promise<void> {
    const before = this.#attempt.steps[step.name];
    const isUnknown = !isQuestion(step) && step.irreversible === true && before !== undefined && !this.#given.isChosen;
    if (isUnknown && before.status !== 'done')
      await this.#confirm(
        {
          question: `"${step.name}" cannot be undone, was begun by ${before.by} at ${before.at}, and ${before.status === 'failed' ? 'failed' : 'its end is not on record'}. See what state it is in.`,
          type: 'again',
        },
        hosts,
      );
    if (isQuestion(step)) await this.#confirm(step, hosts);
    else if (step.confirm !== undefined) await this.#confirm(step.confirm, hosts);
  }

  async #confirm({ question, type = 'yes' }: Confirmation, hosts: readonly string[]): Promise<void> {
    const context = this.#given.contextOf(hosts);
    const [asked, word] = [textOf(question, context), textOf(type, context)];
    if (this.#given.check) {
      this.#desk.tell(`would ask: ${asked} (to be answered by "${word}")`);
      return;
    }
    let answer: string | undefined;
    try {
      answer = await this.#desk.ask(`${asked}\nType "${word}" to go on: `);
    } catch (thrown) {
      if (thrown instanceof PlayError && this.#desk.signal.aborted) throw new Stop('interrupted');
      throw thrown;
    }
    if (answer === undefined) throw new Stop('there is no terminal to ask at');
    if (answer.trim() !== word)
      throw new Stop(`${JSON.stringify(answer.trim())} was typed, not ${JSON.stringify(word)}`);
  }

  /** What steps do always: of those begun now, and of those that an earlier run still owes. */
  async #cleanUp(): Promise<void> {
    const { course, check } = this.#given;
    const plays = this.#stage.plays.slice(course.moves.reduce((sum, { plays: some }) => sum + some.length, 0));
    if (check && this.#desk.signal.aborted) return;
    for (const [i, { step }] of course.cleanups.entries()) {
      const play = plays[i];
      const isOwed = this.#attempt.steps[step.name]?.owed ?? false;
      if (play === undefined || (!this.#begun.has(step) && !isOwed)) continue;
      if (await this.#stage.clean(play)) this.#recorded(() => this.#set(step, 'cleaned', false));
      else if (!check)
        this.#desk.tell(`not cleaned up: what "${step.name}" does always. It is owed, and done by the next run.`);
    }
  }

  /** At the end a record that cannot be written (a full disk here) keeps nothing from being cleaned up. */
  #recorded(write: () => void): void {
    try {
      write();
    } catch (thrown) {
      if (!(thrown instanceof PlayError)) throw thrown;
      this.#desk.tell(`${thrown.message}. \`status\` does not tell all that was done.`);
    }
  }

  #set(step: RunbookStep, status: StepStatus, owed?: boolean): void {
    if (!this.#given.check) this.#attempt = this.#given.record.set(this.#attempt, step.name, status, owed);
  }

  #close(isOver: boolean): void {
    const isOwed = Object.values(this.#attempt.steps).some(({ owed }) => owed);
    if (!this.#given.check) this.#given.record.close(this.#attempt, isOver && !isOwed);
  }
}

const headings: Readonly<Record<Work, (known: StepRecord | undefined) => string>> = {
  do: () => '',
  undo: () => ', undone',
  recheck: (known) => `: done at ${known?.at} by ${known?.by}, and cannot be undone. Is it still so?`,
};

const textOf = (text: StepText<StepContext['vars']>, context: StepContext): string =>
  typeof text === 'function' ? text(context) : text;
