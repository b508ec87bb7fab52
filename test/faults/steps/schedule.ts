/** Which fault strikes which request, in which order. */
import type { Dice } from '../../support/dice.ts';
import { moments, type Moment } from './counting-shell.ts';
import { faultKinds } from './kinds.ts';
import type { SurveyedSection } from './survey.ts';

export interface Fault {
  readonly kind: string;
  /** The number of the request, from 1. */
  readonly step: number;
  readonly moment: Moment;
  /** Seconds from the begin of the request, for `amid`. */
  readonly delay: number;
}

/**
 * The faults of a section: each of its requests in a random order, and again with another kind, until each had all.
 *
 * @param ofApt only requests in which apt is at work
 */
export function faultsOf({ steps }: SurveyedSection, chosen: readonly string[], ofApt: boolean, dice: Dice): Fault[] {
  const requests = steps.flatMap((step, n) => (!ofApt || step.isApt ? [n + 1] : []));
  const kinds = shuffled(
    chosen.filter((name) => ofApt || faultKinds[name]?.ofApt !== true),
    dice,
  );
  const rarity = (kind: string): number => faultKinds[kind]?.rare ?? 1;
  const areAllRare = kinds.every((kind) => rarity(kind) > 1);
  const first = shuffled(requests, dice).map((step) => ({ step, offset: dice.below(kinds.length) }));
  const faults: Fault[] = [];
  for (let pass = 0; pass < kinds.length; pass++) {
    for (const { step, offset } of shuffled(first, dice)) {
      const kind = kinds[(offset + pass) % kinds.length] ?? '';
      const isTaken = areAllRare || dice.chance(1 / rarity(kind));
      const moment = dice.one(faultKinds[kind]?.moments ?? moments);
      const delay = dice.share() * (steps[step - 1]?.seconds ?? 0);
      if (isTaken) faults.push({ kind, step, moment, delay });
    }
  }
  return faults;
}

/** Most faults in a row. */
const longestRow = 16;

/**
 * The faults that come next in a section, in the order in which a run comes by their requests: some a chain, so that it has
 * faults of all sections. What does no harm ends a row, since nothing is left to do after it.
 */
export function nextRow({ steps }: SurveyedSection, untried: readonly Fault[]): Fault[] {
  const isHarmless = ({ kind }: Fault): boolean => faultKinds[kind]?.harmless === true;
  const length = Math.min(longestRow, Math.max(1, Math.round(steps.length / 4)));
  const row = inOrder(untried.filter((one) => !isHarmless(one)).slice(0, length));
  const last = untried.find((one) => isHarmless(one) && one.step > (row.at(-1)?.step ?? 0));
  return last === undefined ? row : [...row, last];
}

const inOrder = (faults: readonly Fault[]): Fault[] => [...faults].sort((a, b) => a.step - b.step);

/** Which fault of its section it is. */
export const faultKey = ({ kind, step }: Fault): string => `${kind} ${step}`;

/** A row as it is given on the command line, to do it again: `kill:before:12,cut:amid:20:0.125`. */
export const rowText = (row: readonly Fault[]): string =>
  row
    .map(({ kind, moment, step, delay }) =>
      [kind, moment, step, ...(moment === 'amid' ? [delay.toFixed(3)] : [])].join(':'),
    )
    .join(',');

/** @throws Error where a word means nothing */
export function readRow(text: string): Fault[] {
  return inOrder(
    text.split(',').map((one) => {
      const [kind = '', word, step, delay = '0'] = one.split(':');
      const moment = moments.find((known) => known === word);
      if (faultKinds[kind] === undefined || moment === undefined || !(Number(step) >= 1))
        throw new Error(`"${one}" is no fault: KIND:MOMENT:REQUEST, with seconds behind it for "amid"`);
      return { kind, moment, step: Number(step), delay: Number(delay) };
    }),
  );
}

/**
 * The number that a request has in the run after one that was struck: what that one did is only asked about.
 *
 * @param step its number in a run without faults
 * @param struck the number of the request that was struck before, in such a run
 */
export const stepOfRest = (step: number, struck: number | undefined, { quietSteps }: SurveyedSection): number =>
  struck === undefined ? step : Math.max(1, Math.min(quietSteps, struck) + step - struck);

function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const left = [...items];
  const mixed: T[] = [];
  while (left.length > 0) mixed.push(...left.splice(dice.below(left.length), 1));
  return mixed;
}
