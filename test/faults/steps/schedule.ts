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
 * The faults of a section: each of its requests in a random order, and again with another kind, until each had all. The list is
 * read on from its begin when it is over.
 */
export function faultsOf({ steps }: SurveyedSection, chosen: readonly string[], dice: Dice): Fault[] {
  const isApt = steps.some((step) => step.isApt);
  const kinds = shuffled(
    chosen.filter((name) => faultKinds[name]?.ofApt !== true || isApt),
    dice,
  );
  if (steps.length === 0 || kinds.length === 0) return [];
  const first = shuffled(
    steps.map((_, n) => n + 1),
    dice,
  );
  const offset = new Map(first.map((step) => [step, dice.below(kinds.length)]));
  const faults: Fault[] = [];
  for (let pass = 0; pass < kinds.length; pass++) {
    for (const step of shuffled(first, dice)) {
      const kind = kinds[((offset.get(step) ?? 0) + pass) % kinds.length] ?? '';
      const of = faultKinds[kind];
      if (of === undefined || (of.ofApt === true && steps[step - 1]?.isApt !== true)) continue;
      if (of.rare !== undefined && !dice.chance(1 / of.rare)) continue;
      const moment = dice.one(of.moments ?? moments);
      faults.push({ kind, step, moment, delay: dice.share() * (steps[step - 1]?.seconds ?? 0) });
    }
  }
  return faults;
}

function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const left = [...items];
  const mixed: T[] = [];
  while (left.length > 0) mixed.push(...left.splice(dice.below(left.length), 1));
  return mixed;
}
