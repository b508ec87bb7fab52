/**
 * What tests that attack have in common: few rounds in the suite, many by `npm run attack` (test/attack/run.mjs), which
 * adds up what they tell.
 */
import { appendFileSync } from 'node:fs';

/** The kinds of attack, each with its variable `PLAY_KIND_ROUNDS`. */
export type AttackKind = 'RACE' | 'HOSTILE' | 'FUZZ';

/** @param few how many rounds in the suite */
export function attackRounds(kind: AttackKind, few: number): number {
  return Number(process.env[`PLAY_${kind}_ROUNDS`] ?? few);
}

/** What chance starts from: that of `PLAY_ATTACK_SEED`, to do one again. */
export function attackSeed(): number {
  return Number(process.env['PLAY_ATTACK_SEED'] ?? Math.floor(Math.random() * 1e9));
}

/** The most this process ever held, in MiB. */
export function peakMemory(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

/** What an attack came to. */
export interface AttackFigures {
  readonly kind: AttackKind;
  readonly name: string;
  readonly rounds: number;
  /** In how many of them what was promised did not hold. */
  readonly lost: number;
  /** For people: what tells that the attack was one (swaps made). */
  readonly note?: string;
}

/** Tells `npm run attack`; in the suite nobody. */
export function tellFigures(figures: AttackFigures): void {
  const file = process.env['PLAY_ATTACK_FIGURES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(figures)}\n`);
}
