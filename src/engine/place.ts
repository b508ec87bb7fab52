import { BecomeFailed } from '../connection/index.ts';
import type { Question } from '../contract/index.ts';
import type { HostSession } from './host-session.ts';

/** Where a task is carried out, and as which account: the empty one is the login user's. */
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
 * Asks all questions: those for one place in one exchange, those for different places at the same time. Questions asked
 * ahead are left out where we cannot become the account: the task that needs it fails at its own turn.
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
