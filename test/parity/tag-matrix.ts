/**
 * Small playbooks with tags on play, role, block and task: made of one description, so that both forms say the same.
 */

export interface TaggedTask {
  readonly name: string;
  readonly tags: readonly string[];
}
export interface TaggedBlock {
  readonly tags: readonly string[];
  readonly tasks: readonly TaggedTask[];
  readonly rescue: readonly TaggedTask[];
  readonly always: readonly TaggedTask[];
}
export interface TaggedPlay {
  readonly tags: readonly string[];
  readonly roleTags: readonly string[];
  readonly roleTasks: readonly TaggedTask[];
  readonly block: TaggedBlock;
  readonly tasks: readonly TaggedTask[];
}

/** A chooser of pseudo-random numbers below n that gives the same ones for the same seed (mulberry32). */
export function chooser(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const own = ['a', 'b', 'c'];
const places = [...own, 'always', 'never'];
const options = [...own, 'all', 'tagged', 'untagged', 'always', 'never'];

function pick(choose: (n: number) => number, from: readonly string[], most: number): string[] {
  const count = choose(most + 1);
  return [...new Set(Array.from({ length: count }, () => from[choose(from.length)] ?? ''))];
}

export function randomPlay(seed: number): TaggedPlay {
  const choose = chooser(seed);
  let n = 0;
  const prefix = `s${seed}-`;
  const tasks = (count: number): TaggedTask[] =>
    Array.from({ length: count }, () => ({ name: `${prefix}${n++}`, tags: pick(choose, places, 2) }));
  const few = (): string[] => (choose(3) === 0 ? pick(choose, places, 1) : []);
  return {
    tags: few(),
    roleTags: few(),
    roleTasks: tasks(2),
    block: { tags: few(), tasks: tasks(2), rescue: tasks(1), always: tasks(1) },
    tasks: [...tasks(3), ...own.map((tag) => ({ name: `has ${tag}`, tags: [tag] }))],
  };
}

/** What `-t` and `--skip-tags` say; either may say nothing. */
export function randomSelection(seed: number): {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
} {
  const choose = chooser(seed + 7_000_000);
  return { tags: pick(choose, options, 2), skipTags: pick(choose, options, 2) };
}
