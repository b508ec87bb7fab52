import { createHash } from 'node:crypto';
import { countOf } from '../python/numbers.ts';
import type { Parameters } from '../python/parameters.ts';
import { JinjaError } from '../python/problem.ts';
import { isSequence, itemsOf, plain, wrong, type JinjaValue } from '../python/value.ts';
import { openFilter, type Filters } from './definition.ts';

/**
 * The Mersenne Twister (MT19937, Matsumoto and Nishimura, 1998), seeded and read as Python's `random.Random` does, so
 * that `random(seed=inventory_hostname)` picks the same minute as in Ansible.
 */
class PythonRandom {
  readonly #state = new Uint32Array(624);
  #index = 624;

  /** @param seed its key in words of 32 bits, the lowest first */
  constructor(seed: readonly number[]) {
    this.#seed(19_650_218);
    const { length } = this.#state;
    let i = 1;
    let j = 0;
    for (let k = Math.max(length, seed.length); k > 0; k--) {
      this.#state[i] = (this.#at(i) ^ Math.imul(this.#before(i), 1_664_525)) + (seed[j] ?? 0) + j;
      i++;
      j = (j + 1) % seed.length;
      if (i >= length) i = this.#wrap();
    }
    for (let k = length - 1; k > 0; k--) {
      this.#state[i] = (this.#at(i) ^ Math.imul(this.#before(i), 1_566_083_941)) - i;
      i++;
      if (i >= length) i = this.#wrap();
    }
    this.#state[0] = 0x8000_0000;
  }

  #seed(seed: number): void {
    this.#state[0] = seed;
    for (let i = 1; i < this.#state.length; i++) {
      const last = this.#at(i - 1);
      this.#state[i] = Math.imul(1_812_433_253, last ^ (last >>> 30)) + i;
    }
  }

  #at(i: number): number {
    return this.#state[i] ?? 0;
  }

  #before(i: number): number {
    const last = this.#at(i - 1);
    return last ^ (last >>> 30);
  }

  #wrap(): number {
    this.#state[0] = this.#at(this.#state.length - 1);
    return 1;
  }

  #twist(): void {
    const { length } = this.#state;
    for (let i = 0; i < length; i++) {
      const bits = (this.#at(i) & 0x8000_0000) | (this.#at((i + 1) % length) & 0x7fff_ffff);
      this.#state[i] = this.#at((i + 397) % length) ^ (bits >>> 1) ^ (bits & 1 ? 0x9908_b0df : 0);
    }
    this.#index = 0;
  }

  #word(): number {
    if (this.#index >= this.#state.length) this.#twist();
    let bits = this.#at(this.#index++);
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c_5680;
    bits ^= (bits << 15) & 0xefc6_0000;
    return (bits ^ (bits >>> 18)) >>> 0;
  }

  /** A whole number from 0 to below `limit`, which is at most 2³². */
  below(limit: number): number {
    const bits = 32 - Math.clz32(limit);
    for (;;) {
      const found = bits === 0 ? 0 : this.#word() >>> (32 - bits);
      if (found < limit) return found;
    }
  }
}

/** As `random.seed` of Python 3 makes a key of a text or a number. */
function keyOf(seed: JinjaValue): number[] {
  const value = plain(seed);
  let key: bigint;
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    key = BigInt(`0x${Buffer.concat([bytes, createHash('sha512').update(bytes).digest()]).toString('hex')}`);
  } else {
    const count = BigInt(countOf(value, '"seed"'));
    key = count < 0n ? -count : count;
  }
  const words: number[] = [];
  for (; key > 0n; key >>= 32n) words.push(Number(key & 0xffff_ffffn));
  return words.length === 0 ? [0] : words;
}

function seeded(given: Parameters, filter: string): PythonRandom {
  const seed = given.get('seed');
  if (seed === undefined || seed === null)
    throw new JinjaError(
      'hole',
      `"${filter}" without seed= gives another value at each run`,
      'Give it a seed that stays: seed=inventory_hostname.',
    );
  return new PythonRandom(keyOf(seed));
}

export const randomFilters: Filters = {
  random: openFilter(['start?', 'step?', 'seed?'], (input, given) => {
    const source = seeded(given, 'random');
    const value = plain(input);
    if (isSequence(value) || typeof value === 'string') {
      const items = itemsOf(value);
      const found = items[source.below(items.length)];
      if (found === undefined) throw wrong('there is nothing to choose from');
      return found;
    }
    const end = countOf(value, 'the end');
    const start = given.count('start', 0);
    const step = given.count('step', 1) || 1;
    const count = Math.ceil((end - start) / step);
    if (count <= 0 || count > 2 ** 32) throw wrong(`there is no number from ${start} to below ${end}`);
    return start + step * source.below(count);
  }),
  shuffle: openFilter(['seed?'], (input, given) => {
    const source = seeded(given, 'shuffle');
    const items = [...itemsOf(input)];
    for (let i = items.length - 1; i > 0; i--) {
      const j = source.below(i + 1);
      const [a = null, b = null] = [items[i], items[j]];
      items[i] = b;
      items[j] = a;
    }
    return items;
  }),
};
