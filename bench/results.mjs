// What was measured: medians beside each other, targets, what could not be measured and why.
import { median } from './measure.mjs';
import { targets } from './targets.mjs';

/** Seconds after which a way is not measured again: with all rivals three times, the whole would take an hour. */
const budget = 20;

export class Results {
  /** Each `{ title, base, rows }`. */
  sections = [];
  /** What a section could not do, by its name. */
  failed = {};
  #values = new Map();
  #rounds;
  #isOver;

  /** @param isOver whether the time of the whole bench is up: each way is measured once then */
  constructor(rounds, isOver) {
    this.#rounds = rounds;
    this.#isOver = isOver;
  }

  /**
   * Measures in turn (A B A B), so that what the machine does beside it meets all alike.
   *
   * @param ways each `{ name, once }`, where `once` gives seconds and more, and at most `rounds` times where it says so;
   *   or `{ name, missing }`, why it cannot be
   * @param base the way the others are told as multiples of
   * @returns rows by name: medians, all seconds, the ratio to the base
   */
  async compare(title, ways, base) {
    console.log(`\n${title}`);
    const measured = ways.map((way) => ({ ...way, all: [], memory: [], processor: [], spent: 0 }));
    for (let round = 0; round < this.#rounds; round++)
      for (const way of measured) {
        const isEnough = round >= (way.rounds ?? this.#rounds) || way.spent > budget || (round > 0 && this.#isOver());
        if (way.missing !== undefined || isEnough) continue;
        const { seconds, memory, processor } = await way.once();
        way.spent += seconds;
        way.all.push(seconds);
        if (memory !== undefined) way.memory.push(memory);
        if (processor !== undefined) way.processor.push(processor);
      }
    const rows = measured.map(({ name, missing, all, memory, processor }) =>
      missing === undefined
        ? {
            name,
            seconds: median(all),
            all,
            ...(memory.length > 0 ? { memory: median(memory) } : {}),
            ...(processor.length > 0 ? { processor: median(processor) } : {}),
          }
        : { name, missing },
    );
    const of = rows.find(({ name }) => name === base)?.seconds;
    for (const row of rows) if (of !== undefined && row.seconds !== undefined) row.ratio = row.seconds / of;
    for (const row of rows) console.log(`  ${rowText(row)}`);
    this.sections.push({ title, base, rows });
    return Object.fromEntries(rows.map((row) => [row.name, row]));
  }

  /** The value that is held against a target, by its key. @param how where that is not plain to see */
  reached(key, value, how) {
    const { work, target, most, unit } = targets[key];
    // A round trip is a whole one: the rest is noise.
    const isMet = (unit === ' round trips' ? Math.round(value) : value) <= most;
    this.#values.set(key, { value, isMet, ...(how === undefined ? {} : { how }) });
    console.log(
      `  ${work}: ${valueText(value, unit)}${how === undefined ? '' : ` (${how})`}, ${isMet ? 'met' : 'MISSED'} (${target})`,
    );
  }

  /** All targets with what came of them. */
  get targets() {
    return Object.entries(targets).map(([key, one]) => ({ key, ...one, ...this.#values.get(key) }));
  }
}

/** A value as people read it. */
export function valueText(value, unit) {
  const digits = unit === ' MB' && value >= 10 ? 0 : unit === ' round trips' || unit === ' more' ? 1 : 2;
  return `${Number(value.toFixed(digits))}${unit}`;
}

function rowText({ name, missing, seconds, ratio, memory }) {
  if (missing !== undefined) return `${name.padEnd(34)} not measured: ${missing}`;
  const parts = [name.padEnd(34), `${seconds.toFixed(2).padStart(8)} s`];
  if (ratio !== undefined) parts.push(`${ratio.toFixed(2).padStart(7)}x`);
  if (memory !== undefined) parts.push(`${String(Math.round(memory)).padStart(5)} MB`);
  return parts.join(' ');
}
