import type { Question } from '../probes/index.ts';
import type { HostSession } from './host-session.ts';

/** Where a task is carried out, and as whom: the empty account is the login user's. */
export interface Place {
  readonly session: HostSession;
  readonly account: string;
}

export interface PlacedQuestion {
  readonly place: Place;
  readonly question: Question;
}

export function samePlace(a: Place, b: Place): boolean {
  return a.session === b.session && a.account === b.account;
}

/** Asks all questions: those of one place in one exchange, those of different places at the same time. */
export async function askAll(questions: readonly PlacedQuestion[]): Promise<void> {
  const places: Place[] = [];
  for (const { place } of questions) if (!places.some((known) => samePlace(known, place))) places.push(place);
  await Promise.all(
    places.map((place) => place.session.exchange(place.account, [], questions.filter((one) => samePlace(one.place, place)).map((one) => one.question))),
  );
}
