import { NoSuchAccount } from '../connection/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { askStaged, isStaged } from './ask-staged.ts';
import type { HostContext } from './host-context.ts';
import { recordsQuestion } from './host-records.ts';
import type { TaskKind } from './host-run-input.ts';
import { askAll, type Place, type PlacedQuestion } from './place.ts';

/**
 * What the coming tasks will ask, as far as that is known now. User code is asked at its own turn once something has
 * changed; a delegated task's questions are for another host at another time, and a gate is about the moment at which
 * it stands.
 */
export function questionsAhead(
  context: HostContext,
  list: readonly ListedTask[],
  kind: TaskKind,
  includeVolatile: boolean,
): PlacedQuestion[] {
  return list
    .filter((listed) => listed.inherited.delegateTo === undefined && listed.gate === undefined)
    .flatMap((listed) => {
      const evaluation = context.evaluate(listed, kind);
      return evaluation.is === 'needs' ? evaluation.questions : [];
    })
    .filter(
      ({ place, question }) =>
        place.session.refusal(place.account) === undefined &&
        !question.kind.inTurn &&
        (includeVolatile || !question.kind.volatile),
    );
}

/** Asks what is missing for all these tasks, until a round brings up nothing new. */
export async function readAhead(context: HostContext, list: readonly ListedTask[], kind: TaskKind): Promise<void> {
  if (context.input.isForecast) return;
  for (let round = 0; round < 8; round++) {
    const questions = questionsAhead(context, list, kind, context.session.state.changedBefore === undefined);
    if (round === 0 && kind === 'task') questions.push(...aboutRecords(context.records));
    if (questions.length === 0) return;
    try {
      await ask(context, questions, []);
    } catch (error) {
      // An earlier task may create the account that this one needs.
      if (!(error instanceof NoSuchAccount)) throw error;
    }
  }
}

/**
 * A task whose answers keep raising new questions (a link that leads to a link, each time another) is asked for no more
 * often than this.
 */
const mostRounds = 50;

/** Counts how often a task had to be asked for in a row. */
export class Rounds {
  #of: ListedTask | undefined;
  #count = 0;

  /** @returns why the task fails, once that is too often */
  next(listed: ListedTask, questions: readonly PlacedQuestion[]): string | undefined {
    this.#count = this.#of === listed ? this.#count + 1 : 1;
    this.#of = listed;
    if (this.#count <= mostRounds) return undefined;
    return `The host's answers keep raising new questions: after ${mostRounds} rounds it still has to be asked for ${[...new Set(questions.map(({ question }) => question.kind.kind))].join(', ')}`;
  }
}

/** Asks what one task needs now, and with it what the tasks behind it will need. */
export async function askFor(
  context: HostContext,
  needed: readonly PlacedQuestion[],
  coming: readonly ListedTask[],
  kind: TaskKind,
): Promise<void> {
  // A forecast asks nothing, so that nothing can ride along.
  const ahead = context.input.isForecast
    ? []
    : questionsAhead(context, coming, kind, context.session.state.changedBefore === undefined);
  await ask(context, needed, ahead);
}

/** What to ask of what play keeps on record there: debts of earlier runs, holds. */
function aboutRecords(place: Place): PlacedQuestion[] {
  return place.session.state.answer(place.account, recordsQuestion) ? [] : [{ place, question: recordsQuestion }];
}

/** Whether something is held on hosts that are asked for the first time: those that tasks are delegated to. */
function aboutHolds(needed: readonly PlacedQuestion[]): PlacedQuestion[] {
  const asked = new Set(
    needed.filter(({ question }) => question === recordsQuestion).map(({ place: { session } }) => session),
  );
  const fresh: Place[] = [];
  for (const { place } of needed) {
    // A list of thousands has one session, mostly: it is looked at once.
    if (asked.has(place.session)) continue;
    asked.add(place.session);
    if (place.session.holds === undefined) fresh.push(place);
  }
  return fresh.flatMap(aboutRecords);
}

/** Sees to it that what is held there is known, where no question came by yet that it could ride with. */
export async function askHolds(place: Place): Promise<void> {
  if (place.session.holds === undefined) await askAll(aboutRecords(place));
}

async function ask(
  context: HostContext,
  asked: readonly PlacedQuestion[],
  ahead: readonly PlacedQuestion[],
): Promise<void> {
  const needed = [...asked, ...aboutHolds(asked)];
  const isPlain = (one: PlacedQuestion): boolean => !isStaged(one, context.input.check);
  await askAll(needed.filter(isPlain), ahead.filter(isPlain));
  // Answers read from files are asked at the task's own turn: changes planned meanwhile would make them doubtful.
  for (const one of [...needed, ...ahead.filter(({ question }) => question.kind.files === undefined)])
    if (!isPlain(one)) await askStaged(one);
}
