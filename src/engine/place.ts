import { BecomeFailed } from '../connection/index.ts';
import type { Question } from '../contract/index.ts';
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

/**
 * Asks all questions: those of one place in one exchange, those of different places at the same time. What is only
 * asked ahead is left out where nobody lets us become that account: whose turn it is fails for it.
 */
export async function askAll(
  questions: readonly PlacedQuestion[],
  ahead: readonly PlacedQuestion[] = [],
): Promise<void> {
  const places: Place[] = [];
  const all = [...questions, ...ahead];
  for (const { place } of all) if (!places.some((known) => samePlace(known, place))) places.push(place);
  const asked = await Promise.allSettled(
    places.map((place) =>
      place.session.exchange(
        place.account,
        [],
        all.filter((one) => samePlace(one.place, place)).map((one) => one.question),
      ),
    ),
  );
  for (const [i, place] of places.entries()) {
    const outcome = asked[i];
    if (outcome?.status !== 'rejected') continue;
    const isAhead = !questions.some((one) => samePlace(one.place, place));
    if (!isAhead || !(outcome.reason instanceof BecomeFailed)) throw outcome.reason;
  }
}
