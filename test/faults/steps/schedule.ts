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
 * @param ofApt all of them are requests in which apt is at work
 */
export function faultsOf({ steps }: SurveyedSection, chosen: readonly string[], ofApt: boolean, dice: Dice): Fault[] {
  const kinds = shuffled(
    chosen.filter((name) => ofApt || faultKinds[name]?.ofApt !== true),
    dice,
  );
  const rarity = (kind: string): number => faultKinds[kind]?.rare ?? 1;
  const areAllRare = kinds.every((kind) => rarity(kind) > 1);
  const first = shuffled([...steps.keys()], dice).map((n) => ({ step: n + 1, offset: dice.below(kinds.length) }));
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

/** Most faults in a row; where apt is at work, which goes on where it was struck, several of one request. */
const longestRow = 30;
const longestOfApt = 12;

/** Among how many that end a row the last one is chosen. */
const enders = 8;

/**
 * The faults that come next in a section, in the order in which a run comes by their requests: some a chain, so that it has
 * faults of all sections. What the run survives ends a row, since nothing is left to do after it: one that comes late.
 */
export function nextRow({ steps }: SurveyedSection, untried: readonly Fault[], ofApt: boolean): Fault[] {
  const isEnd = ({ kind }: Fault): boolean =>
    faultKinds[kind]?.harmless === true || faultKinds[kind]?.mayBeSurvived === true;
  const end = inOrder(untried.filter(isEnd).slice(0, enders)).at(-1);
  const length = ofApt ? longestOfApt : Math.min(longestRow, Math.max(1, Math.round(steps.length / 2)));
  const row = inOrder(untried.filter((one) => !isEnd(one)).slice(0, length));
  return end === undefined ? row : [...row.filter(({ step }) => step < end.step || ofApt), end];
}

const inOrder = (faults: readonly Fault[]): Fault[] =>
  [...faults].sort((a, b) => a.step - b.step || moments.indexOf(a.moment) - moments.indexOf(b.moment));

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
 * The number that a request has in the run after one that was struck: what is done already is only asked about.
 *
 * @param step its number in a run without faults
 * @param reached how far the host has come, as such a number; undefined: nothing happened to it
 */
export const stepOfRest = (step: number, reached: number | undefined, { quietSteps }: SurveyedSection): number =>
  reached === undefined ? step : Math.max(1, Math.min(quietSteps, reached) + step - reached);

/** How many requests a run that has something left to do asks more than a quiet one, before it does it. */
const moreAsked = 4;

/**
 * How far a host has come when its run was struck, as the number of that request in a run without faults: the one that
 * is known again, of several the nearest to where it is reckoned to be. What is only asked again does not count as being on.
 *
 * @param number of the request in the run that was struck
 * @param before how far the host had come before that; undefined: nothing had happened to it
 */
export function reachedBy(
  { request, number }: { readonly request: string; readonly number: number },
  before: number | undefined,
  { steps, quietSteps }: SurveyedSection,
): number {
  if (before === undefined) return number;
  const reckoned = before + number - Math.min(quietSteps, before);
  const same = steps.flatMap((one, n) => (one.request === request && n < reckoned + moreAsked ? [n + 1] : []));
  const [nearest] = same.sort((a, b) => Math.abs(a - reckoned) - Math.abs(b - reckoned));
  return Math.max(before, nearest ?? reckoned - moreAsked);
}

function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const left = [...items];
  const mixed: T[] = [];
  while (left.length > 0) mixed.push(...left.splice(dice.below(left.length), 1));
  return mixed;
}
